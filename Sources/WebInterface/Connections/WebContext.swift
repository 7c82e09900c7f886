import Hummingbird
import NIOCore

/// What comes with a request beside itself: the connection.
struct WebContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Where the connection came in.
    var door: AccessPolicy.Door {
        if case .unixDomainSocket? = channel.localAddress { return .unixSocket }
        return .network(peer: channel.remoteAddress?.ipAddress)
    }
}
