import BoardSupport
import ServiceLifecycle
import WebInterface

/// What the board says of itself, for the status; its supply and its heat as faults; and faults by its light.
struct Board: Service {
    let identity: BoardIdentity
    let monitor: BoardMonitor
    let light: LightKeeper
    let faults: FaultBoard

    init(light: LightKeeper, faults: FaultBoard) {
        identity = BoardIdentity.read()
        monitor = BoardMonitor(sensors: BoardSensors())
        self.light = light
        self.faults = faults
    }

    var status: BoardStatus {
        let health = monitor.health
        var status = BoardStatus(
            model: identity.model, architecture: identity.architecture,
            temperatureCelsius: health.reading.temperatureCelsius, undervoltage: health.undervoltageSeen)
        status.revision = identity.revision?.description
        status.serial = identity.serial
        status.memoryBytes = identity.memoryBytes
        status.undervoltageNow = health.reading.undervoltage
        status.throttled = health.reading.throttled
        status.activityLight = light.hasLight
        return status
    }

    /// What the board has no sensor for is left out.
    var metrics: [Metric] {
        let health = monitor.health
        var metrics: [Metric] = []
        if let temperature = health.reading.temperatureCelsius {
            metrics.append(
                Metric(
                    "vitrine_board_temperature_celsius", .gauge, help: "Temperature of the processor.",
                    value: temperature))
        }
        if let undervoltage = health.undervoltageSeen {
            metrics.append(
                Metric(
                    "vitrine_board_undervoltage", .gauge,
                    help: "1 when the supply's voltage was too low at some time since the daemon's start.",
                    value: undervoltage ? 1 : 0))
        }
        return metrics
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                // Neither of them throws.
                group.addTask { try? await monitor.run() }
                group.addTask { try? await light.run() }
                group.addTask { await followHealth() }
                group.addTask { await followFaults() }
            }
        }
    }

    private func followHealth() async {
        for await health in monitor.changes() {
            if health.isUndervolted {
                faults.begin(
                    "undervoltage", part: "power", detail: "The supply is too weak: its voltage drops",
                    suggestion: "Use the supply that is made for this board, and a short, thick cable.")
            } else {
                faults.end("undervoltage")
            }
            if health.isHot {
                faults.begin(
                    "heat", part: "board", detail: "The board is too hot, and slows down",
                    suggestion: "Give it air, or a heat sink, and keep it out of the sun.")
            } else {
                faults.end("heat")
            }
        }
    }

    private func followFaults() async {
        for await now in faults.changes() {
            await light.setFault(now.contains { Self.isWorthALight($0.value, key: $0.key) })
        }
    }

    /// What a person must see to who may have no screen to read it on.
    static func isWorthALight(_ fault: StatusFault, key: String) -> Bool {
        ["storage", "power", "network"].contains(fault.part) && key != "rebuilt"
    }
}
