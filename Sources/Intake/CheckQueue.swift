import DecoderClient
import DecoderProtocol
import LinuxSystem
import Logging
import MediaIndex
import SystemPackage

/// The loop of the intake: takes the first file that is due, checks it, and waits for the next.
struct CheckQueue: ~Copyable {
    /// A file that waits.
    private struct Waiting {
        var job: Int
        var attempts = CheckAttempts()
        var due: MonotonicInstant
    }

    private static let longestPause = Duration.seconds(300)

    private let service: IntakeService
    private let changed: Wakeup
    private var waiting: [MediumID: Waiting] = [:]
    private var decoderOutage = Outage()
    private var diskOutage = Outage()

    private var library: MediaLibrary { service.library }
    private var jobs: JobBoard { service.jobs }

    init(_ service: IntakeService, _ changed: Wakeup) {
        self.service = service
        self.changed = changed
    }

    consuming func run() async {
        var bare = (try? await library.withoutThumbnail()) ?? []
        bare.reverse()
        while !Task.isCancelled {
            let seen = changed.generation
            let pending = await pending()
            let now = service.clock.now
            if let next = pending.first(where: { (waiting[$0.id]?.due ?? now) <= now }) {
                await check(next)
            } else if let medium = bare.popLast() {
                await restoreThumbnail(medium)
            } else {
                let due = waiting.values.map(\.due).min()
                await wait(after: seen, until: due)
            }
        }
    }

    /// Media that are to be checked, in the order of arrival; each has its job.
    private mutating func pending() async -> [Medium] {
        let pending: [Medium]
        do throws(MediaFault) {
            pending = try await library.index.media(in: .processing)
            diskOutage.ended { service.logger.notice("the index can be read again") }
        } catch {
            diskOutage.began { service.logger.error("uploads are not checked: \(error)") }
            try? await service.clock.sleep(for: .seconds(5))
            return []
        }
        let ids = Set(pending.map(\.id))
        for (id, gone) in waiting where !ids.contains(id) {
            jobs.end(gone.job, failure: ("it was deleted", "Nothing is left to do"))
            waiting[id] = nil
        }
        for medium in pending where waiting[medium.id] == nil {
            let job = jobs.add(.check, medium.id, name: medium.name)
            waiting[medium.id] = Waiting(job: job, due: service.clock.now)
        }
        return pending
    }

    private func wait(after seen: Int, until due: MonotonicInstant?) async {
        let changed = changed
        guard let due else {
            await changed.wait(after: seen)
            return
        }
        await withTaskGroup(of: Void.self) { [clock = service.clock] group in
            group.addTask { await changed.wait(after: seen) }
            group.addTask { try? await clock.sleep(until: due, tolerance: nil) }
            await group.next()
            group.cancelAll()
        }
    }

    private mutating func check(_ medium: Medium) async {
        guard var entry = waiting[medium.id] else { return }
        let job = entry.job
        jobs.start(job)
        let action: CheckAttempts.Action?
        do {
            let checked = try await decode(medium, job)
            jobs.say(job, "It is moved into the library")
            let adopted = try await library.adopt(medium.id, checked)
            if let reason = adopted.reason { jobs.say(job, reason) }
            jobs.say(job, "Ready")
            action = nil
        } catch let error as DecoderError {
            if Task.isCancelled { return }
            action = entry.attempts.failed(error)
            note(error)
        } catch let fault as MediaFault where fault.code == .notFound {
            do throws(MediaFault) {
                // Its part is gone, too, when an earlier try has moved it and then failed.
                _ = try await library.finishAdoption(medium.id)
                jobs.say(job, "Ready")
                action = nil
            } catch  where error.code == .notFound {
                waiting[medium.id] = nil
                return jobs.end(job, failure: ("it was deleted", "Nothing is left to do"))
            } catch {
                action = .retry(after: Self.longestPause, reason: error.reason, suggestion: error.suggestion)
                diskOutage.began { service.logger.error("\(medium.id) cannot be adopted: \(error)") }
            }
        } catch let fault as MediaFault {
            action = entry.attempts.setback(fault.reason, fault.suggestion)
            diskOutage.began { service.logger.error("\(medium.id) cannot be adopted: \(fault)") }
        } catch {
            action = entry.attempts.setback("\(error)", "It is tried again by itself")
        }
        switch action {
        case nil:
            decoderOutage.ended { service.logger.notice("the decoder starts again") }
            diskOutage.ended { service.logger.notice("files can be adopted again") }
            waiting[medium.id] = nil
            jobs.end(job)
        case .refuse(let reason, let suggestion):
            await refuse(medium, &entry, reason, suggestion)
        case .retry(let pause, let reason, let suggestion):
            put(medium, back: &entry, pause, reason, suggestion)
        }
    }

    private mutating func put(
        _ medium: Medium, back entry: inout Waiting, _ pause: Duration, _ reason: String, _ suggestion: String
    ) {
        jobs.say(entry.job, "\(reason); next try in \(pause.components.seconds) s")
        jobs.wait(entry.job, reason: reason, suggestion: suggestion)
        entry.due = service.clock.now.advanced(by: pause)
        waiting[medium.id] = entry
    }

    private mutating func refuse(
        _ medium: Medium, _ entry: inout Waiting, _ reason: String, _ suggestion: String
    ) async {
        do throws(MediaFault) {
            _ = try await library.refuse(medium.id, reason: reason, suggestion: suggestion)
        } catch  where error.code == .notFound {
            // Deleted meanwhile: refused enough.
        } catch {
            let action = entry.attempts.setback(error.reason, error.suggestion)
            if case .retry(let pause, let reason, let suggestion) = action {
                put(medium, back: &entry, pause, reason, suggestion)
            }
            return
        }
        jobs.say(entry.job, "Refused: \(reason). \(suggestion)")
        waiting[medium.id] = nil
        jobs.end(entry.job, failure: (reason, suggestion))
    }

    private mutating func note(_ error: DecoderError) {
        if case .cannotStart(let reason) = error {
            decoderOutage.began {
                service.logger.error("uploads are not checked: the decoder does not start: \(reason)")
            }
        } else {
            decoderOutage.ended { service.logger.notice("the decoder starts again") }
        }
    }

    // MARK: One check

    private func decode(_ medium: Medium, _ job: Int) async throws -> CheckedMedium {
        jobs.say(job, "Checking \(medium.sizeBytes) bytes")
        let path = library.folder.part(medium.id)
        let file = try await open(path, medium.id)
        let session = try await service.decoder.open(file, request(medium), role: .intake, name: medium.name)
        do {
            let description = session.description
            jobs.say(job, "\(description.format), \(description.width)×\(description.height)")
            let report = try await session.check(seconds: service.settings.seconds) { [jobs] in
                jobs.progress(job, $0 * 0.95)
            }
            jobs.say(job, "\(report.frames) frames decoded\(report.partial ? ", and more that were not tried" : "")")
            let thumbnail = try await thumbnail(session, job)
            await session.close()
            return CheckVerdict.medium(name: medium.name, description, report, thumbnail: thumbnail)
        } catch {
            await session.close()
            throw error
        }
    }

    /// A medium that plays is not refused for want of a thumbnail.
    private func thumbnail(_ session: any DecoderSession, _ job: Int) async throws(DecoderError) -> [UInt8]? {
        do throws(DecoderError) {
            return try await session.thumbnail(size: service.settings.thumbnailSize)
        } catch .failed(let failure) {
            jobs.say(job, "No thumbnail could be made: \(failure.reason)")
            return nil
        }
    }

    private func open(_ path: FilePath, _ id: MediumID) async throws(MediaFault) -> Descriptor {
        try await library.reading { () throws(MediaFault) in
            do throws(Errno) {
                return try Descriptor.open(path, .readOnly, options: [.noFollow])
            } catch .noSuchFileOrDirectory {
                throw .notFound(id)
            } catch {
                throw MediaFault(error, "opening", path)
            }
        }
    }

    private func request(_ medium: Medium) -> OpenRequest {
        let settings = service.settings
        return OpenRequest(
            screen: settings.screen, fit: settings.fit, formats: settings.formats, loops: false,
            memoryLimit: settings.memoryLimit, threads: settings.threads, suffix: medium.suffix)
    }

    /// A medium of the library has lost its thumbnail, or none could be made of it: one try at each start.
    private func restoreThumbnail(_ medium: Medium) async {
        let job = jobs.add(.thumbnail, medium.id, name: medium.name)
        jobs.start(job)
        do {
            let file = try await library.open(medium.id)
            let session = try await service.decoder.open(file, request(medium), role: .intake, name: medium.name)
            let bytes = try await session.thumbnail(size: service.settings.thumbnailSize)
            await session.close()
            try await library.setThumbnail(medium.id, bytes)
            jobs.end(job)
        } catch {
            jobs.say(job, "No thumbnail could be made: \(error)")
            jobs.end(job, failure: ("no thumbnail could be made: \(error)", "It plays without one"))
        }
    }
}
