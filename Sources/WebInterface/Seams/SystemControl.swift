/// Maintenance for people without a shell. The raw values are the last parts of the paths.
public enum SystemAction: String, Sendable, CaseIterable {
    /// Ends the daemon; its supervisor starts it again.
    case restart
    /// Throws away what is left over and not needed.
    case cleanup
    /// Erases all media, settings and sessions with the next start, which is at once.
    case eraseData = "erase-data"
    /// Makes the index anew from the library's files.
    case rebuildIndex = "rebuild-index"
}

public protocol SystemControl: Sendable {
    /// Carries an action out; one that takes long begins and returns its job.
    func begin(_ action: SystemAction) async throws(ProblemError) -> Job?

    /// Blinks the board's light, so that a person finds it; zero ends that.
    func locate(seconds: Double) async throws(ProblemError)

    /// Shows the test picture in place of everything else.
    func showTestPicture(seconds: Double, moves: Bool) async throws(ProblemError)

    /// The fault log: boots and faults, oldest first.
    func faultLog() async -> [FaultEntry]
}
