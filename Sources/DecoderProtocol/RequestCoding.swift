import Frames

extension DecoderRequest {
    private enum Kind: UInt16 {
        case hello = 1
        case role = 2
        case open = 3
        case lend = 4
        case late = 5
        case thumbnail = 6
        case check = 7
        case close = 8
        case forget = 9
    }

    /// The bytes of one packet.
    public func encoded() -> [UInt8] {
        var writer = PacketWriter(kind: kind.rawValue)
        switch self {
        case .hello(let version, let role):
            writer.integer(version)
            writer.integer(role.rawValue)
        case .role(let role):
            writer.integer(role.rawValue)
        case .open(let session, let request):
            writer.integer(session)
            request.write(to: &writer)
        case .lend(let session, let buffer, let byteCount):
            writer.integer(session)
            writer.integer(buffer)
            writer.number(byteCount)
        case .forget(let session, let buffer):
            writer.integer(session)
            writer.integer(buffer)
        case .late(let session, let position):
            writer.integer(session)
            writer.integer(position)
        case .thumbnail(let session, let buffer, let byteCount, let size):
            writer.integer(session)
            writer.integer(buffer)
            writer.number(byteCount)
            size.write(to: &writer)
        case .check(let session, let seconds):
            writer.integer(session)
            writer.double(seconds)
        case .close(let session):
            writer.integer(session)
        }
        return writer.finished()
    }

    /// The message in a packet; nil when its kind is not known here, which is no error.
    public static func decode(_ packet: [UInt8]) throws(PacketError) -> DecoderRequest? {
        var reader = try PacketReader(packet)
        guard let kind = Kind(rawValue: reader.kind) else { return nil }
        switch kind {
        case .hello:
            return .hello(version: try reader.integer(), role: try reader.value("role"))
        case .role:
            return .role(try reader.value("role"))
        case .open:
            return .open(session: try reader.integer(), try OpenRequest(from: &reader))
        case .lend:
            return .lend(
                session: try reader.integer(), buffer: try reader.integer(),
                byteCount: try reader.number("byteCount", PacketLimit.byteCount))
        case .forget:
            return .forget(session: try reader.integer(), buffer: try reader.integer())
        case .late:
            return .late(session: try reader.integer(), position: try reader.wide("position", PacketLimit.time))
        case .thumbnail:
            return .thumbnail(
                session: try reader.integer(), buffer: try reader.integer(),
                byteCount: try reader.number("byteCount", PacketLimit.byteCount), size: try PixelSize(from: &reader))
        case .check:
            return .check(
                session: try reader.integer(), seconds: try reader.double("seconds", Self.checkSeconds))
        case .close:
            return .close(session: try reader.integer())
        }
    }

    private var kind: Kind {
        switch self {
        case .hello: .hello
        case .role: .role
        case .open: .open
        case .lend: .lend
        case .forget: .forget
        case .late: .late
        case .thumbnail: .thumbnail
        case .check: .check
        case .close: .close
        }
    }
}

extension OpenRequest {
    func write(to writer: inout PacketWriter) {
        screen.write(to: &writer)
        writer.text(fit.rawValue)
        writer.integer(UInt8(min(formats.count, PacketLimit.formats)))
        for format in formats.prefix(PacketLimit.formats) { writer.integer(format.rawValue) }
        writer.flag(loops)
        writer.integer(start)
        writer.number(memoryLimit)
        writer.number(threads)
        writer.text(suffix)
        writer.flag(mayUseHardware)
    }

    init(from reader: inout PacketReader) throws(PacketError) {
        let screen = try PixelSize(from: &reader)
        guard let fit = Fit(rawValue: try reader.text("fit")) else { throw .invalid(field: "fit") }
        var formats: [PixelFormat] = []
        for _ in 0..<(try reader.integer(UInt8.self)) {
            // A format that only the other end knows is none that could be delivered.
            if let format = PixelFormat(rawValue: try reader.integer()) { formats.append(format) }
        }
        self.init(
            screen: screen, fit: fit, formats: formats, loops: try reader.flag(),
            start: try reader.wide("start", PacketLimit.time),
            memoryLimit: try reader.number("memoryLimit", PacketLimit.byteCount),
            threads: try reader.number("threads", 0...1024), suffix: try reader.text("suffix"),
            mayUseHardware: try reader.flag())
    }
}

extension PixelSize {
    func write(to writer: inout PacketWriter) {
        writer.number(width)
        writer.number(height)
    }

    init(from reader: inout PacketReader) throws(PacketError) {
        self.init(
            width: try reader.number("width", PacketLimit.side), height: try reader.number("height", PacketLimit.side))
    }
}
