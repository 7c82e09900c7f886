import DecoderProtocol
import Frames
import LinuxSystem
import SystemPackage

// The memory that sessions are lent. What there is none of now may be there later.
extension DecoderPool {
    /// Makes a buffer of so many bytes, with the number of another or one of its own.
    typealias BufferMaking = @Sendable (_ number: UInt32?, _ byteCount: Int) throws(Errno) -> FrameBuffer

    static let makeMemory: BufferMaking = { (number, byteCount) throws(Errno) in
        guard let number else { return try FrameBuffer(name: "vitrine-frame", byteCount: byteCount) }
        return try FrameBuffer(id: number, name: "vitrine-frame", byteCount: byteCount)
    }

    /// All that a session is to have, less those that are on their way. It begins with fewer when there is no memory for
    /// more.
    func allocate(_ count: Int, byteCount: Int, for record: SessionRecord) {
        record.debt.forget()
        let count = max(0, count - record.debt.pending)
        var buffers: [FrameBuffer] = []
        do throws(Errno) {
            while buffers.count < count { buffers.append(try makeBuffer(nil, byteCount)) }
        } catch {
            for _ in buffers.count..<count { record.debt.failed(byteCount, at: clock.now) }
            guard buffers.count + record.machine.bufferCount + record.debt.pending >= record.fewestBuffers else {
                return lackMemory(count * byteCount, error, for: record)
            }
        }
        perform(record.machine.allocated(buffers), for: record)
    }

    /// The kernel clears the pages, which takes it milliseconds: on another thread, or frames would be late.
    func replace(byteCount: Int, for record: SessionRecord) {
        let (id, make) = (record.machine.id, makeBuffer)
        record.debt.pending += 1
        allocation.enqueue { [weak self] in
            let buffer = Result { () throws(Errno) in try make(nil, byteCount) }
            self?.later { $0.replaced(buffer, instead: nil, byteCount: byteCount, session: id) }
        }
    }

    /// The class of memory that is wanted now, or, where a display has none of its own to give, any. The old buffer
    /// stays until the new one is there.
    func exchange(_ old: FrameBuffer, byteCount: Int, asScanout: Bool, for record: SessionRecord) {
        let (id, lender, layout) = (record.machine.id, asScanout ? record.lender : nil, record.machine.layout)
        let make = makeBuffer
        record.debt.pending += 1
        allocation.enqueue { [weak self] in
            let lent = layout.flatMap { lender?.lend(old.id, for: $0) }
            let buffer = Result { () throws(Errno) in
                if let lent, lent.memory.byteCount >= byteCount { return lent }
                return try make(old.id, byteCount)
            }
            self?.later { $0.replaced(buffer, instead: old, byteCount: byteCount, session: id) }
        }
    }

    /// - Parameter old: goes on being lent when there is none in its place; nil: it is kept elsewhere.
    private func replaced(
        _ buffer: Result<FrameBuffer, Errno>, instead old: FrameBuffer?, byteCount: Int, session: UInt32
    ) {
        guard let record = sessions[session], record.process != nil else { return }
        record.debt.pending -= 1
        switch (buffer, old) {
        case (.success(let buffer), _):
            lend(buffer, to: record)
        case (.failure, let old?):
            record.debt.pause(at: clock.now)
            lend(old, to: record)
        case (.failure(let error), nil):
            record.debt.failed(byteCount, at: clock.now)
            // It goes on with those that it has, if they are enough.
            if record.machine.bufferCount + record.debt.pending < record.fewestBuffers {
                lackMemory(byteCount, error, for: record)
            }
        }
        if let process = record.process { rearm(process) }
    }

    private func lend(_ buffer: FrameBuffer, to record: SessionRecord) {
        buffer.scanout?.beginWriting()
        perform(record.machine.allocated([buffer]), for: record)
    }

    /// The last reference to a frame went.
    func released(_ buffer: FrameBuffer, session: UInt32) {
        guard let record = sessions[session], let process = record.process else { return }
        let isScanout = buffer.scanout != nil
        var isWanted = record.machine.layout.map { record.lender?.wants($0, hasBuffer: isScanout) == true } ?? false
        // Where there is no memory for another, it goes round as it is.
        if record.debt.isPausing(at: clock.now) { isWanted = isScanout }
        if isWanted { buffer.scanout?.beginWriting() }
        perform(record.machine.released(buffer.id, asScanout: isWanted), for: record, returned: buffer)
        if let byteCount = record.debt.takeDue(at: clock.now) { replace(byteCount: byteCount, for: record) }
        rearm(process)
    }

    private func lackMemory(_ byteCount: Int, _ error: Errno, for record: SessionRecord) {
        let megabytes = (byteCount + 999_999) / 1_000_000
        record.machine.fail(
            .failed(
                DecodeFailure(
                    code: .tooLarge, reason: "There are no \(megabytes) MB of memory for its frames: \(error).",
                    suggestion: "Try again when less is going on, or use a smaller display mode.")))
        if let process = record.process { send(.close(session: record.machine.id), to: process) }
        detach(record)
        changed(.session(record.machine.id))
    }
}
