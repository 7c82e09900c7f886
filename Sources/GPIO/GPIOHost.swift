public import SystemPackage

/// Where GPIO lines come from: Linux, or a simulated board.
public protocol GPIOHost: Sendable {
    /// Why the line cannot be had just now, in words, with what to do; nil when it can. Takes nothing.
    func problem(with line: LineName) -> String?
    /// Takes a line as an output until the returned value is let go of, when the line keeps its level or not, as the kernel
    /// and the chip see fit.
    ///
    /// - Parameter consumer: who has it, for those who ask the kernel (`gpioinfo`).
    func output(_ line: LineName, initially isHigh: Bool, consumer: String) throws(GPIOError) -> any GPIOOutput
    /// Takes a line as an input until the returned value is let go of. Both edges are reported.
    func input(_ line: LineName, _ settings: GPIOInputSettings, consumer: String) throws(GPIOError) -> any GPIOInput
}

/// A line that drives its pin.
public protocol GPIOOutput: AnyObject, Sendable {
    func set(_ isHigh: Bool) throws(GPIOError)
}

/// A line that could not be taken or driven.
public struct GPIOError: Error, Equatable, Sendable, CustomStringConvertible {
    public let line: LineName
    /// What was tried and what stood against it, with what to do.
    public let what: String
    public let errno: Errno

    public init(_ line: LineName, _ what: String, _ errno: Errno) {
        (self.line, self.what, self.errno) = (line, what, errno)
    }

    public var description: String { "line \(line): \(what)" }
}

/// No lines at all: a build without libgpiod, or a machine without them.
public struct NoGPIO: GPIOHost {
    public let reason: String

    public init(_ reason: String) { self.reason = reason }

    public func problem(with line: LineName) -> String? { reason }

    public func output(_ line: LineName, initially: Bool, consumer: String) throws(GPIOError) -> any GPIOOutput {
        throw GPIOError(line, reason, .notSupported)
    }

    public func input(
        _ line: LineName, _ settings: GPIOInputSettings, consumer: String
    ) throws(GPIOError) -> any GPIOInput {
        throw GPIOError(line, reason, .notSupported)
    }
}

/// The lines of the machine that this runs on.
public enum BoardGPIO {
    public static var host: any GPIOHost {
        #if GPIO
            LinuxGPIO()
        #else
            NoGPIO("this program was built without GPIO; build it where libgpiod 2 is installed")
        #endif
    }
}
