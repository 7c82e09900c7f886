import ArgumentParser
import AsyncHTTPClient
import DeviceSettings
import Hummingbird
import NIOCore
import NIOHTTP1

#if canImport(Glibc)
    import Glibc
#endif

/// How a command reaches the appliance, and how it answers.
struct Connection: ParsableArguments {
    @Flag(help: "Answer in JSON.")
    var json = false

    @Option(help: "Another appliance, such as http://vitrine.local.")
    var host: String?

    @Option(help: "Its session token, for --host.")
    var token: String?

    func validate() throws {
        if let host, !host.hasPrefix("http://"), !host.hasPrefix("https://") {
            throw ValidationError("--host takes a URL such as http://vitrine.local, not \"\(host)\"")
        }
        if token != nil, host == nil { throw ValidationError("--token goes with --host") }
    }

    /// What is done to a resource (RFC 9110, 9.3).
    enum Method: String {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// Sends one request and collects its answer (at most 64 MB).
    func call(
        _ method: Method, _ path: String, body: HTTPClientRequest.Body? = nil, contentType: String? = nil,
        deadline: TimeAmount = .seconds(60)
    ) async throws -> [UInt8] {
        var headers = HTTPHeaders()
        if let contentType { headers.add(name: "Content-Type", value: contentType) }
        let response = try await response(method, path, body: body, headers: headers, deadline: deadline)
        let bytes = try await Array(buffer: response.body.collect(upTo: 64 << 20))
        guard (200..<300).contains(response.status.code) else { throw ProblemReport(bytes).failure(response.status) }
        return bytes
    }

    /// The lines of an event stream, as they come.
    func lines(_ path: String, _ body: (String) throws -> Void) async throws {
        let response = try await response(.get, path, body: nil, headers: [:], deadline: .hours(24))
        guard response.status == .ok else {
            throw try await ProblemReport(Array(buffer: response.body.collect(upTo: 1 << 20))).failure(response.status)
        }
        var rest: [UInt8] = []
        for try await chunk in response.body {
            rest += Array(buffer: chunk)
            while let end = rest.firstIndex(of: 10) {
                try body(String(decoding: rest[..<end], as: UTF8.self))
                rest.removeSubrange(...end)
            }
        }
    }

    private func response(
        _ method: Method, _ path: String, body: HTTPClientRequest.Body?, headers: HTTPHeaders, deadline: TimeAmount
    ) async throws -> HTTPClientResponse {
        let base =
            host.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 } ?? "http+unix://\(percentEncoded(socket))"
        var request = HTTPClientRequest(url: base + path)
        request.method = HTTPMethod(rawValue: method.rawValue)
        request.headers = headers
        request.headers.add(name: "User-Agent", value: "vitrine/\(Version.text)")
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        // Over the socket there is no host to name; "localhost" passes the check against DNS rebinding.
        if host == nil { request.headers.add(name: "Host", value: "localhost") }
        request.body = body
        do {
            return try await HTTPClient.shared.execute(request, timeout: deadline)
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout {
            throw CommandFailure.failed(
                "The appliance at \(host ?? socket) did not answer in time; it may still be at work.")
        } catch {
            guard let host else {
                throw CommandFailure.notRunning(
                    "Nothing answers at \(socket). Is the appliance running? Start it with: vitrine run")
            }
            throw CommandFailure.notRunning("Nothing answers at \(host): \(error).")
        }
    }

    /// Where the daemon listens, by the same settings that it reads.
    var socket: String { LocalSettings.load().text("web.socket") }
}

/// Settings as the daemon would read them here.
enum LocalSettings {
    /// Variables that begin like settings and are not.
    static let otherVariables: Set<String> = ["VITRINE_STRICT", "VITRINE_BIN", "VITRINE_DECODER"]

    static func load(arguments: [String] = []) -> Settings {
        let environment = processEnvironment()
        return SettingsFiles().load(
            environment: environment, arguments: arguments,
            paths: StandardPaths(environment: environment, userID: getuid()), ignoring: otherVariables)
    }
}

/// The environment as a dictionary.
func processEnvironment() -> [String: String] {
    var result: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
        let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
        entry += 1
    }
    return result
}

/// Every byte but the unreserved ones as %XX (RFC 3986, 2.3).
func percentEncoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
        switch byte {
        case 48...57, 65...90, 97...122, 45, 46, 95, 126: result.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            result += "%" + (digits.count == 1 ? "0" : "") + digits
        }
    }
    return result
}
