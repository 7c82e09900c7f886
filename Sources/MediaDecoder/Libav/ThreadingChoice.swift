import CFFmpeg

/// How many threads decode, and what they share out among them. Decides only; a value.
struct ThreadingChoice: Equatable {
    enum Kind: Equatable {
        /// One does it all.
        case single
        /// Each decodes a picture of its own, and holds one more.
        case frames
        /// All work on the same picture, and hold no more than one thread does.
        case slices
        /// The library's own, on several pictures at a time or on one.
        case own(several: Bool)
    }

    /// What a codec's implementation can share out.
    struct Abilities: Equatable {
        var frames = false
        var slices = false
        /// It has threads of its own, such as dav1d's.
        var own = false
    }

    let kind: Kind
    let count: Int

    static let single = ThreadingChoice(.single, 1)

    init(_ kind: Kind, _ count: Int) {
        self.kind = kind
        self.count = count
    }

    /// What there is to choose from, best first; the last is one thread.
    ///
    /// Slices go before frames where there is one for each thread: it is as quick then, and takes the memory of one. Fewer
    /// would leave cores idle.
    ///
    /// - Parameters:
    ///   - slices: of the first picture; 1 when not known.
    ///   - asked: threads that there may be: the cores, or fewer.
    static func candidates(_ abilities: Abilities, slices: Int, asked: Int) -> [ThreadingChoice] {
        guard asked > 1 else { return [.single] }
        var result: [ThreadingChoice] = []
        if abilities.own {
            result = [ThreadingChoice(.own(several: true), asked), ThreadingChoice(.own(several: false), asked)]
        } else {
            for count in stride(from: asked, to: 1, by: -1) {
                if abilities.slices, slices >= count {
                    result.append(ThreadingChoice(.slices, count))
                } else if abilities.frames {
                    result.append(ThreadingChoice(.frames, count))
                }
            }
            // Some pictures can be shared out though they have one slice, such as HEVC's by rows of blocks.
            if abilities.slices { result.append(ThreadingChoice(.slices, asked)) }
        }
        return result + [.single]
    }

    /// The best that fits into `limit` bytes; nil when not even one thread does.
    static func best(
        _ abilities: Abilities, slices: Int, asked: Int, limit: Int, cost: (ThreadingChoice) -> Int
    ) -> ThreadingChoice? {
        candidates(abilities, slices: slices, asked: asked).first { cost($0) <= limit }
    }
}

extension ThreadingChoice.Abilities {
    init(_ codec: UnsafePointer<AVCodec>) {
        let flags = codec.pointee.capabilities
        self.init(
            frames: flags & AV_CODEC_CAP_FRAME_THREADS != 0, slices: flags & AV_CODEC_CAP_SLICE_THREADS != 0,
            own: flags & AV_CODEC_CAP_OTHER_THREADS != 0)
    }
}

extension ThreadingChoice {
    func apply(to context: UnsafeMutablePointer<AVCodecContext>) {
        context.pointee.thread_count = CInt(max(1, count))
        switch kind {
        case .single, .slices: context.pointee.thread_type = FF_THREAD_SLICE
        case .frames: context.pointee.thread_type = FF_THREAD_FRAME
        case .own(let several):
            // dav1d takes this for one picture at a time.
            if !several { context.pointee.flags |= AV_CODEC_FLAG_LOW_DELAY }
        }
    }
}
