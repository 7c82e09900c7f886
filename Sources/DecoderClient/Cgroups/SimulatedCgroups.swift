import Synchronization
public import SystemPackage

/// A tree of control groups in memory, with the kernel's rules as far as the daemon meets them: who may have sub-groups
/// with controllers, which files a group has, and what is counted when a process is killed for memory.
public final class SimulatedCgroups: CgroupTree {
    private struct Group {
        /// What this group was given by the one above.
        var controllers: Set<String>
        /// What it hands on.
        var handedOn: Set<String> = []
        var processes: Set<Int32> = []
        var files: [String: String] = [:]
        var limitReached = 0
        var kills = 0
    }

    private struct State {
        var groups: [FilePath: Group] = [:]
        var refusal: Errno?
    }

    /// The number that the daemon has here.
    public static let daemon: Int32 = 1_000
    private let root: FilePath
    private let isRootDelegated: Bool
    private let state: Mutex<State>

    /// - Parameters:
    ///   - root: the group that is handed over, below /sys/fs/cgroup.
    ///   - subgroup: where in it systemd puts the daemon; nil: into itself, as before version 254.
    ///   - controllers: those that the group was given.
    ///   - isDelegated: whether systemd's mark is on it.
    public init(
        root: String = "system.slice/vitrine.service", subgroup: String? = "daemon",
        controllers: Set<String> = ["cpu", "memory", "pids"], isDelegated: Bool = true
    ) {
        let path = FilePath("/sys/fs/cgroup/\(root)")
        self.root = path
        isRootDelegated = isDelegated
        var groups = [path: Group(controllers: controllers)]
        if let subgroup {
            groups[path.appending(subgroup)] = Group(controllers: [], processes: [Self.daemon])
        } else {
            groups[path]?.processes = [Self.daemon]
        }
        state = Mutex(State(groups: groups))
    }

    // MARK: As a tree

    public func ownMembership() throws(Errno) -> String {
        guard let group = group(of: Self.daemon) else { throw .noSuchProcess }
        return "0::\(group.string.dropFirst("/sys/fs/cgroup".count))\n"
    }

    public func isDelegated(_ path: FilePath) -> Bool { isRootDelegated && path == root }

    public func makeGroup(_ path: FilePath) throws(Errno) {
        let made = state.withLock { state in
            guard let parent = state.groups[path.removingLastComponent()] else { return false }
            if state.groups[path] == nil { state.groups[path] = Group(controllers: parent.handedOn) }
            return true
        }
        if !made { throw .noSuchFileOrDirectory }
    }

    public func read(_ path: FilePath) throws(Errno) -> String {
        let text = state.withLock { state -> String? in
            guard let group = state.groups[path.removingLastComponent()], let name = path.lastComponent?.string else {
                return nil
            }
            switch name {
            case "cgroup.controllers": return group.controllers.sorted().joined(separator: " ") + "\n"
            case "cgroup.procs": return group.processes.sorted().map { "\($0)\n" }.joined()
            case "memory.events" where group.controllers.contains("memory"):
                return "low 0\nhigh 0\nmax 3\noom \(group.limitReached)\noom_kill \(group.kills)\noom_group_kill 0\n"
            default: return group.files[name]
            }
        }
        guard let text else { throw .noSuchFileOrDirectory }
        return text
    }

    public func write(_ text: String, to path: FilePath) throws(Errno) {
        let folder = path.removingLastComponent()
        let name = path.lastComponent?.string ?? ""
        let error = state.withLock { state -> Errno? in
            if let refusal = state.refusal { return refusal }
            guard let group = state.groups[folder] else { return .noSuchFileOrDirectory }
            switch name {
            case "cgroup.procs":
                guard let number = Int32(text) else { return .invalidArgument }
                // A group that hands on controllers has no processes of its own.
                guard group.handedOn.isEmpty else { return .resourceBusy }
                for key in Array(state.groups.keys) {
                    state.groups[key]?.processes.remove(number == 0 ? Self.daemon : number)
                }
                state.groups[folder]?.processes.insert(number == 0 ? Self.daemon : number)
            case "cgroup.subtree_control":
                let names = Set(text.split(separator: " ").map { String($0.dropFirst()) })
                guard names.isSubset(of: group.controllers) else { return .noSuchFileOrDirectory }
                guard group.processes.isEmpty else { return .resourceBusy }
                state.groups[folder]?.handedOn.formUnion(names)
            default:
                guard let controller = name.split(separator: ".").first, group.controllers.contains(String(controller))
                else { return .noSuchFileOrDirectory }
                state.groups[folder]?.files[name] = text
            }
            return nil
        }
        if let error { throw error }
    }

    // MARK: For those who look, and those who disturb

    public func group(of processID: Int32) -> FilePath? {
        state.withLock { $0.groups.first { $0.value.processes.contains(processID) }?.key }
    }

    /// The process is gone. `.ownLimit`: it was killed because its group's limit was reached; `.wholeBoard`: because there was
    /// no memory left anywhere.
    public func end(_ processID: Int32, killedFor reason: Shortage? = nil) {
        guard let group = group(of: processID) else { return }
        state.withLock { state in
            state.groups[group]?.processes.remove(processID)
            if reason == .ownLimit { state.groups[group]?.limitReached += 1 }
            if reason != nil { state.groups[group]?.kills += 1 }
        }
    }

    public enum Shortage: Sendable, Equatable { case ownLimit, wholeBoard }

    /// Every write fails with this; nil: no more.
    public func refuse(_ error: Errno?) { state.withLock { $0.refusal = error } }
}
