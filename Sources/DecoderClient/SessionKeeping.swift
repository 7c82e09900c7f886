import DecoderProtocol
import Frames
import LinuxSystem
import Logging
import SystemPackage

// Packets to and from the processes, and what sessions do with them.
extension DecoderPool {
    // MARK: Packets

    func handle(_ event: PacketChannel.Event, of key: Int) {
        guard let process = processes[key], let channel = process.channel else { return }
        switch event {
        case .readable: receiveAll(from: process)
        case .writable: judge(channel.flush(), of: process)
        }
        rearm(process)
    }

    /// Takes what is there; of a process that sends without end, only so much at a time.
    func receiveAll(from process: DecoderProcess) {
        for _ in 0..<64 {
            guard process.isUsable, let channel = process.channel else { return }
            switch channel.receive() {
            case .nothing: return
            case .packet(let bytes, _): received(bytes, from: process)
            case .ended:
                // It is about to end, and how it ends says why.
                process.hasHungUp = true
                return
            }
        }
    }

    private func received(_ bytes: [UInt8], from process: DecoderProcess) {
        do {
            guard let answer = try DecoderAnswer.decode(bytes) else { return }
            if case .hello(let version, let sandbox) = answer {
                try greeted(process, version: version, sandbox: sandbox)
                return
            }
            guard case .ready = process.state else { throw Misbehaviour("an answer before its greeting") }
            if case .hardware(let report) = answer {
                process.hardware = report
                noteHardware { $0.said(report) }
                return
            }
            // Sessions that were closed a moment ago may still be answered.
            guard let record = process.session, answer.session == record.machine.id else { return }
            noteRefusal(answer, of: record)
            let actions = try record.machine.received(answer)
            perform(actions, for: record)
            if case .over = record.machine.phase { detach(record) }
            if !record.machine.job.isRunning { record.jobDeadline = nil }
            rearm(process, heard: true)
            changed(.session(record.machine.id))
        } catch let misbehaviour as Misbehaviour {
            condemn(process, .died(how: "the decoder sent \(misbehaviour.what)", ownDoing: true))
        } catch {
            condemn(process, .died(how: "the decoder sent what is no message: \(error)", ownDoing: true))
        }
    }

    /// A decoder that cannot use a display's memory says nothing of the medium: it is opened again, without such memory.
    private func noteRefusal(_ answer: DecoderAnswer, of record: SessionRecord) {
        guard case .failed(_, let failure) = answer, failure.code == .misuse, record.machine.hasScanout else { return }
        isScanoutRefused = true
        log.warning(
            "decoders cannot use the display's memory, so frames are copied to it from now on",
            metadata: ["why": "\(failure.reason)"])
        record.machine.fail(.closed)
    }

    private func greeted(_ process: DecoderProcess, version: UInt16, sandbox: SandboxReport) throws(Misbehaviour) {
        guard case .greeting = process.state else { throw Misbehaviour("a second greeting") }
        guard version == DecoderProtocolVersion.current else {
            return condemn(
                process,
                .cannotStart(
                    reason: "the decoder speaks version \(version) of the protocol, the daemon "
                        + "\(DecoderProtocolVersion.current): install both from one release"))
        }
        process.state = .ready(sandbox)
        changed(.process(process.key))
    }

    func send(_ request: DecoderRequest, attached: Descriptor? = nil, to process: DecoderProcess) {
        guard process.isUsable, let channel = process.channel else { return }
        judge(channel.send(request.encoded(), attached: attached), of: process)
    }

    private func judge(_ outcome: PacketChannel.SendOutcome, of process: DecoderProcess) {
        switch outcome {
        case .sent, .kept, .ended: break
        case .overflow: condemn(process, .stalled(after: process.watch.limit))
        case .failed(let code):
            condemn(process, .died(how: "sending to the decoder failed: \(code)", ownDoing: false))
        }
    }

    // MARK: Sessions

    /// - Parameter returned: the buffer whose frame went, where that is what they follow from.
    func perform(
        _ actions: [SessionMachine.Action], for record: SessionRecord, returned: FrameBuffer? = nil
    ) {
        guard let process = record.process else { return }
        for action in actions {
            switch action {
            case .send(let request, let buffer):
                send(request, attached: buffer?.memory.descriptor, to: process)
            case .allocate(let count, let byteCount):
                allocate(count, byteCount: byteCount, for: record)
            case .replace(let byteCount):
                replace(byteCount: byteCount, for: record)
            case .exchange(_, let byteCount, let asScanout):
                if let returned { exchange(returned, byteCount: byteCount, asScanout: asScanout, for: record) }
            case .progress(let fraction):
                record.progress?(fraction)
            }
        }
    }

    /// The session and its process have nothing to do with each other any more.
    func detach(_ record: SessionRecord) {
        if let process = record.process, process.session === record { process.session = nil }
        record.process = nil
        record.jobDeadline = nil
        record.progress = nil
        if record.holdsTurn {
            record.holdsTurn = false
            endTurn(record.machine.role)
        }
    }

    /// Ends a session. Frames that are out stay whole, and free their memory when they go.
    func close(_ record: SessionRecord) {
        let process = record.process
        record.machine.close()
        if let process { send(.close(session: record.machine.id), to: process) }
        detach(record)
        sessions[record.machine.id] = nil
        changed(.session(record.machine.id))
        if let process { rearm(process) }
    }

    func close(_ id: UInt32) {
        if let record = sessions[id] { close(record) }
    }

    // MARK: What sessions are asked

    func nextFrame(_ id: UInt32) async throws(DecoderError) -> DecodedFrame? {
        guard let record = sessions[id] else { throw .closed }
        perform(record.machine.startFrames(), for: record)
        if let process = record.process { rearm(process) }
        while true {
            switch record.machine.takeFrame() {
            case .frame(let report, let buffer): return decoded(report, in: buffer, session: id)
            case .end: return nil
            case .fail(let error): throw error
            case .wait: break
            }
            if Task.isCancelled { throw .cancelled }
            await nextChange(.session(id))
        }
    }

    func readyFrame(_ id: UInt32) throws(DecoderError) -> DecodedFrame? {
        guard let record = sessions[id] else { throw .closed }
        switch record.machine.takeFrame() {
        case .frame(let report, let buffer): return decoded(report, in: buffer, session: id)
        case .fail(let error): throw error
        case .end, .wait: return nil
        }
    }

    func keep(_ buffer: UInt32, session: UInt32) {
        guard let record = sessions[session] else { return }
        perform(record.machine.kept(buffer), for: record)
    }

    private func decoded(_ report: FrameReport, in buffer: FrameBuffer, session: UInt32) -> DecodedFrame {
        buffer.scanout?.endWriting()
        let frame = Frame(buffer: buffer, layout: report.layout) { [weak self] buffer in
            self?.later { $0.released(buffer, session: session) }
        }
        return DecodedFrame(
            frame: frame, presentationTime: .nanoseconds(report.presentationTime),
            duration: report.duration > 0 ? .nanoseconds(report.duration) : nil, iteration: report.iteration,
            discontinuity: report.discontinuity, cacheable: report.cacheable,
            shown: sessions[session]?.machine.description?.shownSize(report.layout.format))
    }

    func lend(from lender: (any FrameLending)?, session: UInt32) {
        sessions[session]?.lender = isScanoutRefused ? nil : lender
    }

    func late(_ id: UInt32, before position: Int64) {
        guard let process = sessions[id]?.process else { return }
        send(.late(session: id, position: position), to: process)
    }

    func thumbnail(_ id: UInt32, size: PixelSize) async throws(DecoderError) -> [UInt8] {
        let sides = 1...4_096
        guard sides.contains(size.width), sides.contains(size.height) else {
            throw .failed(
                DecodeFailure(
                    code: .misuse, reason: "A thumbnail of \(size.width)×\(size.height) pixels was asked for.",
                    suggestion: "Ask for sides of 1 to 4,096 pixels."))
        }
        guard let record = sessions[id] else { throw .closed }
        let buffer: FrameBuffer
        do throws(Errno) {
            // No JPEG of a photo is larger than its pixels; the rest is for headers.
            buffer = try FrameBuffer(name: "vitrine-thumbnail", byteCount: size.pixelCount * 3 + 65_536)
        } catch {
            throw .failed(
                DecodeFailure(
                    code: .tooLarge, reason: "There is no memory for a thumbnail: \(error).",
                    suggestion: "Try again when less is going on."))
        }
        try start(record.machine.startThumbnail(size, into: buffer), in: record)
        while true {
            if case .thumbnailDone(let bytes) = record.machine.job {
                record.machine.finishJob()
                return bytes
            }
            try await jobChanged(record)
        }
    }

    func check(
        _ id: UInt32, seconds: Double, progress: @Sendable @escaping (Double) -> Void
    ) async throws(DecoderError) -> CheckReport {
        guard let record = sessions[id] else { throw .closed }
        let bounds = DecoderRequest.checkSeconds
        let seconds = seconds.isNaN ? 0 : min(max(seconds, bounds.lowerBound), bounds.upperBound)
        let actions = record.machine.startCheck(seconds: seconds)
        if actions != nil, let process = record.process {
            record.progress = progress
            // Four times the bound, for a board that does other things besides.
            record.jobLimit = .seconds(seconds * 4) + process.watch.limit * 2
            record.jobDeadline = clock.now.advanced(by: record.jobLimit)
        }
        try start(actions, in: record)
        while true {
            if case .checkDone(let report) = record.machine.job {
                record.machine.finishJob()
                return report
            }
            try await jobChanged(record)
        }
    }

    private func start(_ actions: [SessionMachine.Action]?, in record: SessionRecord) throws(DecoderError) {
        guard let actions else {
            throw record.openingError
                ?? .failed(
                    DecodeFailure(
                        code: .misuse, reason: "The decoder is already at work for this medium.",
                        suggestion: "Wait for it."))
        }
        perform(actions, for: record)
        if let process = record.process { rearm(process) }
    }

    /// A job that nobody waits for any more is ended by closing its session: the decoder is busy with it.
    private func jobChanged(_ record: SessionRecord) async throws(DecoderError) {
        if let error = record.openingError { throw error }
        if Task.isCancelled {
            close(record)
            throw .cancelled
        }
        await nextChange(.session(record.machine.id))
    }
}

extension DecoderAnswer {
    /// nil: not about a session.
    var session: UInt32? {
        switch self {
        case .hello, .hardware: nil
        case .opened(let session, _, _), .frame(let session, _), .ended(let session), .thumbnail(let session, _, _),
            .progress(let session, _), .checked(let session, _), .failed(let session, _):
            session
        }
    }
}
