import DecoderClient
import DecoderProtocol
import DeviceSettings
import DisplayDrivers
import Frames
import LinuxSystem
import MediaIndex
import MemoryMonitor
import Playback
import SystemPackage
import WebInterface

#if canImport(Glibc)
    import Glibc
#endif

/// How the appliance is, gathered when somebody asks.
struct StatusAdapter: StatusSource {
    let player: Player
    let chain: DisplayChain
    let pool: DecoderPool
    let cache: FrameCache
    let memory: MemoryMonitor
    let library: MediaLibrary
    let settings: LiveSettings
    let faults: FaultBoard
    let board: Board
    let parts: I2CParts
    let network: Network
    let started: MonotonicInstant
    let clock: any BoardClock

    private var uptime: Double { started.duration(to: clock.now).secondsAsDouble }

    func status() async -> ApplianceStatus {
        let decoders = await pool.status
        let playing = await player.snapshot
        let outage = Self.outage(playing)
        let configuration = await settings.current
        var boardStatus = board.status
        boardStatus.i2c = parts.parts
        return ApplianceStatus(
            device: DeviceStatus(
                name: configuration.text("device.name"), version: Version.text, uptimeSeconds: uptime),
            board: boardStatus,
            display: display, player: WebPlayerStatus(playing),
            memory: memoryStatus,
            decoder: decoder(decoders, outage), storage: storage, network: network.status,
            faults: allFaults(decoders, outage, configuration.faults.map(\.description)))
    }

    func health() async -> Health {
        let status = await status()
        var checks: [String: Health.Check] = [:]
        checks["display"] =
            status.display.driver == nil
            ? Health.Check(.degraded, detail: "no display is open") : Health.Check(.healthy)
        checks["decoder"] =
            status.decoder.state == "failed"
            ? Health.Check(.unhealthy, detail: "the decoder does not start") : Health.Check(.healthy)
        checks["storage"] =
            status.storage.isReadOnly
            ? Health.Check(.degraded, detail: "the data folder cannot be written") : Health.Check(.healthy)
        do throws(MediaFault) {
            _ = try await library.index.counts()
            checks["index"] = Health.Check(.healthy)
        } catch {
            checks["index"] = Health.Check(.unhealthy, detail: error.reason)
        }
        return Health(version: Version.text, uptimeSeconds: uptime, checks: checks)
    }

    func metrics() async -> [Metric] {
        let decoders = await pool.status
        let counts = (try? await library.index.counts()) ?? [:]
        let own = try? ProcessMemory(processID: getpid())
        let children = await pool.memory()
        let frames = Self.metrics(of: await player.frameCounts)
        return board.metrics + memoryMetrics + frames + [
            Metric("vitrine_uptime_seconds", .gauge, help: "Seconds since the daemon started.", value: uptime),
            Metric(
                "vitrine_presents_total", .counter, help: "Scenes that came onto the display.",
                value: Double(chain.latest?.sequence ?? 0)),
            Metric(
                "vitrine_decoder_deaths_total", .counter, help: "Decoder processes that ended otherwise than asked.",
                value: Double(decoders.deaths)),
            Metric(
                "vitrine_decoder_processes", .gauge, help: "Decoder processes that run.",
                value: Double(decoders.processes.count)),
            Metric(
                "vitrine_media", .gauge, help: "Media by state.",
                samples: MediumState.allCases.map { state in
                    Metric.Sample(Double(counts[state] ?? 0), [Metric.Label("state", state.rawValue)])
                }),
            Metric(
                "vitrine_memory_pss_bytes", .gauge, help: "Proportional memory of the daemon and its decoders.",
                samples: [Metric.Sample(Double((own?.proportional ?? nil) ?? 0), [Metric.Label("process", "daemon")])]
                    + [
                        Metric.Sample(
                            Double(children.reduce(0) { $0 + ($1.proportional ?? 0) }),
                            [Metric.Label("process", "decoders")])
                    ]),
            Metric(
                "vitrine_display_buffer_bytes", .gauge,
                help: "Memory of the graphics card's buffers, which is in that of no process.",
                value: Double(chain.bufferBytes)),
            Metric(
                "vitrine_storage_free_bytes", .gauge, help: "Bytes free on the data folder's file system.",
                value: Double((try? library.folder.freeBytes()) ?? 0)),
        ]
    }

    private var display: DisplayStatus {
        let capabilities = chain.capabilities
        let report = chain.report
        return DisplayStatus(
            driver: report.first { $0.outcome == .active }?.driver, width: capabilities?.size.width,
            height: capabilities?.size.height, refreshHz: capabilities?.refreshRate,
            name: capabilities?.name, notes: capabilities.flatMap { $0.notes.isEmpty ? nil : $0.notes },
            bufferBytes: chain.bufferBytes,
            chain: report.map { link in
                DisplayStatus.Link(
                    driver: link.driver, outcome: link.outcome == .unknown ? "untried" : link.outcome.rawValue,
                    reason: link.reason)
            })
    }

    /// Why nothing can be decoded; nil when all is well.
    private static func outage(_ player: PlaybackStatus) -> String? {
        if access(Daemon.decoderProgram.string, X_OK) != 0 {
            return "\(Daemon.decoderProgram) is missing or cannot be run"
        }
        // A notice that names no medium is about the decoder itself.
        if let fault = player.fault, fault.medium == nil { return fault.reason }
        return nil
    }

    private func decoder(_ pool: PoolStatus, _ outage: String?) -> WebDecoderStatus {
        let isWorking = pool.processes.contains { $0.medium != nil }
        let sandbox = pool.processes.last.map { process in
            [
                "no_new_privs": process.sandbox.noNewPrivileges == nil, "landlock": process.sandbox.landlock == nil,
                "seccomp": process.sandbox.seccomp == nil,
            ]
        }
        return WebDecoderStatus(
            state: outage != nil ? "failed" : isWorking ? "running" : "idle", restarts: pool.deaths, sandbox: sandbox,
            memoryLimit: Self.memoryLimit(pool.limits), hardware: pool.hardware.map(Self.hardware))
    }

    private static func hardware(_ report: HardwareReport) -> WebDecoderStatus.Hardware {
        let state =
            switch report.state {
            case .absent: "absent"
            case .ready: "ready"
            case .inUse: "in_use"
            case .refused: "refused"
            case .stuck: "stuck"
            }
        return WebDecoderStatus.Hardware(state: state, detail: report.detail)
    }

    private static func memoryLimit(_ report: DecoderLimitReport) -> WebDecoderStatus.MemoryLimit {
        switch report {
        case .inForce(let bytes): WebDecoderStatus.MemoryLimit(inForce: true, bytes: bytes)
        case .absent(let reason): WebDecoderStatus.MemoryLimit(inForce: false, reason: reason)
        }
    }

    private var storage: StorageStatus {
        var system = statvfs()
        let isKnown = statvfs(library.folder.root.string, &system) == 0
        let block = isKnown ? Int(system.f_frsize) : 0
        return StorageStatus(
            freeBytes: Int(system.f_bavail) * block, totalBytes: Int(system.f_blocks) * block,
            isReadOnly: library.folder.isReadOnly || library.folder.refusesWriting())
    }

    private func allFaults(_ decoders: PoolStatus, _ outage: String?, _ settings: [String]) -> [StatusFault] {
        var all = faults.current
        if let outage {
            all.append(
                StatusFault(part: "decoder", detail: outage, suggestion: "Install vitrine-decoder beside vitrine."))
        }
        if let sandbox = decoders.processes.last?.sandbox, !sandbox.isComplete {
            let missing = [sandbox.noNewPrivileges, sandbox.landlock, sandbox.seccomp].compactMap { $0 }
            all.append(
                StatusFault(
                    part: "sandbox", detail: missing.joined(separator: "; "),
                    suggestion: "Decoding goes on with what this kernel has; a newer kernel has all of it."))
        }
        all += settings.map { StatusFault(part: "configuration", detail: $0, suggestion: "vitrine config check") }
        return all
    }
}
