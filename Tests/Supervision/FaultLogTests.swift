import Foundation
import LinuxSystem
import Logging
import Synchronization
import SystemPackage
import Testing

@testable import Supervision

@Suite struct FaultRecordTests {
    let record = FaultRecord(
        number: 42, time: "2026-11-21T08:40:12Z", uptime: 37, kind: .begin, text: "storage: The card is full.")

    @Test func isALineOfText() throws {
        let line = record.line()
        #expect(line.count == 512)
        let text = String(decoding: line, as: UTF8.self)
        #expect(text.hasPrefix("00000042 2026-11-21T08:40:12Z +37s begin storage: The card is full.  "))
        #expect(text.hasSuffix("\n"))
        #expect(text.split(separator: "\n").count == 1)
        #expect(FaultRecord(line: line[...]) == record)
    }

    @Test(arguments: [
        "", "one\ntwo\u{7}", String(repeating: "ä", count: 400), String(repeating: "🦊", count: 300), "ends in 🦊",
    ])
    func anyTextFits(text: String) throws {
        var other = record
        other.text = text
        let line = other.line()
        #expect(line.count == 512)
        #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        let read = try #require(FaultRecord(line: line[...]))
        #expect(read.number == 42)
        #expect(text.hasPrefix(read.text) || read.text == "one two")
    }

    @Test func aSpoiledLineIsNone() {
        let line = record.line()
        for position in stride(from: 0, to: 512, by: 7) {
            var spoiled = line
            spoiled[position] ^= 1
            #expect(FaultRecord(line: spoiled[...]) == nil)
        }
        #expect(FaultRecord(line: FaultRing.empty[..<512]) == nil)
        #expect(FaultRecord(line: [UInt8](repeating: 0, count: 512)[...]) == nil)
        #expect(FaultRecord(line: line.dropLast()) == nil)
    }
}

@Suite struct FaultRingTests {
    private func record(_ number: Int, _ kind: FaultRecord.Kind = .event, _ text: String = "x", up: Int = 0)
        -> FaultRecord
    {
        FaultRecord(number: number, time: "t", uptime: up, kind: kind, text: text)
    }

    @Test func theOldestGoFirst() {
        var bytes = FaultRing.empty
        #expect(bytes.count == 256 * 1_024)
        #expect(FaultRing(bytes).next == 1)
        for number in 1...1_000 {
            let offset = FaultRing.offset(of: number)
            bytes.replaceSubrange(offset..<offset + 512, with: record(number).line())
        }
        #expect(bytes.count == 256 * 1_024)
        let ring = FaultRing(bytes)
        #expect(ring.records.map(\.number) == Array(489...1_000))
        #expect(ring.next == 1_001)
        // A line that a power cut spoiled costs itself alone.
        bytes[FaultRing.offset(of: 1_000) + 40] = 0
        #expect(FaultRing(bytes).records.map(\.number) == Array(489...999))
    }

    @Test func aStartTellsWhatWentBefore() {
        var ring = FaultRing()
        let first = ring.start(version: "1.2", boot: "aaaaaaaa-1")
        #expect(first.kind == .boot)
        #expect(first.text == "vitrine 1.2, boot aaaaaaaa")
        ring.add(record(1, first.kind, first.text))
        let again = ring.start(version: "1.2", boot: "aaaaaaaa-1")
        #expect(again.kind == .start)
        #expect(again.text.hasSuffix("after the daemon died"))
        ring.add(record(2, again.kind, again.text))
        let cut = ring.start(version: "1.2", boot: "bbbbbbbb-1")
        #expect(cut.kind == .boot)
        #expect(cut.text.hasSuffix("after a power cut"))
        ring.add(record(3, .stop))
        let asked = ring.start(version: "1.3", boot: "bbbbbbbb-1")
        #expect(asked.text == "vitrine 1.3, boot bbbbbbbb")
    }

    @Test func countsWhatThisBootWrote() {
        var ring = FaultRing()
        ring.add(record(1, .boot, "vitrine 1, boot aaaaaaaa", up: 9))
        ring.add(record(2, up: 20))
        ring.add(record(3, .boot, "vitrine 1, boot bbbbbbbb", up: 8))
        ring.add(record(4, up: 30))
        ring.add(record(5, .start, "vitrine 1, boot bbbbbbbb", up: 40))
        #expect(ring.uptimes(ofBoot: "bbbbbbbb") == [8, 30, 40])
        #expect(ring.uptimes(ofBoot: "cccccccc") == [])
    }
}

@Suite struct FaultBudgetTests {
    /// At which of these uptimes a record was written.
    private func admitted(_ budget: inout FaultBudget, _ key: String, at times: [Int]) -> [Int] {
        times.filter { budget.admit(key, at: $0) }
    }

    @Test func oneFaultThatComesAndGoesIsCut() {
        var budget = FaultBudget()
        let card = admitted(&budget, "card", at: (0..<100).map { 10 * $0 })
        #expect(card == [0, 10, 20, 30, 40, 50])
        let other = admitted(&budget, "other", at: [1_000])
        #expect(other == [1_000])
        let leftOut = [budget.takeLeftOut(), budget.takeLeftOut()]
        #expect(leftOut == [94, 0])
        // An hour after the first ones.
        let later = admitted(&budget, "card", at: [3_599, 3_600])
        #expect(later == [3_600])
    }

    @Test func allTogetherAreCutToo() {
        var budget = FaultBudget()
        let written = (0..<1_000).filter { budget.admit("\($0)", at: 5) }
        #expect(written == Array(0..<40))
        let later = admitted(&budget, "late", at: [3_604, 3_605])
        #expect(later == [3_605])
    }

    @Test func aDaemonThatDiesAgainAndAgainHasNoBudgetOfItsOwn() {
        var budget = FaultBudget(written: [Int](repeating: 100, count: 40))
        let written = admitted(&budget, "start", at: [200, 3_700])
        #expect(written == [3_700])
    }
}

@Suite(.timeLimit(.minutes(1))) struct FaultLogTests {
    let folder: URL
    let path: FilePath
    let clock = ManualClock()

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("vitrine-faults-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = FilePath(folder.path).appending("faults.log")
    }

    private func open(boot: String = "aaaaaaaa", log: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        -> FaultLog
    {
        FaultLog(path, boot: boot, clock: clock, time: { "2026-11-21T08:40:12Z" }, log: log)
    }

    @Test func survivesRestartsAndPowerCuts() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let first = open()
        first.started(version: "1")
        first.note(.begin, key: "card", "storage: full")
        first.note(.end, key: "card", "storage: full")
        await first.stopped()
        #expect(await first.written() == 4)
        let second = open(boot: "bbbbbbbb")
        second.started(version: "1")
        await second.settle()
        let third = open(boot: "cccccccc")
        third.started(version: "2")
        let records = await third.records()
        #expect(records.map(\.kind) == [.boot, .begin, .end, .stop, .boot, .boot])
        #expect(records.map(\.number) == Array(1...6))
        #expect(records[1].text == "storage: full")
        #expect(records[4].text == "vitrine 1, boot bbbbbbbb")
        #expect(records[5].text == "vitrine 2, boot cccccccc, after a power cut")
        #expect(try FileManager.default.attributesOfItem(atPath: path.string)[.size] as? Int == 256 * 1_024)
    }

    @Test func aFlutteringFaultDoesNotWearTheCard() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let log = open()
        log.started(version: "1")
        for _ in 0..<500 {
            log.note(.begin, key: "cable", "display: unplugged")
            log.note(.end, key: "cable", "display: unplugged")
            clock.advance(by: .seconds(1))
        }
        // The clock moves while the queue works; at most so many of one fault all the same.
        await log.settle()
        #expect(await log.written() == 7)
        log.note(.event, key: "other", "something else")
        #expect(await log.records().last?.text == "something else (994 before it were left out)")
    }

    @Test func anythingInTheFileIsTaken() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        for content in [Data(), Data("no log at all\n".utf8), Data(repeating: 0xFF, count: 256 * 1_024)] {
            try content.write(to: URL(fileURLWithPath: path.string))
            let log = open()
            log.started(version: "1")
            #expect(await log.records().map(\.kind) == [.boot])
            #expect(await log.written() == 1)
        }
    }

    @Test func aCardThatCannotBeWrittenIsSaidOnce() async throws {
        let lines = Mutex(0)
        struct Counter: LogHandler {
            let count: @Sendable () -> Void
            var metadata: Logger.Metadata = [:]
            var logLevel: Logger.Level = .trace
            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }
            func log(event: LogEvent) { count() }
        }
        try FileManager.default.removeItem(at: folder)
        let log = open(log: Logger(label: "test") { _ in Counter { lines.withLock { $0 += 1 } } })
        log.started(version: "1")
        log.note(.event, key: "a", "one")
        // What cannot be kept is known as long as this daemon lives.
        #expect(await log.records().map(\.kind) == [.boot, .event])
        #expect(lines.withLock { $0 } == 1)
        #expect(await log.written() == 0)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        log.note(.event, key: "b", "two")
        #expect(await log.written() == 1)
        #expect(lines.withLock { $0 } == 2)
    }
}
