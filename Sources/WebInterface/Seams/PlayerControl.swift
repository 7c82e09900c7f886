/// What a person does to what is playing. Each call answers with the state after it.
public protocol PlayerControl: Sendable {
    func pause() async throws(ProblemError) -> PlayerStatus
    func resume() async throws(ProblemError) -> PlayerStatus
    func next() async throws(ProblemError) -> PlayerStatus
    func previous() async throws(ProblemError) -> PlayerStatus
    /// Shows name, address and code over whatever plays, for 15 seconds.
    func info() async throws(ProblemError) -> PlayerStatus
    /// Shows one medium now. 404 when there is none with this id, 409 when it cannot be shown.
    func show(_ id: String) async throws(ProblemError) -> PlayerStatus
}
