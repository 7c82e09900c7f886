/// What a control group with a limit has left (cgroup v2,
/// https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files). Bytes.
public struct GroupMemory: Sendable, Equatable {
    /// `memory.max`, or `memory.high` where that is lower: beyond it, the kernel slows the group down.
    public var limit: Int
    /// What may still be taken, with what the kernel would take back from the page cache first.
    public var available: Int

    public init(limit: Int, available: Int) {
        self.limit = limit
        self.available = available
    }

    /// From the texts of the group's files; nil when it has no limit, or is the root and has no such files.
    init?(max: String?, high: String?, current: @autoclosure () -> String?, stat: @autoclosure () -> String?) {
        guard let limit = [max, high].compactMap({ $0.flatMap(Self.number) }).min(),
            let used = current().flatMap(Self.number)
        else { return nil }
        // Shared memory, our buffers among it, is in neither list of files. Of those in use, as of the machine's, half
        // is taken to be needed.
        var (inactive, active) = (0, 0)
        for line in (stat() ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let bytes = Int(words[1]), bytes >= 0 else { continue }
            if words[0] == "inactive_file" { inactive = bytes }
            if words[0] == "active_file" { active = bytes }
        }
        self.init(
            limit: limit, available: Swift.max(0, min(limit, limit - used + min(used, inactive + active / 2))))
    }

    /// nil for `max`, which is no limit.
    private static func number(_ text: String) -> Int? {
        Int(text.prefix { !$0.isWhitespace }).flatMap { $0 < 0 ? nil : $0 }
    }
}
