public import GPIO
public import LinuxSystem
public import Logging
public import ServiceLifecycle

/// What buttons have done.
public enum ButtonEvent: Sendable, Equatable {
    case act(ButtonAction)
    /// A long hold is under way and acts after this rest of its time.
    case holding(ButtonAction, rest: Duration)
    case gaveUp
}

/// Watches the lines of the buttons that the settings name. Decides nothing: that is `ButtonLine`'s.
///
/// A line that cannot be had is asked for again until it can, because a chip may come late, or somebody else may let
/// go of it.
public actor ButtonPanel: Service {
    private struct Watched {
        var machine: ButtonLine
        var isLost = false
        let wakeup = Wakeup()
    }

    static let firstRetry: Duration = .milliseconds(100)
    static let lastRetry: Duration = .seconds(5)
    /// A refusal that lasts less is none: a line that was just given up takes a moment to be free.
    static let grace: Duration = .seconds(1)
    /// How long an edge may be on its way from the kernel.
    static let delivery: Duration = .milliseconds(50)

    private let gpio: any GPIOHost
    private let clock: any BoardClock
    private let logger: Logger
    private var wanted: [LineName: [ButtonBinding]] = [:]
    /// Those that have a task, with what it watches for.
    private var tasks: [LineName: [ButtonBinding]] = [:]
    private var watched: [LineName: Watched] = [:]
    private let wakeup = Wakeup()
    private let faults = Announcements<[LineName: String]>([:])
    private let continuation: AsyncStream<ButtonEvent>.Continuation

    /// What buttons do, for one listener. When that is slow, the oldest are lost.
    public nonisolated let events: AsyncStream<ButtonEvent>

    public init(
        gpio: any GPIOHost, clock: any BoardClock = MonotonicClock(), logger: Logger = Logger(label: "buttons")
    ) {
        self.gpio = gpio
        self.clock = clock
        self.logger = logger
        (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(16))
    }

    /// What is wrong with lines, in words: now, and at every change.
    public nonisolated func faultChanges() -> AsyncStream<[LineName: String]> { faults.listen() }

    /// Watches these from now on. A line whose actions or wiring changed is given up and taken anew; the others go
    /// on untouched.
    public func configure(_ plan: ButtonPlan) {
        guard plan.lines != wanted else { return }
        wanted = plan.lines
        wakeAll()
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.work() }
    }

    private func work() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let seen = wakeup.generation
                for (line, bindings) in wanted where tasks[line] == nil {
                    tasks[line] = bindings
                    group.addTask { await self.keep(line, bindings) }
                }
                await wakeup.wait(after: seen)
            }
            wanted = [:]
            wakeAll()
            group.cancelAll()
        }
        continuation.finish()
        faults.finish()
    }

    private func wakeAll() {
        wakeup.wake()
        for line in watched.values { line.wakeup.wake() }
    }

    // MARK: One line

    private func isWanted(_ line: LineName, _ bindings: [ButtonBinding]) -> Bool {
        wanted[line] == bindings && !Task.isCancelled
    }

    /// Takes the line and watches it for as long as it is wanted so.
    private func keep(_ line: LineName, _ bindings: [ButtonBinding]) async {
        var retry = Self.firstRetry
        var refusedSince: MonotonicInstant?
        while isWanted(line, bindings) {
            let seen = wakeup.generation
            do throws(GPIOError) {
                try await watch(line, bindings)
                (retry, refusedSince) = (Self.firstRetry, nil)
            } catch {
                let since = refusedSince ?? clock.now
                refusedSince = since
                if since.duration(to: clock.now) >= Self.grace { begin(line, error.what) }
                await wakeup.wait(after: seen, until: clock.now.advanced(by: retry), clock: clock)
                retry = min(retry * 2, Self.lastRetry)
            }
        }
        // Not ours any more, whatever is wrong with it.
        change { $0[line] = nil }
        tasks[line] = nil
        wakeup.wake()
    }

    /// Returns when the line is not wanted so any more, or the kernel took it away.
    private func watch(_ line: LineName, _ bindings: [ButtonBinding]) async throws(GPIOError) {
        let wiring = bindings[0]
        let input = try gpio.input(
            line,
            GPIOInputSettings(pull: wiring.pull, activeLow: wiring.activeLow, debounce: ButtonLine.chipDebounce),
            consumer: "vitrine \(wiring.action.rawValue)")
        watched[line] = Watched(
            machine: ButtonLine(bindings, isActive: try input.isActive(), at: clock.now))
        end(line)
        logger.info("\(line) is the button for \(bindings.map(\.action.rawValue).joined(separator: ", "))")
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await edge in input.edges { await self.take(edge, from: line) }
                await self.lose(line)
            }
            await letTimePass(line, bindings, input)
            group.cancelAll()
        }
        watched[line] = nil
    }

    private func take(_ edge: GPIOEdge, from line: LineName) {
        guard let outputs = watched[line]?.machine.edge(edge) else { return }
        carryOut(outputs, line)
        watched[line]?.wakeup.wake()
    }

    private func lose(_ line: LineName) {
        watched[line]?.isLost = true
        watched[line]?.wakeup.wake()
    }

    private func letTimePass(_ line: LineName, _ bindings: [ButtonBinding], _ input: any GPIOInput) async {
        while isWanted(line, bindings), let now = watched[line], !now.isLost {
            let seen = now.wakeup.generation
            guard let due = now.machine.deadline, due <= clock.now else {
                await now.wakeup.wait(after: seen, until: now.machine.deadline, clock: clock)
                continue
            }
            if now.machine.countsOnActive, (try? input.isActive()) != true {
                // It was let go of, and we have not heard of it yet: when, is in the edge.
                await now.wakeup.wait(after: seen, until: clock.now.advanced(by: Self.delivery), clock: clock)
                if now.wakeup.generation == seen, isWanted(line, bindings) {
                    // An edge that was lost: nothing comes of that press.
                    watched[line]?.machine = ButtonLine(bindings, isActive: false, at: clock.now)
                }
                continue
            }
            carryOut(watched[line]?.machine.elapse(to: clock.now) ?? [], line)
        }
    }

    private func carryOut(_ outputs: [ButtonLine.Output], _ line: LineName) {
        for output in outputs {
            switch output {
            case .act(let action): continuation.yield(.act(action))
            case .holding(let action, let rest): continuation.yield(.holding(action, rest: rest))
            case .gaveUp: continuation.yield(.gaveUp)
            case .flickers: begin(line, "it does not come to rest: nothing is attached to it, or badly")
            case .rests: end(line)
            }
        }
    }

    // MARK: Faults, which last

    private func begin(_ line: LineName, _ what: String) {
        guard faults.latest?[line] != what else { return }
        logger.warning("button on \(line): \(what)")
        change { $0[line] = what }
    }

    private func end(_ line: LineName) {
        guard faults.latest?[line] != nil else { return }
        logger.notice("button on \(line) works again")
        change { $0[line] = nil }
    }

    private func change(_ body: (inout [LineName: String]) -> Void) {
        let before = faults.latest ?? [:]
        var now = before
        body(&now)
        if now != before { faults.announce(now) }
    }
}
