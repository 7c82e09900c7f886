import CLinux
import LinuxSystem
import ServiceLifecycle

/// Gives back what starting, checking and answering needed of memory, and playing does not: free pages of the heap, and the
/// code that ran once. Of ten megabytes of code that a page's visit maps, playing comes back for two.
///
/// It happens a while after something was stirred up, once for all that happened in the meantime: with nobody there,
/// nothing wakes.
struct MemoryRelease: Service {
    private let stirs: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let clock: any Clock<Duration>
    private let release: @Sendable () -> Void

    /// By then an answer has been sent, and a decoder has been started.
    static let quiet = Duration.seconds(5)

    init(clock: any Clock<Duration>, release: @escaping @Sendable () -> Void = Self.releasePages) {
        (stirs, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.clock = clock
        self.release = release
    }

    /// Something ran that does not run all the time. From any thread.
    func stir() { continuation.yield() }

    func run() async throws {
        // Starting was the first that stirred.
        stir()
        await cancelWhenGracefulShutdown {
            for await _ in stirs {
                do {
                    try await clock.sleep(for: Self.quiet)
                } catch {
                    return
                }
                release()
            }
        }
    }

    private static func releasePages() {
        vitrine_trim_heap()
        vitrine_release_code()
    }
}
