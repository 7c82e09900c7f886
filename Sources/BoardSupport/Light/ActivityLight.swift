import LinuxSystem
import Synchronization
public import SystemPackage

/// The board's small light that a person without a screen sees: the green one of a Raspberry Pi.
public protocol ActivityLight: Sendable {
    /// Takes the light from whatever has it, and switches it.
    func set(_ isOn: Bool) throws(Errno)
    /// Gives it back to what had it before: on a Raspberry Pi the card's activity.
    func giveBack() throws(Errno)
}

/// A light of the kernel's (Linux, Documentation/leds/leds-class.rst and Documentation/ABI/testing/sysfs-class-led).
///
/// It is switched by us and not by the kernel's `timer`, whose files only root could write: they come with the
/// trigger, past every rule.
public final class KernelLight: ActivityLight {
    /// Raspberry Pi's and Debian's device trees call it `ACT`, older kernels `led0`.
    static let names = ["ACT", "led0"]

    private let folder: FilePath
    private let full: String
    /// The trigger that had it before; nil: it is not taken.
    private let former = Mutex<String?>(nil)

    /// - Returns: nil where there is no such light.
    public init?(root: FilePath = "/") {
        let lights = root.appending("sys/class/leds")
        guard
            let folder = Self.names.map({ lights.appending($0) })
                .first(where: { (try? DurableFile.read($0.appending("max_brightness"), limit: 64)) != nil })
        else { return nil }
        self.folder = folder
        let maximum = (try? DurableFile.read(folder.appending("max_brightness"), limit: 64)) ?? []
        full = String(decoding: maximum.filter { $0 > 0x20 }, as: UTF8.self)
    }

    public func set(_ isOn: Bool) throws(Errno) {
        try former.withLock { (former) throws(Errno) in
            if former == nil {
                let triggers = String(
                    decoding: try DurableFile.read(folder.appending("trigger"), limit: 1 << 16), as: UTF8.self)
                try write("none", to: "trigger")
                former = Self.current(triggers)
            }
            try write(isOn ? full : "0", to: "brightness")
        }
    }

    public func giveBack() throws(Errno) {
        try former.withLock { (former) throws(Errno) in
            guard let trigger = former else { return }
            try write(trigger, to: "trigger")
            former = nil
        }
    }

    /// The one in brackets: `none timer [mmc0] heartbeat`.
    static func current(_ triggers: String) -> String {
        triggers.split { $0 == " " || $0 == "\n" }
            .first { $0.hasPrefix("[") && $0.hasSuffix("]") }
            .map { String($0.dropFirst().dropLast()) } ?? "none"
    }

    private func write(_ text: String, to name: FilePath.Component) throws(Errno) {
        let file = try Descriptor.open(folder.appending(name), .writeOnly)
        try DurableFile.write(Array(text.utf8), to: file)
    }
}

/// A light in memory.
public final class SimulatedLight: ActivityLight {
    /// What was done with it: on, off, or given back (nil).
    private let history = Mutex<[Bool?]>([])

    public init() {}

    public var states: [Bool?] { history.withLock { $0 } }
    /// Nil: it is the system's.
    public var isOn: Bool? { history.withLock { $0.last ?? nil } }

    public func set(_ isOn: Bool) { history.withLock { $0.append(isOn) } }
    public func giveBack() { history.withLock { $0.append(nil) } }
}
