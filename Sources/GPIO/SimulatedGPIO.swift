import Synchronization
import SystemPackage

/// A board in memory: lines by name, what drives them, and what was driven.
public final class SimulatedGPIO: GPIOHost {
    private struct State {
        var lines: Set<LineName>
        var taken: [LineName: String] = [:]
        var levels: [LineName: [Bool]] = [:]
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

    fileprivate func drive(_ line: LineName, _ isHigh: Bool) {
        state.withLock { $0.levels[line, default: []].append(isHigh) }
    }

    fileprivate func release(_ line: LineName) { state.withLock { _ = $0.taken.removeValue(forKey: line) } }
}

private final class SimulatedOutput: GPIOOutput {
    private let board: SimulatedGPIO
    private let line: LineName

    init(board: SimulatedGPIO, line: LineName) { (self.board, self.line) = (board, line) }
    deinit { board.release(line) }

    func set(_ isHigh: Bool) { board.drive(line, isHigh) }
}
