import DecoderProtocol
import Frames
import Testing

/// xorshift64*: the same bytes in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed == 0 ? 1 : seed }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

@Suite struct PacketCodingTests {
    static let openRequest = OpenRequest(
        screen: PixelSize(width: 1280, height: 720), fit: .cover, formats: [.xrgb8888, .rgb565], loops: true,
        start: 12_345_678_901, memoryLimit: 160_000_000, threads: 3, suffix: ".mp4")

    static let requests: [DecoderRequest] =
        DecoderRole.allCases.flatMap { [.hello(version: 1, role: $0), .role($0)] } + [
            .open(session: 7, openRequest),
            .open(
                session: .max,
                OpenRequest(
                    screen: PixelSize(width: 160, height: 128), fit: .contain, formats: [], loops: false,
                    memoryLimit: 0, threads: 0, suffix: "", mayUseHardware: false)),
            .lend(session: 7, buffer: 3, byteCount: 3_686_400),
            .forget(session: 7, buffer: 3),
            .late(session: 7, position: 9_000_000_000),
            .thumbnail(session: 7, buffer: 4, byteCount: 65_536, size: PixelSize(width: 320, height: 240)),
            .check(session: 7, seconds: 12.5),
            .close(session: 7),
        ]

    static let answers: [DecoderAnswer] = [
        .hello(version: 1, sandbox: SandboxReport()),
        .hello(
            version: 2,
            sandbox: SandboxReport(noNewPrivileges: "no", landlock: "the kernel has none", seccomp: "")),
        .hardware(HardwareReport(.absent, "there is no device /dev/video*")),
        .hardware(HardwareReport(.stuck, "")),
        .opened(
            session: 7,
            MediumDescription(
                kind: .video, format: "mov,mp4", width: 1920, height: 1080, rotation: 270,
                durationNanoseconds: 5_280_000_000, frameRate: 29.97, seekable: true,
                streams: [
                    StreamDescription(kind: .video, codec: "h264", language: "und"),
                    StreamDescription(kind: .audio, codec: "aac", language: "deu"),
                    StreamDescription(kind: .subtitle, codec: "mov_text", language: ""),
                    StreamDescription(kind: .other, codec: "none", language: "Ελληνικά"),
                ]), bufferByteCount: 8_294_400),
        .opened(
            session: 8,
            MediumDescription(
                kind: .image, format: "jpeg", width: 1, height: 1, rotation: 0, durationNanoseconds: nil,
                frameRate: nil, seekable: false, streams: [], takenAt: -1_000_000_000), bufferByteCount: 64),
        .frame(
            session: 7,
            FrameReport(
                buffer: 2, layout: FrameLayout(packed: .xrgb8888, size: PixelSize(width: 641, height: 480)),
                presentationTime: 3_600_000_000_000, duration: 40_000_000, iteration: 5, discontinuity: true,
                cacheable: true)),
        .frame(
            session: 7,
            FrameReport(
                buffer: 2,
                layout: FrameLayout(
                    packed: .nv12, size: PixelSize(width: 641, height: 480),
                    colour: ColourCoding(matrix: .bt2020, isFullRange: true)),
                presentationTime: 0, duration: 0, iteration: 0, discontinuity: false, cacheable: true)),
        .ended(session: 7),
        .thumbnail(session: 7, buffer: 4, byteCount: 12_345),
        .progress(session: 7, fraction: 0.25),
        .checked(session: 7, CheckReport(frames: 132, decodeRate: 211.5, partial: true)),
        .checked(session: 7, CheckReport(frames: 1, decodeRate: nil, partial: false)),
        .failed(
            session: 7,
            DecodeFailure(code: .tooLarge, reason: "It needs 324 MB — too much.", suggestion: "Make it smaller. 🙂")),
    ]

    @Test(arguments: requests) func requestsComeBack(_ request: DecoderRequest) throws {
        #expect(try DecoderRequest.decode(request.encoded()) == request)
    }

    @Test(arguments: answers) func answersComeBack(_ answer: DecoderAnswer) throws {
        #expect(try DecoderAnswer.decode(answer.encoded()) == answer)
    }

    @Test func everyShorterPacketIsTruncated() {
        let packets = Self.requests.map { $0.encoded() } + Self.answers.map { $0.encoded() }
        for packet in packets {
            for count in 0..<packet.count {
                let short = Array(packet.prefix(count))
                #expect(throws: PacketError.truncated) { try DecoderRequest.decode(short) }
                #expect(throws: PacketError.truncated) { try DecoderAnswer.decode(short) }
            }
        }
    }

    @Test func anUnknownKindIsSkipped() throws {
        let packet: [UInt8] = [0xFF, 0x7F, 2, 0, 0, 0, 9, 9]
        #expect(try DecoderRequest.decode(packet) == nil)
        #expect(try DecoderAnswer.decode(packet) == nil)
    }

    @Test func fieldsAddedLaterAreIgnored() throws {
        var packet = DecoderRequest.close(session: 9).encoded()
        packet += [1, 2, 3]
        packet[2] += 3
        #expect(try DecoderRequest.decode(packet) == .close(session: 9))
    }

    @Test func longTextIsCutBetweenCharacters() throws {
        let failure = DecodeFailure(
            code: .broken, reason: String(repeating: "ä€🙂", count: 2000), suggestion: "a" + "")
        let decoded = try DecoderAnswer.decode(DecoderAnswer.failed(session: 1, failure).encoded())
        guard case .failed(1, let kept)? = decoded else {
            Issue.record("not a failure")
            return
        }
        #expect(kept.reason.utf8.count > 2040)
        #expect(kept.reason.utf8.count <= 2048)
        #expect(failure.reason.hasPrefix(kept.reason))
        #expect(kept.suggestion == "a")
    }

    @Test func numbersThatCouldOverflowAreRefused() {
        let good = FrameReport(
            buffer: 2, layout: FrameLayout(packed: .xrgb8888, size: PixelSize(width: 64, height: 4)),
            presentationTime: 0, duration: 0, iteration: 0, discontinuity: false, cacheable: true)
        func refused(_ field: String, _ change: (inout FrameReport) -> Void) {
            var report = good
            change(&report)
            #expect(throws: PacketError.invalid(field: field)) {
                try DecoderAnswer.decode(DecoderAnswer.frame(session: 1, report).encoded())
            }
        }
        refused("width") { $0.layout.size.width = .max }
        refused("height") { $0.layout.size.height = -1 }
        refused("stride") { $0.layout.stride = 255 }
        refused("stride") { $0.layout.stride = .max }
        refused("offset") { $0.layout.offset = -4 }
        refused("presentationTime") { $0.presentationTime = .max }
        refused("duration") { $0.duration = -1 }
        refused("iteration") { $0.iteration = -1 }
        #expect(throws: PacketError.invalid(field: "fraction")) {
            try DecoderAnswer.decode(DecoderAnswer.progress(session: 1, fraction: .nan).encoded())
        }
    }

    @Test(arguments: [1e300, -1e300, -0.1, .infinity, .nan]) func ratesThatNoIntegerHoldsAreRefused(_ value: Double) {
        var medium = MediumDescription(
            kind: .video, format: "mp4", width: 64, height: 48, rotation: 0, durationNanoseconds: nil, frameRate: value,
            seekable: false, streams: [])
        func isRefused(_ field: String, _ answer: DecoderAnswer) {
            #expect(throws: PacketError.invalid(field: field)) { try DecoderAnswer.decode(answer.encoded()) }
        }
        isRefused("frameRate", .opened(session: 1, medium, bufferByteCount: 64))
        isRefused("decodeRate", .checked(session: 1, CheckReport(frames: 1, decodeRate: value, partial: false)))
        isRefused("fraction", .progress(session: 1, fraction: value))
        #expect(throws: PacketError.invalid(field: "seconds")) {
            try DecoderRequest.decode(DecoderRequest.check(session: 1, seconds: value).encoded())
        }
        medium.frameRate = MediumDescription.frameRates.upperBound
        let highest = DecoderAnswer.opened(session: 1, medium, bufferByteCount: 64)
        #expect(throws: Never.self) { try DecoderAnswer.decode(highest.encoded()) }
    }

    /// Noise, and real packets with a few bytes changed: an error or a message whose sizes can be multiplied, never a trap.
    @Test func noiseNeverTraps() {
        var generator = SeededGenerator(seed: 2026)
        let packets = Self.requests.map { $0.encoded() } + Self.answers.map { $0.encoded() }
        var messages = 0
        for round in 0..<20_000 {
            var packet: [UInt8]
            if round % 2 == 0 {
                packet = (0..<Int.random(in: 0...96, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
                if packet.count >= 6 {
                    packet[0] = UInt8.random(in: 1...8, using: &generator)
                    packet[1] = UInt8.random(in: 0...1, using: &generator)
                    packet.replaceSubrange(2..<6, with: [UInt8(packet.count - 6), 0, 0, 0])
                }
            } else {
                packet = packets[round / 2 % packets.count]
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    packet[Int.random(in: 0..<packet.count, using: &generator)] = .random(
                        in: 0...255, using: &generator)
                }
            }
            if let request = try? DecoderRequest.decode(packet) {
                messages += 1
                if case .open(_, let open) = request { #expect(open.screen.pixelCount >= 0) }
            }
            if let answer = try? DecoderAnswer.decode(packet) {
                messages += 1
                if case .frame(_, let report) = answer { #expect(report.layout.byteCount >= 0) }
            }
        }
        #expect(messages > 1000)
    }
}
