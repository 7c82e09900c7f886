import CFFmpeg
import DecoderProtocol
import Frames
import LinuxSystem

/// Video, animations and the photos that have no reader of their own, by libav.
///
/// The decoder is opened with the first frame: a medium that is only described costs no more than its header.
final class LibavReader: MediumReader {
    let description: MediumDescription
    private var placement: FramePlacement
    private let file: Descriptor
    private let memoryLimit: Int
    /// How many threads there may be.
    private var threads: Int
    private let cost: VideoCost
    /// Bytes that are needed besides decoding.
    private let besideDecoding: Int
    private let hasIndex: Bool
    private var input: LibavInput
    private var decoder: LibavDecoder?
    private var writer: PictureWriter?
    private var times: PresentationTimes
    private var decoded = 0
    private(set) var read: (frames: Int, end: Int64) = (0, 0)
    /// The end of the last frame that was given out.
    private var shownUntil: Int64 = 0
    private var resumption: Resumption?
    /// nil where the board's decoders are not to be tried, or not any more.
    private var hardware: HardwareUse?

    init(file: Descriptor, request: OpenRequest, hardware: HardwareUse? = nil) throws(DecodeFailure) {
        self.file = file
        memoryLimit = request.memoryLimit
        let maximumPixels = VideoCost.maximumPixels(limit: request.memoryLimit)
        let photo = PhotoFile(descriptor: file)
        let header = try StillHeader { (offset, count) throws(DecodeFailure) in
            try photo.bytes(at: offset, count: count)
        }
        threads = request.threads > 0 ? request.threads : Int(av_cpu_count())
        if let size = header.size {
            // Before libavformat looks into the picture.
            let cost = VideoCost(codec: AV_CODEC_ID_BMP, format: AV_PIX_FMT_BGRA, size: size, level: 0, delay: 0)
            try cost.admit(limit: request.memoryLimit, beside: 0)
        }
        var input = try LibavInput(file, maximumPixels: maximumPixels)
        try LibavDecoder.isSupported(input)

        let stream = LibavStream(input)
        guard stream.size.width > 0, stream.size.height > 0 else { throw LibavDecoder.broken(AVError.invalidData) }
        let orientation = header.orientation == .upright ? stream.orientation : header.orientation
        let format = input.formatName
        let kind = stream.isSinglePicture ? .image : KnownFormats.kind(format: format)
        // Before the first frame is decoded it is not sure; the formats of libavcodec's animations have alpha.
        let source = stream.pixels
        var placement = FramePlacement(
            stored: stream.size, pixelAspect: stream.pixelAspect, orientation: orientation, screen: request.screen,
            fit: request.fit)
        let wanted = request.formats.first { $0 == .xrgb8888 || $0.isYUV }
        if let wanted, wanted.isYUV, kind == .video, orientation == .upright, let colour = source.coding {
            placement = placement.inPlanes(wanted, colour: colour)
        }
        self.placement = placement
        cost = stream.cost
        besideDecoding = PictureWriter.byteCount(
            placement: placement, hasAlpha: source.hasAlpha, light: source.light,
            quality: kind == .image ? .best : .fast)
        try cost.admit(limit: request.memoryLimit, beside: besideDecoding)
        times = PresentationTimes(usualDuration: stream.usualDuration, mayJump: stream.timesMayJump)

        hasIndex = kind == .video && stream.hasIndex
        var duration = stream.duration
        if kind == .animation, duration == nil {
            // Its header does not tell; the packets do, and reading them costs little.
            duration = try stream.sumOfDurations(in: input)
            input = try LibavInput(file, maximumPixels: maximumPixels, again: true)
        }
        self.input = input
        description = MediumDescription(
            kind: kind, format: format, width: placement.shown.width, height: placement.shown.height,
            rotation: orientation.rotation, durationNanoseconds: kind == .image ? nil : duration,
            frameRate: kind == .image ? nil : stream.frameRate, seekable: hasIndex, streams: input.streams,
            takenAt: input.taken)
        self.hardware = kind == .video && request.mayUseHardware ? hardware : nil
        shownUntil = request.start
        if request.start > 0 { resume(at: request.start) }
    }

    var layout: FrameLayout { placement.layout }

    func nextFrame(
        into pixels: UnsafeMutableRawBufferPointer, late: Int64
    ) throws(DecodeFailure) -> ReadFrame? {
        do throws(DecodeFailure) {
            return try decodeNext(into: pixels, late: late)
        } catch {
            if decoder?.isHardware == true {
                // Not the file's fault, or not surely.
                hardware?.refused(hardwareName, error.reason)
                hardware = nil
            } else if error.code == .tooLarge, threads > 1 {
                // The estimate was too low. One thread needs least.
                threads = 1
            } else {
                throw error
            }
            decoder = nil
            try goOn()
            return try decodeNext(into: pixels, late: late)
        }
    }

    /// Has the next decoder go on behind the frame that was shown last.
    private func goOn() throws(DecodeFailure) {
        let (position, readBefore) = (shownUntil, read)
        try rewind()
        read = readBefore
        shownUntil = position
        resume(at: position)
    }

    private func resume(at position: Int64) {
        if hasIndex { _ = input.seek(to: LibavStream(input).timestamp(position)) }
        resumption = Resumption(at: position)
    }

    private func decodeNext(
        into pixels: UnsafeMutableRawBufferPointer, late: Int64
    ) throws(DecodeFailure) -> ReadFrame? {
        let decoder = try openDecoder()
        let clock = MonotonicClock()
        let deadline = clock.now.advanced(by: .nanoseconds(LatePolicy.longestGap))
        let stream = LibavStream(input)
        while let frame = try decoder.next(from: input) {
            decoded += 1
            let placed = times.place(
                timestamp: stream.time(of: frame), duration: stream.nanoseconds(vitrine_frame_duration(frame)))
            let end = placed.end
            read = (read.frames + 1, max(read.end, end))
            if let advice = resumption?.advice(end: end, at: clock.now) {
                decoder.apply(advice)
                continue
            }
            resumption = nil
            if catchUp(decoder, from: end, to: late, stream), clock.now < deadline { continue }
            try convert(frame, into: pixels)
            shownUntil = end
            return description.kind == .image ? ReadFrame(presentationTime: 0, duration: 0) : placed
        }
        if decoded == 0 { throw LibavDecoder.broken(AVError.invalidData) }
        return nil
    }

    func rewind() throws(DecodeFailure) {
        times.jumped()
        read = (0, 0)
        shownUntil = 0
        resumption = nil
        if decoder?.isHardware == true { decoder = nil }
        if hasIndex, input.seek(to: LibavStream(input).firstTimestamp) {
            decoder?.flush()
            return
        }
        // Without an index the only way back is to begin again; decoders of animations then begin without what they kept.
        decoder = nil
        input = try LibavInput(file, maximumPixels: VideoCost.maximumPixels(limit: memoryLimit), again: true)
    }

    /// True when this frame is to be left out.
    private func catchUp(_ decoder: LibavDecoder, from end: Int64, to late: Int64, _ stream: LibavStream) -> Bool {
        switch LatePolicy.advice(lateness: late - end) {
        case .decode(let saving):
            decoder.apply(saving)
            return late >= end
        case .jump:
            decoder.apply(.loopFilter)
            let wanted = stream.timestamp(late)
            if hasIndex, !decoder.isHardware, let key = input.keyFrame(before: wanted), key > stream.timestamp(end),
                input.seek(to: wanted)
            {
                decoder.flush()
                times.jumped()
            }
            return true
        }
    }

    private func openDecoder() throws(DecodeFailure) -> LibavDecoder {
        if let decoder { return decoder }
        if let opened = try openHardware() {
            decoder = opened
            return opened
        }
        let opened = try LibavDecoder(input, maximumPixels: VideoCost.maximumPixels(limit: memoryLimit)) {
            [cost, threads, limit = memoryLimit - besideDecoding] (abilities, slices) in
            ThreadingChoice.best(
                abilities, slices: slices, asked: threads, limit: limit, cost: cost.byteCount) ?? .single
        }
        decoder = opened
        return opened
    }

    private var codec: AVCodecID { input.stream.pointee.codecpar.pointee.codec_id }
    private var hardwareName: String { hardware?.decoder(for: codec) ?? "" }

    /// nil: software is to decode, from the same place.
    private func openHardware() throws(DecodeFailure) -> LibavDecoder? {
        guard let hardware, let name = hardware.decoder(for: codec) else { return nil }
        let outcome = HardwareAttempt.run(
            name, input, maximumPixels: VideoCost.maximumPixels(limit: memoryLimit), deadline: hardware.deadline,
            before: hardware.willDecode)
        switch outcome {
        case .decoded(let decoder):
            hardware.began(name)
            return decoder
        case .refused(let reason):
            hardware.refused(name, reason)
        case .stuck:
            hardware.stoodStill(name)
            // The other one is that thread's.
            input = try LibavInput(file, maximumPixels: VideoCost.maximumPixels(limit: memoryLimit), again: true)
        }
        self.hardware = nil
        try goOn()
        return nil
    }

    private func convert(
        _ frame: UnsafeMutablePointer<AVFrame>, into pixels: UnsafeMutableRawBufferPointer
    ) throws(DecodeFailure) {
        let source = SourcePixels(frame)
        if writer?.source != source {
            if let colour = source.coding { placement.layout.colour = colour }
            var placement = self.placement
            if source.size != placement.stored {
                // A stream that changes its size: the frame's stays what was promised.
                placement.stored = source.size
                placement.crop = PixelRectangle(source.size)
            }
            writer = nil
            writer = try PictureWriter(
                source: source, placement: placement, quality: description.kind == .image ? .best : .fast)
        }
        try writer?.write(PixelPlanes(frame), into: pixels)
    }
}

extension SourcePixels {
    init(_ frame: UnsafeMutablePointer<AVFrame>) {
        self.init(
            format: AVPixelFormat(frame.pointee.format),
            size: PixelSize(width: Int(frame.pointee.width), height: Int(frame.pointee.height)),
            matrix: frame.pointee.colorspace, range: frame.pointee.color_range, light: SourceLight(frame))
    }
}

extension PixelPlanes {
    init(_ frame: UnsafeMutablePointer<AVFrame>) {
        let data = frame.pointee.data
        let strides = frame.pointee.linesize
        self.init(
            (
                data.0.map { UnsafePointer($0) }, data.1.map { UnsafePointer($0) }, data.2.map { UnsafePointer($0) },
                data.3.map { UnsafePointer($0) }
            ), strides: (strides.0, strides.1, strides.2, strides.3))
    }
}
