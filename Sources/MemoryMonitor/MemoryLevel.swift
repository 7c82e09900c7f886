/// How pressing memory is.
public enum MemoryLevel: String, Sendable, CaseIterable, Comparable {
    case normal
    /// Less than 150 MB available, or some task waited for memory for more than a tenth of the time.
    case low
    /// Less than 64 MB available, or all tasks waited for more than a twentieth of the time.
    case critical

    /// Below so many bytes memory is low.
    public static let lowBytes = 150 << 20
    /// Below so many bytes it is critical.
    public static let criticalBytes = 64 << 20
    static let lowPressure = 10.0
    static let criticalPressure = 5.0

    /// The level of one reading. Pressure only adds: it never makes a level better than the bytes say.
    public init(of reading: MemoryReading) { self.init(of: reading, beyondBytes: 0, pressureFactor: 1) }

    /// - Parameters:
    ///   - beyondBytes: so many more must be available.
    ///   - pressureFactor: of the pressure that is still none.
    init(of reading: MemoryReading, beyondBytes margin: Int, pressureFactor: Double) {
        let some = reading.pressure?.some ?? 0
        let full = reading.pressure?.full ?? 0
        if reading.spare < Self.criticalBytes + margin || full > Self.criticalPressure * pressureFactor {
            self = .critical
        } else if reading.spare < Self.lowBytes + margin || some > Self.lowPressure * pressureFactor {
            self = .low
        } else {
            self = .normal
        }
    }

    public static func < (left: MemoryLevel, right: MemoryLevel) -> Bool {
        left.severity < right.severity
    }

    private var severity: Int {
        switch self {
        case .normal: 0
        case .low: 1
        case .critical: 2
        }
    }
}
