import Frames
public import KMS
public import LinuxSystem
import Synchronization
import SystemPackage

/// Screens behind the kernel's mode setting: HDMI, DSI, DPI, composite, and the emulated ones.
///
/// No card has a fixed number: the first with a connector that has a screen and a mode is taken, whenever it appears.
public final class DRMDriver: DisplayDriver {
    /// As configurations and the status call it.
    public static let name = "drm"

    private struct State {
        /// Taken over from systemd's store, until it is used once.
        var adopted: Descriptor?
        /// Kept open between displays, because the picture falls dark when its descriptor is closed.
        var kept: (any KMSDevice)?
        /// A display found its screen unplugged since somebody looked at what is plugged.
        var lostScreen = false
    }

    public let configuration: DRMConfiguration
    private let host: any KMSHost
    private let clock: any BoardClock
    /// Asking a connector reads its EDID, which takes a while.
    private let queue = BlockingQueue(label: "vitrine.drm-probe")
    private let state: Mutex<State>

    public init(
        _ configuration: DRMConfiguration = DRMConfiguration(), host: any KMSHost = LinuxKMSHost(),
        clock: any BoardClock = MonotonicClock()
    ) {
        // Held by the state alone, which gives it up: a descriptor that lives on keeps its card.
        var own = configuration
        own.adopted = nil
        self.configuration = own
        self.host = host
        self.clock = clock
        state = Mutex(State(adopted: configuration.adopted))
    }

    public var name: String { Self.name }

    /// The open card, for systemd's descriptor store: whoever holds it keeps the picture on the glass. nil before the
    /// first display was opened, after the card went, and of a simulated card.
    public var descriptor: Descriptor? { state.withLock { $0.kept?.descriptor } }

    public var bufferBytes: Int { state.withLock { $0.kept }?.bufferBytes ?? 0 }

    /// Calls whenever a card or a connector changed, so that a chain can look again at once, until the task is cancelled:
    /// when the kernel says so, and, of drivers that say nothing, when it knows other screens than before. Called once
    /// for those of the beginning: whoever looked before may have missed one.
    public func watchPlugs(_ changed: @Sendable () async -> Void) async {
        // Nobody wakes the other one: it only waits for time.
        let news = host.hotplug ?? Wakeup()
        let poll = host.pollInterval ?? (host.hotplug == nil ? .seconds(2) : nil)
        var seen = news.generation
        var watch = PlugWatch(generation: seen)
        while !Task.isCancelled {
            await news.wait(after: seen, until: poll.map { clock.now.advanced(by: $0) }, clock: clock)
            guard !Task.isCancelled else { return }
            seen = news.generation
            let plugged = await queue.run { self.host.plugged() }
            if watch.saw(plugged, generation: seen, screenWasLost: takeLostScreen()) { await changed() }
        }
    }

    private func takeLostScreen() -> Bool {
        state.withLock { state in
            defer { state.lostScreen = false }
            return state.lostScreen
        }
    }

    public func probe() async -> DisplayProbe {
        switch await queue.run({ self.look() }) {
        case .success(let (device, _)):
            release(device)
            return .usable
        case .failure(let error): return .unusable(reason: error.what)
        }
    }

    public func open() async throws(DisplayError) -> any Display {
        let hotplugSeen = host.hotplug?.generation ?? 0
        let (device, found) = try await queue.run { self.look() }.get()
        if !device.isMaster {
            do throws(Errno) {
                try device.setMaster()
            } catch {
                release(device)
                throw DisplayError(
                    .unusable, driver: Self.name, what: "\(device.path): another program has the screen",
                    suggestion: "Stop the desktop or the other player.")
            }
        }
        state.withLock { $0.kept = device }
        do throws(Errno) {
            return try await DRMDisplay(
                found, on: device, host: host, configuration, clock: clock, hotplugSeen: hotplugSeen,
                onClose: { [weak self] closing in
                    if closing.isUnplugged { self?.state.withLock { $0.lostScreen = true } }
                    self?.closed(device, isGone: closing.cardIsGone)
                })
        } catch {
            closed(device, isGone: true)
            throw DisplayError(
                .unusable, driver: Self.name, what: "\(device.path), \(found.connector.name): \(words(for: error))",
                suggestion: error == .noMemory ? "Give more memory to CMA (cma= on the kernel's command line)." : nil)
        }
    }

    private func closed(_ device: any KMSDevice, isGone: Bool) {
        guard isGone || configuration.restoresOnExit else { return }
        let isOurs = state.withLock { state in
            guard state.kept === device else { return false }
            state.kept = nil
            return true
        }
        if isOurs { letGo(device) }
    }

    /// The kept card stays open; others were only looked at.
    private func release(_ device: any KMSDevice) {
        if state.withLock({ $0.kept !== device }) { letGo(device) }
    }

    /// Who opens a card that nobody has is its master, and descriptors close when their last holder goes: given up before,
    /// so that the next opening is master again. Without CAP_SYS_ADMIN it could not become it later.
    private func letGo(_ device: any KMSDevice) {
        try? device.dropMaster()
        device.close()
    }

    private func look() -> Result<(any KMSDevice, FoundOutput), DisplayError> {
        var reasons: [String] = []
        func tried(_ device: any KMSDevice) -> FoundOutput? {
            do throws(Errno) {
                switch try OutputSearch.find(on: device, configuration) {
                case .found(let found): return found
                case .nothing(let reason): reasons.append("\(device.path) \(reason)")
                }
            } catch {
                reasons.append("\(device.path): \(words(for: error))")
            }
            return nil
        }
        adopt()
        if let kept = state.withLock({ $0.kept }) {
            if let found = tried(kept) { return .success((kept, found)) }
            // Its hardware may have gone and come back under another number.
            if (try? kept.resources()) == nil { closed(kept, isGone: true) }
        }
        let cards = host.cards()
        for path in cards {
            do throws(Errno) {
                let device = try host.open(path)
                if let found = tried(device) { return .success((device, found)) }
                letGo(device)
            } catch .permissionDenied {
                // Opening needs no master: it is the node that is closed to us, for a moment perhaps, until udev has come by.
                reasons.append("\(path): access to the card is not permitted (its group is video, as a rule)")
            } catch {
                reasons.append("\(path): \(words(for: error))")
            }
        }
        let what = reasons.isEmpty ? "there is no graphics card (/dev/dri)" : reasons.joined(separator: "; ")
        return .failure(DisplayError(.unusable, driver: Self.name, what: what))
    }

    private func adopt() {
        let adopted = state.withLock { state in
            defer { state.adopted = nil }
            return state.adopted
        }
        guard let adopted, let device = try? host.adopt(adopted) else { return }
        device.forgetBuffers()
        state.withLock { $0.kept = device }
    }
}
