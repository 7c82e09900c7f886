public import LinuxSystem
public import Logging
import Synchronization
public import SystemPackage

/// `<data>/faults.log`: boots and faults of a board whose journal is gone when the plug is pulled.
///
/// A record is on the card soon after it was noted; nobody waits for it. Where the card cannot be written, everything works
/// without.
public final class FaultLog: Sendable {
    private struct State {
        var file: Descriptor?
        var ring = FaultRing()
        var budget = FaultBudget()
        var isOpen = false
        /// Writing failed, which was said once.
        var isFailing = false
        /// Records that went to the card since the start.
        var written = 0
    }

    private let path: FilePath
    private let boot: String
    private let clock: any BoardClock
    /// The time as the board has it, in RFC 3339.
    private let time: @Sendable () -> String
    private let log: Logger
    /// Touched on the queue alone, so that nobody ever waits for the lock.
    private let state = Mutex(State())
    private let queue = BlockingQueue(label: "vitrine.faults")

    /// - Parameters:
    ///   - path: the file; made when the first record is written.
    ///   - boot: what the kernel calls this time that it runs.
    public init(
        _ path: FilePath, boot: String = FaultLog.thisBoot, clock: any BoardClock = MonotonicClock(),
        time: @escaping @Sendable () -> String, log: Logger
    ) {
        self.path = path
        self.boot = boot
        self.clock = clock
        self.time = time
        self.log = log
    }

    /// The kernel's name for the time since it was started.
    public static var thisBoot: String { (try? TextFile.read("/proc/sys/kernel/random/boot_id")) ?? "unknown" }

    /// Notes that the daemon starts. To be called first.
    public func started(version: String) {
        enqueue { log, state in
            let (kind, text) = state.ring.start(version: version, boot: log.boot)
            log.write(kind, key: "start", text, to: &state)
        }
    }

    /// Notes something. Of one key that comes and goes, only so much is written within an hour.
    public func note(_ kind: FaultRecord.Kind, key: String, _ text: String) {
        enqueue { log, state in log.write(kind, key: key, text, to: &state) }
    }

    /// Notes that the daemon ends as it should, and returns when all that was noted is on the card.
    public func stopped() async {
        note(.stop, key: "stop", "")
        await settle()
    }

    /// Returns when all that was noted is on the card.
    public func settle() async { await queue.run {} }

    /// What is noted, oldest first.
    public func records() async -> [FaultRecord] {
        await queue.run {
            self.state.withLock { state in
                self.open(&state)
                return state.ring.records
            }
        }
    }

    /// How many records went to the card since the start. Each is one block.
    public func written() async -> Int { await queue.run { self.state.withLock { $0.written } } }

    // MARK: On the queue

    private func enqueue(_ body: @escaping @Sendable (FaultLog, inout State) -> Void) {
        queue.enqueue {
            self.state.withLock { state in
                self.open(&state)
                body(self, &state)
            }
        }
    }

    /// Reads what is there. A file that is not there is made with the first record.
    private func open(_ state: inout State) {
        guard !state.isOpen else { return }
        state.isOpen = true
        guard let bytes = try? DurableFile.read(path, limit: 2 * FaultRing.byteCount) else { return }
        state.ring = FaultRing(bytes)
        state.budget = FaultBudget(written: state.ring.uptimes(ofBoot: boot))
    }

    private func write(_ kind: FaultRecord.Kind, key: String, _ text: String, to state: inout State) {
        let uptime = Int(clock.now.nanoseconds / 1_000_000_000)
        guard state.budget.admit(key, at: uptime) else { return }
        let leftOut = state.budget.takeLeftOut()
        let record = FaultRecord(
            number: state.ring.next, time: time(), uptime: uptime, kind: kind,
            text: leftOut == 0 ? text : "\(text) (\(leftOut) before it were left out)")
        do throws(Errno) {
            let file = if let open = state.file { open } else { try makeFile() }
            state.file = file
            try DurableFile.write(record.line(), to: file, at: FaultRing.offset(of: record.number))
            try file.synchronizeData()
            state.written += 1
            if state.isFailing {
                state.isFailing = false
                log.notice("the fault log can be written again")
            }
        } catch {
            state.file = nil
            if !state.isFailing { log.warning("the fault log cannot be written", metadata: ["error": "\(error)"]) }
            state.isFailing = true
        }
        // For those who ask this daemon, it is known all the same.
        state.ring.add(record)
    }

    /// The file, of its full size from the beginning: later writes change nothing but the line that they are.
    private func makeFile() throws(Errno) -> Descriptor {
        if let file = try? Descriptor.open(path, .readWrite), (try? file.byteCount()) == FaultRing.byteCount {
            return file
        }
        try DurableFile.replace(path, with: FaultRing.empty, permissions: [.ownerReadWrite, .groupRead])
        return try Descriptor.open(path, .readWrite)
    }
}
