import SystemPackage

/// Whether a control group was handed over to this process, and which.
struct CgroupDelegation: Sendable, Equatable {
    /// The name of the sub-group in which the daemon itself lives: `DelegateSubgroup=` of vitrine.service. A group with
    /// processes of its own cannot have sub-groups with limits, so that the daemon must be beside its decoders.
    static let daemonGroup = "daemon"

    /// The group that is ours.
    let root: FilePath
    /// The daemon is in `root` itself and has to step aside first: systemd before 254 has no `DelegateSubgroup=`.
    let mustMove: Bool

    enum Finding: Sendable, Equatable {
        case delegated(CgroupDelegation)
        /// Why not, in words.
        case absent(reason: String)
    }

    /// - Parameters:
    ///   - membership: the text of /proc/self/cgroup.
    ///   - isDelegated: whether systemd's mark is on a group.
    static func find(
        membership: String, mountPoint: FilePath, isDelegated: (FilePath) -> Bool
    ) -> Finding {
        let lines = membership.split(separator: "\n")
        // The line of version 2 begins so (cgroups(7)). Where version 1 holds the controllers, nothing below is marked.
        guard let own = lines.first(where: { $0.hasPrefix("0::/") })?.dropFirst("0::/".count) else {
            return .absent(reason: "this system has no control groups of version 2")
        }
        guard !own.hasSuffix("(deleted)") else { return .absent(reason: "the control group of this process is gone") }
        var group = mountPoint
        for part in own.split(separator: "/") { group.append(String(part)) }
        if isDelegated(group) { return .delegated(CgroupDelegation(root: group, mustMove: true)) }
        let parent = group.removingLastComponent()
        if group != mountPoint, group.lastComponent?.string == daemonGroup, isDelegated(parent) {
            return .delegated(CgroupDelegation(root: parent, mustMove: false))
        }
        return .absent(reason: "no control group was handed over to this process; vitrine.service has one")
    }
}
