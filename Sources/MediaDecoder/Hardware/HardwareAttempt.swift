import CFFmpeg
import DecoderProtocol
import LinuxSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The first picture of a medium by a decoder of the board, in a thread of its own: libavcodec waits for a device without
/// end, and one that stands still must not take the process with it.
enum HardwareAttempt {
    enum Outcome {
        /// It has decoded the first picture, which is the next that it gives.
        case decoded(LibavDecoder)
        /// Why not, in words. What was read of the input is lost.
        case refused(String)
        /// The thread still has decoder and input, and keeps them.
        case stuck
    }

    /// - Parameters:
    ///   - deadline: nanoseconds from now.
    ///   - before: called in the thread, first.
    static func run(
        _ name: String, _ input: LibavInput, maximumPixels: Int, deadline: Int64,
        before: @escaping @Sendable () -> Void
    ) -> Outcome {
        let work = Work { [before] in
            before()
            do throws(DecodeFailure) {
                let decoder = try LibavDecoder(input, named: name, maximumPixels: maximumPixels)
                return try decoder.prepare(from: input) ? .decoded(decoder) : .refused("it gave no picture")
            } catch {
                return .refused(error.reason)
            }
        }
        return work.outcome(within: deadline)
    }

    /// What two threads share. The new one alone runs `body`, and with it has decoder and input, until `outcome` is set
    /// under the lock; from then on the old one alone has them. The new thread holds a reference of its own.
    private final class Work: @unchecked Sendable {
        private let body: () -> Outcome
        private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        private let isDone = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        private var outcome: Outcome?

        init(_ body: @escaping () -> Outcome) {
            self.body = body
            pthread_mutex_init(lock, nil)
            var attributes = pthread_condattr_t()
            pthread_condattr_init(&attributes)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            pthread_cond_init(isDone, &attributes)
            pthread_condattr_destroy(&attributes)
        }

        deinit {
            pthread_cond_destroy(isDone)
            pthread_mutex_destroy(lock)
            isDone.deallocate()
            lock.deallocate()
        }

        func outcome(within nanoseconds: Int64) -> Outcome {
            var end = timespec()
            clock_gettime(CLOCK_MONOTONIC, &end)
            let total = Int64(end.tv_nsec) + nanoseconds
            end.tv_sec += Int(total / 1_000_000_000)
            end.tv_nsec = Int(total % 1_000_000_000)

            do throws(Errno) {
                try DetachedThread.start(named: "board decoder") { self.run() }
            } catch {
                return .refused("no thread could be started for it (\(error))")
            }
            pthread_mutex_lock(lock)
            defer { pthread_mutex_unlock(lock) }
            while outcome == nil, pthread_cond_timedwait(isDone, lock, &end) == 0 {}
            defer { outcome = nil }
            return outcome ?? .stuck
        }

        private func run() {
            let result = body()
            pthread_mutex_lock(lock)
            outcome = result
            pthread_cond_signal(isDone)
            pthread_mutex_unlock(lock)
        }
    }
}
