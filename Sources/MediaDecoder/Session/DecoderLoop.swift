import CLinux
import DecoderProtocol
import DecoderSandbox
import LinuxSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Requests in, answers out, on one thread, until the daemon goes.
///
/// The daemon's answers are bounded by what it asked for and lent, so that a blocking send waits only for a daemon that is
/// alive; one that dies wakes it with an error.
struct DecoderLoop {
    private let socket: PacketSocket
    private let hardware: HardwareUse
    private var reported: HardwareReport?
    private var session: DecodingSession?
    private var releasedFor: UInt32?
    /// Reserved before any medium is opened: with a film that takes all the memory there is, requests still come through.
    private let packet = UnsafeMutableRawBufferPointer.allocate(
        byteCount: PacketSocket.maximumByteCount, alignment: 16)

    init(socket: PacketSocket, hardware: HardwareUse) {
        self.socket = socket
        self.hardware = hardware
    }

    /// The first request, before anything of a medium is touched; nil when it is no greeting.
    static func greeting(_ socket: PacketSocket) throws(Errno) -> DecoderRole? {
        guard case .packet(let bytes, _) = try socket.receive(acceptingDescriptors: true),
            case .hello(_, let role)? = try? DecoderRequest.decode(bytes)
        else { return nil }
        return role
    }

    /// Returns when the daemon has closed its end.
    mutating func run() throws(Errno) {
        defer { packet.deallocate() }
        while true {
            try reportHardware()
            var waiting = pollfd(fd: socket.descriptor.rawValue, events: Int16(POLLIN), revents: 0)
            let isBusy = session?.isBusy ?? false
            let ready = try syscall { poll(&waiting, 1, isBusy ? 0 : -1) }
            if ready > 0 {
                switch try socket.receive(into: packet, acceptingDescriptors: true) {
                case .ended: return
                case .nothing: continue
                case .packet(let bytes, let attached): try receive(bytes, attached)
                }
            } else if isBusy {
                try answer { (session) throws(DecodeFailure) in try session.step() }
                releaseCodeOfOpening()
            }
        }
    }

    private mutating func receive(_ bytes: [UInt8], _ attached: Descriptor?) throws(Errno) {
        // The daemon is trusted; what cannot be read is a later version's, and is skipped as an unknown kind is.
        guard let request = try? DecoderRequest.decode(bytes) else { return }
        switch request {
        case .hello: break
        case .role(let role): if role == .intake { ProcessLimits.yieldToOthers() }
        case .open(let id, let open): try self.open(id, open, attached)
        case .lend(let id, let buffer, let byteCount):
            try answer(id) { (session) throws(DecodeFailure) in
                try session.lend(buffer, byteCount: byteCount, attached: attached)
                return []
            }
        case .forget(let id, let buffer):
            if session?.id == id { session?.forget(buffer) }
        case .late(let id, let position):
            if session?.id == id { session?.late(position) }
        case .thumbnail(let id, let buffer, let byteCount, let size):
            try answer(id) { (session) throws(DecodeFailure) in
                [try session.thumbnail(into: buffer, byteCount: byteCount, size: size, attached: attached)]
            }
        case .check(let id, let seconds):
            try answer(id) { (session) throws(DecodeFailure) in
                try session.startCheck(seconds: seconds)
                return []
            }
        case .close(let id): if session?.id == id { end() }
        }
    }

    private mutating func open(_ id: UInt32, _ request: OpenRequest, _ file: Descriptor?) throws(Errno) {
        end()
        let answer: DecoderAnswer
        do throws(DecodeFailure) {
            guard let file else {
                throw DecodeFailure(
                    code: .misuse, reason: "No file came with the request.", suggestion: "This is a fault of Vitrine.")
            }
            let opened = try DecodingSession(id: id, file: file, request: request, hardware: hardware)
            session = opened
            answer = opened.opened
        } catch {
            answer = .failed(session: id, error)
        }
        try send(answer)
    }

    /// Lets the session work, and ends it when it fails. Requests for a session that is over are skipped: they were on
    /// their way when it ended.
    private mutating func answer(
        _ id: UInt32? = nil, _ work: (DecodingSession) throws(DecodeFailure) -> [DecoderAnswer]
    ) throws(Errno) {
        guard let session, id == nil || session.id == id else { return }
        let answers: [DecoderAnswer]
        do throws(DecodeFailure) {
            answers = try work(session)
        } catch {
            end()
            answers = [.failed(session: session.id, error)]
        }
        for answer in answers { try send(answer) }
    }

    /// Once for a session, after its first frame has been sent: what only opening and probing needed, half of the code.
    private mutating func releaseCodeOfOpening() {
        guard let session, session.hasGivenFrame, releasedFor != session.id else { return }
        releasedFor = session.id
        vitrine_release_code()
    }

    private mutating func end() {
        guard session != nil else { return }
        session = nil
        hardware.ended()
        vitrine_trim_heap()
        vitrine_release_code()
    }

    private mutating func reportHardware() throws(Errno) {
        let report = hardware.report
        guard report != reported else { return }
        reported = report
        try send(.hardware(report))
    }

    private func send(_ answer: DecoderAnswer) throws(Errno) {
        _ = try socket.send(answer.encoded())
    }
}
