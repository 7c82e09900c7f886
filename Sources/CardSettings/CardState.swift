public import DeviceSettings
import LinuxSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Everything that a plan is made from: what stands on the card, and what is known of it.
public struct CardState: Sendable {
    /// Files of the FAT partition, by name. What is not there is left out.
    public var firmware: [String: [UInt8]] = [:]
    /// Why a file that is there was not read, by the name that messages call it.
    public var unread: [String: String] = [:]
    /// `/data/system/card.toml`.
    public var systemSettings: [UInt8]?
    /// `/data/system/authorized_keys`.
    public var authorizedKeys: [UInt8]?
    /// What was taken of each file of the FAT partition: `CardRecord`.
    public var records: [String: [UInt8]] = [:]
    /// The daemon's settings, `<data>/config.toml` among them.
    public var settings: Settings
    /// What the layer of `<data>/config.toml` is called.
    public var configOrigin: String
    /// `<data>/config.toml` as it stands.
    public var config: [UInt8]?
    /// Whether `/data` can be written to. Where it cannot, nothing is blanked: the card has the only copy.
    public var dataIsWritable: Bool
    /// The start has said already that nothing can be kept, and why.
    public var dataFaultIsSaid = false
    /// The names of time zones, read when they are needed; empty where they are unknown.
    public var zones: @Sendable () -> [String]

    public init(
        settings: Settings, configOrigin: String, dataIsWritable: Bool = true,
        zones: @escaping @Sendable () -> [String] = { [] }
    ) {
        self.settings = settings
        self.configOrigin = configOrigin
        self.dataIsWritable = dataIsWritable
        self.zones = zones
    }

    /// Files larger than this are not what they should be.
    private static let limit = 1 << 18

    /// Reads what is there. What cannot be read is as if it were not there, and is said.
    public init(roots: CardRoots) {
        let settings = SettingsFiles(systemFolder: roots.settings).load(
            environment: ["VITRINE_DATA_DIRECTORY": roots.data.string], arguments: [],
            paths: StandardPaths(data: roots.data.string, socket: "/run/vitrine/vitrine.sock"))
        self.init(
            // Without the variable, which is no setting of anybody's.
            settings: Settings(keys: settings.keys, layers: settings.layers.filter { $0.origin != "environment" }),
            configOrigin: SettingsFiles.dataFile(in: roots.data).string,
            dataIsWritable: (try? syscall { access(roots.system.string, W_OK) }) != nil,
            zones: { TimeZones.names(in: roots.zones) })
        func content(_ file: CardFile, saying isSaid: Bool = false) -> [UInt8]? {
            let path = roots.path(of: file)
            let name = file.nameInMessages ?? path.lastComponent?.string ?? path.string
            do throws(Errno) {
                // A link would have root read where the one who made it may not look.
                let descriptor = try Descriptor.open(path, .readOnly, options: [.noFollow])
                let size = try descriptor.byteCount()
                guard size <= Self.limit else { throw .fileTooLarge }
                return try DurableFile.read(from: descriptor, at: 0, atMost: size)
            } catch .noSuchFileOrDirectory {
                return nil
            } catch {
                if isSaid {
                    unread[name] =
                        error == .fileTooLarge
                        ? "not read: it is larger than \(Self.limit >> 10) KB, which no file of settings is"
                        : "it cannot be read: \(error)"
                }
                return nil
            }
        }
        for name in CardSources.names {
            firmware[name] = content(.firmware(name), saying: true)
            records[name] = content(.record(of: name), saying: true)
        }
        firmware[CardFile.generatedName] = content(.generatedConfig)
        systemSettings = content(.systemSettings, saying: true)
        authorizedKeys = content(.authorizedKeys, saying: true)
        config = content(.config, saying: true)
        let data = content(.dataReport).map { String(decoding: $0, as: UTF8.self) } ?? ""
        dataFaultIsSaid = ["read_only", "absent"].contains { data.hasPrefix($0) }
    }
}

/// The time zones that the system has.
enum TimeZones {
    /// From `tzdata.zi`, where every zone is a line `Z NAME …` and every other name one `L NAME OTHER` (zic(8)).
    static func names(in folder: FilePath) -> [String] {
        guard let bytes = try? DurableFile.read(folder.appending("tzdata.zi"), limit: 1 << 21) else { return [] }
        return bytes.split(separator: 0x0A).compactMap { line -> String? in
            let words = line.prefix(200).split(separator: 0x20, maxSplits: 3)
            guard let kind = words.first, kind.count == 1, words.count >= 2 else { return nil }
            switch kind[kind.startIndex] {
            case UInt8(ascii: "Z"): return String(decoding: words[1], as: UTF8.self)
            case UInt8(ascii: "L") where words.count >= 3: return String(decoding: words[2], as: UTF8.self)
            default: return nil
            }
        }
    }
}
