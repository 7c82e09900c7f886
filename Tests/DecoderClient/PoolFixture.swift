import DecoderProtocol
import Frames
import LinuxSystem
import Logging
import SystemPackage
import Testing

@testable import DecoderClient

/// Yields until something is true. The test's own time limit bounds it.
func until(_ condition: () async throws -> Bool) async throws {
    while try await !condition() {
        try Task.checkCancellation()
        await Task.yield()
    }
}

/// A pool over fake decoders, in a time that stands still.
struct PoolFixture {
    let clock = ManualClock()
    let launcher: FakeLauncher
    let pool: DecoderPool
    let file: Descriptor

    init(
        _ script: FakeDecoder.Script = .init(), then: FakeDecoder.Script? = nil,
        settings: DecoderPoolSettings = .init()
    ) throws {
        launcher = if let then { FakeLauncher(script, then) } else { FakeLauncher(script) }
        pool = DecoderPool(
            launcher: launcher, settings: settings, loop: try EventLoop(name: "decoders"), clock: clock,
            log: Self.silent)
        file = try Descriptor.open("/dev/null", .readOnly)
    }

    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    static let request = OpenRequest(
        screen: PixelSize(width: 64, height: 48), fit: .contain, formats: [.xrgb8888], loops: false,
        memoryLimit: 1 << 27, threads: 1, suffix: "mp4")

    func open(_ role: DecoderRole = .current, name: String = "clip") async throws(DecoderError) -> any DecoderSession {
        try await pool.open(file, Self.request, role: role, name: name)
    }

    /// The peer that was started as this one, from 0.
    func peer(_ index: Int = 0) throws -> FakeDecoder {
        try #require(launcher.started.indices.contains(index))
        return launcher.started[index]
    }

    func sandboxes() async -> [SandboxReport] { await pool.status.processes.map(\.sandbox) }

    /// Waits until somebody sleeps until then, and lets it come.
    func pass(_ duration: Duration) async throws {
        let deadline = clock.now.advanced(by: duration)
        try await until { clock.nextDeadline.map { $0 <= deadline } ?? false }
        clock.advance(to: deadline)
    }
}

/// The number that `FakeDecoder` and `ScriptedMedium.paintNumber` wrote into a frame; nil when its pixels differ.
func number(in frame: Frame) -> Int? {
    frame.withPixels { bytes in
        let pixels = bytes.bindMemory(to: UInt32.self)
        guard let first = pixels.first, pixels.allSatisfy({ $0 == first }) else { return nil }
        return Int(first)
    }
}

extension DecoderSession {
    /// Numbers of the frames to the end, each let go before the next.
    func numbers(limit: Int = .max) async throws -> [Int?] {
        var numbers: [Int?] = []
        while numbers.count < limit, let decoded = try await nextFrame() { numbers.append(number(in: decoded.frame)) }
        return numbers
    }
}

/// The error that a decoder's user gets; nil when all goes well.
func failure(of body: () async throws -> Void) async -> DecoderError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? DecoderError
    }
}

extension DecoderError {
    /// Why nothing could start; nil for another error.
    var startReason: String? { if case .cannotStart(let reason) = self { reason } else { nil } }
    /// How a process died of its own doing; nil for another error.
    var ownDeath: String? { if case .died(let how, ownDoing: true) = self { how } else { nil } }
    var failureCode: DecodeFailure.Code? { if case .failed(let failure) = self { failure.code } else { nil } }
}
