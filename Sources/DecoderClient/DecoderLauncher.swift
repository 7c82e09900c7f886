public import DecoderProtocol
public import LinuxSystem
public import Supervision

/// Starts decoder processes. The real one is `SubprocessLauncher`; a test plugs in a peer of its own.
public protocol DecoderLauncher: Sendable {
    /// Starts one process, for this role, and returns once it runs; its handshake comes later.
    func launch(_ role: DecoderRole) async throws(DecoderError) -> any DecoderPeer

    /// Whether what it starts is bounded by the kernel.
    var limits: DecoderLimitReport { get }
}

/// A process that was started, and the daemon's end of the socket that is its standard input.
public protocol DecoderPeer: Sendable {
    /// The non-blocking end. The peer ends when the last reference to it goes.
    var socket: PacketSocket { get }
    var processID: Int32 { get }

    /// SIGKILL. Does nothing when the process has ended.
    func kill()

    /// Returns once the process has ended and has been waited for; nil when how it ended cannot be known. May be called
    /// any number of times.
    func waitForExit() async -> ExitCause?
}
