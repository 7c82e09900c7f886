import HTTPTypes
import HummingbirdTesting
import Synchronization
import Testing

@testable import WebInterface

@Suite struct DebugTests {
    /// Writes down what was simulated.
    final class Recorder: DebugControl {
        private let log = Mutex<[String]>([])

        var calls: [String] { log.withLock { $0 } }

        func simulateMemory(availableBytes: Int?, seconds: Double) async {
            log.withLock { $0.append("\(availableBytes.map(String.init) ?? "end") \(seconds)") }
        }
    }

    @Test func withoutTheSettingThePathDoesNotExist() async throws {
        let answer = try await Harness().ask(.post, "/api/v1/debug/memory", .json, body: #"{"available_bytes": 1}"#)
        #expect(answer.status == .notFound)
    }

    @Test func simulatesAndEnds() async throws {
        let recorder = Recorder()
        var harness = Harness()
        harness.debug = recorder
        let configured = harness
        let path = "/api/v1/debug/memory"
        let begun = try await configured.ask(.post, path, .json, body: #"{"available_bytes": 50000000, "seconds": 5}"#)
        #expect(begun.status == .ok)
        #expect(begun.json["available_bytes"] == .integer(50_000_000))
        #expect(try await configured.ask(.post, path).status == .ok)
        for body in [#"{"available_bytes": -1}"#, #"{"available_bytes": 1, "seconds": 4000}"#] {
            #expect(try await configured.ask(.post, path, .json, body: body).status == .badRequest)
        }
        #expect(recorder.calls == ["50000000 5.0", "end 60.0"])
    }
}
