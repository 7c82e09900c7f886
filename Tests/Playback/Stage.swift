import DecoderClient
import DecoderProtocol
import DisplayDrivers
import Frames
import LinuxSystem
import Logging
import MediaIndex
import enum MediaIndex.MediumKind
import MemoryMonitor
import Playback
import Synchronization
import SystemPackage
import Testing

/// A player with everything around it, in the time of a manual clock.
final class Stage: Sendable {
    /// What came onto the glass.
    struct Shown: Sendable, Equatable {
        /// Since the stage was set.
        var milliseconds: Int
        /// Number of the medium; 0: a card.
        var medium: Int
        var frame: Int
    }

    /// A refresh that was presented to, with all its layers from the back to the front.
    struct Refresh: Sendable, Equatable {
        struct Part: Sendable, Equatable {
            var medium: Int
            var frame: Int
            var alpha: Int
        }

        /// Number of the refresh.
        var sequence: Int
        var time: MonotonicInstant
        var parts: [Part]

        func alpha(of medium: Int) -> Int? { parts.first { $0.medium == medium }?.alpha }
    }

    static let screen = PixelSize(width: 64, height: 36)

    let executor: SteppedExecutor
    let decoder: ScriptedDecoder
    let source = ListSource()
    let cards = PlainCards()
    let welcome = Announcements(WelcomeContent(name: "vitrine", addresses: ["http://vitrine.local"], pin: "123456"))
    let screenDriver: RecordingDriver
    private let player: Player
    private let chain: DisplayChain
    private let run = Mutex<Task<Void, any Error>?>(nil)

    /// - Parameter better: a display before the headless one.
    init(
        refreshRate: Double = 50, settings: PlaybackSettings = PlaybackSettings(), better: (any DisplayDriver)? = nil,
        clock: ManualClock = ManualClock(), cache: FrameCache = FrameCache(), memory: MemoryMonitor? = nil
    ) {
        decoder = ScriptedDecoder(clock: clock)
        executor = SteppedExecutor(clock: clock)
        screenDriver = RecordingDriver(
            inner: HeadlessDriver(size: Stage.screen, refreshRate: refreshRate, clock: clock), start: clock.now)
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        chain = DisplayChain(
            drivers: (better.map { [$0] } ?? []) + [screenDriver],
            lastResort: HeadlessDriver(size: Stage.screen, clock: clock), clock: clock, logger: quiet)
        player = Player(
            decoder: decoder, source: source, display: chain, cards: cards, welcome: WelcomeBoard(contents: welcome),
            cache: cache, memory: memory, settings: settings, clock: clock, logger: quiet)
    }

    /// Adds a medium, which paints its number and the frame's into its pixels.
    func add(_ number: Int, _ medium: ScriptedMedium, kind: MediumKind, photoSeconds: Int? = nil) {
        source.append(
            ProgrammeItem(
                id: testID(number), name: "\(number)", kind: kind, suffix: "bin",
                photoTime: photoSeconds.map { .seconds($0) }))
        decoder.set("\(number)", to: numbered(number, medium))
    }

    func addPhoto(_ number: Int, seconds: Int? = nil) {
        add(number, .photo(width: 64, height: 36), kind: .image, photoSeconds: seconds)
    }

    func addVideo(_ number: Int, seconds: Double, rate: Double = 25) {
        add(
            number,
            .moving(.video, width: 64, height: 36, frames: Int(seconds * rate), framesPerSecond: rate), kind: .video)
    }

    func addAnimation(_ number: Int, seconds: Double, rate: Double = 10) {
        add(
            number, .moving(.animation, width: 64, height: 36, frames: Int(seconds * rate), framesPerSecond: rate),
            kind: .animation)
    }

    func numbered(_ number: Int, _ medium: ScriptedMedium) -> ScriptedMedium {
        var medium = medium
        medium.paint = { frame, layout, bytes in
            bytes.bindMemory(to: UInt32.self).update(repeating: UInt32(number) << 24 | UInt32(frame))
        }
        return medium
    }

    /// Starts the player and lets it run for a while, in its own time.
    func begin() async {
        let player = player
        let chain = chain
        run.withLock { run in
            run = Task(executorPreference: executor) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await chain.run() }
                    try await player.run()
                    group.cancelAll()
                }
            }
        }
        await executor.settle()
    }

    /// Asks the player for something. It happens in the stage's own time: whoever else waits for the player would
    /// otherwise wait for time to pass, and time for the answer.
    func ask<Answer: Sendable>(_ body: @escaping @Sendable (Player) async -> Answer) async throws -> Answer {
        let player = player
        let task = Task<Answer, any Error>(executorPreference: executor) { await body(player) }
        return try await executor.value(of: task)
    }

    var status: PlayerStatus {
        get async throws { try await ask { await $0.snapshot } }
    }

    func pass(_ duration: Duration) async { await executor.advance(by: duration) }

    /// Lets time pass in small steps until something is true that threads outside of the stage have a part in.
    func reaches(_ condition: () -> Bool) async -> Bool {
        let clock = MonotonicClock()
        let end = clock.now.advanced(by: .seconds(60))
        while !condition(), clock.now < end { await pass(.milliseconds(20)) }
        return condition()
    }

    func changes() -> AsyncStream<PlayerStatus> { player.changes() }

    /// Ends everything; nothing may be left behind.
    func end() async throws {
        if let task = run.withLock({ $0 }) {
            task.cancel()
            // However it ends: being cancelled is what was asked for.
            _ = try? await executor.value(of: task)
        }
        #expect(decoder.openSessions.isEmpty)
        #expect(executor.clock.nextDeadline == nil)
    }

    /// What was shown, and forgets it.
    func shown() -> [Shown] { screenDriver.take() }

    /// The same with all layers; what of it was taken by `shown()` stays here.
    func refreshes() -> [Refresh] { screenDriver.takeRefreshes() }

    /// The media that were shown, each once for all its frames in a row.
    func mediaShown() -> [Int] {
        var media: [Int] = []
        for shown in shown() where media.last != shown.medium { media.append(shown.medium) }
        return media
    }
}

/// A headless display that writes down what it shows.
final class RecordingDriver: DisplayDriver {
    private struct Recorder: Display {
        let inner: any Display
        let note: @Sendable (Scene, Presentation) -> Void

        var capabilities: DisplayCapabilities { inner.capabilities }
        var ended: AsyncStream<DisplayError> { inner.ended }

        func present(_ scene: Scene, notBefore: MonotonicInstant) async throws(DisplayError) -> Presentation {
            let presentation = try await inner.present(scene, notBefore: notBefore)
            note(scene, presentation)
            return presentation
        }

        func setPower(_ isOn: Bool) async throws(DisplayError) { try await inner.setPower(isOn) }
        func setBrightness(_ level: Double) async throws(DisplayError) { try await inner.setBrightness(level) }
        func close() async { await inner.close() }
    }

    private let inner: any DisplayDriver
    private let start: MonotonicInstant
    private let log = Mutex<[Stage.Shown]>([])
    private let last = Mutex<[(size: PixelSize, destination: PixelRectangle)]>([])
    private let refreshes = Mutex<[Stage.Refresh]>([])

    init(inner: any DisplayDriver, start: MonotonicInstant) {
        self.inner = inner
        self.start = start
    }

    var name: String { inner.name }

    /// Size of the frame that was shown last, and where it went.
    var lastPlace: (size: PixelSize, destination: PixelRectangle)? { lastPlaces.first }

    /// The same of all its layers, from the back to the front.
    var lastPlaces: [(size: PixelSize, destination: PixelRectangle)] { last.withLock { $0 } }

    func probe() async -> DisplayProbe { await inner.probe() }

    func open() async throws(DisplayError) -> any Display {
        Recorder(inner: try await inner.open()) { [self] scene, presentation in
            let pixel = scene.layers.first?.frame.withPixels { $0.load(as: UInt32.self) } ?? 0
            let milliseconds = Int(start.duration(to: presentation.time).wholeNanoseconds / 1_000_000)
            let refresh = Stage.Refresh(
                sequence: Int(presentation.sequence), time: presentation.time,
                parts: scene.layers.map { layer in
                    let pixel = layer.frame.withPixels { $0.load(as: UInt32.self) }
                    return Stage.Refresh.Part(
                        medium: Int(pixel >> 24), frame: Int(pixel & 0xFFFFFF), alpha: Int(layer.alpha))
                })
            refreshes.withLock { $0.append(refresh) }
            last.withLock { last in last = scene.layers.map { ($0.frame.size, $0.destination) } }
            log.withLock {
                $0.append(
                    Stage.Shown(milliseconds: milliseconds, medium: Int(pixel >> 24), frame: Int(pixel & 0xFFFFFF)))
            }
        }
    }

    func takeRefreshes() -> [Stage.Refresh] {
        refreshes.withLock { log in
            defer { log = [] }
            return log
        }
    }

    func take() -> [Stage.Shown] {
        log.withLock { log in
            defer { log = [] }
            return log
        }
    }
}

/// A list of media that a test changes.
final class ListSource: ProgrammeSource {
    private struct State {
        var items: [ProgrammeItem] = []
        var strikes: [MediumID: Int] = [:]
        var whole: [MediumID] = []
        var unreadable: Set<MediumID> = []
    }

    private let state = Mutex(State())
    private let announcements = Announcements<Void>()

    var strikes: [MediumID: Int] { state.withLock { $0.strikes } }
    var whole: [MediumID] { state.withLock { $0.whole } }

    func append(_ item: ProgrammeItem) {
        state.withLock { $0.items.append(item) }
        announcements.announce(())
    }

    func remove(_ number: Int) {
        state.withLock { $0.items.removeAll { $0.id == testID(number) } }
        announcements.announce(())
    }

    func setUnreadable(_ number: Int) { state.withLock { _ = $0.unreadable.insert(testID(number)) } }

    func items() async -> [ProgrammeItem] { state.withLock { $0.items } }

    func open(_ id: MediumID) async throws(ProgrammeSourceError) -> Descriptor {
        if state.withLock({ $0.unreadable.contains(id) }) {
            throw ProgrammeSourceError(reason: "The card cannot be read.", suggestion: "Replace the card.")
        }
        do {
            return try Descriptor.open("/dev/null", .readOnly)
        } catch {
            throw ProgrammeSourceError(reason: "\(error)", suggestion: "")
        }
    }

    func changes() -> AsyncStream<Void> { announcements.listen() }
    func strike(_ id: MediumID, reason: String) async { state.withLock { $0.strikes[id, default: 0] += 1 } }
    func playedWhole(_ id: MediumID) async { state.withLock { $0.whole.append(id) } }
}

struct WelcomeBoard: WelcomeSource {
    let board: Announcements<WelcomeContent>

    init(contents: Announcements<WelcomeContent>) { board = contents }

    func contents() -> AsyncStream<WelcomeContent> { board.listen() }
}

/// Cards of medium number 0, whose frames are numbered in the order of their painting.
final class PlainCards: CardPainting {
    enum Painted: Sendable, Equatable {
        case welcome(WelcomeContent)
        case welcomeAbove(WelcomeContent, below: Int)
        case fault(FaultNotice)
        case test
        case banner([ScreenMessage])
    }

    private let log = Mutex<[Painted]>([])

    var painted: [Painted] { log.withLock { $0 } }

    func welcome(_ content: WelcomeContent, size: PixelSize) async throws -> Frame {
        try paint(.welcome(content), size)
    }

    func welcome(_ content: WelcomeContent, size: PixelSize, below: Int) async throws -> Frame {
        try paint(.welcomeAbove(content, below: below), size)
    }

    func fault(_ notice: FaultNotice, size: PixelSize) async throws -> Frame { try paint(.fault(notice), size) }

    func testPicture(size: PixelSize) async throws -> TestPicture {
        let small = PixelSize(width: 2, height: 2)
        return TestPicture(
            background: try paint(.test, size), bar: try paint(.test, small),
            digits: try (0..<10).map { _ in try paint(.test, small) })
    }

    func banner(_ messages: [ScreenMessage], screen: PixelSize) async throws -> Frame {
        try paint(.banner(messages), PixelSize(width: screen.width / 2, height: 4 * messages.count))
    }

    private func paint(_ card: Painted, _ size: PixelSize) throws -> Frame {
        let number = log.withLock { log in
            log.append(card)
            return log.count
        }
        let layout = FrameLayout(packed: .xrgb8888, size: size)
        let memory = try MemoryFile(name: "card", byteCount: layout.byteCount)
        memory.withBytes { $0.bindMemory(to: UInt32.self).update(repeating: UInt32(number)) }
        return Frame(buffer: FrameBuffer(id: 1, memory: memory), layout: layout)
    }
}
