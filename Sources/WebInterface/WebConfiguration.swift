/// How the web server listens and whom it lets in.
public struct WebConfiguration: Sendable {
    /// `web.address` and `web.port`. Port 0 takes a free one.
    public var address: String
    public var port: Int
    /// `web.socket`; nil: none.
    public var socketPath: String?
    public var access: AccessMode
    /// `device.name`: also the host name that requests may use, with `.local` and the like.
    public var deviceName: String
    /// More names that requests may use: behind a proxy, say.
    public var hostNames: [String]
    /// Open TCP connections at most; more wait.
    public var maximumConnections: Int
    /// A connection that says nothing for so long is closed: idle, in mid-header or in mid-body.
    public var idleTimeout: Duration
    /// Time between signs of life on a stream of events.
    public var heartbeat: Duration
    /// What requests get to end when the server shuts down.
    public var shutdownTimeout: Duration

    public init(
        address: String = "127.0.0.1", port: Int = 8080, socketPath: String? = nil, access: AccessMode = .pin,
        deviceName: String = "vitrine", hostNames: [String] = [], maximumConnections: Int = 96,
        idleTimeout: Duration = .seconds(60), heartbeat: Duration = .seconds(15),
        shutdownTimeout: Duration = .seconds(2)
    ) {
        self.address = address
        self.port = port
        self.socketPath = socketPath
        self.access = access
        self.deviceName = deviceName
        self.hostNames = hostNames
        self.maximumConnections = maximumConnections
        self.idleTimeout = idleTimeout
        self.heartbeat = heartbeat
        self.shutdownTimeout = shutdownTimeout
    }

    /// Bytes of one header field, and of all of them, at most.
    static let maximumFieldByteCount = 8 * 1024
    static let maximumHeaderByteCount = 16 * 1024
    static let maximumFieldCount = 64
    /// What a client may still send after it was refused, so that it reads the refusal before the connection ends.
    static let lingering: Duration = .seconds(5)
}
