import DecoderClient
import DisplayDrivers
import LinuxSystem
import MemoryMonitor
import Playback
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// How much memory there is said to be, of a board with 426 MB.
final class SaidMemory: Sendable {
    private static let plenty = 300 << 20
    private let available = Mutex(plenty)

    func set(_ bytes: Int?) { available.withLock { $0 = bytes ?? Self.plenty } }
    func reading() -> MemoryReading { MemoryReading(available: available.withLock { $0 }, total: 426 << 20) }
}

/// What happens to a device besides its programme: people press, settings change, messages come, memory is wanted, a decoder
/// dies, somebody looks at the screen. It goes by a list, so that each run does the same.
struct People: Sendable {
    let player: Player
    let pool: DecoderPool
    let source: FolderSource
    let memory: SaidMemory
    let tap: DisplayTap
    let clock: any BoardClock

    static let kinds = 12

    /// Everything as it was before anything happened, and for a while nothing but one photo.
    func rest(_ duration: Duration) async {
        await player.update(PlaybackSettings())
        await player.withdraw("lasting")
        memory.set(nil)
        source.inviteGuest(true)
        if let still = source.still { _ = await player.show(still) }
        _ = await pause(.seconds(2))
        await player.pause()
        // What is kept goes.
        await want(20 << 20)
        _ = await pause(duration - .seconds(32))
    }

    func act(_ number: Int) async {
        let round = number / Self.kinds
        switch number % Self.kinds {
        case 0: await player.next()
        case 1: await message(round)
        case 2: await want(20 << 20)
        case 3: await player.previous()
        case 4: await settings(round)
        case 5: await killDecoder()
        case 6:
            await player.pause()
            _ = await pause(.seconds(20))
            await player.resume()
        case 7: _ = try? await tap.snapshot()
        case 8: source.inviteGuest(round % 2 == 1)
        case 9: await player.showInfo()
        case 10: await want(100 << 20)
        default: if let still = source.still { _ = await player.show(still) }
        }
    }

    private func message(_ round: Int) async {
        await player.post(
            ScreenMessage(
                key: "upload \(round)", severity: .informational, title: "holiday \(round).jpg is coming in",
                detail: "\(round % 100) % of 4 MB", progress: Double(round % 100) / 100, stays: .seconds(15)))
        if round % 4 == 0 {
            await player.post(
                ScreenMessage(
                    key: "lasting", severity: .critical, title: "The supply is too weak", detail: "Use a better one.",
                    stays: .seconds(20), returns: .seconds(600)))
        } else if round % 4 == 2 {
            await player.withdraw("lasting")
        }
    }

    private func want(_ bytes: Int) async {
        memory.set(bytes)
        _ = await pause(.seconds(30))
        memory.set(nil)
    }

    private func settings(_ round: Int) async {
        var settings = PlaybackSettings()
        settings.fit = ScreenFit.allCases[round % 3]
        settings.order = round % 4 == 3 ? .shuffle : .arrival
        settings.shuffleSeed = UInt64(round)
        // Cuts most of the time: a transition is a present for each refresh.
        settings.transition = round % 8 == 5 ? .crossfade : round % 8 == 7 ? .fadeBlack : .cut
        await player.update(settings)
    }

    /// From outside, so that no medium is to blame.
    private func killDecoder() async {
        for process in await pool.status.processes { _ = kill(process.processID, SIGKILL) }
    }

    private func pause(_ duration: Duration) async -> Bool {
        (try? await clock.sleep(until: clock.now.advanced(by: duration), tolerance: nil)) != nil
    }
}
