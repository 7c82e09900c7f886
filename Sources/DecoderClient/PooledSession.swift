import DecoderProtocol
import Frames

/// A session in a process of the pool.
final class PooledSession: DecoderSession {
    let description: MediumDescription
    private let pool: DecoderPool
    private let id: UInt32

    init(pool: DecoderPool, id: UInt32, description: MediumDescription) {
        self.pool = pool
        self.id = id
        self.description = description
    }

    deinit { pool.later { [id] in $0.close(id) } }

    func nextFrame() async throws(DecoderError) -> DecodedFrame? { try await pool.nextFrame(id) }

    func readyFrame() async throws(DecoderError) -> DecodedFrame? { try await pool.readyFrame(id) }

    func keep(_ frame: Frame) async { await pool.keep(frame.buffer.id, session: id) }

    func lend(from lender: (any FrameLending)?) async { await pool.lend(from: lender, session: id) }

    func late(before position: Int64) async { await pool.late(id, before: position) }

    func promote() async { await pool.promote(id) }

    func thumbnail(size: PixelSize) async throws(DecoderError) -> [UInt8] { try await pool.thumbnail(id, size: size) }

    func check(
        seconds: Double, progress: @Sendable @escaping (Double) -> Void
    ) async throws(DecoderError) -> CheckReport {
        try await pool.check(id, seconds: seconds, progress: progress)
    }

    func close() async { await pool.close(id) }
}
