public import DecoderProtocol
import Dispatch
import Frames
public import LinuxSystem
public import Logging
public import ServiceLifecycle

/// The decoder processes: at most one for each role, started when somebody opens a medium, ended when idle.
///
/// Nothing that a process does is believed unchecked. One that lies, stands still or dies costs its session alone; the
/// next `open` starts another. How often that is tried is the callers' policy (`Supervision`).
///
/// In the roles *current* and *next*, opening closes what was open in this role. In the role *intake*, it waits until the
/// session before is over.
public actor DecoderPool: MediaDecoding, Service {
    enum Waiting: Hashable, Sendable {
        case session(UInt32)
        case process(Int)
        case turn(DecoderRole)
    }

    let settings: DecoderPoolSettings
    let launcher: any DecoderLauncher
    let clock: any BoardClock
    let log: Logger
    let loop: EventLoop
    let allocation = BlockingQueue(label: "vitrine.buffers", qos: .userInitiated)
    var makeBuffer = DecoderPool.makeMemory

    var slots: [DecoderRole: DecoderProcess] = [:]
    /// Every process that has not been waited for.
    var processes: [Int: DecoderProcess] = [:]
    var sessions: [UInt32: SessionRecord] = [:]
    var deaths = 0
    var hardware = HardwareMemory()
    /// A decoder could not use a display's memory: none is lent any more.
    var isScanoutRefused = false
    var isStopping = false
    private var hasGivenUp = false
    var lastKey = 0
    var lastSession: UInt32 = 0
    var busyRoles: Set<DecoderRole> = []
    private var waiting: [Waiting: [CheckedContinuation<Void, Never>]] = [:]

    /// - Parameter loop: the thread that the pool lives on: the player's own, so that frames change no threads.
    public init(
        launcher: any DecoderLauncher, settings: DecoderPoolSettings = DecoderPoolSettings(), loop: EventLoop,
        clock: any BoardClock = MonotonicClock(), log: Logger
    ) {
        self.loop = loop
        self.launcher = launcher
        self.settings = settings
        self.clock = clock
        self.log = log
    }

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.actors.asUnownedSerialExecutor() }

    // MARK: As a service

    /// Keeps the processes until the group shuts down or the task is cancelled, then ends them all.
    public func run() async throws {
        // Throws when the task is cancelled, which is an end as good.
        try? await gracefulShutdown()
        await shutDown()
    }

    /// Ends all sessions and processes, and returns once every process is gone. Nothing opens after it.
    ///
    /// A process that even SIGKILL does not end (one that waits for a dying disk, say) is left behind a second after it.
    public func shutDown() async {
        isStopping = true
        for record in sessions.values { close(record) }
        for process in processes.values { leave(process) }
        for role in DecoderRole.allCases { changed(.turn(role)) }
        let deadline = clock.now.advanced(by: settings.goodbye + .seconds(1))
        let timer = Task { [clock] in
            guard (try? await clock.sleep(until: deadline, tolerance: nil)) != nil else { return }
            giveUpWaiting()
        }
        defer { timer.cancel() }
        // A process that is still being launched ends itself as soon as it is there.
        while !hasGivenUp, let process = processes.values.first {
            await nextChange(.process(process.key), evenIfCancelled: true)
        }
        for process in processes.values {
            log.error(
                "decoder process left behind: it did not end in time",
                metadata: ["pid": "\(process.peer?.processID ?? 0)", "role": "\(process.role)"])
        }
    }

    private func giveUpWaiting() {
        hasGivenUp = true
        for key in processes.keys { changed(.process(key)) }
    }

    // MARK: MediaDecoding

    public func open(
        _ file: Descriptor, _ request: OpenRequest, role: DecoderRole, name: String
    ) async throws(DecoderError) -> any DecoderSession {
        try await takeTurn(role)
        do throws(DecoderError) {
            var record = try await begin(file, request, role: role, name: name, mayReuse: true)
            if let error = record.openingError, record.blameIsUnclear(error) {
                // What the process did before may have come to light only now: this medium gets one of its own.
                close(record)
                record = try await begin(file, request, role: role, name: name, mayReuse: false)
            }
            // What was described is open, though it may have failed since: its frames come before its failure.
            guard let description = record.machine.description else {
                let error = record.openingError ?? .closed
                close(record)
                throw error
            }
            // In the role of intake the turn ends with the session.
            record.holdsTurn = role == .intake
            if !record.holdsTurn { endTurn(role) }
            return PooledSession(pool: self, id: record.machine.id, description: description)
        } catch {
            endTurn(role)
            throw error
        }
    }

    public var status: DecoderStatus {
        let ready = processes.values.sorted { $0.key < $1.key }.compactMap { process -> DecoderStatus.Process? in
            guard case .ready(let sandbox) = process.state, let peer = process.peer else { return nil }
            return DecoderStatus.Process(
                role: process.role, processID: peer.processID, sandbox: sandbox, medium: process.session?.name)
        }
        return DecoderStatus(
            processes: ready, deaths: deaths, limits: launcher.limits,
            hardware: hardware.report(ofCurrent: slots[.current]?.hardware))
    }

    /// What the processes use; those that just ended are left out.
    public func memory() async -> [ProcessMemory] {
        let ids = processes.values.compactMap(\.peer?.processID).sorted()
        return await withCheckedContinuation { continuation in
            // The kernel walks page tables for this: some milliseconds for each process.
            DispatchQueue.global(qos: .utility).async {
                continuation.resume(returning: ids.compactMap { try? ProcessMemory(processID: $0) })
            }
        }
    }

    // MARK: Taking turns and waiting

    private func takeTurn(_ role: DecoderRole) async throws(DecoderError) {
        while busyRoles.contains(role) {
            if isStopping { break }
            if Task.isCancelled { throw .cancelled }
            await nextChange(.turn(role))
        }
        if isStopping { throw .cannotStart(reason: "the daemon is stopping") }
        busyRoles.insert(role)
    }

    func endTurn(_ role: DecoderRole) {
        busyRoles.remove(role)
        changed(.turn(role))
    }

    /// Returns when something changed there, or the task is cancelled. Look again then.
    func nextChange(_ what: Waiting, evenIfCancelled: Bool = false) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiting[what, default: []].append($0) }
        } onCancel: {
            if !evenIfCancelled { later { $0.changed(what) } }
        }
    }

    func changed(_ what: Waiting) {
        for continuation in waiting.removeValue(forKey: what) ?? [] { continuation.resume() }
    }

    /// Runs a body inside the pool, soon, from where nothing can be awaited.
    nonisolated func later(_ body: @Sendable @escaping (isolated DecoderPool) -> Void) {
        loop.run { self.assumeIsolated(body) }
    }
}

extension SessionRecord {
    var openingError: DecoderError? {
        if case .over(let error) = machine.phase { error } else { nil }
    }

    /// The process failed before it said a word about this medium, and it had others before.
    func blameIsUnclear(_ error: DecoderError) -> Bool {
        guard isReused, !machine.wasHeard else { return false }
        switch error {
        case .died, .stalled: return true
        case .failed, .cannotStart, .cancelled, .closed: return false
        }
    }
}
