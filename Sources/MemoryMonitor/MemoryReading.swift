import LinuxSystem

/// How much memory there is at one moment. Bytes.
public struct MemoryReading: Sendable, Equatable {
    /// Tasks that waited for memory, in percent of the last ten seconds (PSI,
    /// https://docs.kernel.org/accounting/psi.html).
    public struct Pressure: Sendable, Equatable {
        /// Some task waited.
        public var some: Double
        /// All tasks waited.
        public var full: Double

        public init(some: Double, full: Double) {
            self.some = some
            self.full = full
        }
    }

    /// What the kernel expects that can be had without swapping (`MemAvailable`).
    public var available: Int
    /// What the kernel manages: less than the board has, by the firmware's, the display's and its own share.
    public var total: Int
    /// nil where the kernel has no PSI, or has it off.
    public var pressure: Pressure?
    /// The tightest control group that this process is in; nil where no group has a limit.
    public var group: GroupMemory?

    public init(available: Int, total: Int, pressure: Pressure? = nil, group: GroupMemory? = nil) {
        self.available = available
        self.total = total
        self.pressure = pressure
        self.group = group
    }

    /// What this process may still have, of the machine's and of its group's.
    public var spare: Int { min(available, group?.available ?? available) }
    /// What there is in all for it.
    public var size: Int { min(total, group?.limit ?? total) }

    /// From the text of `/proc/meminfo` and of `/proc/pressure/memory`. nil when the first lacks a number; the second may
    /// be missing or say nothing.
    public init?(meminfo: String, pressure: String?) {
        let table = KernelTable(meminfo)
        guard let available = table.bytes("MemAvailable"), let total = table.bytes("MemTotal") else { return nil }
        self.init(available: available, total: total, pressure: pressure.flatMap(Pressure.init(text:)))
    }
}

extension MemoryReading.Pressure {
    /// `some avg10=0.00 avg60=…` and `full avg10=…`, a line each. nil when one of them is missing.
    init?(text: String) {
        func average(_ kind: Substring) -> Double? {
            text.split(separator: "\n").map { $0.split(separator: " ") }.first { $0.first == kind }?
                .first { $0.hasPrefix("avg10=") }.flatMap { Double($0.dropFirst("avg10=".count)) }
        }
        guard let some = average("some"), let full = average("full") else { return nil }
        self.init(some: some, full: full)
    }
}
