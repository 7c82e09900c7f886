import LinuxSystem
import ServiceLifecycle
import Synchronization
import SystemPackage
import Testing

@testable import Supervision

#if canImport(Glibc)
    import Glibc
#endif

/// A socket as systemd has one, under a name of its own.
struct NotifySocket {
    let name: String
    let socket: DatagramSocket

    init(abstract: Bool = true) throws {
        let unique = "vitrine-test-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        name = abstract ? "@\(unique)" : "/tmp/\(unique)"
        socket = try DatagramSocket(boundTo: try #require(UnixAddress(name)))
    }

    func receive() throws -> String? { try socket.receive().map { String(decoding: $0, as: UTF8.self) } }
}

@Suite struct ServiceNotifierTests {
    @Test(arguments: [true, false]) func sendsToAbstractNamesAndPaths(abstract: Bool) throws {
        let systemd = try NotifySocket(abstract: abstract)
        defer { if !abstract { unlink(systemd.name) } }
        let notifier = try #require(ServiceNotifier(environment: ["NOTIFY_SOCKET": systemd.name]))
        #expect(notifier.send(.ready, .status("plays\nholiday.mp4")))
        #expect(try systemd.receive() == "READY=1\nSTATUS=plays holiday.mp4")
        #expect(notifier.send(.watchdog))
        #expect(try systemd.receive() == "WATCHDOG=1")
        #expect(notifier.send(.stopping))
        #expect(try systemd.receive() == "STOPPING=1")
        #expect(try systemd.receive() == nil)
    }

    @Test func needsAnAddress() {
        #expect(ServiceNotifier(environment: [:]) == nil)
        #expect(ServiceNotifier(environment: ["NOTIFY_SOCKET": "relative"]) == nil)
        #expect(ServiceNotifier(environment: ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 200)]) == nil)
    }

    @Test func aSocketThatWentDoesNoHarm() throws {
        let name: String
        do {
            let systemd = try NotifySocket()
            name = systemd.name
        }
        let notifier = try #require(ServiceNotifier(environment: ["NOTIFY_SOCKET": name]))
        #expect(!notifier.send(.ready))
    }

    @Test func aFullSocketDoesNotWait() throws {
        let systemd = try NotifySocket()
        let notifier = try #require(ServiceNotifier(environment: ["NOTIFY_SOCKET": systemd.name]))
        var sent = 0
        while notifier.send(.watchdog), sent < 100_000 { sent += 1 }
        #expect((1..<100_000).contains(sent))
    }
}

@Suite struct WatchdogServiceTests {
    @Test func followsWhatSystemdSays() {
        let interval = { WatchdogService.interval(environment: $0, processID: 42) }
        #expect(interval([:]) == nil)
        #expect(interval(["WATCHDOG_USEC": "0"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "soon"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "14000000"]) == .seconds(7))
        #expect(interval(["WATCHDOG_USEC": "14000000", "WATCHDOG_PID": "42"]) == .seconds(7))
        #expect(interval(["WATCHDOG_USEC": "14000000", "WATCHDOG_PID": "43"]) == nil)
    }

    @Test(.timeLimit(.minutes(1))) func keepsAliveOnlyWhileHealthy() async throws {
        let systemd = try NotifySocket()
        let notifier = try #require(ServiceNotifier(environment: ["NOTIFY_SOCKET": systemd.name]))
        let clock = ManualClock()
        let isHealthy = Mutex(true)
        let asked = Mutex(0)
        let service = try #require(
            WatchdogService(notifier: notifier, environment: ["WATCHDOG_USEC": "2000000"], clock: clock) {
                asked.withLock { $0 += 1 }
                return isHealthy.withLock { $0 }
            })
        let task = Task { try await service.run() }
        // It sleeps when it has said what it has to say.
        func endOfRound(_ number: Int) async {
            while asked.withLock({ $0 }) < number || clock.nextDeadline == nil { await Task.yield() }
        }
        func nextRound() async {
            let before = asked.withLock { $0 }
            clock.advance(by: .seconds(1))
            await endOfRound(before + 1)
        }
        await endOfRound(1)
        #expect(try systemd.receive() == "WATCHDOG=1")
        await nextRound()
        #expect(try systemd.receive() == "WATCHDOG=1")
        isHealthy.withLock { $0 = false }
        await nextRound()
        #expect(try systemd.receive() == nil)
        isHealthy.withLock { $0 = true }
        await nextRound()
        #expect(try systemd.receive() == "WATCHDOG=1")
        task.cancel()
        try await task.value
    }
}
