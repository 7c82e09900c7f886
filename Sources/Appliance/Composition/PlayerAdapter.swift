import LinuxSystem
import MediaIndex
import Playback
import WebInterface

/// The player, as the web interface asks for it.
struct PlayerAdapter: PlayerControl {
    let player: Player
    let library: MediaLibrary

    func pause() async throws(ProblemError) -> WebPlayerStatus {
        await player.pause()
        return await status()
    }

    func resume() async throws(ProblemError) -> WebPlayerStatus {
        await player.resume()
        return await status()
    }

    func next() async throws(ProblemError) -> WebPlayerStatus {
        await player.next()
        return await status()
    }

    func previous() async throws(ProblemError) -> WebPlayerStatus {
        await player.previous()
        return await status()
    }

    func info() async throws(ProblemError) -> WebPlayerStatus {
        await player.showInfo()
        return await status()
    }

    func show(_ id: String) async throws(ProblemError) -> WebPlayerStatus {
        let identity = try mediumID(id)
        let medium = try await answering { () async throws(MediaFault) in try await library.medium(identity) }
        guard medium.state == .ready || medium.state == .setAside else {
            throw .conflict(
                medium.state == .processing ? "It is still being checked." : "It was refused, and its file is gone.",
                suggestion: medium.state == .processing ? "Try again in a moment." : "Upload it again.")
        }
        guard await player.show(identity) else {
            throw .conflict("It cannot be shown now.", suggestion: "Try again in a moment.")
        }
        return await status()
    }

    func status() async -> WebPlayerStatus { WebPlayerStatus(await player.snapshot) }
}

extension WebPlayerStatus {
    init(_ status: PlaybackStatus) {
        let state: State =
            switch status.state {
            case .playing: .playing
            case .paused: .paused
            case .idle: .idle
            }
        self.init(
            state: state, rule: status.rule,
            current: status.current.map { current in
                Current(
                    id: current.id.rawValue, name: current.name, kind: MediaKind(rawValue: current.kind.rawValue),
                    positionSeconds: current.position.secondsAsDouble,
                    durationSeconds: current.duration?.secondsAsDouble)
            },
            rate: status.isMoving
                ? Rate(divisor: status.halved == nil ? 1 : 2, cause: status.halved?.rawValue) : nil)
    }
}
