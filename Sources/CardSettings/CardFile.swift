public import SystemPackage

/// A file of the card by what it is for. Where it lies is the applier's to know.
public enum CardFile: Sendable, Hashable {
    /// On the FAT partition, where any computer writes: `vitrine.toml`, and what Raspberry Pi Imager leaves.
    case firmware(String)
    /// `/data/system`, for root alone.
    case system(String)
    /// `<data>/config.toml`, the daemon's.
    case config
    /// A `config.toml` that was no TOML, kept for a person to look at.
    case unreadableConfig
    /// `/run/vitrine-system`: what the system's programs read, gone with the power.
    case run(String)
    /// `/run/vitrine-boot`: what the daemon reads about the start.
    case report(String)

    /// The inbox.
    public static let inbox = CardFile.firmware("vitrine.toml")
    /// Lines that config.txt includes.
    public static let generatedConfig = CardFile.firmware(generatedName)
    static let generatedName = "vitrine-generated.txt"
    /// The system's settings, the password among them.
    public static let systemSettings = CardFile.system("card.toml")
    /// Its being there is what has SSH started.
    public static let authorizedKeys = CardFile.system("authorized_keys")
    /// A person's wish to have the data partition erased; the initramfs grants it.
    public static let eraseWish = CardFile.firmware("erase-data")
    public static let faults = CardFile.report("card")
    /// What became of a wish that the daemon passed on: `granted`, or `refused` and why.
    public static let erasureAnswer = CardFile.report("erasure")
    /// What the initramfs says of the data partition.
    static let dataReport = CardFile.report("data")

    /// What was taken of a file of the FAT partition.
    static func record(of name: String) -> CardFile { .system("inbox/\(name)") }

    /// Where messages do not call it by its last name alone, which another file has, too.
    var nameInMessages: String? {
        guard case .system(let name) = self else { return nil }
        return "/data/system/\(name)"
    }
}

/// Where the files of a card lie; folders of a test, in tests.
public struct CardRoots: Sendable, Equatable {
    public var firmware: FilePath
    public var system: FilePath
    /// The daemon's data folder.
    public var data: FilePath
    public var run: FilePath
    public var report: FilePath
    /// The layers below `<data>/config.toml`.
    public var settings: FilePath
    public var zones: FilePath

    public init(
        firmware: FilePath = "/boot/firmware", system: FilePath = "/data/system", data: FilePath = "/var/lib/vitrine",
        run: FilePath = "/run/vitrine-system", report: FilePath = "/run/vitrine-boot",
        settings: FilePath = "/etc/vitrine", zones: FilePath = "/usr/share/zoneinfo"
    ) {
        self.firmware = firmware
        self.system = system
        self.data = data
        self.run = run
        self.report = report
        self.settings = settings
        self.zones = zones
    }

    public func path(of file: CardFile) -> FilePath {
        switch file {
        case .firmware(let name): firmware.appending(name)
        case .system(let name): system.appending(name)
        case .config: data.appending("config.toml")
        case .unreadableConfig: data.appending("config.toml.unreadable")
        case .run(let name): run.appending(name)
        case .report(let name): report.appending(name)
        }
    }
}
