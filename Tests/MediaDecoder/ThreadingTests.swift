import CFFmpeg
import DecoderProtocol
import Foundation
import Frames
import LinuxSystem
import Testing

@testable import MediaDecoder

@Suite struct ThreadingTests {
    private let h264 = ThreadingChoice.Abilities(frames: true, slices: true)

    @Test func slicesGoFirstWhereThereIsOneForEachThread() {
        #expect(
            ThreadingChoice.candidates(h264, slices: 4, asked: 4).first == ThreadingChoice(.slices, 4))
        // Two slices would leave two of four cores idle; they are as good as two threads.
        #expect(
            ThreadingChoice.candidates(h264, slices: 2, asked: 4) == [
                ThreadingChoice(.frames, 4), ThreadingChoice(.frames, 3), ThreadingChoice(.slices, 2),
                ThreadingChoice(.slices, 4), .single,
            ])
        #expect(
            ThreadingChoice.candidates(h264, slices: 1, asked: 2) == [
                ThreadingChoice(.frames, 2), ThreadingChoice(.slices, 2), .single,
            ])
        #expect(ThreadingChoice.candidates(h264, slices: 8, asked: 1) == [.single])
        #expect(ThreadingChoice.candidates(.init(), slices: 8, asked: 4) == [.single])
        #expect(
            ThreadingChoice.candidates(.init(slices: true), slices: 1, asked: 4) == [
                ThreadingChoice(.slices, 4), .single,
            ])
        #expect(
            ThreadingChoice.candidates(.init(own: true), slices: 1, asked: 4) == [
                ThreadingChoice(.own(several: true), 4), ThreadingChoice(.own(several: false), 4), .single,
            ])
    }

    @Test func memoryDecides() {
        let hd = VideoCost(
            codec: AV_CODEC_ID_H264, format: AV_PIX_FMT_YUV420P, size: PixelSize(width: 1920, height: 1080), level: 40,
            delay: 2)
        func best(_ limit: Int, slices: Int = 1) -> ThreadingChoice? {
            ThreadingChoice.best(h264, slices: slices, asked: 4, limit: limit, cost: hd.byteCount)
        }
        #expect(best(160_000_000) == ThreadingChoice(.frames, 4))
        #expect(best(160_000_000, slices: 4) == ThreadingChoice(.slices, 4))
        #expect(best(hd.byteCount(ThreadingChoice(.frames, 2))) == ThreadingChoice(.frames, 2))
        #expect(best(hd.byteCount(ThreadingChoice(.frames, 2)) - 1) == ThreadingChoice(.slices, 4))
        #expect(best(hd.byteCount(.single) - 1) == nil)
        // A thread that works on a picture of its own costs at least that picture.
        #expect(
            hd.byteCount(ThreadingChoice(.frames, 3)) >= hd.byteCount(ThreadingChoice(.frames, 2)) + hd.picture)

        let dav1d = VideoCost(
            codec: AV_CODEC_ID_AV1, format: AV_PIX_FMT_YUV420P, size: PixelSize(width: 1920, height: 1080), level: 0,
            delay: 0)
        let limit = dav1d.byteCount(ThreadingChoice(.own(several: true), 4)) - 1
        let low = ThreadingChoice.best(.init(own: true), slices: 1, asked: 4, limit: limit, cost: dav1d.byteCount)
        #expect(low == ThreadingChoice(.own(several: false), 4))
    }

    @Test func countsSlices() {
        func count(_ bytes: [UInt8], _ codec: AVCodecID, _ framing: SliceCount.Framing) -> Int {
            bytes.withUnsafeBytes { SliceCount.of($0, codec: codec, framing: framing) }
        }
        // Parameters, then three slices of one picture.
        let units: [[UInt8]] = [[0x67, 1, 2], [0x68, 3], [0x65, 0x88, 9], [0x65, 0x40, 9], [0x65, 0x20]]
        func joined(_ before: ([UInt8]) -> [UInt8]) -> [UInt8] { units.reduce(into: []) { $0 += before($1) + $1 } }
        let framed = joined { [0, 0, 0, UInt8($0.count)] }
        #expect(count(framed, AV_CODEC_ID_H264, .lengths(4)) == 3)
        #expect(count(joined { [0, UInt8($0.count)] }, AV_CODEC_ID_H264, .lengths(2)) == 3)
        let coded = joined { _ in [0, 0, 1] }
        #expect(count(coded, AV_CODEC_ID_H264, .startCodes) == 3)
        #expect(count([0] + coded, AV_CODEC_ID_H264, .startCodes) == 3)
        // Two fields of one slice each, one after the other.
        #expect(count([0, 0, 1, 0x41, 0x9A, 0, 0, 1, 0x41, 0x9A], AV_CODEC_ID_H264, .startCodes) == 1)
        // Rows of an MPEG-2 picture.
        #expect(
            count([0, 0, 1, 0, 7, 7, 0, 0, 1, 1, 7, 0, 0, 1, 2, 7], AV_CODEC_ID_MPEG2VIDEO, .startCodes) == 2)
        #expect(count(framed, AV_CODEC_ID_HEVC, .lengths(4)) == 1)
        // What makes no sense.
        #expect(count([], AV_CODEC_ID_H264, .startCodes) == 1)
        #expect(count([0xFF, 0xFF, 0xFF, 0xFF, 0x65, 0x88], AV_CODEC_ID_H264, .lengths(4)) == 1)
        #expect(count([0, 0, 1], AV_CODEC_ID_H264, .startCodes) == 1)

        let avcC: [UInt8] = [1, 0x64, 0, 0x1F, 0xFD, 0xE1]
        #expect(avcC.withUnsafeBytes { SliceCount.Framing(configuration: $0) } == .lengths(2))
        #expect([UInt8]([0, 0, 0, 1, 0x67]).withUnsafeBytes { SliceCount.Framing(configuration: $0) } == .startCodes)
    }

    private static func film(_ folder: PhotoFolder, _ name: String, _ options: String...) throws {
        try folder.ffmpeg(
            ["-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25", "-frames:v", "12", "-pix_fmt", "yuv420p"] + options
                + [name])
    }

    /// Every frame's bytes as one number.
    private static func decode(_ path: String, _ threading: ThreadingChoice) throws -> (slices: Int, frames: [Int]) {
        av_log_set_level(AV_LOG_QUIET)
        let input = try LibavInput(try PhotoFolder.descriptor(path), maximumPixels: 4_000_000)
        var found = 0
        let decoder = try LibavDecoder(input, maximumPixels: 4_000_000) { (_, slices) in
            found = slices
            return threading
        }
        var frames: [Int] = []
        while let frame = try decoder.next(from: input) {
            var hasher = Hasher()
            let planes = PixelPlanes(frame)
            for (plane, pointer, stride) in [
                (0, planes.pointers.0, planes.strides.0), (1, planes.pointers.1, planes.strides.1),
                (2, planes.pointers.2, planes.strides.2),
            ] {
                let pointer = try #require(pointer)
                let (width, height) = plane == 0 ? (1280, 720) : (640, 360)
                for row in 0..<height {
                    hasher.combine(bytes: UnsafeRawBufferPointer(start: pointer + row * Int(stride), count: width))
                }
            }
            frames.append(hasher.finalize())
        }
        return (found, frames)
    }

    @Test(arguments: ["slices", "whole"])
    func everyWayDecodesTheSame(make: String) throws {
        let folder = try PhotoFolder()
        let count = make == "slices" ? "4" : "1"
        try Self.film(folder, "a.mp4", "-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-slices", count)
        let (slices, alone) = try Self.decode(folder.file("a.mp4"), .single)
        #expect(slices == (make == "slices" ? 4 : 1))
        #expect(alone.count == 12)
        for way in [ThreadingChoice(.slices, 4), ThreadingChoice(.frames, 4), ThreadingChoice(.frames, 2)] {
            #expect(try Self.decode(folder.file("a.mp4"), way).frames == alone, "\(way)")
        }
    }

    @Test func everyWayDecodesTheSameAV1() throws {
        let folder = try PhotoFolder()
        try Self.film(folder, "a.mkv", "-c:v", "libsvtav1", "-preset", "12")
        let alone = try Self.decode(folder.file("a.mkv"), .single).frames
        #expect(alone.count == 12)
        for several in [true, false] {
            #expect(try Self.decode(folder.file("a.mkv"), ThreadingChoice(.own(several: several), 4)).frames == alone)
        }
    }

    /// What a decoder process has of its own once it plays, in bytes; lent buffers are shared memory and no part of it.
    private static func ownMemory(_ path: String, _ request: OpenRequest) throws -> Int {
        let decoder = try DecoderHarness()
        _ = try decoder.greet()
        let byteCount = try decoder.open(path, request).bufferByteCount
        try decoder.lend(1, byteCount: byteCount)
        for _ in 0..<10 { _ = try #require(try DecoderProcessTests.frame(decoder, byteCount: byteCount)) }
        let text = try String(contentsOfFile: "/proc/\(decoder.processID)/smaps_rollup", encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("Anonymous:") })
        return try #require(line.split(separator: " ").compactMap { Int($0) }.first) * 1024
    }

    /// The same pictures, by four threads: those that share a picture hold three less.
    @Test func slicesTakeLessMemoryThanFrames() throws {
        let folder = try PhotoFolder()
        for slices in [1, 4] {
            try Self.film(folder, "\(slices).mp4", "-c:v", "libx264", "-preset", "ultrafast", "-slices", "\(slices)")
        }
        let request = OpenRequest.video(320, 180, loops: true, threads: 4)
        let bySlices = try Self.ownMemory(folder.file("4.mp4"), request)
        let byFrames = try Self.ownMemory(folder.file("1.mp4"), request)
        #expect(byFrames - bySlices > 3 * 1280 * 720 * 3 / 2, "\(byFrames) and \(bySlices) bytes")
    }
}
