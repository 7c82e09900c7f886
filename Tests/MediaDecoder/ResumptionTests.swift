import LinuxSystem
import Testing

@testable import MediaDecoder

@Suite struct ResumptionTests {
    private let begin = MonotonicInstant(nanoseconds: 5_000_000_000)

    @Test func leavesOutWhatLiesBefore() {
        var resumption = Resumption(at: 2_000_000_000)
        #expect(resumption.advice(end: 1_400_000_000, at: begin) == .unreferenced)
        #expect(resumption.advice(end: 1_900_000_000, at: begin) == .nothing)
        #expect(resumption.advice(end: 2_000_000_000, at: begin) == .nothing)
        #expect(resumption.advice(end: 2_040_000_000, at: begin) == nil)
    }

    @Test func aSlowBoardShowsWhatItHas() {
        var resumption = Resumption(at: 100_000_000_000)
        #expect(resumption.advice(end: 40_000_000, at: begin) == .unreferenced)
        let late = begin.advanced(by: Resumption.patience)
        #expect(resumption.advice(end: 9_000_000_000, at: late) == nil)
    }
}
