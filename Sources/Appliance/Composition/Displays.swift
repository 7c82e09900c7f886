import DeviceSettings
import DisplayDrivers
import Frames
import LinuxSystem
import ServiceLifecycle
import Supervision

/// The displays that the settings name, best first.
struct Displays {
    /// Name of the graphics card in systemd's store.
    static let storedCard = "drm-card"

    let drivers: [any DisplayDriver]
    let drm: DRMDriver?
    let headless: HeadlessDriver

    /// - Parameter stored: what systemd kept over a restart, by name.
    init(_ settings: Settings, stored: [String: Descriptor], isKept: Bool, clock: any BoardClock) {
        let size = settings.pixelSize("display.headless.size")
        // Seen upright: a screen that stands on its side is as high as it was wide.
        let stands = [90, 270].contains(settings.integer("display.rotation"))
        headless = HeadlessDriver(
            size: PixelSize(
                width: stands ? size.height : size.width, height: stands ? size.width : size.height),
            refreshRate: Double(settings.integer("display.headless.refresh")), clock: clock)
        var drivers: [any DisplayDriver] = []
        var drm: DRMDriver?
        for name in settings.list("display.order") {
            switch name {
            case DRMDriver.name:
                let driver = DRMDriver(
                    DRMConfiguration(
                        mode: DisplayMode(settings.text("display.mode")),
                        forceHotplug: settings.boolean("display.force_hotplug"),
                        rotation: settings.integer("display.rotation"),
                        // A daemon whose card is kept leaves its picture; one beside a desktop puts that back.
                        restoresOnExit: !isKept, adopted: stored[Self.storedCard]),
                    clock: clock)
                drm = driver
                drivers.append(driver)
            case SPIPanelDriver.name:
                let panel = SPIPanelConfiguration(settings)
                drivers.append(SPIPanelDriver(panel, host: panel.host(clock: clock), clock: clock))
            case HeadlessDriver.name: drivers.append(headless)
            default: break
            }
        }
        self.drivers = drivers
        self.drm = drm
    }
}

/// Has the chain look again when the kernel says that a screen was plugged, and systemd keep the card that is open.
struct ScreenKeeping: Service {
    let drm: DRMDriver
    let chain: DisplayChain
    let store: DescriptorStore?

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await drm.watchPlugs { await chain.lookAgain() } }
                group.addTask { await keepCard() }
            }
        }
    }

    private func keepCard() async {
        guard let store else { return }
        var kept: Descriptor?
        for await _ in chain.reportChanges() {
            let card = drm.descriptor
            guard card !== kept else { continue }
            if let card {
                store.keep(card, name: Displays.storedCard)
            } else {
                store.forget(name: Displays.storedCard)
            }
            kept = card
        }
    }
}
