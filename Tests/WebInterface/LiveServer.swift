import NIOCore
import NIOPosix
import ServiceLifecycle

@testable import WebInterface

/// A server that really listens, and connections that speak to it byte by byte.
struct LiveServer {
    let endpoints: [WebServer.Endpoint]
    private let stop: @Sendable () async -> Void
    private let ended: @Sendable () async throws -> Void

    var port: Int {
        for case .tcp(_, let port) in endpoints { return port }
        return 0
    }

    /// Begins a graceful shutdown and waits until the server has ended.
    func shutDown() async throws {
        await stop()
        try await ended()
    }

    static func run<Value: Sendable>(
        _ harness: Harness, _ body: @Sendable (LiveServer) async throws -> Value
    ) async throws -> Value {
        let (listening, announce) = AsyncStream<WebServer.Endpoint>.makeStream()
        let server = WebServer(
            configuration: harness.configuration, neighbours: harness.neighbours, logger: Harness.logger
        ) { announce.yield($0) }
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: Harness.logger))
        let task = Task {
            defer { announce.finish() }
            try await group.run()
        }
        var endpoints: [WebServer.Endpoint] = []
        for await endpoint in listening {
            endpoints.append(endpoint)
            if endpoints.count == (harness.configuration.socketPath == nil ? 1 : 2) { break }
        }
        let live = LiveServer(
            endpoints: endpoints, stop: { await group.triggerGracefulShutdown() }, ended: { try await task.value })
        do {
            let value = try await body(live)
            try await live.shutDown()
            return value
        } catch {
            task.cancel()
            _ = try? await task.value
            throw error
        }
    }

    func connect<Value: Sendable>(_ body: (inout RawConnection) async throws -> Value) async throws -> Value {
        try await Self.connect(to: .init(ipAddress: "127.0.0.1", port: port), body)
    }

    func connectToSocket<Value: Sendable>(_ body: (inout RawConnection) async throws -> Value) async throws -> Value {
        for case .unixSocket(let path) in endpoints {
            return try await Self.connect(to: .init(unixDomainSocketPath: path), body)
        }
        throw WebServerError("there is no socket")
    }

    private static func connect<Value: Sendable>(
        to address: SocketAddress, _ body: (inout RawConnection) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(to: address) {
            channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = RawConnection(
                iterator: inbound.makeAsyncIterator(), outbound: outbound, channel: channel.channel)
            return try await body(&connection)
        }
    }
}

struct RawConnection {
    fileprivate var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    fileprivate let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    let channel: any Channel
    private(set) var received = ""

    fileprivate init(
        iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, channel: any Channel
    ) {
        self.iterator = iterator
        self.outbound = outbound
        self.channel = channel
    }

    func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

    /// Reads until what has come since the connection began contains this.
    mutating func receive(until end: String) async throws -> String {
        while !received.contains(end) {
            guard let buffer = try await iterator.next() else { throw WebServerError("ended after: \(received)") }
            received += String(buffer: buffer)
        }
        return received
    }

    /// Reads until the server closes.
    mutating func receiveToEnd() async throws -> String {
        while let buffer = try await iterator.next() { received += String(buffer: buffer) }
        return received
    }

    /// Ends the connection without a goodbye: the peer sees a reset.
    func cut() async throws {
        if let option = channel as? any SocketOptionProvider {
            try await option.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try await channel.close()
    }
}
