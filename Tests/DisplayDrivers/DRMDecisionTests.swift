@testable import DisplayDrivers
import Frames
import KMS
import LinuxSystem
import Testing

/// Decisions that are plain values.
@Suite struct DRMDecisionTests {
    @Test func modeText() {
        #expect(
            DisplayMode("1920x1080@50") == DisplayMode(size: PixelSize(width: 1_920, height: 1_080), millihertz: 50_000)
        )
        #expect(DisplayMode("1280x720@59.94")?.millihertz == 59_940)
        #expect(DisplayMode("1280x720")?.millihertz == 0)
        for text in ["", "x", "1280", "1280x", "0x720", "1280x720@", "1280x720@0", "1280x720@nan", "1x2x3", "1x2@3@4"] {
            #expect(DisplayMode(text) == nil, "\(text)")
        }
    }

    @Test func modeChoice() {
        let (full, other) = (testMode(1_920, 1_080), testMode(1_920, 1_080, hertz: 50))
        let (preferred, old) = (testMode(1_680, 1_050, preferred: true), testMode(1_024, 768))
        func choice(_ modes: [KMSMode], _ wanted: String? = nil, edid: Bool = true) -> ModeChoice? {
            ModeChoice.choose(from: modes, wanted: wanted.flatMap { DisplayMode($0) }, hasEDID: edid)
        }
        #expect(choice([old, full, preferred])?.mode == preferred)
        #expect(choice([old, other, full])?.mode == full)
        #expect(choice([testMode(3_840, 2_160), full, old])?.mode == full)
        #expect(choice([full, preferred, other], "1920x1080@50")?.mode == other)
        #expect(choice([full, preferred, other], "1920x1080")?.mode == full)
        #expect(choice([full, preferred], "800x600@60")?.note != nil)
        #expect(choice([full, preferred], "800x600@60")?.mode == preferred)
        #expect(choice([old, testMode(800, 600)], edid: false)?.note != nil)
        #expect(choice([]) == nil)
        var interlaced = full
        interlaced.flags |= 1 << 4
        #expect(choice([interlaced, testMode(1_280, 720)])?.mode.height == 720)
    }

    @Test func edidTellsNameAndSize() {
        let screen = EDID(testEDID)
        #expect(screen?.title == "Vitrine")
        #expect(screen?.millimetres?.width == 708 && screen?.millimetres?.height == 398)
        #expect(EDID(edid(name: nil, width: 708, height: 398, manufacturer: "GSM"))?.title == "GSM")
        // Televisions that give 16:9 for a size.
        #expect(EDID(edid(name: "TV", width: 160, height: 90))?.millimetres == nil)
        var broken = testEDID
        broken[20] ^= 1
        #expect(EDID(broken) == nil)
        #expect(EDID([]) == nil)
        #expect(EDID(Array(testEDID.prefix(100))) == nil)
    }

    @Test func pacingByTimerWhereNoBlankIsCounted() {
        var pacer = FlipPacer(interval: .milliseconds(20))
        let start = MonotonicInstant(nanoseconds: 1_000_000_000)
        _ = pacer.finished(committed: start, time: start, now: start)
        let soon = start.advanced(by: .milliseconds(1))
        let second = pacer.finished(committed: soon, time: soon, now: soon)
        #expect(second.source == .timer && second.time == start.advanced(by: .milliseconds(20)))
        #expect(pacer.commitTime(now: soon, notBefore: soon) == start.advanced(by: .milliseconds(40)))
    }

    @Test func pacingAimsAtTheRefreshAtOrAfter() {
        var pacer = FlipPacer(interval: .milliseconds(20))
        let start = MonotonicInstant(nanoseconds: 1_000_000_000)
        #expect(pacer.commitTime(now: start, notBefore: start) == start)
        _ = pacer.finished(committed: start, time: start, now: start)
        #expect(pacer.commitTime(now: start, notBefore: start.advanced(by: .milliseconds(20))) == start)
        #expect(
            pacer.commitTime(now: start, notBefore: start.advanced(by: .milliseconds(41)))
                == start.advanced(by: .milliseconds(50)))
    }

    @Test func escalation() {
        var escalation = FlipEscalation()
        var steps: [FlipEscalation.Step] = [escalation.step]
        var total = Duration.zero
        while escalation.step != .giveUp {
            total += escalation.deadline(interval: .milliseconds(20))
            escalation.timedOut()
            steps.append(escalation.step)
        }
        #expect(steps == [.flip, .modeSet, .giveUp])
        #expect(total < .seconds(2))
    }

    @Test func aBouncingLinkIsNotUnplugged() {
        var link = LinkWatch(settling: .seconds(1))
        let start = MonotonicInstant(nanoseconds: 0)
        #expect(link.saw(connected: true, at: start) == .none)
        #expect(link.saw(connected: false, at: start) == .lookAgain(start.advanced(by: .seconds(1))))
        #expect(link.saw(connected: true, at: start.advanced(by: .milliseconds(300))) == .setMode)
        #expect(link.saw(connected: false, at: start.advanced(by: .seconds(5))) != .lost)
        #expect(link.saw(connected: false, at: start.advanced(by: .seconds(6))) == .lost)
    }

    @Test(arguments: [0, 90, 180, 270]) func rectanglesTurnInsideTheScreen(_ degrees: Int) {
        let turn = PictureTurn(degrees: degrees, size: PixelSize(width: 40, height: 30))
        let area = turn.turned(PixelRectangle(x: 3, y: 5, width: 7, height: 11))
        #expect(area.size.pixelCount == 77)
        #expect(area.intersection(PixelRectangle(turn.target)) == area)
    }
}
