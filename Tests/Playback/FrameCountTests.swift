import Testing

@testable import Playback

/// Which frames were lost, told by those that came.
@Suite struct FrameCountTests {
    @Test(
        arguments: [
            // Twenty-five frames a second, one after the other; rounded times; one lost; three lost.
            (40, 40, 40, 0), (40, 41, 40, 0), (40, 80, 40, 1), (40, 160, 40, 3),
            // An animation's frames have lengths of their own: a long one before a short one is none lost.
            (200, 200, 50, 0), (50, 50, 200, 0), (200, 250, 50, 1),
            // Nothing is known of the length, or time goes backwards.
            (40, 400, 0, 0), (40, 20, 40, 0),
        ])
    func missing(end: Int, next: Int, length: Int, expected: Int) {
        #expect(
            FrameCounts.missing(
                between: .milliseconds(end), and: .milliseconds(next), each: .milliseconds(length)) == expected)
    }
}
