import Synchronization

/// Tells everybody who listens what changed. A slow listener costs a bounded amount of memory: of events about the same
/// thing it gets the last.
public final class EventBroadcast: EventSource {
    private struct Audience {
        var nextID = 0
        var listeners: [Int: EventListener.Mailbox] = [:]
    }

    private final class Hall: Sendable {
        let audience = Mutex(Audience())
    }

    private let hall = Hall()

    public init() {}

    /// Whether telling makes sense: with nobody there, no position need be computed.
    public var hasListeners: Bool { hall.audience.withLock { !$0.listeners.isEmpty } }

    public var listenerCount: Int { hall.audience.withLock { $0.listeners.count } }

    public func publish(_ event: ApplianceEvent) {
        let mailboxes = hall.audience.withLock { Array($0.listeners.values) }
        for mailbox in mailboxes { mailbox.put(event) }
    }

    public func listen() -> EventListener {
        let mailbox = EventListener.Mailbox()
        mailbox.put(.status)
        let id = hall.audience.withLock { audience in
            audience.nextID += 1
            audience.listeners[audience.nextID] = mailbox
            return audience.nextID
        }
        return EventListener(mailbox: mailbox) { [hall] in
            hall.audience.withLock { $0.listeners[id] = nil }
        }
    }
}

/// A place in the audience of events, which begins with the status. It is left when this object goes.
public final class EventListener: Sendable {
    /// What waits to be read, and who waits for it.
    final class Mailbox: Sendable {
        private let backlog = Mutex(EventBacklog())
        private let bell: AsyncStream<Void>.Continuation
        let rings: AsyncStream<Void>

        init() { (rings, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

        func put(_ event: ApplianceEvent) {
            backlog.withLock { $0.add(event) }
            bell.yield()
        }

        func take() -> [ApplianceEvent] { backlog.withLock { $0.take() } }
    }

    private let mailbox: Mailbox
    private let leave: @Sendable () -> Void

    init(mailbox: Mailbox, leave: @escaping @Sendable () -> Void) {
        self.mailbox = mailbox
        self.leave = leave
    }

    deinit { leave() }

    /// Rings when something waits. For one reader.
    var rings: AsyncStream<Void> { mailbox.rings }

    /// What has come since the last call, in order.
    func take() -> [ApplianceEvent] { mailbox.take() }
}

/// Events that one listener has not read yet: at most one about each thing, and at most `limit` things; beyond that the
/// listener is told to look at everything again.
struct EventBacklog: Equatable {
    static let limit = 256

    private enum Subject: Hashable {
        case status
        case settings
        case medium(String)
        case job(String)
    }

    private var order: [Subject] = []
    private var events: [Subject: ApplianceEvent] = [:]

    mutating func add(_ event: ApplianceEvent) {
        let subject: Subject =
            switch event {
            case .status: .status
            case .settings: .settings
            case .medium(let item): .medium(item.id)
            case .mediumRemoved(let id): .medium(id)
            case .job(let job): .job(job.id)
            case .everything: .status
            }
        if events.updateValue(event, forKey: subject) == nil { order.append(subject) }
        if order.count > Self.limit {
            order = [.status]
            events = [.status: .everything]
        }
    }

    mutating func take() -> [ApplianceEvent] {
        let taken = order.compactMap { events[$0] }
        self = EventBacklog()
        return taken
    }
}
