import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

/// Lets the kernel find out about peers that vanished without a word: a phone out of reach, a laptop that sleeps.
/// Without it their streams stay open, and the screen is encoded for nobody.
final class KeepAliveHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny

    /// Seconds of silence until the first probe, and between probes (tcp(7)).
    private static let idle = 60
    private static let interval = 15
    /// Milliseconds that sent bytes may stay unacknowledged; covers a peer that reads nothing, too.
    private static let unacknowledged = 60_000

    func handlerAdded(context: ChannelHandlerContext) {
        // A Unix socket has none of these: it needs none, and the refusal means nothing.
        guard context.channel.localAddress?.ipAddress != nil else { return }
        let tcp = NIOBSDSocket.OptionLevel(rawValue: CInt(IPPROTO_TCP))
        for (name, value) in [
            (TCP_KEEPIDLE, Self.idle), (TCP_KEEPINTVL, Self.interval), (TCP_USER_TIMEOUT, Self.unacknowledged),
        ] {
            let option = ChannelOptions.Types.SocketOption(level: tcp, name: .init(rawValue: name))
            context.channel.setOption(option, value: value).whenFailure { _ in }
        }
        context.channel.setOption(.socketOption(.so_keepalive), value: 1).whenFailure { _ in }
    }
}
