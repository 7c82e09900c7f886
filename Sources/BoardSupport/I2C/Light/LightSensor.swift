/// A light sensor that is being used.
protocol LightSensor: Sendable {
    var title: String { get }
    var address: I2CAddress { get }

    /// Measures once. Takes as long as the sensor integrates, up to a second or two where its range has to be found.
    mutating func measure() async throws(I2CError) -> LightReading
}

/// How light it is.
public struct LightReading: Sendable, Equatable {
    public var lux: Double
    /// It is lighter than that: the sensor's range ends there.
    public var isSaturated: Bool

    public init(lux: Double, isSaturated: Bool = false) { (self.lux, self.isSaturated) = (lux, isSaturated) }
}
