import BoardSupport
import Playback
import ServiceLifecycle

/// Tells the player how hot the board is: when it is too hot, half of the frames are shown.
struct HeatReaction: Service {
    let monitor: BoardMonitor
    let player: Player

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await health in monitor.changes() {
                await player.measured(temperature: health.reading.temperatureCelsius)
            }
        }
    }
}
