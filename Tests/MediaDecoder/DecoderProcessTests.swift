import DecoderProtocol
import Foundation
import Frames
import LinuxSystem
import SystemPackage
import Testing

@testable import MediaDecoder

/// The real program, over its socket.
@Suite struct DecoderProcessTests {
    static func film(_ folder: PhotoFolder, count: Int = 25, options: [String] = []) throws -> String {
        try folder.writeFrames(PixelSize(width: 160, height: 96), count: count)
        try folder.ffmpeg(
            ["-framerate", "25", "-i", "frame-%04d.ppm"] + VideoFormatTests.x264 + options + ["a.mp4"])
        return folder.file("a.mp4")
    }

    /// The next frame, with its buffer lent again at once.
    static func frame(_ decoder: DecoderHarness, byteCount: Int, session: UInt32 = 1) throws -> (
        FrameReport, RGBPicture
    )? {
        switch try decoder.answer() {
        case .frame(session, let report):
            let picture = try decoder.picture(report)
            try decoder.lend(report.buffer, session: session, byteCount: byteCount)
            return (report, picture)
        case .ended(session): return nil
        case .failed(_, let failure): throw failure
        case let other:
            Issue.record("unexpected: \(other)")
            return nil
        }
    }

    @Test func aSecondOf25FramesShows25() throws {
        let folder = try PhotoFolder()
        let path = try Self.film(folder)
        let decoder = try DecoderHarness()
        let sandbox = try decoder.greet()
        #expect(sandbox.noNewPrivileges == nil)
        #expect(sandbox.seccomp == nil)
        let (medium, byteCount) = try decoder.open(path, .video(160, 96, threads: 2))
        #expect(medium.kind == .video)
        #expect(medium.durationNanoseconds == 1_000_000_000)
        for number: UInt32 in 1...3 { try decoder.lend(number, byteCount: byteCount) }
        var times: [Int64] = []
        var bars: [Double] = []
        while let (report, picture) = try Self.frame(decoder, byteCount: byteCount) {
            times.append(report.presentationTime)
            bars.append(picture.bar)
            #expect(report.iteration == 0)
        }
        #expect(times == (0..<25).map { Int64($0) * 40_000_000 })
        #expect(bars == bars.sorted())
        #expect(Set(bars).count == 25)
    }

    @Test func loopsWithoutEnd() throws {
        let folder = try PhotoFolder()
        let path = try Self.film(folder, count: 10, options: ["-bf", "2"])
        let decoder = try DecoderHarness()
        _ = try decoder.greet()
        let byteCount = try decoder.open(path, .video(80, 48, loops: true)).bufferByteCount
        for number: UInt32 in 1...2 { try decoder.lend(number, byteCount: byteCount) }
        for count in 0..<35 {
            let (report, picture) = try #require(try Self.frame(decoder, byteCount: byteCount))
            #expect(report.presentationTime == Int64(count) * 40_000_000)
            #expect(report.iteration == count / 10)
            #expect(abs(picture.bar - Double(count % 10 + 1) / 11) < 0.05)
        }
    }

    /// What the daemon keeps for itself is not mapped for the rest of the medium.
    @Test func letsGoOfWhatItIsToForget() throws {
        let folder = try PhotoFolder()
        let path = try Self.film(folder)
        let decoder = try DecoderHarness()
        _ = try decoder.greet()
        let byteCount = try decoder.open(path, .video(160, 96)).bufferByteCount
        func mapped() throws -> Int {
            try String(contentsOfFile: "/proc/\(decoder.processID)/maps", encoding: .utf8)
                .split(separator: "\n").count { $0.contains("memfd:test") }
        }
        for number: UInt32 in 1...3 {
            try decoder.lend(number, byteCount: byteCount)
            guard case .frame(_, let report) = try decoder.answer() else { throw DecoderHarness.Ended() }
            #expect(report.buffer == number)
        }
        #expect(try mapped() == 3)
        for number: UInt32 in [1, 3, 9] { try decoder.send(.forget(session: 1, buffer: number)) }
        // Another session's.
        try decoder.send(.forget(session: 7, buffer: 2))
        try decoder.lend(2, byteCount: byteCount)
        guard case .frame(_, let next) = try decoder.answer() else { throw DecoderHarness.Ended() }
        #expect(next.buffer == 2)
        #expect(try mapped() == 1)
        // Without its memory it is not known any more.
        try decoder.lend(1, byteCount: byteCount)
        guard case .failed(1, let failure) = try decoder.answer() else { throw DecoderHarness.Ended() }
        #expect(failure.code == .misuse)
    }

    /// No buffer, no frame: what is lent is what may be decoded ahead.
    @Test func decodesNoFurtherThanItMay() throws {
        let folder = try PhotoFolder()
        let path = try Self.film(folder)
        let decoder = try DecoderHarness()
        _ = try decoder.greet()
        let byteCount = try decoder.open(path, .video(160, 96)).bufferByteCount
        try decoder.lend(1, byteCount: byteCount)
        guard case .frame(1, let first) = try decoder.answer() else {
            Issue.record("no frame")
            return
        }
        #expect(first.presentationTime == 0)
        // The answer to a request that cannot be met comes next, and no second frame before it.
        try decoder.send(.lend(session: 1, buffer: 99, byteCount: byteCount))
        guard case .failed(1, let failure) = try decoder.answer() else {
            Issue.record("no failure")
            return
        }
        #expect(failure.code == .misuse)
    }

    @Test func theNextMediumFollows() throws {
        let folder = try PhotoFolder()
        let path = try Self.film(folder)
        try folder.writeSource(PixelSize(width: 160, height: 96))
        try folder.run("convert", "source.ppm", "photo.png")
        let bad = try folder.write(Array("no medium".utf8), "bad.mp4")
        let decoder = try DecoderHarness()
        _ = try decoder.greet(.next)
        for round: UInt32 in 0..<2 {
            let film = round * 10 + 1
            var byteCount = try decoder.open(path, session: film, .video(160, 96)).bufferByteCount
            try decoder.lend(film, session: film, byteCount: byteCount)
            #expect(try Self.frame(decoder, byteCount: byteCount, session: film) != nil)

            // The film is closed by what is opened next; frames of it may still be on their way.
            try decoder.send(.role(.current))
            let photo = film + 1
            try decoder.send(
                .open(session: photo, .video(160, 96)),
                with: Descriptor.open(FilePath(folder.file("photo.png")), .readOnly))
            var answer = try decoder.answer()
            while case .frame(film, _) = answer { answer = try decoder.answer() }
            guard case .opened(photo, let medium, let size) = answer else {
                Issue.record("unexpected: \(answer)")
                return
            }
            byteCount = size
            #expect(medium.kind == .image)
            try decoder.lend(photo, session: photo, byteCount: byteCount)
            let picture = try #require(try Self.frame(decoder, byteCount: byteCount, session: photo)).1
            #expect(picture.similarity(RGBPicture.photo(PixelSize(width: 160, height: 96))) > 45)
            #expect(try Self.frame(decoder, byteCount: byteCount, session: photo) == nil)
            try decoder.send(.close(session: photo))

            let refusal = #expect(throws: DecodeFailure.self) {
                try decoder.open(bad, session: film + 2, .video(160, 96))
            }
            #expect(refusal?.code == .notMedia)
        }
    }

    @Test func checksAndMakesThumbnails() throws {
        let folder = try PhotoFolder()
        let path = try Self.film(folder, count: 50)
        let decoder = try DecoderHarness()
        _ = try decoder.greet(.intake)
        _ = try decoder.open(path, .video(160, 96))
        try decoder.send(.check(session: 1, seconds: 60))
        var fractions: [Double] = []
        var checked: CheckReport?
        while checked == nil {
            switch try decoder.answer() {
            case .progress(1, let fraction): fractions.append(fraction)
            case .checked(1, let report): checked = report
            case let other:
                Issue.record("unexpected: \(other)")
                return
            }
        }
        #expect(checked?.frames == 50)
        #expect(checked?.partial == false)
        #expect((checked?.decodeRate ?? 0) > 0)
        #expect(fractions == fractions.sorted())
        #expect(fractions.allSatisfy { (0...1).contains($0) })

        let memory = try MemoryFile(name: "thumbnail", byteCount: 65_536)
        try decoder.send(
            .thumbnail(session: 1, buffer: 9, byteCount: 65_536, size: PixelSize(width: 80, height: 80)),
            with: memory.descriptor)
        guard case .thumbnail(1, 9, let count) = try decoder.answer() else {
            Issue.record("no thumbnail")
            return
        }
        let bytes = memory.withBytes { Array($0.prefix(count)) }
        try folder.write(bytes, "thumbnail.jpg")
        let picture = try showPhoto(folder.file("thumbnail.jpg"), .photo(80, 80))
        #expect(picture.size == PixelSize(width: 80, height: 48))

        // And plays from the beginning afterwards.
        try decoder.lend(2, byteCount: 80_000)
        #expect(try Self.frame(decoder, byteCount: 80_000)?.0.presentationTime == 0)
    }

    @Test func aCheckFindsWhatIsBroken() throws {
        let folder = try PhotoFolder()
        let path = try Self.film(folder, options: ["-movflags", "+faststart"])
        // The header is whole, and behind it is nothing but noise.
        var bytes = try folder.bytes("a.mp4")
        let data = try #require(bytes.indices.dropLast(4).first { bytes[$0..<$0 + 4].elementsEqual("mdat".utf8) })
        var faults = Faults(state: 4)
        for index in (data + 4)..<bytes.count { bytes[index] = UInt8(faults.next(below: 256)) }
        _ = path
        let decoder = try DecoderHarness()
        _ = try decoder.greet(.intake)
        let refusal = #expect(throws: DecodeFailure.self) {
            _ = try decoder.open(try folder.write(bytes, "noise.mp4"), .video(160, 96))
            try decoder.send(.check(session: 1, seconds: 60))
            while true {
                switch try decoder.answer() {
                case .progress: continue
                case .failed(1, let failure): throw failure
                case let other:
                    Issue.record("unexpected: \(other)")
                    return
                }
            }
        }
        #expect(refusal?.code == .broken)
    }

    @Test func aCheckEndsInTime() throws {
        let folder = try PhotoFolder()
        let decoder = try DecoderHarness()
        _ = try decoder.greet(.intake)
        // Longer than the check may last, in little space.
        try folder.ffmpeg(
            [
                "-f", "lavfi", "-i", "color=red:size=64x64:rate=25:duration=400", "-c:v", "mpeg4", "long.mp4",
            ])
        _ = try decoder.open(folder.file("long.mp4"), .video(640, 640))
        try decoder.send(.check(session: 1, seconds: 0.1))
        while true {
            if case .checked(1, let report) = try decoder.answer() {
                #expect(report.partial)
                #expect(report.frames > 0 && report.frames < 10_000)
                return
            }
        }
    }

    @Test func endsWithItsDaemon() throws {
        var decoder: DecoderHarness? = try DecoderHarness()
        _ = try decoder?.greet()
        let processID = try #require(decoder?.processID)
        // Dropping the harness would kill it: give it the end of the socket alone.
        let status = try #require(decoder?.closeAndWait())
        #expect(status == 0)
        decoder = nil
        #expect(kill(processID, 0) == -1)
    }

    /// An allocation beyond the process's limit ends the session, not the process.
    @Test func outOfMemoryEndsTheSessionAlone() throws {
        let folder = try PhotoFolder()
        try folder.ffmpeg(
            [
                "-f", "lavfi", "-i", "testsrc2=size=3840x2160:rate=25:duration=0.4", "-c:v", "libx265", "-preset",
                "ultrafast", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p10le", "large.mp4",
            ])
        let small = try Self.film(folder)
        let decoder = try DecoderHarness(memoryMegabytes: 16)
        _ = try decoder.greet()
        // The session claims a limit that the process does not have.
        let refusal = #expect(throws: DecodeFailure.self) {
            let byteCount = try decoder.open(
                folder.file("large.mp4"), .video(160, 96, memoryLimit: 2_000_000_000)
            ).bufferByteCount
            try decoder.lend(1, byteCount: byteCount)
            while try Self.frame(decoder, byteCount: byteCount) != nil {}
        }
        #expect(refusal?.code == .tooLarge)
        decoder.forgetBuffers()
        let byteCount = try decoder.open(small, session: 2, .video(160, 96)).bufferByteCount
        try decoder.lend(1, session: 2, byteCount: byteCount)
        #expect(try Self.frame(decoder, byteCount: byteCount, session: 2) != nil)
    }
}
