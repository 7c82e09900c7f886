import Logging
import MediaIndex
import Testing

@testable import Intake

@Suite(.timeLimit(.minutes(1))) struct MaintenanceTests {
    @Test func workIsAJobWithALogAndTheSameWorkIsTheSameJob() async throws {
        let fixture = try await TestIntake.open()
        let jobs = JobBoard()
        let maintenance = Maintenance(
            library: fixture.library, uploads: fixture.uploads, jobs: jobs, logger: .silent)
        let first = try #require(await maintenance.begin(.rebuildIndex))
        let again = try #require(await maintenance.begin(.rebuildIndex))
        let other = try #require(await maintenance.begin(.cleanup))
        #expect(first.id == again.id && other.id != first.id)
        #expect(first.kind == .rebuild && first.mediumID == nil && first.state == .queued)
        let log = try #require(jobs.follow(other.id))
        let running = Task { try await maintenance.run() }
        for await _ in log {}
        #expect(jobs.job(first.id)?.state == .done)
        #expect(jobs.job(other.id)?.state == .done)
        #expect(jobs.log(first.id)?.map(\.text) == ["Reading the library", "Rebuilt; nothing was amiss"])
        // Once it has ended, it is another job.
        let next = try #require(await maintenance.begin(.rebuildIndex))
        #expect(next.id != first.id)
        running.cancel()
        try await running.value
        #expect(try await fixture.close().isEmpty)
    }
}
