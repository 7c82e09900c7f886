public import LinuxSystem

/// A line that is read: a button, a sensor.
public protocol GPIOInput: AnyObject, Sendable {
    /// Edges since the line was taken, for one reader. What nobody read beyond the last 64 is lost, oldest first.
    /// It ends when the line is let go of, and when the kernel gives no more.
    var edges: AsyncStream<GPIOEdge> { get }
    /// Whether it is active just now, as `GPIOInputSettings.activeLow` understands it.
    func isActive() throws(GPIOError) -> Bool
}

/// How a line is read.
public struct GPIOInputSettings: Equatable, Sendable {
    /// What holds a line to which nothing is connected: there is no way to leave it floating, for it would press itself.
    public enum Pull: Sendable { case up, down }

    public var pull: Pull
    /// A switch to ground is active while its line is low.
    public var activeLow: Bool
    /// How long a level must hold before it counts. Edges come that much later. Zero: at once, bounces and all.
    public var debounce: Duration

    /// A switch to ground, as nearly all buttons are.
    public init(pull: Pull = .up, activeLow: Bool = true, debounce: Duration = .milliseconds(10)) {
        (self.pull, self.activeLow, self.debounce) = (pull, activeLow, debounce)
    }
}

/// A line became active or inactive.
public struct GPIOEdge: Equatable, Sendable {
    public let isActive: Bool
    /// The kernel's, on CLOCK_MONOTONIC: not when it was read.
    public let moment: MonotonicInstant

    public init(isActive: Bool, moment: MonotonicInstant) { (self.isActive, self.moment) = (isActive, moment) }
}
