import DecoderClient
import DecoderProtocol
import MediaIndex
import Testing

@testable import Intake

@Suite struct ContentSnifferTests {
    @Test(
        arguments: [
            [], [UInt8]("%PDF-1.7 \u{1}".utf8), [0x50, 0x4b, 3, 4, 0, 0], [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0],
            [UInt8]("plain words\n".utf8), [UInt8]("  \n<HTML><body>".utf8), [UInt8]("<svg xmlns=''/>".utf8),
            [UInt8]("#!/bin/sh\n".utf8), [UInt8](String(repeating: "é", count: 3000).utf8), [0x1f, 0x8b, 8, 0],
            [0x4d, 0x5a, 0x90, 0],
        ] as [[UInt8]])
    func refuses(start: [UInt8]) throws {
        let refusal = try #require(ContentSniffer.refusal(of: start))
        #expect(refusal.httpStatus == 415)
    }

    @Test(
        arguments: [
            [0xff, 0xd8, 0xff, 0xe0], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], [UInt8]("GIF89a\u{1}\0".utf8),
            [0, 0, 0, 0x18] + [UInt8]("ftypheic".utf8), [0x1a, 0x45, 0xdf, 0xa3],
            [UInt8]("RIFF\u{10}\0\0\0WEBPVP8 ".utf8),
            [0x42, 0x4d, 0x36, 0, 0, 0], [0x49, 0x49, 0x2a, 0], [0x47, 0x40, 0, 0x10], [0xe9, 0x20, 0x41], noise(4096),
        ] as [[UInt8]])
    func letsPass(start: [UInt8]) { #expect(ContentSniffer.refusal(of: start) == nil) }
}

@Suite struct CheckVerdictTests {
    @Test(arguments: [
        ("jpeg", "a.JPEG", "jpeg"), ("jpeg", "a.png", "jpg"), ("jpeg_pipe", "a", "jpg"),
        ("mov,mp4,m4a,3gp,3g2,mj2", "a.MOV", "mov"), ("mov,mp4,m4a,3gp,3g2,mj2", "a.jpg", "mp4"),
        ("matroska,webm", "a.webm", "webm"), ("matroska,webm", "a", "mkv"), ("png", "../../x.sh", "png"),
        ("strange", "a.xyz", "xyz"), ("strange", "a", "strange"), ("Strange Thing", "a", "bin"),
        ("webp", "a.gif", "webp"),
    ])
    func choosesTheSuffix(format: String, name: String, suffix: String) {
        #expect(CheckVerdict.suffix(format: format, name: name) == suffix)
    }

    @Test(
        arguments: [
            (.video, 30.0, 7.9, "plays at 7 of 30 frames/s here"), (.video, 29.97, 29.5, nil),
            (.video, 25, 250, nil), (.animation, 30, 7, nil),
        ] as [(DecoderProtocol.MediumKind, Double, Double, String?)])
    func warnsOfSlowVideo(kind: DecoderProtocol.MediumKind, rate: Double, decoded: Double, reason: String?) {
        let description = MediumDescription(
            kind: kind, format: "mp4", width: 1920, height: 1080, rotation: 0, durationNanoseconds: 2_500_000_000,
            frameRate: rate, seekable: true, streams: [], takenAt: 1_700_000_000)
        let checked = CheckVerdict.medium(
            name: "a", description, CheckReport(frames: 1, decodeRate: decoded, partial: true), thumbnail: nil)
        #expect(checked.takenAt == 1_700_000_000_000)
        #expect(checked.reason == reason)
        #expect((checked.suggestion != nil) == (reason != nil))
        #expect(checked.durationSeconds == 2.5)
        #expect(checked.decodeRate == decoded)
    }
}

extension CheckVerdictTests {
    @Test(arguments: [(1e300, -1e300), (1e300, 1), (.infinity, 1), (.nan, 1), (30, .nan)])
    func ratesThatNoIntegerHoldsAreTold(rate: Double, decoded: Double) {
        let description = MediumDescription(
            kind: .video, format: "mp4", width: .max, height: .max, rotation: 0, durationNanoseconds: nil,
            frameRate: rate, seekable: true, streams: [])
        let checked = CheckVerdict.medium(
            name: "a", description, CheckReport(frames: 1, decodeRate: decoded, partial: true), thumbnail: nil)
        #expect((checked.reason != nil) == (decoded < rate))
    }
}

@Suite struct CheckAttemptsTests {
    private static let crash = DecoderError.died(how: "SIGSEGV", ownDoing: true)
    private static let kill = DecoderError.died(how: "SIGKILL", ownDoing: false)

    private func run(_ errors: [DecoderError]) -> [String] {
        var attempts = CheckAttempts()
        return errors.map { error in
            switch attempts.failed(error) {
            case .refuse: "refuse"
            case .retry(let pause, _, _): "\(pause.components.seconds)"
            }
        }
    }

    @Test func decides() {
        let failure = { (code: DecodeFailure.Code) in
            DecoderError.failed(DecodeFailure(code: code, reason: "r", suggestion: "s"))
        }
        #expect(run([Self.crash, Self.crash]) == ["0", "refuse"])
        #expect(run([Self.crash, .stalled(after: .seconds(10))]) == ["0", "refuse"])
        #expect(run([Self.kill, Self.kill, Self.kill, Self.crash, Self.kill]) == ["1", "2", "4", "0", "8"])
        #expect(
            run(Array(repeating: .cannotStart(reason: "none"), count: 12)).suffix(4) == ["256", "300", "300", "300"])
        for code in [DecodeFailure.Code.notMedia, .unsupported, .broken, .tooLarge] {
            #expect(run([failure(code)]) == ["refuse"])
        }
        #expect(run([failure(.unreadable), failure(.unreadable), failure(.unreadable)]) == ["1", "2", "refuse"])
        #expect(run([failure(.misuse), failure(.misuse)]) == ["1", "refuse"])
    }
}

@Suite struct JobBoardTests {
    private func id() throws -> MediumID { try #require(MediumID(rawValue: String(repeating: "0", count: 32))) }

    @Test func tellsOfEveryChange() async throws {
        let board = JobBoard(now: { 7 })
        var events = board.events().makeAsyncIterator()
        let job = board.add(.check, try id(), name: "a")
        board.start(job)
        board.progress(job, 0.5)
        board.progress(job, 0.501)
        board.end(job)
        var seen: [(Job.State, Double)] = []
        for _ in 0..<4 { if let event = await events.next() { seen.append((event.state, event.progress)) } }
        #expect(seen.map(\.0) == [.queued, .running, .running, .done])
        #expect(seen.map(\.1) == [0, 0, 0.5, 1])
        #expect(board.job(job)?.endedAt == 7)
    }

    @Test func followsALog() async throws {
        let board = JobBoard()
        let job = board.add(.check, try id(), name: "a")
        board.say(job, "one")
        let stream = try #require(board.follow(job))
        board.say(job, "two")
        board.end(job, failure: ("r", "s"))
        var lines: [String] = []
        for await line in stream { lines.append(line.text) }
        #expect(lines == ["one", "two"])
        let late = try #require(board.follow(job))
        lines = []
        for await line in late { lines.append(line.text) }
        #expect(lines == ["one", "two"])
        #expect(board.follow(99) == nil)
    }

    @Test func isBounded() throws {
        let board = JobBoard()
        let first = board.add(.check, try id(), name: "first")
        for _ in 0..<JobBoard.lineCount * 2 { board.say(first, String(repeating: "x", count: 5000)) }
        #expect(board.log(first)?.count == JobBoard.lineCount)
        #expect(board.log(first)?.allSatisfy { $0.text.count == 500 } == true)
        // What is forgotten leaves a gap before the first number, and no line gets another's.
        let numbers = try #require(board.log(first)).map(\.number)
        #expect(numbers == Array(JobBoard.lineCount + 1...JobBoard.lineCount * 2))
        for _ in 0..<JobBoard.rememberedCount + 50 { board.end(board.add(.check, try id(), name: "more")) }
        #expect(board.jobs().count == JobBoard.rememberedCount + 1)
        // What has not ended stays.
        #expect(board.job(first) != nil)
    }
}
