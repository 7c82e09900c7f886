import DecoderProtocol
import FoundationEssentials
import Frames
import LinuxSystem
import SystemPackage
import Testing

@testable import DecoderClient

#if canImport(Glibc)
    import Glibc
#endif

/// With processes of the program `vitrine-decoder`.
@Suite(.timeLimit(.minutes(2)), .enabled(if: RealDecoder.executable != nil, "vitrine-decoder was not built"))
struct RealDecoderTests {
    let clock = ManualClock()
    let pool: DecoderPool

    init() throws {
        pool = try Self.makePool(clock: clock)
    }

    static func makePool(clock: any BoardClock) throws -> DecoderPool {
        let executable = try #require(RealDecoder.executable)
        return DecoderPool(
            launcher: SubprocessLauncher(executable: executable, memoryMegabytes: 160, log: PoolFixture.silent),
            loop: try EventLoop(name: "decoders"), clock: clock, log: PoolFixture.silent)
    }

    func open(
        _ bytes: [UInt8], _ role: DecoderRole = .current, loops: Bool = false, suffix: String = "avi"
    ) async throws -> any DecoderSession {
        var request = PoolFixture.request
        request.loops = loops
        request.suffix = suffix
        return try await pool.open(try TestMedia.file(bytes), request, role: role, name: "test")
    }

    func processID() async throws -> Int32 { try #require(await pool.status.processes.first).processID }

    @Test func showsAPhoto() async throws {
        let session = try await open(TestMedia.bitmap(red: 200, green: 100, blue: 50), suffix: "bmp")
        #expect(session.description.kind == .image)
        #expect(session.description.width == 64)
        let decoded = try #require(try await session.nextFrame())
        decoded.frame.withPixels { bytes in
            #expect(abs(Int(bytes[0]) - 50) < 4 && abs(Int(bytes[1]) - 100) < 4 && abs(Int(bytes[2]) - 200) < 4)
        }
        #expect(try await session.nextFrame() == nil)
        await pool.shutDown()
    }

    @Test func playsTwentyFiveFramesASecond() async throws {
        let session = try await open(try TestMedia.video(frames: 50))
        #expect(session.description.kind == .video)
        #expect(session.description.frameRate == 25)
        var count = 0
        while let decoded = try await session.nextFrame() {
            #expect(decoded.presentationTime == .milliseconds(40 * count))
            #expect(abs(brightness(decoded.frame) - (4 * count + 20)) <= 3)
            count += 1
        }
        #expect(count == 50)
        await pool.shutDown()
    }

    @Test func loopsWithoutAGap() async throws {
        let session = try await open(try TestMedia.video(frames: 10), loops: true)
        for count in 0..<35 {
            let decoded = try #require(try await session.nextFrame())
            #expect(decoded.presentationTime == .milliseconds(40 * count))
            #expect(decoded.iteration == count / 10)
            #expect(abs(brightness(decoded.frame) - (4 * (count % 10) + 20)) <= 3)
        }
        await pool.shutDown()
    }

    @Test func promotionLosesNoFrame() async throws {
        let current = try await open(try TestMedia.video(frames: 50))
        let next = try await open(try TestMedia.video(frames: 50), .next)
        _ = try await current.nextFrame()
        var seen: [Int] = []
        for index in 0..<50 {
            if index == 5 { await next.promote() }
            if index == 7 { await current.close() }
            seen.append(brightness(try #require(try await next.nextFrame()).frame))
        }
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0 < $1 })
        #expect(try await next.nextFrame() == nil)
        #expect(await pool.status.processes.map(\.role).sorted { $0.rawValue < $1.rawValue } == [.current, .next])
        await pool.shutDown()
    }

    @Test func refusesWhatIsNoMedium() async throws {
        let error = await failure { _ = try await open(Array("Dear diary, today I wrote text.".utf8), suffix: "mp4") }
        #expect(error?.failureCode == .notMedia)
        // The process is well.
        #expect(try await open(TestMedia.bitmap(red: 1, green: 2, blue: 3)).description.kind == .image)
        #expect(await pool.status.deaths == 0)
        await pool.shutDown()
    }

    @Test func checksAndMakesAThumbnail() async throws {
        let session = try await open(try TestMedia.video(frames: 20), .intake)
        let report = try await session.check(seconds: 60) { _ in }
        #expect(report.frames == 20)
        #expect(!report.partial)
        #expect(try #require(report.decodeRate) > 0)
        let thumbnail = try await session.thumbnail(size: PixelSize(width: 32, height: 32))
        #expect(thumbnail.starts(with: [0xFF, 0xD8]))
        await pool.shutDown()
    }

    @Test(arguments: [(SIGKILL, false), (SIGSEGV, true)])
    func aKilledProcessIsReplaced(signal: Int32, ownDoing: Bool) async throws {
        let session = try await open(try TestMedia.video(frames: 50), loops: true)
        let old = try await processID()
        kill(old, signal)
        var error: DecoderError?
        while error == nil { error = await failure { _ = try await session.nextFrame() } }
        #expect(error == .died(how: signal == SIGKILL ? "SIGKILL" : "SIGSEGV", ownDoing: ownDoing))
        let next = try await open(try TestMedia.video(frames: 5))
        #expect(try await next.numbers().count == 5)
        #expect(try await processID() != old)
        await pool.shutDown()
    }

    @Test func aStoppedProcessIsAStall() async throws {
        let session = try await open(try TestMedia.video(frames: 50))
        let process = try await processID()
        var held: [DecodedFrame] = []
        for _ in 0..<3 { held.append(try #require(try await session.nextFrame())) }
        kill(process, SIGSTOP)
        try await until { processState(process) == "T" }
        held = []
        try await until { await pool.isOwed }
        clock.advance(by: .seconds(10))
        await #expect(throws: DecoderError.stalled(after: .seconds(10))) { try await session.nextFrame() }
        try await until { processState(process) == nil }
        await pool.shutDown()
    }

    @Test func shuttingDownLeavesNothing() async throws {
        let first = try await open(try TestMedia.video(frames: 50))
        let second = try await open(try TestMedia.video(frames: 50), .next)
        let third = try await open(try TestMedia.video(frames: 50), .intake)
        let processes = await pool.status.processes.map(\.processID)
        #expect(processes.count == 3)
        await pool.shutDown()
        // Waited for, so that no zombie is left either.
        for process in processes { #expect(processState(process) == nil) }
        _ = (first, second, third)
    }

    @Test func tellsItsMemoryAndSandbox() async throws {
        let session = try await open(try TestMedia.video(frames: 5))
        let memory = try #require(await pool.memory().first)
        #expect(memory.resident > 1 << 20)
        #expect(memory.processID == (try await processID()))
        let sandbox = try #require(await pool.status.processes.first).sandbox
        #expect(sandbox.noNewPrivileges == nil)
        await session.close()
        await pool.shutDown()
    }

    @Test func nothingIsLeftOpen() async throws {
        let medium = try TestMedia.video(frames: 4)
        let before = try openDescriptors()
        for _ in 0..<100 {
            let session = try await open(medium)
            #expect(try await session.numbers(limit: 2).count == 2)
            await session.close()
        }
        // Each round would leave at least one; other tests run beside this one and open a few.
        try await until { try openDescriptors() < before + 80 }
        #expect(await pool.status.deaths == 0)
        #expect(await pool.status.processes.count == 1)
        await pool.shutDown()
    }

    private func brightness(_ frame: Frame) -> Int {
        frame.withPixels { Int($0[frame.layout.stride * 20 + 80]) }
    }

    private func openDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }
}

/// The kernel's letter for what a process does; nil when it is gone.
func processState(_ process: Int32) -> Character? {
    guard let text = try? TextFile.read(FilePath("/proc/\(process)/stat")), let end = text.lastIndex(of: ")") else {
        return nil
    }
    return text[end...].dropFirst(2).first
}
