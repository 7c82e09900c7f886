/// What `GET /api/v1/status` answers. In JSON all names are in snake case.
public struct ApplianceStatus: Sendable, Equatable, Codable {
    public var device: DeviceStatus
    public var board: BoardStatus
    public var display: DisplayStatus
    public var player: PlayerStatus
    public var memory: MemoryStatus
    public var decoder: DecoderStatus
    public var storage: StorageStatus
    public var network: NetworkStatus
    /// What is wrong now, in words, worst first; empty when all is well.
    public var faults: [StatusFault]

    public init(
        device: DeviceStatus, board: BoardStatus, display: DisplayStatus, player: PlayerStatus, memory: MemoryStatus,
        decoder: DecoderStatus, storage: StorageStatus, network: NetworkStatus, faults: [StatusFault] = []
    ) {
        self.device = device
        self.board = board
        self.display = display
        self.player = player
        self.memory = memory
        self.decoder = decoder
        self.storage = storage
        self.network = network
        self.faults = faults
    }
}

/// Something that is wrong, and what to do about it.
public struct StatusFault: Sendable, Equatable, Codable {
    /// The part that has it: `display`, `decoder`, `storage`, `configuration`, `sandbox`, …
    public var part: String
    public var detail: String
    public var suggestion: String?

    public init(part: String, detail: String, suggestion: String? = nil) {
        self.part = part
        self.detail = detail
        self.suggestion = suggestion
    }
}

public struct DeviceStatus: Sendable, Equatable, Codable {
    /// `device.name`.
    public var name: String
    public var version: String
    public var uptimeSeconds: Double

    public init(name: String, version: String, uptimeSeconds: Double) {
        self.name = name
        self.version = version
        self.uptimeSeconds = uptimeSeconds
    }
}

public struct BoardStatus: Sendable, Equatable, Codable {
    /// As the device tree or the firmware names it; what the kernel says of the machine otherwise.
    public var model: String
    public var architecture: String
    /// The revision code of a Raspberry Pi: `902120`.
    public var revision: String?
    public var serial: String?
    /// Of the memory, what the kernel has.
    public var memoryBytes: Int?
    public var temperatureCelsius: Double?
    /// The voltage was too low since the start, where the board can tell.
    public var undervoltage: Bool?
    /// It is too low now.
    public var undervoltageNow: Bool?
    /// The processor is slowed down, for heat or for want of power.
    public var throttled: Bool?
    /// There is a small light that can blink, so that the board is found among others.
    public var activityLight: Bool?
    /// The small parts that were found on I2C, and what is wrong there; absent where nobody looked.
    public var i2c: [I2CPart]?

    public struct I2CPart: Sendable, Equatable, Codable {
        /// `oled` or `light`.
        public var kind: String
        /// What it is, for a person.
        public var title: String
        public var bus: String
        /// `0x3C`; absent where the bus itself is meant.
        public var address: String?
        /// `working`, `unused`, `lost`, `unknown` (no part that is known here), or `failed`.
        public var state: String
        /// What it measures, or what is wrong.
        public var detail: String?

        public init(
            kind: String, title: String, bus: String, address: String? = nil, state: String, detail: String? = nil
        ) {
            self.kind = kind
            self.title = title
            self.bus = bus
            self.address = address
            self.state = state
            self.detail = detail
        }
    }

    public init(
        model: String, architecture: String, temperatureCelsius: Double? = nil, undervoltage: Bool? = nil,
        i2c: [I2CPart]? = nil
    ) {
        self.model = model
        self.architecture = architecture
        self.temperatureCelsius = temperatureCelsius
        self.undervoltage = undervoltage
        self.i2c = i2c
    }
}

public struct DisplayStatus: Sendable, Equatable, Codable {
    /// One driver of the chain and what came of it.
    public struct Link: Sendable, Equatable, Codable {
        public var driver: String
        /// `active`, `usable`, `unusable`, `failed` or `untried`.
        public var outcome: String
        /// Why it is not in use.
        public var reason: String?

        public init(driver: String, outcome: String, reason: String? = nil) {
            self.driver = driver
            self.outcome = outcome
            self.reason = reason
        }
    }

    /// Absent while no display is open.
    public var driver: String?
    public var width: Int?
    public var height: Int?
    public var refreshHz: Double?
    /// What the screen calls itself.
    public var name: String?
    /// What is less than it could be, and why.
    public var notes: [String]?
    /// Of the card's buffers: the kernel's memory, and in that of no process. 0 without a card.
    public var bufferBytes: Int?
    public var chain: [Link]

    public init(
        driver: String? = nil, width: Int? = nil, height: Int? = nil, refreshHz: Double? = nil, name: String? = nil,
        notes: [String]? = nil, bufferBytes: Int? = nil, chain: [Link] = []
    ) {
        self.name = name
        self.notes = notes
        self.bufferBytes = bufferBytes
        self.driver = driver
        self.width = width
        self.height = height
        self.refreshHz = refreshHz
        self.chain = chain
    }
}

public struct PlayerStatus: Sendable, Equatable, Codable {
    public enum State: String, Sendable, Codable {
        case playing
        case paused
        case idle
    }

    public struct Current: Sendable, Equatable, Codable {
        public var id: String
        public var name: String
        public var kind: MediaKind?
        public var positionSeconds: Double?
        public var durationSeconds: Double?

        public init(
            id: String, name: String, kind: MediaKind?, positionSeconds: Double? = nil, durationSeconds: Double? = nil
        ) {
            self.id = id
            self.name = name
            self.kind = kind
            self.positionSeconds = positionSeconds
            self.durationSeconds = durationSeconds
        }
    }

    /// How many of the frames are shown of what moves.
    public struct Rate: Sendable, Equatable, Codable {
        /// 1: all; 2: every second one, at exactly twice the distance.
        public var divisor: Int
        /// Why not all: `heat`, `load`, or `display` for a source of far more frames than the screen has refreshes.
        public var cause: String?

        public init(divisor: Int, cause: String? = nil) {
            self.divisor = divisor
            self.cause = cause
        }
    }

    public var state: State
    /// Which rule of the programme won: `pick`, `all`, `welcome`, or `fault` while a notice is shown.
    public var rule: String
    public var current: Current?
    /// nil: nothing moves.
    public var rate: Rate?

    public init(state: State, rule: String, current: Current? = nil, rate: Rate? = nil) {
        self.state = state
        self.rule = rule
        self.current = current
        self.rate = rate
    }
}

public struct MemoryStatus: Sendable, Equatable, Codable {
    public struct Cache: Sendable, Equatable, Codable {
        public var budgetBytes: Int
        public var usedBytes: Int
        public var frames: Int
        public var hits: Int
        public var misses: Int
        /// Frames that were given up.
        public var evictions: Int

        public init(budgetBytes: Int, usedBytes: Int, frames: Int, hits: Int, misses: Int, evictions: Int = 0) {
            self.budgetBytes = budgetBytes
            self.usedBytes = usedBytes
            self.frames = frames
            self.hits = hits
            self.misses = misses
            self.evictions = evictions
        }
    }

    /// `normal`, `low` or `critical`.
    public var level: String
    public var availableBytes: Int
    public var cache: Cache

    public init(level: String, availableBytes: Int, cache: Cache) {
        self.level = level
        self.availableBytes = availableBytes
        self.cache = cache
    }
}

public struct DecoderStatus: Sendable, Equatable, Codable {
    /// `idle`, `running`, `restarting` or `failed`.
    public var state: String
    /// Since the start of the daemon.
    public var restarts: Int
    /// What of the sandbox is in force (`no_new_privs`, `landlock`, `seccomp`) and what the kernel lacks.
    public var sandbox: [String: Bool]?
    /// Whether the kernel bounds the memory of each decoder.
    public var memoryLimit: MemoryLimit?

    public struct MemoryLimit: Sendable, Equatable, Codable {
        public var inForce: Bool
        /// At which a decoder is ended.
        public var bytes: Int?
        /// Why it is not in force.
        public var reason: String?

        public init(inForce: Bool, bytes: Int? = nil, reason: String? = nil) {
            self.inForce = inForce
            self.bytes = bytes
            self.reason = reason
        }
    }

    /// Whether a decoder of the board decodes; absent before anything was decoded.
    public var hardware: Hardware?

    public struct Hardware: Sendable, Equatable, Codable {
        /// `absent`, `ready` (nothing that it decodes plays now), `in_use`, `refused` (software decodes this medium) or
        /// `stuck` (it stood still, and is not tried again).
        public var state: String
        /// Which, or why not.
        public var detail: String

        public init(state: String, detail: String) {
            self.state = state
            self.detail = detail
        }
    }

    public init(
        state: String, restarts: Int, sandbox: [String: Bool]? = nil, memoryLimit: MemoryLimit? = nil,
        hardware: Hardware? = nil
    ) {
        self.state = state
        self.restarts = restarts
        self.sandbox = sandbox
        self.memoryLimit = memoryLimit
        self.hardware = hardware
    }
}

public struct StorageStatus: Sendable, Equatable, Codable {
    public var freeBytes: Int
    public var totalBytes: Int
    /// The data folder cannot be written to: playing goes on, uploads are refused.
    public var isReadOnly: Bool

    public init(freeBytes: Int, totalBytes: Int, isReadOnly: Bool = false) {
        self.freeBytes = freeBytes
        self.totalBytes = totalBytes
        self.isReadOnly = isReadOnly
    }

    private enum CodingKeys: String, CodingKey {
        case freeBytes, totalBytes
        case isReadOnly = "readOnly"
    }
}

public struct NetworkStatus: Sendable, Equatable, Codable {
    /// Where the page is reached: `http://192.168.1.20:8080/`, best first.
    public var urls: [String]
    /// What the machine is called, and whether others find it as `<host_name>.local`; left out where that is unknown.
    public var hostName: String?
    public var nameIsOurs: Bool?
    public var interfaces: [Interface]?
    /// Left out where there is no radio, or no WiFi in the settings.
    public var wifi: WiFi?

    public init(urls: [String]) { self.urls = urls }

    public struct Interface: Sendable, Equatable, Codable {
        public var name: String
        /// `wired`, `radio` or `other`.
        public var kind: String
        public var linked: Bool
        public var addresses: [String]

        public init(name: String, kind: String, linked: Bool, addresses: [String]) {
            self.name = name
            self.kind = kind
            self.linked = linked
            self.addresses = addresses
        }
    }

    public struct WiFi: Sendable, Equatable, Codable {
        /// `searching`, `not_found`, `joining`, `connected`, `wrong_password` or `refused`.
        public var state: String
        /// The network's name.
        public var network: String?

        public init(state: String, network: String?) {
            self.state = state
            self.network = network
        }
    }
}
