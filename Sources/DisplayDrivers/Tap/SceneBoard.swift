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
    private let watchers = Atomic(0)

    /// Somebody looks at the picture again and again: it is to lie where it can be read.
    var isWatched: Bool { watchers.load(ordering: .relaxed) > 0 }

    func watchersChanged(by count: Int) { watchers.add(count, ordering: .relaxed) }

    /// Keeps the frames' buffers from whoever lent them, for as long as it is held.
    var latest: ShownScene? { state.withLock { $0 } }

    /// The number of `latest`, without a hold of it; 0 before anything was shown.
    var latestSequence: UInt64 { state.withLock { $0?.sequence ?? 0 } }

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

    /// Waits for a scene with a later number than this, and takes no hold of it: whoever goes on reads `latest` when
    /// ready to work on it. False when the task is cancelled first.
    func waitForScene(after sequence: UInt64) async -> Bool {
        while true {
            let seen = changes.generation
            if latestSequence > sequence { return true }
            guard await changes.wait(after: seen) else { return false }
        }
    }
}
