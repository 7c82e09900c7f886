import DecoderProtocol
import Dispatch
import LinuxSystem
public import Logging
import Supervision
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Sub-groups of the control group that systemd handed over to the daemon, one for each decoder that lives at a time.
///
/// Where none was handed over (a program started by hand, a system without version 2), everything works without.
public final class DecoderCgroups: Sendable {
    private struct State {
        var report: DecoderLimitReport
        /// Numbers of groups with a process.
        var taken: Set<Int> = []
        /// The kernel refused a decoder, which was said once.
        var isRefused = false
    }

    private let tree: any CgroupTree
    private let root: FilePath?
    private let controllers: Set<String>
    private let limits: CgroupLimits
    private let log: Logger
    private let state: Mutex<State>
    /// Moving a process waits for the kernel, some milliseconds.
    private let queue: BlockingQueue

    /// Looks for what was handed over and takes it into use.
    ///
    /// - Parameter memoryMegabytes: `decoder.limits.memory_mb`.
    public static func open(
        _ tree: any CgroupTree = KernelCgroupTree(), memoryMegabytes: Int, log: Logger
    ) async -> DecoderCgroups {
        let queue = BlockingQueue(label: "vitrine.cgroups", qos: .userInitiated)
        return await queue.run {
            DecoderCgroups(tree: tree, limits: CgroupLimits(memoryMegabytes: memoryMegabytes), log: log, queue: queue)
        }
    }

    private init(tree: any CgroupTree, limits: CgroupLimits, log: Logger, queue: BlockingQueue) {
        self.tree = tree
        self.limits = limits
        self.log = log
        self.queue = queue
        let report: DecoderLimitReport
        switch Self.take(tree) {
        case .ready(let group, let found):
            root = group
            controllers = found
            report =
                found.contains("memory")
                ? .inForce(memoryBytes: limits.memory)
                : .absent(reason: "the kernel's memory controller is off; cgroup_enable=memory at boot turns it on")
        case .absent(let reason):
            root = nil
            controllers = []
            report = .absent(reason: reason)
        }
        state = Mutex(State(report: report))
        if case .absent(let reason) = report {
            log.info("decoders have no memory limit of the kernel's", metadata: ["reason": "\(reason)"])
        }
    }

    /// What holds now.
    public var report: DecoderLimitReport { state.withLock { $0.report } }

    // MARK: What was handed over

    private enum Opening {
        case ready(root: FilePath, controllers: Set<String>)
        case absent(reason: String)
    }

    private static func take(_ tree: any CgroupTree) -> Opening {
        do throws(Errno) {
            switch CgroupDelegation.find(
                membership: try tree.ownMembership(), mountPoint: "/sys/fs/cgroup",
                isDelegated: { tree.isDelegated($0) })
            {
            case .absent(let reason): return .absent(reason: reason)
            case .delegated(let delegation):
                return .ready(root: delegation.root, controllers: try takeOver(delegation, of: tree))
            }
        } catch {
            return .absent(reason: "the control group that was handed over cannot be used: \(error)")
        }
    }

    /// Hands on to sub-groups what there is of memory, cpu and pids; what it was.
    private static func takeOver(_ delegation: CgroupDelegation, of tree: any CgroupTree) throws(Errno) -> Set<String> {
        let root = delegation.root
        if delegation.mustMove {
            let own = root.appending(CgroupDelegation.daemonGroup)
            try tree.makeGroup(own)
            // 0 is the process that writes.
            try tree.write("0", to: own.appending("cgroup.procs"))
        }
        let there = Set(try tree.read(root.appending("cgroup.controllers")).split(whereSeparator: \.isWhitespace))
        let controllers = CgroupLimits.controllers.filter { there.contains($0[...]) }
        if !controllers.isEmpty {
            try tree.write(
                controllers.map { "+\($0)" }.joined(separator: " "), to: root.appending("cgroup.subtree_control"))
        }
        return Set(controllers)
    }

    // MARK: Decoders

    /// Puts a process that has parsed nothing yet into a group of its own. nil when there is none to put it into: it works
    /// without.
    func admit(_ processID: Int32, role: DecoderRole) async -> CgroupStay? {
        guard let root, !controllers.isEmpty else { return nil }
        let number = state.withLock { state in
            let free = (1...).first { !state.taken.contains($0) } ?? 1
            state.taken.insert(free)
            return free
        }
        let group = root.appending("decoder-\(number)")
        do throws(Errno) {
            let before = try await queue.run { () throws(Errno) in
                try self.furnish(group, for: role)
                let before = try self.events(of: group)
                try self.tree.write("\(processID)", to: group.appending("cgroup.procs"))
                return before
            }
            noteAdmitted()
            return CgroupStay(groups: self, number: number, group: group, before: before)
        } catch {
            leave(number)
            // One that has ended already is no refusal.
            if error != .noSuchProcess { noteRefused(error) }
            return nil
        }
    }

    /// The group of a process that is gone is the next one's.
    fileprivate func leave(_ number: Int) { state.withLock { _ = $0.taken.remove(number) } }

    /// True when the process that stayed there was killed because of the group's own limit.
    fileprivate func limitEnded(_ group: FilePath, since before: MemoryEvents) async -> Bool {
        let now = await queue.run { try? self.events(of: group) }
        return now?.showOwnLimit(since: before) ?? false
    }

    private func furnish(_ group: FilePath, for role: DecoderRole) throws(Errno) {
        try tree.makeGroup(group)
        for setting in limits.settings(for: role) where controllers.contains(setting.controller) {
            do throws(Errno) {
                try tree.write(setting.value, to: group.appending(setting.file))
            } catch .noSuchFileOrDirectory {
                // memory.swap.max of a kernel without swap.
            }
        }
    }

    private func events(of group: FilePath) throws(Errno) -> MemoryEvents {
        guard controllers.contains("memory") else { return MemoryEvents() }
        return MemoryEvents(try tree.read(group.appending("memory.events")))
    }

    private func noteRefused(_ error: Errno) {
        let isNew = state.withLock { state in
            defer { state.isRefused = true }
            state.report = .absent(reason: "a decoder could not be put into its control group: \(error)")
            return !state.isRefused
        }
        guard isNew else { return }
        log.warning("a decoder runs without its control group", metadata: ["error": "\(error)"])
    }

    private func noteAdmitted() {
        let isNew = state.withLock { state in
            guard state.isRefused else { return false }
            state.isRefused = false
            if controllers.contains("memory") { state.report = .inForce(memoryBytes: limits.memory) }
            return true
        }
        if isNew { log.notice("decoders are in their control groups again") }
    }
}

/// A process in a group of its own, until it has ended.
struct CgroupStay: Sendable {
    fileprivate let groups: DecoderCgroups
    fileprivate let number: Int
    fileprivate let group: FilePath
    fileprivate let before: MemoryEvents

    /// To be called once, when the process has ended: gives the group back, and tells a kill for its memory from one that came
    /// from outside.
    func end(with cause: ExitCause?) async -> ExitCause? {
        defer { groups.leave(number) }
        guard cause == .signal(SIGKILL), await groups.limitEnded(group, since: before) else { return cause }
        return .outOfMemory
    }
}
