import DecoderProtocol
import Frames
import LinuxSystem

/// One open medium: requests change what it does, and each step yields an answer.
final class DecodingSession {
    let id: UInt32
    private let file: Descriptor
    private let request: OpenRequest
    private let hardware: HardwareUse
    private let description: MediumDescription
    private let layout: FrameLayout
    private var reader: (any MediumReader)?
    private var buffers = LentBuffers()
    private var loop: LoopPosition
    private var late: Int64 = .min
    private var check: CheckRun?
    private var isFinished = false
    private var hasRead = false
    private(set) var hasGivenFrame = false

    init(id: UInt32, file: Descriptor, request: OpenRequest, hardware: HardwareUse) throws(DecodeFailure) {
        self.id = id
        self.file = file
        self.request = request
        self.hardware = hardware
        let reader = try MediumOpening.open(file, request, hardware: hardware)
        self.reader = reader
        description = reader.description
        layout = reader.layout
        loop = LoopPosition(repeats: request.loops && reader.description.kind != .image, begunAnew: request.start > 0)
    }

    var opened: DecoderAnswer { .opened(session: id, description, bufferByteCount: layout.byteCount) }

    /// Whether there is something to do without waiting for the daemon.
    var isBusy: Bool { check != nil || (!isFinished && !buffers.isEmpty) }

    func lend(_ number: UInt32, byteCount: Int, attached: Descriptor?) throws(DecodeFailure) {
        try buffers.lend(number, byteCount: byteCount, attached: attached)
    }

    func forget(_ number: UInt32) { buffers.forget(number) }

    func late(_ position: Int64) { late = max(late, position) }

    func startCheck(seconds: Double) throws(DecodeFailure) {
        if hasRead { try currentReader().rewind() }
        check = try CheckRun(layout: layout, seconds: seconds, duration: description.durationNanoseconds)
    }

    /// A thumbnail, at once. The session's own decoder is given up for it: two would need twice the memory.
    func thumbnail(
        into number: UInt32, byteCount: Int, size: PixelSize, attached: Descriptor?
    ) throws(DecodeFailure) -> DecoderAnswer {
        try buffers.lend(number, byteCount: byteCount, attached: attached)
        buffers.giveBack(number)
        reader = nil
        var small = request
        small.screen = size
        small.fit = .contain
        small.formats = [.xrgb8888]
        small.loops = false
        small.start = 0
        let bytes = try Thumbnails.jpeg(of: try MediumOpening.open(file, small, hardware: nil), capacity: byteCount)
        buffers[number]?.withBytes { $0.copyBytes(from: bytes) }
        return .thumbnail(session: id, buffer: number, byteCount: bytes.count)
    }

    /// Decodes one frame, if there is a buffer for it, or a frame of the check.
    func step() throws(DecodeFailure) -> [DecoderAnswer] {
        if check != nil { return try stepOfCheck() }
        guard !isFinished, let (number, memory) = buffers.first else { return [] }
        guard memory.byteCount >= layout.byteCount else {
            throw DecodeFailure(
                code: .misuse,
                reason: "A buffer of \(memory.byteCount) bytes is too small for a frame of \(layout.byteCount).",
                suggestion: "This is a fault of Vitrine.")
        }
        let reader = try currentReader()
        hasRead = true
        var position = late == .min ? 0 : late &- loop.offset
        while true {
            let read = try memory.withBytes { (pixels) throws(DecodeFailure) in
                try reader.nextFrame(into: pixels, late: position)
            }
            if let read {
                buffers.giveBack(number)
                hasGivenFrame = true
                return [.frame(session: id, loop.report(read, buffer: number, layout: reader.layout))]
            }
            guard loop.beginAgain(after: reader.read) else {
                isFinished = true
                return [.ended(session: id)]
            }
            try reader.rewind()
            // However late, an iteration begins with a frame: a short loop would be skipped round and round in silence.
            position = 0
        }
    }

    private func stepOfCheck() throws(DecodeFailure) -> [DecoderAnswer] {
        guard let run = check else { return [] }
        let reader = try currentReader()
        hasRead = true
        switch try run.step(reader) {
        case .nothing: return []
        case .progress(let fraction): return [.progress(session: id, fraction: fraction)]
        case .finished(let report):
            check = nil
            try reader.rewind()
            return [.checked(session: id, report)]
        }
    }

    private func currentReader() throws(DecodeFailure) -> any MediumReader {
        if let reader { return reader }
        let opened = try MediumOpening.open(file, request, hardware: hardware)
        reader = opened
        return opened
    }
}
