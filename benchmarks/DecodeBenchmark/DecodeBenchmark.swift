import DecoderProtocol
import Foundation
import Frames
import LinuxSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Has a decoder process decode a file, as fast as it goes, into three lent buffers, and says as one line of JSON what that
/// cost the process.
///
/// usage: DecodeBenchmark DECODER FILE WIDTHxHEIGHT FORMAT THREADS
///
/// FORMAT is xrgb8888, nv12 or yuv420; THREADS are those of the decoder, 0 for its own choice.
@main
struct DecodeBenchmark {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    struct Report: Encodable {
        var frames = 0
        var width = 0
        var height = 0
        var format = ""
        /// Processor time of the process from its start to its end, user and system.
        var cpuSeconds = 0.0
        var wallSeconds = 0.0
        /// Most that it had resident, the pages of shared libraries included.
        var residentBytes = 0
    }

    static func main() {
        do {
            let data = try JSONEncoder().encode(try run(Array(CommandLine.arguments.dropFirst())))
            print(String(decoding: data, as: UTF8.self))
        } catch {
            FileHandle.standardError.write(Data("DecodeBenchmark: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) throws -> Report {
        let formats: [String: PixelFormat] = ["xrgb8888": .xrgb8888, "nv12": .nv12, "yuv420": .yuv420]
        guard arguments.count == 5, let format = formats[arguments[3]], let threads = Int(arguments[4]),
            case let sides = arguments[2].split(separator: "x").compactMap({ Int($0) }), sides.count == 2
        else { throw Failure(description: "usage: DecodeBenchmark DECODER FILE WIDTHxHEIGHT FORMAT THREADS") }
        let request = OpenRequest(
            screen: PixelSize(width: sides[0], height: sides[1]), fit: .contain,
            formats: format == .xrgb8888 ? [.xrgb8888] : [format, .xrgb8888], loops: false, memoryLimit: 160_000_000,
            threads: threads, suffix: "")
        let decoder = try Decoder(arguments[0])
        var report = try decoder.decode(arguments[1], request)
        try decoder.end(&report)
        return report
    }
}

/// A decoder process, and the daemon's part of talking to it.
final class Decoder {
    private let processID: pid_t
    private var connection: PacketSocket?
    private let begin = ContinuousClock.now

    init(_ program: String) throws {
        let ends = try PacketSocket.pair()
        connection = ends.nonblocking
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends.blocking.descriptor.rawValue, 0)
        var vector: [UnsafeMutablePointer<CChar>?] = [strdup(program), nil]
        defer { for pointer in vector { free(pointer) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, program, &actions, nil, &vector, environ)
        guard failure == 0 else {
            throw DecodeBenchmark.Failure(description: "\(program): \(Errno(rawValue: failure))")
        }
        processID = child
    }

    func decode(_ file: String, _ request: OpenRequest) throws -> DecodeBenchmark.Report {
        try send(.hello(version: DecoderProtocolVersion.current, role: .current))
        guard case .hello = try answer() else { throw unexpected }
        try send(.open(session: 1, request), with: Descriptor.open(FilePath(file), .readOnly))
        let opened = try answer()
        guard case .opened(_, _, let byteCount) = opened else { throw failure(opened) }
        var buffers: [MemoryFile] = []
        for number in 0..<3 {
            let buffer = try MemoryFile(name: "benchmark", byteCount: byteCount)
            buffers.append(buffer)
            try send(
                .lend(session: 1, buffer: UInt32(number), byteCount: byteCount), with: buffer.descriptor)
        }
        var report = DecodeBenchmark.Report()
        while true {
            let answer = try answer()
            switch answer {
            case .frame(_, let frame):
                report.frames += 1
                report.width = frame.layout.size.width
                report.height = frame.layout.size.height
                report.format = "\(frame.layout.format)"
                try send(.lend(session: 1, buffer: frame.buffer, byteCount: byteCount))
            case .ended: return report
            default: throw failure(answer)
            }
        }
    }

    /// Lets the process end, and adds what it cost.
    func end(_ report: inout DecodeBenchmark.Report) throws {
        connection = nil
        var status: CInt = 0
        var usage = rusage()
        guard wait4(processID, &status, 0, &usage) == processID else { throw unexpected }
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
        report.cpuSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)
        report.wallSeconds = Double((ContinuousClock.now - begin) / .nanoseconds(1)) / 1_000_000_000
        report.residentBytes = Int(usage.ru_maxrss) * 1024
    }

    private var unexpected: DecodeBenchmark.Failure { .init(description: "the decoder does not do as it should") }

    private func failure(_ answer: DecoderAnswer) -> DecodeBenchmark.Failure {
        guard case .failed(_, let failure) = answer else { return unexpected }
        return .init(description: failure.reason)
    }

    private func send(_ request: DecoderRequest, with file: Descriptor? = nil) throws {
        guard let connection, try connection.send(request.encoded(), with: file) else { throw unexpected }
    }

    private func answer() throws -> DecoderAnswer {
        guard let connection else { throw unexpected }
        while true {
            var waiting = pollfd(fd: connection.descriptor.rawValue, events: Int16(POLLIN), revents: 0)
            if try syscall({ poll(&waiting, 1, 60_000) }) == 0 { throw unexpected }
            switch try connection.receive(acceptingDescriptors: false) {
            case .ended: throw unexpected
            case .nothing: continue
            case .packet(let bytes, _):
                let answer = try DecoderAnswer.decode(bytes)
                if case .hardware = answer { continue }
                if let answer { return answer }
            }
        }
    }
}
