import LinuxSystem
import Synchronization
public import SystemPackage

/// Lends buffers for frames, takes them back when the frame's last reference goes, and lends them again.
///
/// Bounded: what is lent and what lies idle never exceed `byteLimit` together. Buffers come in size classes at most an
/// eighth apart, so that pictures of nearly one size share them. Any thread may use it.
public final class FramePool: Sendable {
    private struct State {
        /// Oldest first.
        var idle: [FrameBuffer] = []
        var idleBytes = 0
        var lentBytes = 0
        var lentCount = 0
    }

    /// What a pool holds.
    public struct Usage: Sendable, Equatable {
        public var lentCount: Int
        public var lentBytes: Int
        public var idleCount: Int
        public var idleBytes: Int
    }

    private let name: String
    private let byteLimit: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: of the memory, as /proc shows it.
    ///   - byteLimit: bytes of all buffers, lent and idle.
    public init(name: String, byteLimit: Int) {
        self.name = name
        self.byteLimit = byteLimit
    }

    public var usage: Usage {
        state.withLock {
            Usage(
                lentCount: $0.lentCount, lentBytes: $0.lentBytes, idleCount: $0.idle.count, idleBytes: $0.idleBytes)
        }
    }

    /// Makes a frame. The buffer has been used before: `paint` must write every pixel.
    ///
    /// - Parameter paint: gets the rows, from the first pixel on.
    public func makeFrame<Failure: Error>(
        _ layout: FrameLayout, paint: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws -> Frame {
        let buffer = try lend(byteCount: layout.byteCount)
        do {
            try buffer.memory.withBytes { (bytes) throws(Failure) in
                try paint(UnsafeMutableRawBufferPointer(rebasing: bytes[layout.offset..<layout.byteCount]))
            }
        } catch {
            takeBack(buffer)
            throw error
        }
        return frame(of: buffer, layout: layout)
    }

    /// Lends a buffer of at least this many bytes, with whatever pixels are in it. It must come back, through a frame
    /// made by `frame(of:layout:)` or by `takeBack`.
    public func lend(byteCount: Int) throws(FramePoolError) -> FrameBuffer {
        let size = Self.sizeClass(of: byteCount)
        let found: (reused: FrameBuffer?, dropped: [FrameBuffer])? = state.withLock { state in
            if let index = state.idle.lastIndex(where: { $0.memory.byteCount == size }) {
                state.idleBytes -= size
                state.lentBytes += size
                state.lentCount += 1
                return (state.idle.remove(at: index), [])
            }
            guard state.lentBytes + size <= byteLimit else { return nil }
            var dropped: [FrameBuffer] = []
            while state.lentBytes + state.idleBytes + size > byteLimit, !state.idle.isEmpty {
                let oldest = state.idle.removeFirst()
                state.idleBytes -= oldest.memory.byteCount
                dropped.append(oldest)
            }
            state.lentBytes += size
            state.lentCount += 1
            return (nil, dropped)
        }
        guard let found else { throw .exhausted(byteLimit: byteLimit) }
        if let reused = found.reused { return reused }
        do throws(Errno) {
            return try FrameBuffer(name: name, byteCount: size)
        } catch {
            state.withLock { state in
                state.lentBytes -= size
                state.lentCount -= 1
            }
            throw .noMemory(error)
        }
    }

    /// A frame in a lent buffer, which comes back by itself.
    public func frame(of buffer: FrameBuffer, layout: FrameLayout) -> Frame {
        Frame(buffer: buffer, layout: layout) { [weak self] in self?.takeBack($0) }
    }

    /// Takes back a lent buffer that no frame is in.
    public func takeBack(_ buffer: FrameBuffer) {
        state.withLock { state in
            state.lentBytes -= buffer.memory.byteCount
            state.lentCount -= 1
            state.idleBytes += buffer.memory.byteCount
            state.idle.append(buffer)
        }
    }

    /// Gives the memory of idle buffers back to the system.
    public func trim() {
        // The buffers go after the lock is open: unmapping takes a while.
        let dropped = state.withLock { state in
            defer {
                state.idle = []
                state.idleBytes = 0
            }
            return state.idle
        }
        _ = consume dropped
    }

    /// The next larger of 8 sizes between two powers of two, in whole pages.
    static func sizeClass(of byteCount: Int) -> Int {
        let page = 4096
        let wanted = max(page, byteCount)
        let power = Int.bitWidth - 1 - wanted.leadingZeroBitCount
        let step = max(page, 1 << max(0, power - 3))
        return (wanted + step - 1) / step * step
    }
}

/// Why a pool could not lend a buffer.
public enum FramePoolError: Error, Sendable, Equatable {
    /// All that the pool may have is in use.
    case exhausted(byteLimit: Int)
    /// The system gave no memory.
    case noMemory(Errno)
}
