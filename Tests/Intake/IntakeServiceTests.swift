import DecoderClient
import DecoderProtocol
import Foundation
import MediaIndex
import Synchronization
import SystemPackage
import Testing

@testable import Intake

@Suite struct IntakeServiceTests {
    private func upload(_ intake: TestIntake, _ name: String, seed: UInt64 = 1) async throws -> MediumID {
        try await intake.uploads.put(name: name, size: nil, bytes: Pieces(noise(5000, seed: seed))).id
    }

    private func settled(_ intake: TestIntake, _ ids: [MediumID]) async throws -> Bool {
        for id in ids where try await intake.library.medium(id).state == .processing { return false }
        return true
    }

    @Test func adoptsOneAfterTheOther() async throws {
        let intake = try await TestIntake.open()
        var slow = ScriptedMedium.moving(.video, width: 1920, height: 1080, frames: 100, framesPerSecond: 30)
        slow.report = CheckReport(frames: 100, decodeRate: 7.4, partial: false)
        let decoder = ScriptedDecoder([
            "a.jpg": .photo(), "b.gif": .moving(.animation, frames: 10), "c.mp4": slow,
        ])
        let jobs = JobBoard()
        let ids = [
            try await upload(intake, "a.jpg", seed: 1), try await upload(intake, "b.gif", seed: 2),
            try await upload(intake, "c.mp4", seed: 3),
        ]
        try await intake.run(intake.service(decoder, jobs)) { try await self.settled(intake, ids) }
        let media = try await intake.library.index.playable()
        #expect(media.map(\.id) == ids)
        #expect(media.map(\.suffix) == ["jpg", "gif", "mp4"])
        let video = try await intake.library.medium(ids[2])
        #expect(video.reason == "plays at 7 of 30 frames/s here")
        #expect(video.decodeRate == 7.4)
        #expect(video.kind == .video && video.width == 1920)
        for id in ids { _ = try await intake.library.thumbnail(id) }
        #expect(decoder.events.allSatisfy { if case .opened(_, let role) = $0 { role == .intake } else { true } })
        #expect(decoder.openSessions.isEmpty)
        #expect(try FolderEntries.names(in: intake.library.folder.uploads) == [])
        #expect(try await intake.close() == [])
    }

    @Test func refusesWhatIsBroken() async throws {
        let intake = try await TestIntake.open()
        let failure = DecodeFailure(code: .broken, reason: "the file is cut off", suggestion: "Upload it again")
        let decoder = ScriptedDecoder([
            "broken.mp4": ScriptedMedium.moving(frames: 5).failing(.check, .failed(failure)),
            "crash.mp4": ScriptedMedium.moving(frames: 5).failing(.check, .died(how: "SIGSEGV", ownDoing: true)),
            "no thumbnail.jpg": ScriptedMedium.photo().failing(.thumbnail, .failed(failure)),
        ])
        let jobs = JobBoard()
        let ids = [
            try await upload(intake, "broken.mp4", seed: 1), try await upload(intake, "crash.mp4", seed: 2),
            try await upload(intake, "nothing known.xyz", seed: 3),
            try await upload(intake, "no thumbnail.jpg", seed: 4),
        ]
        try await intake.run(intake.service(decoder, jobs)) { try await self.settled(intake, ids) }
        var media: [Medium] = []
        for id in ids { media.append(try await intake.library.medium(id)) }
        #expect(media.map(\.state) == [.rejected, .rejected, .rejected, .ready])
        #expect(media[0].reason == "the file is cut off" && media[0].suggestion == "Upload it again")
        #expect(media[1].reason == "the decoder crashed on it twice (SIGSEGV)")
        let opened = decoder.events.filter { $0 == .opened(name: "crash.mp4", role: .intake) }
        #expect(opened.count == 2)
        #expect(jobs.job(of: ids[1])?.state == .failed)
        #expect(try FolderEntries.names(in: intake.library.folder.uploads) == [])
        #expect(try await intake.close() == [])
    }

    /// No decoder, or one killed from outside: the file waits, and is checked once that is over.
    @Test(arguments: [DecoderError.cannotStart(reason: "missing"), .died(how: "SIGKILL", ownDoing: false)])
    func waitsOutWhatIsNotTheFilesFault(error: DecoderError) async throws {
        let intake = try await TestIntake.open()
        let decoder = ScriptedDecoder(["a.jpg": ScriptedMedium.photo().failing(.open, error)])
        let jobs = JobBoard()
        let id = try await upload(intake, "a.jpg")
        let service = intake.service(decoder, jobs)
        try await intake.run(service) {
            let tries = decoder.events.filter { $0 == .opened(name: "a.jpg", role: .intake) }.count
            return tries >= 6 && jobs.job(of: id)?.reason != nil
        }
        #expect(try await intake.library.medium(id).state == .processing)
        decoder.set("a.jpg", to: .photo())
        try await intake.run(intake.service(decoder, jobs)) { try await self.settled(intake, [id]) }
        #expect(try await intake.library.medium(id).state == .ready)
        #expect(try await intake.close() == [])
    }

    @Test func aRestartTakesTheQueueUpAgain() async throws {
        var intake = try await TestIntake.open()
        let id = try await upload(intake, "a.jpg")
        intake = try await intake.reopened()
        let next = intake
        try await next.run(next.service(ScriptedDecoder(["a.jpg": .photo()]))) { try await self.settled(next, [id]) }
        #expect(try await next.library.medium(id).state == .ready)
        try FileManager.default.removeItem(atPath: next.library.folder.thumbnail(id).string)
        try await next.run(next.service(ScriptedDecoder(["a.jpg": .photo()]))) {
            (try? await next.library.thumbnail(id)) != nil
        }
        #expect(try await next.close() == [])
    }

    @Test func whatIsDeletedMeanwhileStaysDeleted() async throws {
        let intake = try await TestIntake.open()
        let decoder = ScriptedDecoder(["a.jpg": .photo()])
        decoder.hold()
        let jobs = JobBoard()
        let id = try await upload(intake, "a.jpg")
        let service = intake.service(decoder, jobs)
        let work = Task { await service.work() }
        while jobs.job(of: id)?.state != .running { await Task.yield() }
        try await intake.library.delete(id)
        decoder.resume()
        while jobs.job(of: id)?.hasEnded != true { await Task.yield() }
        work.cancel()
        await work.value
        #expect(jobs.job(of: id)?.reason == "it was deleted")
        #expect(try await intake.library.page(MediaQuery()).items.isEmpty)
        #expect(try await intake.close() == [])
    }

    private static let full = MediaFault(.noRoom, .system, reason: "the disk is full", suggestion: "Make room")

    /// The index cannot be written once; the file has been moved by then.
    @Test func anAdoptionThatFailedHalfWayIsFinished() async throws {
        let failures = Mutex(1)
        let intake = try await TestIntake.open(
            observer: StepObserver { (step) throws(MediaFault) in
                guard step == .foldersSynchronized else { return }
                let fails = failures.withLock { left in
                    defer { left = 0 }
                    return left > 0
                }
                if fails { throw Self.full }
            })
        let decoder = ScriptedDecoder(["a.jpg": .photo()])
        let jobs = JobBoard()
        let id = try await upload(intake, "a.jpg")
        try await intake.run(intake.service(decoder, jobs)) { jobs.job(of: id)?.hasEnded == true }
        #expect(jobs.job(of: id)?.state == .done)
        #expect(try await intake.library.medium(id).state == .ready)
        #expect(decoder.events.filter { $0 == .opened(name: "a.jpg", role: .intake) }.count == 1)
        #expect(try await intake.close() == [])
    }

    /// The disk refuses for long: the file waits without a loop, and can be deleted for good.
    @Test func anAdoptionThatCannotBeFinishedWaits() async throws {
        let failures = Mutex(0)
        let intake = try await TestIntake.open(
            observer: StepObserver { (step) throws(MediaFault) in
                guard step == .originalMoved || step == .recovered else { return }
                failures.withLock { $0 += 1 }
                throw Self.full
            })
        let jobs = JobBoard()
        let id = try await upload(intake, "a.jpg")
        try await intake.run(intake.service(ScriptedDecoder(["a.jpg": .photo()]), jobs)) {
            failures.withLock { $0 } == 2 && jobs.job(of: id)?.state == .queued
        }
        #expect(jobs.job(of: id)?.reason == Self.full.reason)
        #expect(try await intake.library.medium(id).state == .processing)
        try await intake.library.delete(id)
        let next = try await intake.reopened()
        #expect(next.library.opening == LibraryOpening())
        #expect(try await next.library.page(MediaQuery()).items.isEmpty)
        #expect(try FolderEntries.names(in: next.library.folder.library) == [])
        #expect(try await next.close() == [])
    }
}
