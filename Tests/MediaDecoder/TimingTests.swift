import CFFmpeg
import DecoderProtocol
import Frames
import Testing

@testable import MediaDecoder

@Suite struct TimingTests {
    static let frame: Int64 = 40_000_000

    /// Where frames with these timestamps (nil: none) go, all without a duration of their own.
    static func place(_ timestamps: [Int64?], mayJump: Bool) -> [Int64] {
        var times = PresentationTimes(usualDuration: frame, mayJump: mayJump)
        return timestamps.map { times.place(timestamp: $0, duration: 0).presentationTime }
    }

    @Test func timesAreTakenAsTheyAre() {
        #expect(
            Self.place([0, 500_000_000, 30_000_000_000], mayJump: false) == [0, 500_000_000, 30_000_000_000])
        var times = PresentationTimes(usualDuration: Self.frame, mayJump: false)
        let known = times.place(timestamp: 0, duration: 20_000_000)
        #expect(known == ReadFrame(presentationTime: 0, duration: 20_000_000))
        let unknown = times.place(timestamp: 20_000_000, duration: 0)
        #expect(unknown.duration == Self.frame)
    }

    @Test func timesThatAreMissingOrGoBackFollowOn() {
        let times = Self.place([nil, nil, 10, -5_000_000_000, 200_000_000], mayJump: false)
        #expect(times == [0, 40_000_000, 80_000_000, 120_000_000, 200_000_000])
    }

    /// A transport stream that counts anew in the middle plays on.
    @Test func countsThatBeginAnewAreBridged() {
        let times = Self.place([1_000_000_000, 80_000_000_000, 80_040_000_000, 0, 40_000_000], mayJump: true)
        #expect(times == [1_000_000_000, 1_040_000_000, 1_080_000_000, 1_120_000_000, 1_160_000_000])
    }

    @Test func aLoopGoesOnGrowing() {
        var loop = LoopPosition(repeats: true, begunAnew: false)
        let layout = FrameLayout(packed: .xrgb8888, size: PixelSize(width: 1, height: 1))
        var times: [Int64] = []
        var iterations: [Int] = []
        for _ in 0..<3 {
            for time: Int64 in [0, 100, 250] {
                let report = loop.report(ReadFrame(presentationTime: time, duration: 50), buffer: 1, layout: layout)
                times.append(report.presentationTime)
                iterations.append(report.iteration)
                #expect(!report.discontinuity)
            }
            let again = loop.beginAgain(after: (3, 300))
            #expect(again)
        }
        #expect(times == [0, 100, 250, 300, 400, 550, 600, 700, 850])
        #expect(iterations == [0, 0, 0, 1, 1, 1, 2, 2, 2])
    }

    @Test func whatShowsNothingNewIsNotRepeated() {
        let layout = FrameLayout(packed: .xrgb8888, size: PixelSize(width: 1, height: 1))
        var single = LoopPosition(repeats: true, begunAnew: true)
        let report = single.report(ReadFrame(presentationTime: 0, duration: 50), buffer: 1, layout: layout)
        #expect(report.discontinuity)
        // The one frame may have been the last of many: only a whole iteration tells.
        let again = single.beginAgain(after: (1, 50))
        #expect(again)
        let andAgain = single.beginAgain(after: (1, 50))
        #expect(!andAgain)
        var none = LoopPosition(repeats: true, begunAnew: false)
        let never = none.beginAgain(after: (0, 0))
        #expect(!never)
    }

    /// What was skipped as late counts as what was shown.
    @Test func aLateLoopKeepsItsLength() {
        let layout = FrameLayout(packed: .xrgb8888, size: PixelSize(width: 1, height: 1))
        var loop = LoopPosition(repeats: true, begunAnew: false)
        _ = loop.report(ReadFrame(presentationTime: 0, duration: 50), buffer: 1, layout: layout)
        let again = loop.beginAgain(after: (3, 150))
        #expect(again)
        let report = loop.report(ReadFrame(presentationTime: 0, duration: 50), buffer: 1, layout: layout)
        #expect(report.presentationTime == 150)
        #expect(report.iteration == 1)
    }

    @Test func absurdTimesStayWithinAMessage() throws {
        let frame = ReadFrame(presentationTime: 1 << 59, duration: 1 << 59)
        #expect(frame.end == (1 << 59) + ReadFrame.longestStay)
        let layout = FrameLayout(packed: .xrgb8888, size: PixelSize(width: 1, height: 1))
        var loop = LoopPosition(repeats: true, begunAnew: false)
        for _ in 0..<5 {
            let answer = DecoderAnswer.frame(session: 1, loop.report(frame, buffer: 1, layout: layout))
            #expect(try DecoderAnswer.decode(answer.encoded()) == answer)
            let again = loop.beginAgain(after: (2, frame.end))
            #expect(again)
        }
        #expect(
            Self.place([0, 40_000_000, 1 << 59, 120_000_000], mayJump: false) == [
                0, 40_000_000, 80_000_000, 120_000_000,
            ])
    }

    @Test func savingGrowsWithLateness() {
        #expect(LatePolicy.advice(lateness: -1) == .decode(.nothing))
        #expect(LatePolicy.advice(lateness: 0) == .decode(.nothing))
        #expect(LatePolicy.advice(lateness: 100_000_000) == .decode(.unreferenced))
        #expect(LatePolicy.advice(lateness: 1_000_000_000) == .decode(.loopFilter))
        #expect(LatePolicy.advice(lateness: 5_000_000_000) == .jump)
    }

    @Test func memoryIsEstimated() {
        let hd = VideoCost(
            codec: AV_CODEC_ID_H264, format: AV_PIX_FMT_YUV420P, size: PixelSize(width: 1920, height: 1080), level: 40,
            delay: 2)
        #expect(throws: Never.self) { try hd.admit(limit: 160_000_000, beside: 0) }
        let refusal = #expect(throws: DecodeFailure.self) { try hd.admit(limit: 20_000_000, beside: 0) }
        #expect(refusal?.code == .tooLarge)
        #expect(refusal?.reason.contains("the limit is 20 MB") == true)
        let absurd = VideoCost(
            codec: AV_CODEC_ID_GIF, format: AV_PIX_FMT_BGRA, size: PixelSize(width: 60_000, height: 60_000), level: 0,
            delay: 0)
        #expect(throws: DecodeFailure.self) { try absurd.admit(limit: .max, beside: 0) }
    }
}
