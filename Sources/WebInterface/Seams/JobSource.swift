/// What the appliance works on.
public protocol JobSource: Sendable {
    /// The running ones and the last finished, newest first.
    func jobs() async throws(ProblemError) -> [Job]
    func job(_ id: String) async throws(ProblemError) -> Job
    /// The lines after number `after`, as they come, until the job has ended.
    func log(_ id: String, after: Int) async throws(ProblemError) -> any AsyncSequence<JobLogLine, Never> & Sendable
}
