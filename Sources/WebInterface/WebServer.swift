import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle

/// What keeps the web server from listening.
public struct WebServerError: Error, Sendable, Equatable, CustomStringConvertible {
    public var what: String
    public var suggestion: String?

    init(_ what: String, suggestion: String? = nil) {
        self.what = what
        self.suggestion = suggestion
    }

    public var description: String { what + (suggestion.map { ". \($0)" } ?? "") }
}

/// The web server: the page and the API, over TCP and over a Unix socket, on one thread.
///
/// Ends on graceful shutdown: streams at once, requests under way within the configured time, and then by force.
public struct WebServer: Service {
    /// Where it listens.
    public enum Endpoint: Sendable, Equatable {
        case tcp(address: String, port: Int)
        case unixSocket(path: String)
    }

    private let configuration: WebConfiguration
    private let gatekeeper: Gatekeeper
    private let responder: WebResponder
    private let logger: Logger
    private let onListening: @Sendable (Endpoint) async -> Void

    /// `onListening` is called once for each endpoint, when it takes connections; `onAnswer` for each request, when its
    /// answer begins.
    public init(
        configuration: WebConfiguration, neighbours: Neighbours, logger: Logger,
        onListening: @escaping @Sendable (Endpoint) async -> Void = { _ in },
        onAnswer: @escaping @Sendable () -> Void = {}
    ) {
        self.configuration = configuration
        self.logger = logger
        self.onListening = onListening
        gatekeeper = Gatekeeper(mode: configuration.access, store: neighbours.claim, logger: logger)
        responder = WebResponder(
            configuration: configuration, neighbours: neighbours, gatekeeper: gatekeeper, onAnswer: onAnswer)
    }

    /// Puts a PIN on the screen for one more device, as the page does; where none is needed, this does nothing.
    public func showPIN() async {
        do throws(ProblemError) {
            _ = try await gatekeeper.showPIN()
        } catch {
            logger.info("no PIN is shown", metadata: ["reason": "\(error.detail)"])
        }
    }

    public func run() async throws {
        let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            await gatekeeper.open()
            try await serve(on: threads)
        } catch {
            try? await threads.shutdownGracefully()
            throw error
        }
        try await threads.shutdownGracefully()
    }

    private enum Ended: Sendable {
        case listener
        case deadline
        case gate
    }

    private func serve(on threads: MultiThreadedEventLoopGroup) async throws {
        let socket = configuration.socketPath.map(UnixSocketFile.init)
        try socket?.prepare()
        defer { socket?.remove() }
        var listeners = [try tcpServer(on: threads)]
        if let socket { listeners.append(try socketServer(socket, on: threads)) }
        try await withThrowingTaskGroup(of: Ended.self) { group in
            for listener in listeners {
                group.addTask {
                    try await run(listener)
                    return .listener
                }
            }
            group.addTask {
                await gatekeeper.run()
                return .gate
            }
            group.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: configuration.shutdownTimeout)
                return .deadline
            }
            var running = listeners.count
            while running > 0, let ended = try await group.next() {
                switch ended {
                case .listener: running -= 1
                case .deadline:
                    logger.info("requests that did not end in time are cut")
                    running = 0
                case .gate: break
                }
            }
            group.cancelAll()
        }
    }

    private func run(_ listener: any Service) async throws {
        do {
            try await listener.run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw WebServerError(
                "port \(configuration.port) of \(configuration.address) is taken",
                suggestion: "Stop the program that listens there, or choose another web.port.")
        } catch let error as IOError where error.errnoCode == EACCES {
            throw WebServerError(
                "port \(configuration.port) may not be used",
                suggestion: "Choose a web.port above 1023, or give the daemon CAP_NET_BIND_SERVICE.")
        } catch let error as IOError where error.errnoCode == EADDRNOTAVAIL {
            throw WebServerError(
                "this machine does not have the address \(configuration.address)",
                suggestion: "Choose a web.address that it has, or 0.0.0.0 for all.")
        }
    }

    private func tcpServer(on threads: MultiThreadedEventLoopGroup) throws -> any Service {
        try server(
            at: .hostname(configuration.address, port: configuration.port), on: threads
        ) { channel in
            let address = channel.localAddress?.ipAddress ?? configuration.address
            let port = channel.localAddress?.port ?? configuration.port
            logger.info("listening", metadata: ["address": "\(address)", "port": "\(port)"])
            await onListening(.tcp(address: address, port: port))
        }
    }

    private func socketServer(
        _ socket: UnixSocketFile, on threads: MultiThreadedEventLoopGroup
    ) throws -> any Service {
        try server(at: .unixDomainSocket(path: socket.temporaryPath), on: threads) { channel in
            do throws(WebServerError) {
                try socket.publish()
                logger.info("listening", metadata: ["socket": "\(socket.path)"])
                await onListening(.unixSocket(path: socket.path))
            } catch {
                logger.error("the Unix socket cannot be used", metadata: ["error": "\(error)"])
                channel.close(promise: nil)
            }
        }
    }

    private func server(
        at address: BindAddress, on threads: MultiThreadedEventLoopGroup,
        onListening: @escaping @Sendable (any Channel) async -> Void
    ) throws -> any Service {
        let (responder, logger) = (responder, logger)
        // The library tells the temporary name of the socket; what is right to tell is told above.
        var library = logger
        library.logLevel = max(logger.logLevel, .warning)
        return try Self.http(configuration).buildServer(
            configuration: ServerConfiguration(
                address: address,
                availableConnectionsDelegate: .maximum(configuration.maximumConnections, logger: logger)),
            eventLoopGroup: threads, logger: library,
            responder: { request, writer, channel in
                let context = WebContext(source: .init(channel: channel, logger: logger))
                let response = try await responder.respond(to: request, context: context)
                try await writer.write(response: response.head, body: response.body)
            },
            onServerRunning: onListening)
    }

    /// HTTP/1.1 with the limits of the configuration.
    static func http(_ configuration: WebConfiguration) -> HTTPServerBuilder {
        .http1(
            configuration: .init(
                additionalChannelHandlers: [KeepAliveHandler(), ProtocolErrorHandler()],
                idleTimeout: .init(configuration.idleTimeout),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: WebConfiguration.maximumFieldByteCount,
                    maxHeaderListSize: WebConfiguration.maximumHeaderByteCount,
                    maxHeaderFieldCount: WebConfiguration.maximumFieldCount)))
    }
}
