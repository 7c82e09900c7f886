public import Frames
import LinuxSystem
import Synchronization

/// A scene that is on the glass, for a screen of this size.
public struct ShownScene: Sendable {
    public var scene: Scene
    public var screen: PixelSize
    /// Grows with every scene.
    public var sequence: UInt64
}

/// The scene that is on the glass now, for whoever watches. Publishing costs a lock and a reference.
final class SceneBoard: Sendable {
    private let state: Mutex<ShownScene?> = Mutex(nil)
    private let changes = Wakeup()

    var latest: ShownScene? { state.withLock { $0 } }

    func publish(_ scene: Scene, screen: PixelSize) {
        // The scene before goes after the lock is open: its frames' buffers may be given back.
        let previous = state.withLock { state in
            let previous = state
            state = ShownScene(scene: scene, screen: screen, sequence: (state?.sequence ?? 0) + 1)
            return previous
        }
        _ = consume previous
        changes.wake()
    }

    /// The first scene with a later number than this, waiting for it; nil when the task is cancelled.
    func next(after sequence: UInt64) async -> ShownScene? {
        while true {
            let seen = changes.generation
            if let latest, latest.sequence > sequence { return latest }
            guard await changes.wait(after: seen) else { return nil }
        }
    }
}
