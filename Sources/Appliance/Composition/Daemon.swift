import BoardSupport
import CLinux
import DecoderClient
import DeviceSettings
import DisplayDrivers
import Frames
import GPIO
import Intake
import LinuxSystem
import Logging
import MediaIndex
import MemoryMonitor
import Playback
import ServiceLifecycle
import Supervision
import SystemPackage
import UnixSignals
import WebInterface

#if canImport(Glibc)
    import Glibc
#endif

/// The appliance, put together: the one place where all rooms meet.
struct Daemon {
    let settings: Settings
    let environment: [String: String]
    let logger: Logger
    /// Called with the page's addresses when the server listens.
    let onListening: @Sendable ([String]) -> Void

    /// Runs until SIGTERM or SIGINT, or until a part fails.
    func run() async throws {
        // Player, displays and decoders talk to each other for each frame: they share a thread.
        let loop = try EventLoop(name: "vitrine-play")
        let clock = loop.clock
        let started = clock.now
        let library = try await MediaLibrary.open(
            FilePath(settings.text("data.directory")), logger: logger(named: "library"))
        let faultLog = FaultLog(
            library.folder.faults, time: { Timestamp.now.text }, log: logger(named: "faults"))
        faultLog.started(version: Version.text)
        let faults = FaultBoard(log: faultLog)
        for fault in settings.faults { logger.warning("\(fault)") }
        if let first = settings.faults.first {
            let others = settings.faults.count - 1
            faults.happened(
                "settings", part: "configuration", detail: "\(first)" + (others > 0 ? ", and \(others) more" : ""))
        }
        if let reason = library.opening.rebuiltBecause {
            faults.begin(
                "rebuilt", part: "storage", detail: "The index was built anew from the library: \(reason)",
                suggestion: "Nothing is lost. If it happens again, look at the card.")
        }

        let light = LightKeeper(finding: { KernelLight() }, logger: logger(named: "light"))
        let board = Board(light: light, faults: faults)
        let buttons = ButtonPanel(gpio: BoardGPIO.host, logger: logger(named: "buttons"))
        await Buttons.configure(buttons, settings, faults: faults)

        let store = DescriptorStore(environment: environment)
        let displays = Displays(
            settings, stored: DescriptorStore.received(environment: environment), isKept: store != nil, clock: clock)
        let screen = displays.headless.size
        let chain = DisplayChain(
            drivers: displays.drivers, lastResort: displays.headless, clock: clock, logger: logger(named: "display"))
        let pool = DecoderPool(
            launcher: SubprocessLauncher(
                executable: Self.decoderProgram, memoryMegabytes: settings.integer("decoder.limits.memory_mb"),
                cgroups: await DecoderCgroups.open(
                    memoryMegabytes: settings.integer("decoder.limits.memory_mb"), log: logger(named: "decoder")),
                log: logger(named: "decoder")),
            settings: DecoderPoolSettings(
                stall: settings.duration("decoder.limits.stall_seconds"),
                // A process that outlives a photo serves the next one, too; starting one costs more than keeping it.
                idle: min(settings.duration("playback.photo_seconds") + .seconds(5), .seconds(60))),
            loop: loop, clock: clock, log: logger(named: "decoder"))
        let events = EventBroadcast()
        let welcome = WelcomeBoard(name: settings.text("device.name"))
        let network = Network(settings: settings, welcome: welcome, faults: faults, clock: MonotonicClock())
        let processors = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let cache = FrameCache()
        let memory = MemoryMonitor(loop: loop, clock: clock, logger: logger(named: "memory"))
        let player = Player(
            decoder: pool,
            source: ProgrammeAdapter(
                library: library, events: events, faults: faults, logger: logger(named: "library")),
            display: chain, cards: LetteredCards(), welcome: welcome, cache: cache, memory: memory,
            settings: PlaybackSettings(settings, processors: processors), clock: clock,
            logger: logger(named: "player"))

        let uploadSettings = UploadSettings()
        let uploads = try await UploadStore.open(library, settings: uploadSettings)
        let jobs = JobBoard()
        let intake = IntakeService(
            library: library, uploads: uploads, decoder: pool, jobs: jobs,
            settings: CheckSettings(
                screen: screen, memoryLimit: settings.integer("decoder.limits.memory_mb") << 20,
                threads: min(processors, 4)),
            logger: logger(named: "intake"))

        let maintenance = Maintenance(
            library: library, uploads: uploads, jobs: jobs, logger: logger(named: "system"))

        let messages = OnScreenMessages(
            player: player, faults: faults, jobs: jobs, folder: library.folder, clock: clock)
        let boot = BootReport.read()
        messages.started(boot)
        messages.configured(settings.faults.map(\.description))
        let brightness = ScreenBrightness(chain)
        let parts = I2CParts(
            settings, brightness: brightness, clock: MonotonicClock(), logger: logger(named: "i2c"))
        let live = LiveSettings(settings, folder: library.folder.root, events: events) { changed in
            welcome.change { $0.name = changed.text("device.name") }
            await player.update(PlaybackSettings(changed, processors: processors))
            parts.update(changed)
            await Buttons.configure(buttons, changed, faults: faults)
            messages.configured(changed.faults.map(\.description))
        }
        let notifier = ServiceNotifier(environment: environment)
        let status = StatusAdapter(
            player: player, chain: chain, pool: pool, cache: cache, memory: memory, library: library, settings: live,
            faults: faults, board: board, parts: parts, network: network, started: started, clock: clock)
        let erasing = Erasing(
            folder: library.folder, card: Erasing.card(settings, boot: boot), player: player, light: light,
            clock: MonotonicClock(), logger: logger(named: "system"), shutdown: { kill(getpid(), SIGTERM) })
        let neighbours = Neighbours(
            player: PlayerAdapter(player: player, library: library),
            status: status,
            events: events, library: LibraryAdapter(library: library, events: events),
            uploads: UploadAdapter(
                store: uploads, library: library, events: events, settings: uploadSettings, messages: messages,
                clock: clock),
            jobs: JobAdapter(board: jobs), screen: ScreenAdapter(tap: DisplayTap(of: chain)), settings: live,
            system: SystemAdapter(
                maintenance: maintenance, player: player, light: light, erasing: erasing,
                faultHistory: faultLog, shutdown: { kill(getpid(), SIGTERM) },
                logger: logger(named: "system")),
            claim: AccessStore(file: library.folder.root.appending("access.json"), welcome: welcome),
            debug: settings.boolean("debug.enabled") ? DebugAdapter(memory: memory) : nil)
        let release = MemoryRelease(clock: MonotonicClock())
        let web = WebServer(
            configuration: try webConfiguration(), neighbours: neighbours, logger: logger(named: "web"),
            onListening: { endpoint in
                guard case .tcp(let address, let port) = endpoint else { return }
                let addresses = network.listen(address: address, port: port)
                notifier?.send(.ready)
                onListening(addresses)
            },
            onAnswer: release.stir)

        // Shut down from the last to the first: nobody asks for a decoder after the pool has ended them.
        var services: [any Service] = [
            pool, OnLoop(chain, loop), OnLoop(player, loop), intake, maintenance,
            EventBridge(
                player: player, chain: chain, jobs: jobs, library: library, events: events, memory: release),
            release, messages, web,
        ]
        services.append(OnLoop(memory, loop))
        services.append(MemoryReaction(monitor: memory, index: library.index, events: events))
        services.append(board)
        services.append(HeatReaction(monitor: board.monitor, player: player))
        services.append(network)
        services.append(
            Buttons(
                panel: buttons, light: light, player: player, brightness: brightness,
                erasing: erasing, faults: faults, logger: logger(named: "buttons"),
                shutdown: { kill(getpid(), SIGTERM) }, showPIN: { await web.showPIN() }))
        services.append(parts.service { await status.status() })
        if let drm = displays.drm { services.append(ScreenKeeping(drm: drm, chain: chain, store: store)) }
        if let notifier,
            let watchdog = WatchdogService(
                notifier: notifier, environment: environment,
                isHealthy: {
                    // A thread of pictures that is stuck never comes back to this, and no ping is sent.
                    await withCheckedContinuation { done in loop.run { done.resume() } }
                    return (try? await library.index.counts()) != nil
                })
        {
            services.append(watchdog)
        }
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(4)
        defer { notifier?.send(.stopping) }
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch {
            faults.happened("daemon", part: "daemon", detail: "it ends because a part failed: \(error)")
            await faultLog.settle()
            try? await library.close()
            throw error
        }
        await faultLog.stopped()
        try await library.close()
    }

    private func logger(named name: String) -> Logger {
        var logger = Logger(label: name)
        logger.logLevel = self.logger.logLevel
        return logger
    }

    private func webConfiguration() throws -> WebConfiguration {
        let address = settings.text("web.address")
        let isLoopback = address == "localhost" || address == "::1" || address.hasPrefix("127.")
        let onNetwork = settings.boolean("web.access_open_on_network")
        let access: AccessMode
        if settings.text("web.access") == "open" {
            guard isLoopback || onNetwork else {
                throw CommandFailure.failed(
                    "web.access = \"open\" on \(address) would let everybody in the network in. Use \"pin\", or set "
                        + "web.access_open_on_network = true if that is what you want.")
            }
            access = .open(onNetwork: onNetwork)
        } else {
            access = .pin
        }
        return WebConfiguration(
            address: address, port: settings.integer("web.port"), socketPath: settings.text("web.socket"),
            access: access, deviceName: settings.text("device.name"),
            hostNames: Network.names(of: settings.text("device.name"), serial: BoardIdentity.read().serial))
    }

    /// `vitrine-decoder` beside this program.
    static var decoderProgram: FilePath {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &path, path.count)
        let own = String(decoding: path.prefix(max(0, length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return FilePath(own).removingLastComponent().appending("vitrine-decoder")
    }
}
