import DecoderProtocol
import LinuxSystem
import Logging
import Supervision

// Starting processes, giving them roles, watching the time, ending them.
extension DecoderPool {
    /// Opens a session in the process of this role. Returns when the medium is described or the opening has failed.
    func begin(
        _ file: Descriptor, _ request: OpenRequest, role: DecoderRole, name: String, mayReuse: Bool
    ) async throws(DecoderError) -> SessionRecord {
        let (process, isReused) = try await readyProcess(for: role, mayReuse: mayReuse)
        defer {
            process.isReserved = false
            rearm(process)
        }
        if let open = process.session { close(open) }
        lastSession &+= 1
        let id = lastSession
        var request = request
        if !hardware.mayBeUsed { request.mayUseHardware = false }
        let machine = SessionMachine(id: id, request: request, role: process.role, counts: settings.buffers)
        let record = SessionRecord(name: name, machine: machine, process: process, isReused: isReused)
        sessions[id] = record
        process.session = record
        send(.open(session: id, request), attached: file, to: process)
        rearm(process)
        while case .opening = record.machine.phase {
            if Task.isCancelled {
                close(record)
                throw .cancelled
            }
            await nextChange(.session(id))
        }
        return record
    }

    /// A process of this role that has said its greeting, reserved for the caller.
    private func readyProcess(
        for role: DecoderRole, mayReuse: Bool
    ) async throws(DecoderError) -> (DecoderProcess, isReused: Bool) {
        while true {
            if isStopping { throw .cannotStart(reason: "the daemon is stopping") }
            let found = mayReuse ? usableProcess(for: role) : nil
            let process: DecoderProcess
            if let found { process = found } else { process = try await launch(role) }
            process.isReserved = true
            while case .greeting = process.state {
                if Task.isCancelled {
                    process.isReserved = false
                    throw .cancelled
                }
                await nextChange(.process(process.key))
            }
            if let failure = process.failure {
                process.isReserved = false
                // One that was there before may have ended meanwhile, which says nothing of a fresh one.
                if found == nil { throw failure }
                continue
            }
            // It may have been given another role meanwhile.
            guard slots[role] === process else {
                process.isReserved = false
                rearm(process)
                continue
            }
            return (process, found != nil)
        }
    }

    /// The process of this role, or an idle one of the other role that plays.
    private func usableProcess(for role: DecoderRole) -> DecoderProcess? {
        if let process = slots[role], process.isUsable { return process }
        guard role != .intake else { return nil }
        let other: DecoderRole = role == .current ? .next : .current
        guard let process = slots[other], process.isIdle else { return nil }
        slots[other] = nil
        assign(role, to: process)
        return process
    }

    private func assign(_ role: DecoderRole, to process: DecoderProcess) {
        slots[role] = process
        process.role = role
        send(.role(role), to: process)
    }

    private func launch(_ role: DecoderRole) async throws(DecoderError) -> DecoderProcess {
        lastKey += 1
        let process = DecoderProcess(key: lastKey, role: role, stall: settings.stall(of: role))
        if let old = slots[role] { leave(old) }
        slots[role] = process
        processes[process.key] = process
        do throws(DecoderError) {
            let peer = try await launcher.launch(role)
            attach(peer, to: process)
            return process
        } catch {
            process.failure = error
            forget(process)
            throw error
        }
    }

    private func attach(_ peer: any DecoderPeer, to process: DecoderProcess) {
        let key = process.key
        process.peer = peer
        process.exitTask = Task { [weak self] in
            let cause = await peer.waitForExit()
            await self?.exited(key, cause)
        }
        guard process.failure == nil else { return leave(process) }
        process.state = .greeting(until: clock.now.advanced(by: settings.start))
        process.channel = PacketChannel(peer.socket, loop: loop) { [weak self] event in
            self?.assumeIsolated { $0.handle(event, of: key) }
        }
        send(.hello(version: DecoderProtocolVersion.current, role: process.role), to: process)
        rearm(process)
    }

    /// Moves the process of a session from *next* to *current*; the process that was current becomes *next*.
    func promote(_ id: UInt32) {
        guard let record = sessions[id], let process = record.process, process.role == .next else { return }
        let old = slots[.current]
        slots[.next] = nil
        assign(.current, to: process)
        if let old, old !== process { assign(.next, to: old) }
        perform(record.machine.promoted(), for: record)
        rearm(process)
    }

    // MARK: Time

    /// Notes what is owed now and sees to it that somebody wakes at the next deadline.
    func rearm(_ process: DecoderProcess, heard: Bool = false) {
        let now = clock.now
        let owed =
            process.session?.machine.isOwed ?? false || process.channel?.hasBacklog ?? false || process.hasHungUp
        process.watch.update(owed: owed, heard: heard, at: now)
        process.idleSince = process.isIdle ? process.idleSince ?? now : nil
        guard let next = process.nextDeadline(idle: settings.idle) else { return }
        // A deadline that moves away is looked at when the earlier one comes: no timer for each frame.
        if let armed = process.armedFor, armed <= next { return }
        process.timer?.cancel()
        process.armedFor = next
        process.timer = Task { [weak self, clock, key = process.key] in
            guard (try? await clock.sleep(until: next, tolerance: nil)) != nil else { return }
            await self?.tick(key, at: next)
        }
    }

    private func tick(_ key: Int, at moment: MonotonicInstant) {
        guard let process = processes[key], process.armedFor == moment else { return }
        process.armedFor = nil
        // What lies in the socket has come in time: it was this process that did not get to reading it.
        receiveAll(from: process)
        let now = clock.now
        switch process.state {
        case .launching, .gone: break
        case .greeting(let deadline) where deadline <= now:
            condemn(process, .cannotStart(reason: "no greeting within \(settings.start)"))
        case .leaving(let killAt?) where killAt <= now:
            process.peer?.kill()
            process.state = .leaving(killAt: nil)
        case .ready:
            if let deadline = process.watch.deadline, deadline <= now {
                condemn(process, .stalled(after: process.watch.limit))
            } else if let record = process.session, let deadline = record.jobDeadline, deadline <= now {
                condemn(process, .stalled(after: record.jobLimit))
            } else if let since = process.idleSince, since.advanced(by: settings.idle) <= now {
                leave(process)
            }
        case .greeting, .leaving: break
        }
        rearm(process)
    }

    // MARK: Ending

    /// Asks a process to end, by closing its socket; it is killed if it does not.
    func leave(_ process: DecoderProcess) {
        switch process.state {
        case .launching, .greeting, .ready: break
        case .leaving, .gone: return
        }
        if let record = process.session { close(record) }
        process.failure = process.failure ?? .closed
        vacate(process)
        changed(.process(process.key))
        // One that is still being launched comes here again once it is there.
        guard let peer = process.peer else { return }
        if let channel = process.channel { channel.close() } else { peer.socket.shutDown() }
        process.state = .leaving(killAt: clock.now.advanced(by: settings.goodbye))
        rearm(process)
    }

    /// Ends a process that does not do what it should.
    func condemn(_ process: DecoderProcess, _ error: DecoderError) {
        guard process.isUsable else { return }
        if case .stalled(let limit) = error, let report = process.hardware {
            noteHardware { $0.stalled(under: report, after: limit) }
        }
        deaths += 1
        log.warning(
            "decoder process ended by the daemon",
            metadata: [
                "pid": "\(process.peer?.processID ?? 0)", "role": "\(process.role)", "why": "\(error)",
                "medium": "\(process.session?.name ?? "none")",
            ])
        lose(process, error)
        process.state = .leaving(killAt: nil)
        process.channel?.close()
        process.peer?.kill()
        changed(.process(process.key))
    }

    private func exited(_ key: Int, _ cause: ExitCause?) {
        guard let process = processes[key] else { return }
        receiveAll(from: process)
        if process.isUsable {
            deaths += 1
            let how = cause.map { "\($0)" } ?? "unknown"
            log.warning(
                "decoder process died",
                metadata: [
                    "pid": "\(process.peer?.processID ?? 0)", "role": "\(process.role)", "how": "\(how)",
                    "medium": "\(process.session?.name ?? "none")",
                ])
            if case .ready = process.state {
                lose(process, .died(how: how, ownDoing: cause?.isOwnDoing ?? false))
            } else {
                lose(process, .cannotStart(reason: "the decoder ended before its greeting: \(how)"))
            }
        }
        process.channel?.close()
        forget(process)
    }

    /// The process is of no use any more, and its session fails.
    private func lose(_ process: DecoderProcess, _ error: DecoderError) {
        process.failure = error
        if let record = process.session {
            record.machine.fail(error)
            detach(record)
            changed(.session(record.machine.id))
        }
        vacate(process)
    }

    private func vacate(_ process: DecoderProcess) {
        if slots[process.role] === process { slots[process.role] = nil }
    }

    private func forget(_ process: DecoderProcess) {
        process.state = .gone
        process.timer?.cancel()
        vacate(process)
        processes[process.key] = nil
        changed(.process(process.key))
    }
}
