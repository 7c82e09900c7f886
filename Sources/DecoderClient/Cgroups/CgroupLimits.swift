import DecoderProtocol

/// What a decoder's control group is told.
struct CgroupLimits: Sendable, Equatable {
    /// Bytes beside what decoding may use: the program and its libraries, page tables, and the page cache of the file that
    /// it reads. The process's own limit (`RLIMIT_DATA`) comes first and lets it refuse a medium in words; this one holds
    /// where that does not count.
    static let spare = 32_000_000
    /// Threads. The seccomp filter allows no other process.
    static let tasks = 64

    /// Bytes at which the kernel ends the process: `memory.max`.
    let memory: Int

    /// - Parameter memoryMegabytes: `decoder.limits.memory_mb`.
    init(memoryMegabytes: Int) { memory = memoryMegabytes * 1_000_000 + Self.spare }

    /// Files and their content, for a process of this role. Those of a controller that is not there do not exist.
    func settings(for role: DecoderRole) -> [(controller: String, file: String, value: String)] {
        [
            ("memory", "memory.max", "\(memory)"),
            // What does not fit into the limit would go to zram otherwise, which is the same memory under another name.
            ("memory", "memory.swap.max", "0"),
            ("pids", "pids.max", "\(Self.tasks)"),
            // Niceness counts within a group alone, so that checks step behind playing by their group's weight.
            ("cpu", "cpu.weight", role == .intake ? "20" : "100"),
        ]
    }

    /// What the daemon hands on to its sub-groups of what it was given.
    static let controllers = ["memory", "cpu", "pids"]
}

/// `memory.events` of a control group: how often something happened since the group was made.
struct MemoryEvents: Sendable, Equatable {
    /// The group's own limit was reached and nothing could be freed.
    var limitReached = 0
    /// A process of the group was killed for memory, whoever had run out of it.
    var kills = 0

    init() {}

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let number = Int(words[1]) else { continue }
            switch words[0] {
            case "oom": limitReached = number
            case "oom_kill": kills = number
            default: break
            }
        }
    }

    /// True when a process that lived from `earlier` to now was killed because of its group's own limit. When the whole board
    /// ran out of memory, `oom_kill` grows and `oom` does not: the limit of another group, or none, was reached.
    func showOwnLimit(since earlier: MemoryEvents) -> Bool {
        kills > earlier.kills && limitReached > earlier.limitReached
    }
}
