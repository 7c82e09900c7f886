/// What the appliance works on.
public protocol JobSource: Sendable {
    /// The running ones and the last finished, newest first.
    func jobs() async throws(ProblemError) -> [Job]
    func job(_ id: String) async throws(ProblemError) -> Job
    /// The lines after number `after`; with `follow`, also those that come until the job has ended.
    func log(_ id: String, after: Int, follow: Bool) async throws(ProblemError) -> any AsyncSequence<JobLogLine, Never>
        & Sendable
}
