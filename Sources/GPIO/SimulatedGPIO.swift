public import LinuxSystem
import Synchronization
import SystemPackage

/// A board in memory: lines by name, what drives them, and what was driven. Its buttons are pressed by `setLevel`.
public final class SimulatedGPIO: GPIOHost {
    private struct State {
        var lines: Set<LineName>
        var taken: [LineName: String] = [:]
        var levels: [LineName: [Bool]] = [:]
        var inputs: [LineName: SimulatedInput] = [:]
        /// What is connected to a line, beside its pull.
        var outside: [LineName: Bool] = [:]
    }

    private let state: Mutex<State>

    /// - Parameter lines: those that the board has.
    public init(lines: some Sequence<LineName> = (0..<28).map { LineName(bcm: $0) }) {
        state = Mutex(State(lines: Set(lines)))
    }

    /// Every level that a line was driven to, in order, the first one included.
    public func levels(of line: LineName) -> [Bool] { state.withLock { $0.levels[line] ?? [] } }
    /// Who has a line.
    public func consumer(of line: LineName) -> String? { state.withLock { $0.taken[line] } }

    public func problem(with line: LineName) -> String? {
        state.withLock { state in
            if !state.lines.contains(line) { return "line \(line): the simulated board has no line of this name" }
            return state.taken[line].map { "line \(line) is in use by \($0); free it or choose another" }
        }
    }

    public func output(_ line: LineName, initially isHigh: Bool, consumer: String) throws(GPIOError) -> any GPIOOutput {
        if let problem = problem(with: line) { throw GPIOError(line, problem, .resourceBusy) }
        state.withLock { $0.taken[line] = consumer }
        drive(line, isHigh)
        return SimulatedOutput(board: self, line: line)
    }

    public func input(
        _ line: LineName, _ settings: GPIOInputSettings, consumer: String
    ) throws(GPIOError) -> any GPIOInput {
        if let problem = problem(with: line) { throw GPIOError(line, problem, .resourceBusy) }
        let (stream, continuation) = AsyncStream<GPIOEdge>.makeStream(bufferingPolicy: .bufferingNewest(64))
        state.withLock { state in
            state.taken[line] = consumer
            let isHigh = state.outside[line] ?? (settings.pull == .up)
            state.inputs[line] = SimulatedInput(settings, isHigh: isHigh, continuation)
        }
        return TakenInput(board: self, line: line, edges: stream)
    }

    /// Connects a line: a button that is pressed drives it low, or high; nil lets go, and its pull decides.
    public func setLevel(of line: LineName, isHigh: Bool?, at moment: MonotonicInstant) {
        state.withLock { state in
            state.outside[line] = isHigh
            guard let settings = state.inputs[line]?.settings else { return }
            state.inputs[line]?.drive(isHigh ?? (settings.pull == .up), at: moment)
        }
    }

    /// Lets time pass: what held for the time of its debouncing counts.
    public func settle(at moment: MonotonicInstant) {
        state.withLock { state in
            for line in state.inputs.keys { state.inputs[line]?.settle(at: moment) }
        }
    }

    fileprivate func isActive(_ line: LineName) -> Bool { state.withLock { $0.inputs[line]?.isActive ?? false } }

    fileprivate func drive(_ line: LineName, _ isHigh: Bool) {
        state.withLock { $0.levels[line, default: []].append(isHigh) }
    }

    fileprivate func release(_ line: LineName) {
        let input = state.withLock { state in
            state.taken[line] = nil
            return state.inputs.removeValue(forKey: line)
        }
        input?.continuation.finish()
    }
}

private final class SimulatedOutput: GPIOOutput {
    private let board: SimulatedGPIO
    private let line: LineName

    init(board: SimulatedGPIO, line: LineName) { (self.board, self.line) = (board, line) }
    deinit { board.release(line) }

    func set(_ isHigh: Bool) { board.drive(line, isHigh) }
}

private final class TakenInput: GPIOInput {
    let edges: AsyncStream<GPIOEdge>
    private let board: SimulatedGPIO
    private let line: LineName

    init(board: SimulatedGPIO, line: LineName, edges: AsyncStream<GPIOEdge>) {
        (self.board, self.line, self.edges) = (board, line, edges)
    }

    deinit { board.release(line) }

    func isActive() -> Bool { board.isActive(line) }
}
