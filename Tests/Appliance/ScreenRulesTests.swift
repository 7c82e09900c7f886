import BoardSupport
import LinuxSystem
import Playback
import Testing
import WebInterface

@testable import Appliance
@testable import Intake

@Suite struct ScreenRulesTests {
    func fault(_ part: String) -> StatusFault { StatusFault(part: part, detail: "It fails.", suggestion: "Mend it.") }

    @Test(arguments: [
        (BootReport.DataState.readOnly, ScreenMessage.Severity.critical, true),
        (.absent, .critical, true), (.repaired, .informational, false), (.erased, .informational, false),
    ])
    func theDataPartitionIsNamed(
        state: BootReport.DataState, severity: ScreenMessage.Severity, lasts: Bool
    ) throws {
        let boot = BootReport(dataState: state, dataDetail: "its file system is damaged and could not be mended")
        let faults = ScreenRules.faults(of: boot)
        #expect((faults.count == 1) == lasts)
        let lasting = faults.first.flatMap { ScreenRules.message(of: $0.fault, key: $0.key) }
        let message = try #require(lasting ?? ScreenRules.message(of: boot))
        #expect(message.severity == severity)
        #expect((message.returns != nil) == lasts)
        #expect(message.stays != nil)
        if lasts { #expect(message.title.hasSuffix("could not be mended")) }
    }

    @Test(arguments: [BootReport.DataState.ok, .made, .grown, nil])
    func aGoodStartIsNotTalkedAbout(state: BootReport.DataState?) {
        let boot = BootReport(dataState: state, dataDetail: "mounted as it was")
        #expect(ScreenRules.faults(of: boot).isEmpty)
        #expect(ScreenRules.message(of: boot) == nil)
    }

    /// The data are there, and something about them is not as it should be.
    @Test(arguments: [
        (BootReport.Remark.Kind.small, "Only a part of the card can be used: so much"),
        (.lost, "Something on the card may be lost: so much"), (.unchecked, "The card could not be checked: so much"),
    ])
    func remarksOfTheStartAreSaid(kind: BootReport.Remark.Kind, title: String) throws {
        let boot = BootReport(dataState: .ok, dataDetail: "mounted", remarks: [.init(kind, "so much")])
        let faults = ScreenRules.faults(of: boot)
        let fault = try #require(faults.first)
        let message = try #require(ScreenRules.message(of: fault.fault, key: fault.key))
        #expect(faults.count == 1 && fault.fault.part == "storage")
        #expect(message.title == title && message.severity == .informational)
        #expect(message.detail?.isEmpty == false)
    }

    /// However well the data is, a person who asked for it to be erased is told that it was not, and why.
    @Test(arguments: [BootReport.DataState.ok, .grown, .repaired, .readOnly, .absent])
    func aWishThatWasNotGrantedIsSaid(state: BootReport.DataState) throws {
        let boot = BootReport(
            dataState: state, dataDetail: "as it was", refusedWish: "the file erase-data cannot be taken off the card")
        let wish = try #require(ScreenRules.faults(of: boot).first { $0.key == ScreenRules.wishKey })
        let message = try #require(ScreenRules.message(of: wish.fault, key: wish.key))
        #expect(message.severity == .critical)
        #expect(message.title == "Nothing was erased: the file erase-data cannot be taken off the card")
    }

    /// A new card is the last resort: the one that is there may begin anew.
    @Test func whatCannotBeReadMayBeginAnew() throws {
        let fault = try #require(ScreenRules.faults(of: BootReport(dataState: .absent)).first?.fault)
        let suggestion = try #require(fault.suggestion)
        for way in ["on the page", "erase-data on the card", "flash a new card"] { #expect(suggestion.contains(way)) }
    }

    @Test func mistakesOnTheCardAreCounted() throws {
        let boot = BootReport(dataState: .ok, cardFaults: ["Line 3: no such key.", "Line 9: no such zone."])
        let faults = ScreenRules.faults(of: boot)
        let fault = try #require(faults.first)
        let message = try #require(ScreenRules.message(of: fault.fault, key: fault.key))
        #expect(faults.count == 1 && message.severity == .critical)
        #expect(message.detail == "Line 3: no such key. Line 9: no such zone.")
        // The page has all of them, and a banner as many as can be read.
        let many = (1...9).map { "vitrine.toml:\($0): time.zone: expected straight quotation marks" }
        let listed = try #require(ScreenRules.faults(of: BootReport(dataState: .ok, cardFaults: many)).first)
        #expect(many.allSatisfy { listed.fault.suggestion?.contains("\($0).") == true })
        let brief = try #require(ScreenRules.message(of: listed.fault, key: listed.key)?.detail)
        #expect(brief.hasPrefix("\(many[0]). \(many[1]). ") && brief.hasSuffix("The page says more."))
        #expect(brief.count < 200)
        #expect(ScreenRules.message(mistakes: []) == nil)
        #expect(ScreenRules.message(mistakes: ["Line 3."])?.detail == "Line 3.")
    }

    @Test func settingsThatWereNotAppliedAreSaid() throws {
        let fault = try #require(ScreenRules.faults(of: BootReport(dataState: .ok, cardIsUnreported: true)).first)
        let message = try #require(ScreenRules.message(of: fault.fault, key: fault.key))
        #expect(message.severity == .critical)
        #expect(message.title == "The settings of the card could not be applied")
        #expect(message.detail?.hasPrefix("Switch off and on again.") == true)
    }

    @Test(arguments: [
        ("network", ScreenMessage.Severity.critical), ("storage", .critical), ("configuration", .critical),
        ("power", .critical), ("board", .informational), ("buttons", .informational), ("sandbox", nil),
        ("display", nil), ("decoder", nil),
    ])
    func eachPartHasItsLoudness(part: String, severity: ScreenMessage.Severity?) {
        let message = ScreenRules.message(of: fault(part), key: "x")
        #expect(message?.severity == severity)
        if let message {
            #expect(message.title == "It fails." && message.detail == "Mend it.")
            // Nothing stands on the screen for ever.
            #expect(message.stays != nil)
        }
    }

    @Test func aCheckIsSeenWhileItRuns() {
        var job = IntakeJob(id: 3, name: "cat.mp4", kind: .check, state: .queued, progress: 0, createdAt: 0)
        #expect(ScreenRules.message(of: job, at: 0) == nil)
        job.state = .running
        job.startedAt = 500
        job.progress = 0.5
        // A photo is over by then.
        #expect(ScreenRules.message(of: job, at: 1_499) == nil)
        #expect(ScreenRules.message(of: job, at: 1_500)?.title == "Checking cat.mp4")
        #expect(ScreenRules.message(of: job, at: 1_500)?.progress == 0.5)
        job.state = .done
        #expect(ScreenRules.message(of: job, at: 1_500) == nil)
        job.state = .failed
        job.reason = "It is cut off."
        job.suggestion = "Upload it again."
        #expect(ScreenRules.message(of: job, at: 0)?.detail == "It is cut off. Upload it again.")
        #expect(ScreenRules.message(of: job, at: 0)?.key == ScreenRules.jobKey(3))
    }

    @Test func anUploadTellsHowFarItIs() {
        #expect(ScreenRules.upload("u", name: "cat.mp4", byteCount: 25, of: 100).progress == 0.25)
        #expect(ScreenRules.upload("u", name: "cat.mp4", byteCount: 0, of: 0).progress == 1)
        let endless = ScreenRules.upload("u", name: "cat.mp4", byteCount: 5 << 20, of: nil)
        #expect(endless.progress == nil && endless.detail == "5 MB so far")
    }

    @Test func bytesAreCountedAfterASecond() async throws {
        let clock = ManualClock()
        let told = Announcements<[Int]>([])
        let (bytes, feed) = AsyncStream.makeStream(of: [UInt8].self)
        let counted = CountedChunks(base: bytes, offset: 100, size: 1_000, clock: clock) { count in
            told.announce((told.latest ?? []) + [count])
        }
        var chunks = counted.makeAsyncIterator()
        for size in [100, 100] { feed.yield(Array(repeating: 1, count: size)) }
        #expect(try await chunks.next()?.count == 100)
        #expect(told.latest == [])
        clock.advance(by: .seconds(1))
        #expect(try await chunks.next()?.count == 100)
        #expect(told.latest == [300])
        // Less than a hundredth is nothing to tell.
        feed.yield([1, 2, 3])
        #expect(try await chunks.next() == [1, 2, 3])
        #expect(told.latest == [300])
        feed.finish()
        #expect(try await chunks.next() == nil)
    }

    @Test func faultsAreAnnouncedWithTheirKeys() async throws {
        let board = FaultBoard()
        var changes = board.changes().makeAsyncIterator()
        #expect(await changes.next() == [:])
        board.begin("wifi", part: "network", detail: "It fails.", suggestion: "Mend it.")
        #expect(await changes.next() == ["wifi": fault("network")])
        #expect(board.has("wifi"))
        board.end("wifi")
        #expect(await changes.next() == [:])
    }
}
