import Crypto
import Foundation
import LinuxSystem
import MediaIndex
import SystemPackage
import Testing

@testable import Intake

@Suite struct UploadTests {
    private func withIntake(
        _ settings: UploadSettings = UploadSettings(reserveByteCount: 0), _ body: (TestIntake) async throws -> Void
    ) async throws {
        let intake = try await TestIntake.open(settings: settings)
        try await body(intake)
        #expect(try await intake.close() == [])
    }

    private func bytes(_ intake: TestIntake, _ id: MediumID) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: intake.library.folder.part(id).string)))
    }

    @Test(arguments: [1, 4095, 4096, 4097, 1_000_000]) func becomesAMedium(byteCount: Int) async throws {
        try await withIntake { intake in
            let content = noise(byteCount)
            let store = intake.uploads
            let upload = try await store.create(name: "a.mp4", size: byteCount, metadata: "filename YS5tcDQ=")
            #expect(upload.offset == 0 && upload.expiresAt != nil && !upload.isComplete)
            let info = try await store.append(to: upload.id, at: 0, bytes: Pieces(content))
            #expect(info.medium == upload.id && info.offset == byteCount)
            let medium = try await intake.library.medium(upload.id)
            #expect(medium.state == .processing)
            #expect(medium.sha256 == FileDigest.hex(SHA256.hash(data: content)))
            #expect(try bytes(intake, upload.id) == content)
            #expect(try await store.info(upload.id) == info)
            // A sender whose answer was lost asks again, or sends an empty piece.
            #expect(try await store.append(to: upload.id, at: byteCount, bytes: Pieces([])).medium == upload.id)
        }
    }

    @Test func goesOnAfterEveryInterruption() async throws {
        var intake = try await TestIntake.open()
        let content = noise(3_000_000)
        let id = try await intake.uploads.create(name: "a.mp4", size: content.count).id
        var offset = 0
        for cut in [1, 300_000, 300_001, 1_000_000, 2_999_999] {
            let store = intake.uploads
            let piece = Array(content[offset..<cut])
            let at = offset
            let code = await fault {
                _ = try await store.append(to: id, at: at, bytes: Pieces(piece, by: 70_000, ending: .breaks))
            }
            #expect(code == .interrupted)
            #expect(try await store.infoForResuming(id).offset == cut)
            if cut == 300_001 || cut == 1_000_000 { intake = try await intake.reopened() }
            #expect(try await intake.uploads.info(id).offset == cut)
            offset = cut
        }
        let info = try await intake.uploads.append(to: id, at: offset, bytes: Pieces(Array(content[offset...])))
        #expect(info.isComplete)
        #expect(try await intake.library.medium(id).sha256 == FileDigest.hex(SHA256.hash(data: content)))
        #expect(try await intake.close() == [])
    }

    @Test func theLastByteCountsEvenIfTheConnectionBreaks() async throws {
        try await withIntake { intake in
            let id = try await intake.uploads.create(name: "a", size: 10).id
            #expect(
                try await intake.uploads.append(to: id, at: 0, bytes: Pieces(noise(10), ending: .breaks)).isComplete)
        }
    }

    @Test func isFinishedByTheNextStart() async throws {
        let intake = try await TestIntake.open()
        let id = try await intake.uploads.create(name: "a", size: 5000).id
        // All bytes were there when the power failed, and nothing said so.
        try Data(noise(5000)).write(to: URL(fileURLWithPath: intake.library.folder.part(id).string))
        let next = try await intake.reopened()
        await next.uploads.finishLeftovers()
        #expect(try await next.uploads.info(id).isComplete)
        #expect(try await next.library.medium(id).state == .processing)
        #expect(try await next.close() == [])
    }

    /// A file that takes an hour to sum does not hold up the end of the daemon.
    @Test(.timeLimit(.minutes(5))) func aStopCallsOffLongSums() async throws {
        let intake = try await TestIntake.open()
        let folder = intake.library.folder
        let size = 1 << 40
        let record = UploadRecord(
            id: intake.library.ids.next(at: intake.library.now()), name: "a", size: size,
            created: intake.library.now(), metadata: nil)
        try StoredRecord.write(record, to: folder.uploadRecord(record.id))
        let part = URL(fileURLWithPath: folder.part(record.id).string)
        try Data(noise(5000)).write(to: part)
        let file = try FileHandle(forWritingTo: part)
        try file.truncate(atOffset: UInt64(size))
        try file.close()
        let next = try await intake.reopened()
        let store = next.uploads
        let work = Task { await store.finishLeftovers() }
        while await store.finishing.isEmpty { await Task.yield() }
        await store.stop()
        await work.value
        #expect(await store.finishing.isEmpty)
        #expect(try await store.info(record.id).offset == size)
        #expect(try await !store.info(record.id).isComplete)
        // A sender that comes now is told to come again.
        #expect(await fault { _ = try await store.infoForResuming(record.id) } == .cancelled)
        #expect(try StoredRecord.read(UploadRecord.self, from: folder.uploadRecord(record.id)).complete == nil)
        try await store.terminate(record.id)
        #expect(try await next.close() == [])
    }

    @Test func mindsTheOffset() async throws {
        try await withIntake { intake in
            let store = intake.uploads
            let id = try await store.create(name: "a", size: 100).id
            for offset in [-1, 1, 100, 1000] {
                #expect(
                    await fault { _ = try await store.append(to: id, at: offset, bytes: Pieces([1])) }
                        == .offsetMismatch)
            }
            #expect(await fault { _ = try await store.append(to: id, at: 0, bytes: Pieces(noise(101))) } == .tooLarge)
            #expect(try await store.info(id).offset == 0)
            try await store.terminate(id)
            #expect(await fault { _ = try await store.info(id) } == .notFound)
            #expect(await fault { try await store.terminate(id) } == .notFound)
        }
    }

    @Test func keepsAPieceWithAChecksumWholeOrNotAtAll() async throws {
        try await withIntake { intake in
            let store = intake.uploads
            let content = noise(900_000)
            let half = Array(content[..<450_000])
            let right = UploadChecksum(algorithm: .sha1, digest: [UInt8](Insecure.SHA1.hash(data: half)))
            let wrong = UploadChecksum(algorithm: .sha256, digest: [UInt8](repeating: 0, count: 32))
            let id = try await store.create(name: "a", size: content.count).id
            #expect(
                await fault { _ = try await store.append(to: id, at: 0, checksum: wrong, bytes: Pieces(half)) }
                    == .checksumMismatch)
            #expect(
                await fault {
                    _ = try await store.append(to: id, at: 0, checksum: right, bytes: Pieces(half, ending: .breaks))
                } == .interrupted)
            #expect(try await store.info(id).offset == 0)
            #expect(try await store.append(to: id, at: 0, checksum: right, bytes: Pieces(half)).offset == 450_000)
            let rest = Array(content[450_000...])
            let last = UploadChecksum(algorithm: .sha256, digest: [UInt8](SHA256.hash(data: rest)))
            #expect(try await store.append(to: id, at: 450_000, checksum: last, bytes: Pieces(rest)).isComplete)
            #expect(try await intake.library.medium(id).sha256 == FileDigest.hex(SHA256.hash(data: content)))
        }
    }

    @Test func aNewRequestTakesOver() async throws {
        try await withIntake { intake in
            let store = intake.uploads
            let content = noise(1000)
            let id = try await store.create(name: "a", size: 1000).id
            let (hanging, reached) = AsyncStream.makeStream(of: Void.self)
            var first = Pieces(Array(content[..<400]), ending: .hangs)
            first.onHanging = { reached.finish() }
            let dead = Task { [first] in await fault { _ = try await store.append(to: id, at: 0, bytes: first) } }
            for await _ in hanging {}
            let offset = try await store.infoForResuming(id).offset
            #expect(offset == 400)
            #expect(await dead.value == .busy)
            #expect(try await store.append(to: id, at: 400, bytes: Pieces(Array(content[400...]))).isComplete)
            #expect(try await intake.library.medium(id).sha256 == FileDigest.hex(SHA256.hash(data: content)))
        }
    }

    @Test func aCancelledRequestKeepsItsBytes() async throws {
        try await withIntake { intake in
            let store = intake.uploads
            let id = try await store.create(name: "a", size: nil).id
            let request = Task {
                await fault {
                    _ = try await store.append(
                        to: id, at: 0, endsUpload: true, bytes: Pieces(noise(400), ending: .hangs))
                }
            }
            request.cancel()
            // The end that a cancelled sequence has is not the end of the file.
            #expect(await request.value == .interrupted)
            #expect(try await !store.info(id).isComplete)
        }
    }

    @Test func putTakesAllOrNothing() async throws {
        try await withIntake(UploadSettings(maximumByteCount: 500_000, reserveByteCount: 0)) { intake in
            let store = intake.uploads
            let medium = try await store.put(name: "a", size: nil, bytes: Pieces(noise(300_000)))
            #expect(medium.sizeBytes == 300_000 && medium.state == .processing)
            let cases: [(Int?, [UInt8], Pieces.Ending, MediaFault.Code)] = [
                (10, noise(5, seed: 2), .normal, .interrupted), (10, noise(5, seed: 2), .breaks, .interrupted),
                (10, noise(11, seed: 2), .normal, .tooLarge), (nil, noise(600_000, seed: 2), .normal, .tooLarge),
                (600_000, [], .normal, .tooLarge), (nil, [], .normal, .notMedia), (0, [], .normal, .notMedia),
                (nil, [UInt8]("<!DOCTYPE html><p>".utf8), .normal, .notMedia), (-1, [], .normal, .invalid),
                (nil, [UInt8](repeating: 0x61, count: 9000), .normal, .notMedia),
            ]
            for (size, bytes, ending, code) in cases {
                let got = await fault {
                    _ = try await store.put(name: "b", size: size, bytes: Pieces(bytes, ending: ending))
                }
                #expect(got == code, "\(size ?? -1) announced, \(bytes.count) sent")
            }
            #expect(try FolderEntries.names(in: intake.library.folder.uploads).count == 2)
        }
    }

    @Test func theSameContentIsKeptOnce() async throws {
        try await withIntake { intake in
            let store = intake.uploads
            let content = noise(200_000)
            let first = try await store.put(name: "a", size: nil, bytes: Pieces(content))
            let id = try await store.create(name: "b", size: content.count).id
            let info = try await store.append(to: id, at: 0, bytes: Pieces(content))
            #expect(info.medium == first.id)
            #expect(try await store.info(id).medium == first.id)
            #expect(try await store.info(id).offset == content.count)
            intake.jump(milliseconds: 86_400_001)
            try await store.expire()
            #expect(await fault { _ = try await store.info(id) } == .notFound)
        }
    }

    @Test func mindsTheRoom() async throws {
        try await withIntake { intake in
            let free = try intake.library.folder.freeBytes()
            let store = intake.uploads
            #expect(await fault { _ = try await store.create(name: "a", size: free * 2) } == .noRoom)
            // What others were promised counts.
            _ = try await store.create(name: "a", size: free / 10 * 6)
            #expect(await fault { _ = try await store.create(name: "b", size: free / 10 * 6) } == .noRoom)
        }
        try await withIntake(UploadSettings(reserveByteCount: 1 << 60)) { intake in
            let store = intake.uploads
            #expect(await fault { _ = try await store.create(name: "a", size: 1) } == .noRoom)
        }
        try await withIntake(UploadSettings(reserveByteCount: 0, maximumCount: 2)) { intake in
            let store = intake.uploads
            for name in ["a", "b"] { _ = try await store.create(name: name, size: 1) }
            #expect(await fault { _ = try await store.create(name: "c", size: 1) } == .noRoom)
        }
    }

    @Test func expiresAfterADay() async throws {
        var intake = try await TestIntake.open()
        let old = try await intake.uploads.create(name: "old", size: 10).id
        // The clock is set when the network comes: that expires nothing of this process.
        intake.jump(milliseconds: 20 * 365 * 86_400_000)
        try await intake.uploads.expire()
        #expect(try await intake.uploads.info(old).offset == 0)
        intake.clock.advance(by: .seconds(86_399))
        try await intake.uploads.expire()
        #expect(try await intake.uploads.info(old).offset == 0)
        let young = try await intake.uploads.create(name: "young", size: 10).id
        intake.clock.advance(by: .seconds(1))
        try await intake.uploads.expire()
        let first = intake
        #expect(await fault { _ = try await first.uploads.info(old) } == .notFound)
        // After a restart only the file's own time is there to tell.
        intake = try await intake.reopened()
        try await intake.uploads.expire()
        #expect(try await intake.uploads.info(young).offset == 0)
        intake.jump(milliseconds: 86_400_000)
        try await intake.uploads.expire()
        let second = intake
        #expect(await fault { _ = try await second.uploads.info(young) } == .notFound)
        #expect(try FolderEntries.names(in: intake.library.folder.uploads) == [])
        #expect(try await intake.close() == [])
    }

    @Test(arguments: [
        "with space.jpg", "\"quotes\" 'n' `ticks`.png", "line\nbreak\r\n.gif", "../../../etc/passwd", "🏖️🎉.heic",
        String(repeating: "é", count: 127) + "x", "שלום עולם.mp4", "%00%2e%2e", "CON", ".", "..", "-rf",
    ])
    func namesAreOnlyNames(name: String) async throws {
        try await withIntake { intake in
            let medium = try await intake.uploads.put(name: name, size: nil, bytes: Pieces(noise(100)))
            #expect(try await intake.library.medium(medium.id).name == name)
            #expect(try await intake.library.page(MediaQuery(text: name)).items.map(\.id) == [medium.id])
            #expect(try FolderEntries.names(in: intake.library.folder.uploads).count == 2)
            try await intake.library.delete(medium.id)
        }
    }

    @Test func refusesLongNames() async throws {
        try await withIntake { intake in
            let store = intake.uploads
            let name = String(repeating: "x", count: 256)
            #expect(await fault { _ = try await store.create(name: name, size: 1) } == .invalid)
        }
    }
}
