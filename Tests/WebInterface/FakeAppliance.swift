import Synchronization

@testable import WebInterface

/// Rooms that do what a test tells them, and remember what was asked.
final class FakeAppliance: PlayerControl, StatusSource, LibraryAccess, JobSource, ScreenSource, SettingsAccess,
    SystemControl
{
    struct State {
        var player = PlayerStatus(state: .playing, rule: "library")
        var media: [String: MediaItem] = [:]
        var content: [UInt8] = Array("0123456789".utf8)
        var contentType = "image/png"
        var queries: [MediaQuery] = []
        var changes: [MediaChange] = []
        var wishes: [ScreenRequest] = []
        var begun: [SystemAction] = []
        var tests: [String] = []
        var checks: [String: Health.Check] = ["display": .init(.healthy, detail: "1280x720")]
        var values: [String: JSONValue] = ["playback.photo_seconds": .integer(10)]
    }

    let state = Mutex(State())
    let jobLines = AsyncStream<JobLogLine>.makeStream()
    let pictureFeed = AsyncStream<[UInt8]>.makeStream()

    func add(_ id: String, name: String = "photo.png") {
        let item = MediaItem(
            id: id, name: name, kind: .image, width: 4, height: 3, sizeBytes: 10,
            addedAt: Timestamp(milliseconds: 1_795_215_780_123), state: .ready)
        state.withLock { $0.media[id] = item }
    }

    // MARK: PlayerControl

    private func player(_ change: (inout PlayerStatus) -> Void) -> PlayerStatus {
        state.withLock { state in
            change(&state.player)
            return state.player
        }
    }

    func pause() async throws(ProblemError) -> PlayerStatus { player { $0.state = .paused } }
    func resume() async throws(ProblemError) -> PlayerStatus { player { $0.state = .playing } }
    func next() async throws(ProblemError) -> PlayerStatus {
        player { $0.current = .init(id: "n", name: "next", kind: nil) }
    }
    func previous() async throws(ProblemError) -> PlayerStatus {
        player { $0.current = .init(id: "p", name: "previous", kind: nil) }
    }
    func info() async throws(ProblemError) -> PlayerStatus { player { $0.rule = "info" } }
    func show(_ id: String) async throws(ProblemError) -> PlayerStatus {
        let item = try await medium(id)
        return player { player in
            player.rule = "pick"
            player.current = .init(id: id, name: item.name, kind: item.kind)
        }
    }

    // MARK: StatusSource

    func status() async -> ApplianceStatus {
        ApplianceStatus(
            device: .init(name: "vitrine", version: "1.0", uptimeSeconds: 5),
            board: .init(model: "test", architecture: "any"),
            display: .init(
                driver: "headless", width: 1280, height: 720, refreshHz: 60, bufferBytes: 4_096,
                chain: [.init(driver: "headless", outcome: "active")]),
            player: state.withLock { $0.player },
            memory: .init(
                level: "normal", availableBytes: 1,
                cache: .init(budgetBytes: 2, usedBytes: 1, frames: 1, hits: 3, misses: 4)),
            decoder: .init(state: "idle", restarts: 0, sandbox: ["no_new_privs": true]),
            storage: .init(freeBytes: 1, totalBytes: 2), network: .init(urls: ["http://127.0.0.1:8080/"]))
    }

    func health() async -> Health {
        Health(version: "1.0", uptimeSeconds: 5, checks: state.withLock { $0.checks })
    }

    func metrics() async -> [Metric] {
        [Metric("vitrine_media", .gauge, help: "Media, by state.", samples: [.init(3, [.init("state", "rea\"dy\n")])])]
    }

    // MARK: LibraryAccess

    func page(_ query: MediaQuery) async throws(ProblemError) -> MediaPage {
        state.withLock { state in
            state.queries.append(query)
            return MediaPage(items: state.media.values.sorted { $0.id < $1.id }, next: nil)
        }
    }

    func medium(_ id: String) async throws(ProblemError) -> MediaItem {
        guard let item = state.withLock({ $0.media[id] }) else { throw .notFound("medium \(id)") }
        return item
    }

    func change(_ id: String, _ change: MediaChange) async throws(ProblemError) -> MediaItem {
        var item = try await medium(id)
        if let name = change.name { item.name = name }
        let changed = item
        state.withLock { state in
            state.changes.append(change)
            state.media[id] = changed
        }
        return changed
    }

    func delete(_ id: String) async throws(ProblemError) {
        _ = try await medium(id)
        state.withLock { $0.media[id] = nil }
    }

    func retry(_ id: String) async throws(ProblemError) -> MediaItem { try await medium(id) }

    func thumbnail(_ id: String) async throws(ProblemError) -> StoredFile { try await file(id) }

    func file(_ id: String) async throws(ProblemError) -> StoredFile {
        let item = try await medium(id)
        return state.withLock { state in
            StoredFile(
                contentType: state.contentType, name: item.name, entityTag: "abc",
                content: Bytes(bytes: state.content))
        }
    }

    struct Bytes: StoredContent {
        var bytes: [UInt8]
        var byteCount: Int { bytes.count }
        func bytes(in range: Range<Int>) async throws(ProblemError) -> [UInt8] { Array(bytes[range]) }
    }

    // MARK: JobSource

    private let job = Job(
        id: "7", kind: "check", title: "Check photo.png", state: .running, progress: 0.5, mediaID: "m",
        createdAt: Timestamp(milliseconds: 0))

    func jobs() async throws(ProblemError) -> [Job] { [job] }
    func job(_ id: String) async throws(ProblemError) -> Job {
        guard id == job.id else { throw .notFound("job \(id)") }
        return job
    }
    func log(
        _ id: String, after: Int, follow: Bool
    ) async throws(ProblemError) -> any AsyncSequence<JobLogLine, Never> & Sendable {
        _ = try await job(id)
        return jobLines.stream.filter { $0.number > after }
    }

    // MARK: ScreenSource

    func snapshot() async throws(ProblemError) -> [UInt8] { [0x89, 0x50, 0x4E, 0x47] }
    func pictures(_ request: ScreenRequest) async throws(ProblemError) -> any AsyncSequence<[UInt8], Never> & Sendable {
        state.withLock { $0.wishes.append(request) }
        return pictureFeed.stream
    }

    // MARK: SettingsAccess

    func settings() async -> SettingsDocument {
        SettingsDocument(
            settings: state.withLock { $0.values }.sorted { $0.key < $1.key }.map { key, value in
                Setting(
                    key: key, kind: .number, title: key, value: value, defaultValue: .integer(10), origin: "default")
            })
    }

    func change(_ values: [String: JSONValue]) async throws(ProblemError) -> SettingsDocument {
        let unknown = values.keys.filter { key in state.withLock { $0.values[key] == nil } }
        guard unknown.isEmpty else {
            throw .invalid("Unknown.", faults: unknown.map { .init(key: $0, detail: "There is no such setting.") })
        }
        state.withLock { $0.values.merge(values) { _, new in new } }
        return await settings()
    }

    // MARK: SystemControl

    func begin(_ action: SystemAction) async throws(ProblemError) -> Job? {
        state.withLock { $0.begun.append(action) }
        return action == .restart ? nil : job
    }

    func locate(seconds: Double) async throws(ProblemError) {
        state.withLock { $0.tests.append("locate \(seconds)") }
    }

    func showTestPicture(seconds: Double, moves: Bool) async throws(ProblemError) {
        state.withLock { $0.tests.append("\(seconds) \(moves)") }
    }

    func faultLog() async -> [FaultEntry] {
        [FaultEntry(number: 7, time: "2026-11-21T08:40:12Z", uptimeSeconds: 37, kind: "begin", text: "storage: full")]
    }
}

/// Keeps sessions in memory and the PIN where a test can read it.
final class FakeClaim: ClaimAccess {
    struct State {
        var record = AccessRecord()
        var pins: [String?] = []
        var isBroken = false
    }

    let state: Mutex<State>

    init(record: AccessRecord = AccessRecord()) { state = Mutex(State(record: record)) }

    var pin: String? { state.withLock { $0.pins.last ?? nil } }

    func load() async throws(ProblemError) -> AccessRecord {
        if state.withLock({ $0.isBroken }) { throw .internalFault() }
        return state.withLock { $0.record }
    }

    func save(_ record: AccessRecord) async throws(ProblemError) {
        if state.withLock({ $0.isBroken }) { throw .noRoom("The card is full.") }
        state.withLock { $0.record = record }
    }

    func showPIN(_ pin: String?) async { state.withLock { $0.pins.append(pin) } }
}
