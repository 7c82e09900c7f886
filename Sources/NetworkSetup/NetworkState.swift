/// How the network is.
public struct NetworkState: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case wired
        case radio
        case other
    }

    public struct Interface: Sendable, Equatable {
        public var name: String
        public var kind: Kind
        /// A cable is plugged in, or a radio is joined to a network.
        public var isLinked: Bool
        /// IPv4 first; those of the link alone (fe80::, 169.254.) last.
        public var addresses: [String]

        public init(name: String, kind: Kind, isLinked: Bool, addresses: [String]) {
            self.name = name
            self.kind = kind
            self.isLinked = isLinked
            self.addresses = addresses
        }
    }

    public var interfaces: [Interface]
    /// Nil where no wpa_supplicant answers: no radio, or no WiFi in the settings.
    public var radio: RadioState?
    /// The settings name a WiFi network.
    public var wantsRadio: Bool
    /// What this machine is called.
    public var hostName: String
    /// Whether others find it by `<hostName>.local`; nil where nobody knows.
    public var nameIsOurs: Bool?

    public init(
        interfaces: [Interface] = [], radio: RadioState? = nil, wantsRadio: Bool = false, hostName: String = "",
        nameIsOurs: Bool? = nil
    ) {
        self.interfaces = interfaces
        self.radio = radio
        self.wantsRadio = wantsRadio
        self.hostName = hostName
        self.nameIsOurs = nameIsOurs
    }
}

/// The system's network: what is wanted of it becomes files, and how it is can be asked.
public protocol NetworkSetup: Sendable {
    /// What the system's programs are to read, so that the wishes come true.
    func files(for wishes: NetworkWishes) -> [GeneratedFile]
    /// How it is now, and again at every change. The stream has the latest; it ends with `run`.
    func states() -> AsyncStream<NetworkState>
    var state: NetworkState { get }
    /// Watches until it is cancelled.
    func run() async
}
