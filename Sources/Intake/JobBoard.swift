public import MediaIndex
import Synchronization

/// What is being worked on, and what was lately; with a log of each.
///
/// It lives in memory: what has to survive a restart is in the uploads folder, and the work begins again from there.
public final class JobBoard: Sendable {
    /// Ended jobs that are remembered, and lines of a log that are kept: the board is bounded.
    static let rememberedCount = 100
    static let lineCount = 200

    private struct Entry {
        var job: Job
        var lines: [JobLine] = []
        var followers: [Int: AsyncStream<JobLine>.Continuation] = [:]
    }

    private struct State {
        var nextID = 1
        var nextListener = 1
        var entries: [Int: Entry] = [:]
        var listeners: [Int: AsyncStream<Job>.Continuation] = [:]
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Int64

    public init(now: @escaping @Sendable () -> Int64 = MediaLibrary.wallClock) { self.now = now }

    /// Newest first.
    public func jobs() -> [Job] { state.withLock { $0.entries.values.map(\.job).sorted { $0.id > $1.id } } }

    public func job(_ id: Int) -> Job? { state.withLock { $0.entries[id]?.job } }

    /// The newest job of a medium.
    public func job(of medium: MediumID) -> Job? { jobs().first { $0.mediumID == medium } }

    /// The lines of a job's log; nil when there is no such job.
    public func log(_ id: Int) -> [JobLine]? { state.withLock { $0.entries[id]?.lines } }

    /// The lines so far, and those that come until the job ends.
    public func follow(_ id: Int) -> AsyncStream<JobLine>? {
        let (stream, continuation) = AsyncStream.makeStream(of: JobLine.self, bufferingPolicy: .bufferingNewest(256))
        let key: Int? = state.withLock { state in
            guard let entry = state.entries[id] else { return nil }
            for line in entry.lines { continuation.yield(line) }
            if !entry.job.hasEnded { state.entries[id]?.followers[state.nextListener] = continuation }
            state.nextListener += 1
            return entry.job.hasEnded ? 0 : state.nextListener - 1
        }
        guard let key else { return nil }
        if key == 0 {
            continuation.finish()
        } else {
            continuation.onTermination = { [weak self] _ in
                _ = self?.state.withLock { $0.entries[id]?.followers.removeValue(forKey: key) }
            }
        }
        return stream
    }

    /// Every change of every job from now on. A listener that does not keep up misses the oldest changes.
    public func events() -> AsyncStream<Job> {
        let (stream, continuation) = AsyncStream.makeStream(of: Job.self, bufferingPolicy: .bufferingNewest(64))
        let key = state.withLock { state in
            state.nextListener += 1
            state.listeners[state.nextListener] = continuation
            return state.nextListener
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: key) }
        }
        return stream
    }

    // MARK: For those who work

    func add(_ kind: Job.Kind, _ medium: MediumID? = nil, name: String = "") -> Int {
        let now = now()
        let (job, listeners) = state.withLock { state in
            let job = Job(
                id: state.nextID, mediumID: medium, name: name, kind: kind, state: .queued, progress: 0, createdAt: now)
            state.nextID += 1
            state.entries[job.id] = Entry(job: job)
            return (job, Array(state.listeners.values))
        }
        for listener in listeners { listener.yield(job) }
        return job.id
    }

    func start(_ id: Int) {
        let now = now()
        update(id) { job in
            job.state = .running
            job.progress = 0
            job.startedAt = job.startedAt ?? now
            job.reason = nil
            job.suggestion = nil
        }
    }

    /// Steps of less than a hundredth are not told.
    func progress(_ id: Int, _ fraction: Double) {
        update(id) { job in
            let fraction = min(max(fraction, 0), 1)
            if fraction - job.progress >= 0.01 { job.progress = fraction }
        }
    }

    /// Back in the queue, with what it waits for.
    func wait(_ id: Int, reason: String, suggestion: String) {
        update(id) { job in
            job.state = .queued
            job.reason = reason
            job.suggestion = suggestion
        }
    }

    func end(_ id: Int, failure: (reason: String, suggestion: String)? = nil) {
        let now = now()
        update(id) { job in
            job.state = failure == nil ? .done : .failed
            if failure == nil { job.progress = 1 }
            job.reason = failure?.reason
            job.suggestion = failure?.suggestion
            job.endedAt = now
        }
        let followers = state.withLock { state in
            let followers = state.entries[id]?.followers.values.map { $0 } ?? []
            state.entries[id]?.followers = [:]
            let ended = state.entries.values.filter(\.job.hasEnded).map(\.job.id).sorted()
            for old in ended.dropLast(Self.rememberedCount) { state.entries[old] = nil }
            return followers
        }
        for follower in followers { follower.finish() }
    }

    func say(_ id: Int, _ line: String) {
        let text = String(line.prefix(500))
        let now = now()
        let (line, followers) = state.withLock { state in
            guard var entry = state.entries[id] else { return (nil as JobLine?, [AsyncStream<JobLine>.Continuation]()) }
            let line = JobLine(number: (entry.lines.last?.number ?? 0) + 1, time: now, text: text)
            entry.lines.append(line)
            if entry.lines.count > Self.lineCount { entry.lines.removeFirst(entry.lines.count - Self.lineCount) }
            state.entries[id] = entry
            return (line, Array(entry.followers.values))
        }
        guard let line else { return }
        for follower in followers { follower.yield(line) }
    }

    private func update(_ id: Int, _ body: (inout Job) -> Void) {
        let told: (Job, [AsyncStream<Job>.Continuation])? = state.withLock { state in
            guard let old = state.entries[id]?.job else { return nil }
            var job = old
            body(&job)
            guard job != old else { return nil }
            state.entries[id]?.job = job
            return (job, Array(state.listeners.values))
        }
        guard let (job, listeners) = told else { return }
        for listener in listeners { listener.yield(job) }
    }
}
