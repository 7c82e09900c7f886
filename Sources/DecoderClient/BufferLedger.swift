import DecoderProtocol
import Frames
import LinuxSystem

/// Which buffers of a session are where. A value: what a decoder says is checked here before it is believed.
struct BufferLedger {
    private enum Place {
        /// The decoder may write into it.
        case lent
        /// A frame is in it.
        case inUse
    }

    private var buffers: [UInt32: (buffer: FrameBuffer, place: Place)] = [:]

    var count: Int { buffers.count }
    /// What the decoder owes frames for.
    var lentCount: Int { buffers.values.count { $0.place == .lent } }

    mutating func lend(_ buffer: FrameBuffer) { buffers[buffer.id] = (buffer, .lent) }

    /// The last frame in a buffer went. The buffer, when it may be lent again; nil when it is not of this session.
    mutating func lendAgain(_ id: UInt32) -> FrameBuffer? {
        guard let entry = buffers[id], entry.place == .inUse else { return nil }
        buffers[id] = (entry.buffer, .lent)
        return entry.buffer
    }

    /// Whether a buffer is one that a display scans out as it is; nil: it is not of this session.
    var hasScanout: Bool { buffers.values.contains { $0.buffer.scanout != nil } }

    func isScanout(_ id: UInt32) -> Bool? { buffers[id].map { $0.buffer.scanout != nil } }

    /// The frame in a buffer stays where it is: the buffer is of this session no more. False when it was not.
    mutating func giveAway(_ id: UInt32) -> Bool {
        guard let entry = buffers[id], entry.place == .inUse else { return false }
        buffers[id] = nil
        return true
    }

    /// Takes a reported frame's buffer back from the decoder. Throws what is wrong with the report.
    mutating func take(_ report: FrameReport, for request: OpenRequest) throws(Misbehaviour) -> FrameBuffer {
        guard let entry = buffers[report.buffer] else { throw Misbehaviour("a frame in a buffer that was never lent") }
        guard entry.place == .lent else { throw Misbehaviour("a frame in a buffer that it had given back") }
        let layout = report.layout
        guard layout.isValid(byteCount: entry.buffer.memory.byteCount) else {
            throw Misbehaviour("a frame that does not fit its buffer")
        }
        guard layout.size.width <= request.screen.width, layout.size.height <= request.screen.height else {
            throw Misbehaviour("a frame larger than the screen")
        }
        guard request.formats.contains(layout.format) else {
            throw Misbehaviour("a frame in a format that nobody asked for")
        }
        buffers[report.buffer] = (entry.buffer, .inUse)
        return entry.buffer
    }

    /// The most bytes that a buffer for one frame may have.
    static func byteLimit(for request: OpenRequest) -> Int {
        // Rows padded to a cache line and a few over, for libraries that write past the last one.
        let stride = (request.screen.width * 4 + 63) / 64 * 64 + 64
        return stride * (request.screen.height + 16) + 4_096
    }
}

/// What a decoder did that no decoder of ours does: a hostile file may have taken it over.
struct Misbehaviour: Error, Equatable {
    /// Follows "the decoder sent".
    let what: String

    init(_ what: String) { self.what = what }
}
