import Synchronization

/// The moment at which a snapshot takes its scene from the board: as late as possible, and known to those who would
/// like to have the same snapshot.
final class SnapshotMoment: Sendable {
    private let board: SceneBoard
    /// The number of the scene that was taken; nil until then.
    private let taken = Mutex<UInt64?>(nil)

    init(_ board: SceneBoard) { self.board = board }

    /// Takes the scene that is on the glass.
    func take() -> ShownScene? {
        // The board is read under the lock: whoever saw that nothing was taken asked before this scene was read.
        taken.withLock { taken in
            let shown = board.latest
            taken = shown?.sequence ?? 0
            return shown
        }
    }

    /// Whether the snapshot will show, or does show, what is on the glass now.
    var isCurrent: Bool { taken.withLock { $0 == nil || $0 == board.latestSequence } }
}
