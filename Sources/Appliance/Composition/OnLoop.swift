import LinuxSystem
import ServiceLifecycle

/// A service whose tasks all run on an event loop.
struct OnLoop<Inner: Service>: Service {
    private let inner: Inner
    private let loop: EventLoop

    init(_ inner: Inner, _ loop: EventLoop) {
        self.inner = inner
        self.loop = loop
    }

    func run() async throws {
        try await withTaskExecutorPreference(loop.tasks) { try await inner.run() }
    }
}
