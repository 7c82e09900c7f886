import Frames

extension DecoderAnswer {
    private enum Kind: UInt16 {
        case hello = 0x101
        case opened = 0x102
        case frame = 0x103
        case ended = 0x104
        case thumbnail = 0x105
        case progress = 0x106
        case checked = 0x107
        case failed = 0x108
        case hardware = 0x109
    }

    /// The bytes of one packet.
    public func encoded() -> [UInt8] {
        var writer = PacketWriter(kind: kind.rawValue)
        switch self {
        case .hello(let version, let sandbox):
            writer.integer(version)
            writer.optional(sandbox.noNewPrivileges) { $0.text($1) }
            writer.optional(sandbox.landlock) { $0.text($1) }
            writer.optional(sandbox.seccomp) { $0.text($1) }
        case .hardware(let report):
            writer.integer(report.state.rawValue)
            writer.text(report.detail)
        case .opened(let session, let medium, let bufferByteCount):
            writer.integer(session)
            medium.write(to: &writer)
            writer.number(bufferByteCount)
        case .frame(let session, let report):
            writer.integer(session)
            report.write(to: &writer)
        case .ended(let session):
            writer.integer(session)
        case .thumbnail(let session, let buffer, let byteCount):
            writer.integer(session)
            writer.integer(buffer)
            writer.number(byteCount)
        case .progress(let session, let fraction):
            writer.integer(session)
            writer.double(fraction)
        case .checked(let session, let report):
            writer.integer(session)
            writer.number(report.frames)
            writer.optional(report.decodeRate) { $0.double($1) }
            writer.flag(report.partial)
        case .failed(let session, let failure):
            writer.integer(session)
            writer.integer(failure.code.rawValue)
            writer.text(failure.reason)
            writer.text(failure.suggestion)
        }
        return writer.finished()
    }

    /// The message in a packet; nil when its kind is not known here, which is no error.
    public static func decode(_ packet: [UInt8]) throws(PacketError) -> DecoderAnswer? {
        var reader = try PacketReader(packet)
        guard let kind = Kind(rawValue: reader.kind) else { return nil }
        switch kind {
        case .hello:
            return .hello(version: try reader.integer(), sandbox: try SandboxReport(from: &reader))
        case .hardware:
            return .hardware(HardwareReport(try reader.value("hardware"), try reader.text("hardware")))
        case .opened:
            return .opened(
                session: try reader.integer(), try MediumDescription(from: &reader),
                bufferByteCount: try reader.number("bufferByteCount", PacketLimit.byteCount))
        case .frame:
            return .frame(session: try reader.integer(), try FrameReport(from: &reader))
        case .ended:
            return .ended(session: try reader.integer())
        case .thumbnail:
            return .thumbnail(
                session: try reader.integer(), buffer: try reader.integer(),
                byteCount: try reader.number("byteCount", PacketLimit.byteCount))
        case .progress:
            return .progress(
                session: try reader.integer(), fraction: try reader.double("fraction", PacketLimit.fraction))
        case .checked:
            return .checked(session: try reader.integer(), try CheckReport(from: &reader))
        case .failed:
            return .failed(session: try reader.integer(), try DecodeFailure(from: &reader))
        }
    }

    private var kind: Kind {
        switch self {
        case .hello: .hello
        case .hardware: .hardware
        case .opened: .opened
        case .frame: .frame
        case .ended: .ended
        case .thumbnail: .thumbnail
        case .progress: .progress
        case .checked: .checked
        case .failed: .failed
        }
    }
}

extension SandboxReport {
    init(from reader: inout PacketReader) throws(PacketError) {
        func reason(_ reader: inout PacketReader) throws(PacketError) -> String { try reader.text("sandbox") }
        self.init(
            noNewPrivileges: try reader.optional(reason), landlock: try reader.optional(reason),
            seccomp: try reader.optional(reason))
    }
}

extension MediumDescription {
    func write(to writer: inout PacketWriter) {
        writer.integer(kind.rawValue)
        writer.text(format)
        writer.number(width)
        writer.number(height)
        writer.number(rotation)
        writer.optional(durationNanoseconds) { $0.integer($1) }
        writer.optional(frameRate) { $0.double($1) }
        writer.flag(seekable)
        writer.integer(UInt8(min(streams.count, PacketLimit.streams)))
        for stream in streams.prefix(PacketLimit.streams) {
            writer.integer(stream.kind.rawValue)
            writer.text(stream.codec)
            writer.text(stream.language)
        }
        writer.optional(takenAt) { $0.integer($1) }
    }

    init(from reader: inout PacketReader) throws(PacketError) {
        let kind: MediumKind = try reader.value("kind")
        let format = try reader.text("format")
        let size = try PixelSize(from: &reader)
        let rotation = try reader.number("rotation", 0...359)
        let duration = try reader.optional { (reader) throws(PacketError) in
            try reader.wide("duration", 0...PacketLimit.time.upperBound)
        }
        let frameRate = try reader.optional { (reader) throws(PacketError) in
            try reader.double("frameRate", Self.frameRates)
        }
        let seekable = try reader.flag()
        let count = Int(try reader.integer(UInt8.self))
        guard count <= PacketLimit.streams else { throw .invalid(field: "streams") }
        var streams: [StreamDescription] = []
        for _ in 0..<count {
            streams.append(
                StreamDescription(
                    kind: try reader.value("stream"), codec: try reader.text("codec"),
                    language: try reader.text("language")))
        }
        let takenAt = try reader.optional { (reader) throws(PacketError) in
            try reader.wide("takenAt", PacketLimit.calendar)
        }
        self.init(
            kind: kind, format: format, width: size.width, height: size.height, rotation: rotation,
            durationNanoseconds: duration, frameRate: frameRate, seekable: seekable, streams: streams, takenAt: takenAt)
    }
}

extension FrameReport {
    func write(to writer: inout PacketWriter) {
        writer.integer(buffer)
        writer.integer(layout.format.rawValue)
        layout.size.write(to: &writer)
        writer.number(layout.stride)
        writer.number(layout.offset)
        if layout.format.isYUV {
            writer.integer(layout.colour.matrix.rawValue)
            writer.flag(layout.colour.isFullRange)
        }
        writer.integer(presentationTime)
        writer.integer(duration)
        writer.number(iteration)
        writer.flag(discontinuity)
        writer.flag(cacheable)
    }

    init(from reader: inout PacketReader) throws(PacketError) {
        let buffer: UInt32 = try reader.integer()
        let format: PixelFormat = try reader.value("format")
        let size = try PixelSize(from: &reader)
        let stride = try reader.number("stride", PacketLimit.stride)
        guard stride >= size.width * format.bytesPerPixel else { throw .invalid(field: "stride") }
        let offset = try reader.number("offset", PacketLimit.byteCount)
        var layout = FrameLayout(format: format, size: size, stride: stride, offset: offset)
        if format.isYUV {
            layout.colour = ColourCoding(matrix: try reader.value("matrix"), isFullRange: try reader.flag())
        }
        self.init(
            buffer: buffer, layout: layout,
            presentationTime: try reader.wide("presentationTime", PacketLimit.time),
            duration: try reader.wide("duration", 0...PacketLimit.time.upperBound),
            iteration: try reader.number("iteration", PacketLimit.count), discontinuity: try reader.flag(),
            cacheable: try reader.flag())
    }
}

extension CheckReport {
    init(from reader: inout PacketReader) throws(PacketError) {
        self.init(
            frames: try reader.number("frames", PacketLimit.count),
            decodeRate: try reader.optional { (reader) throws(PacketError) in
                try reader.double("decodeRate", Self.decodeRates)
            },
            partial: try reader.flag())
    }
}

extension DecodeFailure {
    init(from reader: inout PacketReader) throws(PacketError) {
        self.init(
            code: try reader.value("code"), reason: try reader.text("reason"),
            suggestion: try reader.text("suggestion"))
    }
}
