import CFFmpeg
import CMisbehaviour
import Glibc
import Synchronization

/// Runs something on a thread of libavcodec's slice pool.
enum LibavWorker {
    private final class Job: Sendable {
        let work: @Sendable () -> Void
        let started = Atomic<Int>(0)
        let taken = Atomic<Bool>(false)

        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }

    /// Returns why it did not run, or nil.
    static func run(_ work: @escaping @Sendable () -> Void) -> String? {
        guard let codec = avcodec_find_decoder(AV_CODEC_ID_H264), let context = avcodec_alloc_context3(codec) else {
            return "no H.264 decoder"
        }
        context.pointee.thread_count = 4
        context.pointee.thread_type = FF_THREAD_SLICE
        guard avcodec_open2(context, codec, nil) == 0 else { return "the decoder did not open" }
        guard let execute = context.pointee.execute2 else { return "no execute2" }

        let job = Job(work)
        let opaque = Unmanaged.passRetained(job)
        defer { opaque.release() }
        let result = execute(
            context,
            { _, argument, _, _ in
                guard let argument else { return -1 }
                let job = Unmanaged<Job>.fromOpaque(argument).takeUnretainedValue()
                job.started.add(1, ordering: .sequentiallyConsistent)
                // The main thread may take jobs as well. Of two that run at once, one is on a worker.
                while job.started.load(ordering: .sequentiallyConsistent) < 2 { sched_yield() }
                if misbehaving_thread_is_main() == 0, !job.taken.exchange(true, ordering: .sequentiallyConsistent) {
                    job.work()
                }
                return 0
            }, opaque.toOpaque(), nil, 4)
        if result != 0 { return "execute2: \(result)" }
        var toFree: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&toFree)
        return job.taken.load(ordering: .sequentiallyConsistent) ? nil : "every job ran on the main thread"
    }
}
