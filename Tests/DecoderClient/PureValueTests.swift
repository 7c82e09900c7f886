import DecoderProtocol
import Frames
import LinuxSystem
import Testing

@testable import DecoderClient

@Suite struct LineSplitterTests {
    @Test func cutsIntoLines() {
        var splitter = LineSplitter()
        #expect(splitter.add(Array("one\ntw".utf8)) == ["one"])
        #expect(splitter.add(Array("o\r\n\nthree".utf8)) == ["two"])
        #expect(splitter.finish() == "three")
        #expect(splitter.finish() == nil)
    }

    @Test func boundsLines() {
        var splitter = LineSplitter()
        let lines = splitter.add(Array(repeating: UInt8(ascii: "x"), count: 10_000) + [10])
        #expect(lines.map(\.utf8.count) == [LineSplitter.lineLimit])
    }

    @Test func takesOutWhatSteersTerminals() {
        var splitter = LineSplitter()
        #expect(splitter.add([27, 91, 51, 49, 109, 65, 7, 10]) == [" [31mA "])
    }
}

@Suite struct LogBudgetTests {
    @Test func admitsSoManyAndCountsTheRest() {
        var budget = LogBudget(lines: 2, per: .seconds(1))
        let admitted = (0..<5).map { _ in budget.admit(at: 0).admitted }
        #expect(admitted == [true, true, false, false, false])
        let next = budget.admit(at: 1_000_000_000)
        #expect(next.admitted && next.droppedBefore == 3)
        let after = budget.admit(at: 2_000_000_000)
        #expect(after.admitted && after.droppedBefore == 0)
    }
}

@Suite struct StallWatchTests {
    @Test func waitsFromTheFirstDebtOrTheLastSign() {
        var watch = StallWatch(limit: .seconds(10))
        let clock = ManualClock()
        let start = clock.now
        watch.update(owed: false, at: start)
        #expect(watch.deadline == nil)
        watch.update(owed: true, at: start)
        clock.advance(by: .seconds(4))
        watch.update(owed: true, at: clock.now)
        #expect(watch.deadline == start.advanced(by: .seconds(10)))
        watch.update(owed: true, heard: true, at: clock.now)
        #expect(watch.deadline == start.advanced(by: .seconds(14)))
        watch.update(owed: false, heard: true, at: clock.now)
        #expect(watch.deadline == nil)
    }
}

@Suite struct SessionMachineTests {
    private func machine(_ role: DecoderRole = .current) -> SessionMachine {
        SessionMachine(id: 1, request: PoolFixture.request, role: role, counts: .init())
    }

    private func count(_ actions: [SessionMachine.Action]) -> Int {
        actions.reduce(0) { if case .allocate(let count, _) = $1 { $0 + count } else { $0 } }
    }

    @Test(arguments: [
        (DecoderRole.current, FakeDecoder.video, 3), (.next, FakeDecoder.video, 2), (.intake, FakeDecoder.video, 0),
        (.current, FakeDecoder.photo, 1), (.next, FakeDecoder.photo, 1),
    ])
    func lendsByKindAndRole(role: DecoderRole, medium: MediumDescription, buffers: Int) throws {
        var machine = machine(role)
        let actions = try machine.received(.opened(session: 1, medium, bufferByteCount: 12_288))
        #expect(count(actions) == buffers)
        let more = machine.startFrames()
        #expect(count(more) == (role == .intake ? 3 : 0))
    }

    @Test func timesNeverRunBack() throws {
        var machine = machine()
        _ = try machine.received(.opened(session: 1, FakeDecoder.video, bufferByteCount: 12_288))
        let buffers = try (0..<3).map { _ in try FrameBuffer(name: "test", byteCount: 12_288) }
        _ = machine.allocated(buffers)
        for (buffer, time) in zip(buffers, [100, 50, 120] as [Int64]) {
            var report = FakeDecoder.report(buffer: buffer.id)
            report.presentationTime = time
            report.duration = -5
            _ = try machine.received(.frame(session: 1, report))
        }
        var times: [Int64] = []
        while case .frame(let report, _) = machine.takeFrame() {
            times.append(report.presentationTime)
            #expect(report.duration == 0)
        }
        #expect(times == [100, 100, 120])
    }

    /// One bad timestamp or duration does not hold the screen.
    @Test func timesThatLeapAreDiscontinuities() throws {
        let second: Int64 = 1_000_000_000
        var machine = machine()
        _ = try machine.received(.opened(session: 1, FakeDecoder.video, bufferByteCount: 12_288))
        let frames: [(time: Int64, duration: Int64)] = [
            (5 * second, second), (16 * second, second), (28 * second, 1 << 59), (690 * second, 0),
            (1 << 60, 1 << 60),
        ]
        let buffers = try frames.map { _ in try FrameBuffer(name: "test", byteCount: 12_288) }
        _ = machine.allocated(buffers)
        for (buffer, frame) in zip(buffers, frames) {
            var report = FakeDecoder.report(buffer: buffer.id)
            report.discontinuity = false
            report.presentationTime = frame.time
            report.duration = frame.duration
            _ = try machine.received(.frame(session: 1, report))
        }
        var reports: [FrameReport] = []
        while case .frame(let report, _) = machine.takeFrame() { reports.append(report) }
        #expect(reports.map(\.discontinuity) == [false, false, true, false, true])
        #expect(reports.map { $0.duration / second } == [1, 1, 660, 0, 660])
        #expect(reports.map(\.presentationTime) == frames.map(\.time))
    }

    @Test func owesWhatItWasAsked() throws {
        var machine = machine(.intake)
        #expect(machine.isOwed)
        _ = try machine.received(.opened(session: 1, FakeDecoder.video, bufferByteCount: 12_288))
        #expect(!machine.isOwed)
        #expect(machine.startCheck(seconds: 1)?.count == 1)
        #expect(machine.isOwed)
        // One job at a time.
        #expect(machine.startCheck(seconds: 1) == nil)
        _ = try machine.received(.checked(session: 1, CheckReport(frames: 1, decodeRate: nil, partial: false)))
        #expect(!machine.isOwed)
        machine.fail(.stalled(after: .seconds(1)))
        #expect(!machine.isOwed)
        let refused = machine.startCheck(seconds: 1)
        #expect(refused == nil)
    }

    @Test func theFirstReasonStays() {
        var machine = machine()
        machine.fail(.stalled(after: .seconds(1)))
        machine.fail(.closed)
        guard case .fail(.stalled) = machine.takeFrame() else {
            Issue.record("another reason")
            return
        }
    }
}

@Suite struct PacketChannelTests {
    @Test func forgetsWhatAPeerThatHungUpIsOwed() throws {
        let ends = try PacketSocket.pair()
        let channel = PacketChannel(ends.nonblocking, loop: try EventLoop(name: "test")) { _ in }
        var outcome = PacketChannel.SendOutcome.sent
        while outcome == .sent { outcome = channel.send([UInt8](repeating: 0, count: 1_024), attached: nil) }
        #expect(outcome == .kept)
        #expect(channel.hasBacklog)
        ends.blocking.shutDown()
        #expect(channel.flush() == .ended)
        #expect(!channel.hasBacklog)
    }
}
