import DecoderProtocol
import Dispatch
import Frames
import LinuxSystem
import MediaIndex
public import MemoryMonitor
import Synchronization

/// Ready pictures, in the very buffers that decoders wrote: what is here needs no decoder.
///
/// `CacheLedger` decides; this has the lock and the pictures. As many bytes as memory allows: `follow(_:)`.
public final class FrameCache: Sendable {
    /// What pictures are of, and what they were made for.
    struct Key: Hashable, Sendable {
        var medium: MediumID
        var screen: PixelSize
        var fit: Fit
        var formats: [PixelFormat]
    }

    /// One picture and its place in the medium.
    struct Picture: Sendable {
        let frame: Frame
        /// Since the medium's beginning.
        let time: Duration
        let duration: Duration?
        let discontinuity: Bool

        var end: Duration { time + (duration ?? .zero) }
    }

    /// What is known of a medium once it was open.
    struct Facts: Sendable {
        var description: MediumDescription
        /// Of one iteration, once one was seen.
        var length: Duration?
        /// Bytes of all its pictures: counted, or more than there was room for.
        var byteCount: Int?
    }

    /// For the status.
    public struct Status: Sendable, Equatable {
        public var budget = 0
        public var used = 0
        public var frames = 0
        /// Pictures that came from here, and from decoders.
        public var hits = 0
        public var misses = 0
        /// Pictures that were given up.
        public var evictions = 0
    }

    typealias Ledger = CacheLedger<Key, Picture>

    private struct State {
        var ledger: Ledger
        var facts: [Key: Facts] = [:]
        var hits = 0
        var misses = 0

        mutating func lend(_ key: Key, number: Int) -> (content: Picture, loan: Ledger.Loan)? {
            let found = ledger.lend(key, frame: number)
            if found != nil { hits += 1 }
            return found
        }
    }

    private let state: Mutex<State>
    /// To unmap a loop takes the kernel tens of milliseconds.
    private let queue = BlockingQueue(label: "vitrine.cache", qos: .userInitiated)

    /// - Parameter budget: bytes, until somebody says how much memory there is.
    public init(budget: Int = 0) { state = Mutex(State(ledger: Ledger(budget: budget))) }

    public var status: Status {
        state.withLock { state in
            Status(
                budget: state.ledger.budget, used: state.ledger.bytes, frames: state.ledger.frameCount,
                hits: state.hits, misses: state.misses, evictions: state.ledger.evictions)
        }
    }

    /// Takes what memory allows, and gives back the rest before it returns, but for what is in use.
    public func follow(_ memory: MemoryState) {
        change { state, dropped in
            let budget = CacheBudget.bytes(for: memory, used: state.ledger.bytes + state.ledger.reserved)
            if budget != state.ledger.budget { state.ledger.setBudget(budget, dropping: &dropped) }
        }
    }

    /// Gives up whatever is not of these media.
    func keepOnly(_ media: Set<MediumID>) {
        change { state, dropped in
            state.ledger.forget(where: { !media.contains($0.medium) }, dropping: &dropped)
            state.facts = state.facts.filter { media.contains($0.key.medium) }
        }
    }

    // MARK: For sessions

    func facts(of key: Key) -> Facts? { state.withLock { $0.facts[key] } }
    func setFacts(_ facts: Facts, of key: Key) { state.withLock { $0.facts[key] = facts } }

    func extent(of key: Key) -> Ledger.Extent? { state.withLock { $0.ledger.extent(of: key) } }
    func used(_ key: Key) { state.withLock { $0.ledger.used(key) } }
    func missed() { state.withLock { $0.misses += 1 } }

    /// Where in the medium the last of its pictures is over.
    func end(of key: Key) -> Duration? { state.withLock { $0.ledger.last(of: key)?.end } }

    /// A picture that stays whole as long as its frame is referenced.
    func picture(_ key: Key, number: Int) -> Picture? {
        state.withLock { $0.lend(key, number: number) }.map { onLoan($0.content, $0.loan) }
    }

    /// Of a medium that is whole here, a picture as `picture` gives it.
    struct Replay: Sendable {
        var picture: Picture
        var number: Int
        var isLast: Bool
        /// Of one iteration; nil: of a photo, or not seen yet.
        var length: Duration?
    }

    /// The picture of this number, or the first that is not over at this place in the medium; nil when the medium is not
    /// whole here.
    func replay(_ key: Key, number: Int?, after position: Duration) -> Replay? {
        // For each frame of a loop: one look at everything.
        let found = state.withLock { state -> (content: Picture, loan: Ledger.Loan, Int, Bool, Duration?)? in
            guard state.ledger.extent(of: key) == .whole,
                let number = number ?? state.ledger.number(of: key, where: { $0.end > position }),
                let (content, loan) = state.lend(key, number: number)
            else { return nil }
            return (content, loan, number, number + 1 >= state.ledger.count(of: key), state.facts[key]?.length)
        }
        guard let (content, loan, number, isLast, length) = found else { return nil }
        return Replay(picture: onLoan(content, loan), number: number, isLast: isLast, length: length)
    }

    func begin(_ key: Key, bytes: Int?, isMoving: Bool) -> Ledger.Collection? {
        change { state, dropped in
            state.ledger.begin(key, bytes: bytes, isMoving: isMoving, dropping: &dropped)
        }
    }

    /// Whether `begin` would begin, of what moves.
    func wouldBegin(_ key: Key, bytes: Int) -> Bool {
        var ledger = state.withLock { $0.ledger }
        var dropped: [Picture] = []
        return ledger.begin(key, bytes: bytes, isMoving: true, dropping: &dropped) != nil
    }

    /// The picture on loan; nil when it was not taken, and the entry is no more.
    func add(_ picture: Picture, to collection: Ledger.Collection) -> Picture? {
        let loan = change { state, dropped in
            state.ledger.add(
                picture, bytes: picture.frame.buffer.memory.byteCount, to: collection, dropping: &dropped)
        }
        return loan.map { onLoan(picture, $0) }
    }

    func complete(_ collection: Ledger.Collection, as extent: Ledger.Extent) -> Bool {
        state.withLock { $0.ledger.complete(collection, as: extent) }
    }

    func abandon(_ collection: Ledger.Collection) {
        change { state, dropped in state.ledger.abandon(collection, dropping: &dropped) }
    }

    // MARK: -

    private func onLoan(_ picture: Picture, _ loan: Ledger.Loan) -> Picture {
        // The loan keeps the cache: it ends with the frame, and weak references cost memory of their own.
        let frame = Frame(buffer: picture.frame.buffer, layout: picture.frame.layout) { _ in
            self.state.withLock { $0.ledger.giveBack(loan) }
        }
        return Picture(
            frame: frame, time: picture.time, duration: picture.duration, discontinuity: picture.discontinuity)
    }

    /// Changes what is kept. What that drops is freed elsewhere, outside of the lock.
    private func change<Result>(_ body: (inout State, inout [Picture]) -> Result) -> Result {
        var dropped: [Picture] = []
        let result = state.withLock { body(&$0, &dropped) }
        if !dropped.isEmpty {
            let dropped = dropped
            queue.enqueue { withExtendedLifetime(dropped) {} }
        }
        return result
    }
}
