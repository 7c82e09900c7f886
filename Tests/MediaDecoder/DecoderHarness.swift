import DecoderProtocol
import Foundation
import Frames
import LinuxSystem
import SystemPackage
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Programs that lie beside the tests.
enum BuiltProgram {
    static func path(_ name: String) throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name).path
        try #require(FileManager.default.isExecutableFile(atPath: path), "\(path) is not built")
        return path
    }
}

/// A real decoder process and the daemon's end of its socket. Ends the process when it goes.
final class DecoderHarness {
    struct Silence: Error {}
    struct Ended: Error {}

    let processID: pid_t
    private var connection: PacketSocket?
    private var buffers: [UInt32: MemoryFile] = [:]
    private var hasEnded = false
    /// What it told last of the board's decoders.
    private(set) var hardware: HardwareReport?

    init(memoryMegabytes: Int = 160) throws {
        let ends = try PacketSocket.pair()
        connection = ends.nonblocking
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends.blocking.descriptor.rawValue, 0)
        let arguments = [try BuiltProgram.path("vitrine-decoder"), "--memory-mb", "\(memoryMegabytes)"]
        var vector: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in vector { free(pointer) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, arguments[0], &actions, nil, &vector, environ)
        try #require(failure == 0, "posix_spawn: \(failure)")
        processID = child
    }

    deinit { if !hasEnded { end() } }

    private var socket: PacketSocket {
        get throws {
            guard let connection else { throw Ended() }
            return connection
        }
    }

    /// Closes the daemon's end and waits; the process's status as waitpid(2) gives it.
    func closeAndWait() -> CInt {
        connection = nil
        return wait()
    }

    func send(_ request: DecoderRequest, with file: Descriptor? = nil) throws {
        try #require(try socket.send(request.encoded(), with: file), "the decoder does not read its requests")
    }

    /// The next answer. The deadline is there for a decoder that hangs; nothing is measured by it.
    func answer() throws -> DecoderAnswer {
        let socket = try socket
        while true {
            var waiting = pollfd(fd: socket.descriptor.rawValue, events: Int16(POLLIN), revents: 0)
            if try syscall({ poll(&waiting, 1, 60_000) }) == 0 { throw Silence() }
            switch try socket.receive(acceptingDescriptors: false) {
            case .ended: throw Ended()
            case .nothing: continue
            case .packet(let bytes, _):
                switch try DecoderAnswer.decode(bytes) {
                case nil: continue
                case .hardware(let report): hardware = report
                case let answer?: return answer
                }
            }
        }
    }

    /// Says hello and returns what the sandbox is.
    func greet(_ role: DecoderRole = .current) throws -> SandboxReport {
        try send(.hello(version: DecoderProtocolVersion.current, role: role))
        guard case .hello(DecoderProtocolVersion.current, let sandbox) = try answer() else {
            throw Ended()
        }
        return sandbox
    }

    func open(
        _ path: String, session: UInt32 = 1, _ request: OpenRequest
    ) throws -> (MediumDescription, bufferByteCount: Int) {
        try send(.open(session: session, request), with: Descriptor.open(FilePath(path), .readOnly))
        let answer = try answer()
        if case .failed(session, let failure) = answer { throw failure }
        guard case .opened(session, let medium, let byteCount) = answer else { throw Ended() }
        return (medium, byteCount)
    }

    /// Lends a buffer; the first time with its memory.
    func lend(_ number: UInt32, session: UInt32 = 1, byteCount: Int) throws {
        if buffers[number] != nil {
            try send(.lend(session: session, buffer: number, byteCount: byteCount))
        } else {
            let memory = try MemoryFile(name: "test", byteCount: byteCount)
            buffers[number] = memory
            try send(.lend(session: session, buffer: number, byteCount: byteCount), with: memory.descriptor)
        }
    }

    func forgetBuffers() { buffers = [:] }

    func picture(_ report: FrameReport) throws -> RGBPicture {
        let memory = try #require(buffers[report.buffer])
        try #require(report.layout.byteCount <= memory.byteCount)
        return memory.withBytes { RGBPicture(UnsafeRawBufferPointer($0), layout: report.layout) }
    }

    func bytes(_ number: UInt32, count: Int) throws -> [UInt8] {
        let memory = try #require(buffers[number])
        return memory.withBytes { Array($0.prefix(count)) }
    }

    /// Kills the process and waits for it.
    func end() {
        kill(processID, SIGKILL)
        _ = wait()
    }

    private func wait() -> CInt {
        var status: CInt = 0
        while waitpid(processID, &status, 0) == -1 && errno == EINTR {}
        hasEnded = true
        return status
    }
}
