import DecoderClient
import DecoderProtocol
import DisplayDrivers
import Frames
import LinuxSystem
import MediaIndex
import MemoryMonitor

/// A medium that is open in a decoder.
struct OpenMedium: Sendable {
    /// What the cache knows it by.
    var key: FrameCache.Key
    var session: any DecoderSession
    /// Already decoded; nil: not yet, or shown.
    var firstFrame: DecodedFrame?
    /// What is shown below a photo; nil: not made yet.
    var sides: [Layer]?
    /// Where in the medium the session began.
    var start: Duration
}

/// The medium that is made ready to be next.
enum Prefetch: Sendable {
    /// For which medium, and what it was scaled for.
    struct Key: Sendable, Equatable {
        var item: ProgrammeItem
        var screen: DisplayCapabilities
        var fit: ScreenFit
    }

    case none
    case opening(Key)
    case ready(Key, OpenMedium)
    case failed(Key, DecoderError)

    var key: Key? {
        switch self {
        case .none: nil
        case .opening(let key), .ready(let key, _), .failed(let key, _): key
        }
    }

    func isOpening(_ key: Key) -> Bool {
        if case .opening(key) = self { true } else { false }
    }
}

extension Player {
    /// Has a medium made ready, in place of any other.
    func requestPrefetch(of id: MediumID) {
        // A second decoder is what memory lacks first.
        guard settings.prefetches, memoryLevel == .normal, let item = programme.item(id), let screen else { return }
        let key = Prefetch.Key(item: item, screen: screen, fit: settings.fit)
        guard prefetch.key != key else { return }
        // A session that nobody wants any more is closed by losing its last reference here.
        prefetch = .opening(key)
        wakeup.wake()
    }

    /// Opens what is asked for, one after the other, and gives up what is not asked for any more.
    func prefetchWhenAsked() async {
        while !Task.isCancelled {
            let seen = wakeup.generation
            guard case .opening(let key) = prefetch else {
                await wakeup.wait(after: seen)
                continue
            }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.makeReady(key) }
                group.addTask { await self.waitWhileOpening(key) }
                await group.next()
                group.cancelAll()
            }
        }
    }

    private func makeReady(_ key: Prefetch.Key) async {
        do {
            var medium = try await open(key.item, for: key.screen, fit: key.fit, role: .next, start: .zero)
            medium.firstFrame = try await medium.session.nextFrame()
            if let first = medium.firstFrame {
                medium.sides = await sides(of: first, key.item, on: key.screen.size, fit: key.fit)
            }
            if prefetch.isOpening(key) {
                prefetch = .ready(key, medium)
            } else {
                await medium.session.close()
            }
        } catch {
            guard !Task.isCancelled, prefetch.isOpening(key) else { return }
            prefetch = .failed(key, error)
        }
        wakeup.wake()
    }

    private func waitWhileOpening(_ key: Prefetch.Key) async {
        while !Task.isCancelled {
            let seen = wakeup.generation
            guard prefetch.isOpening(key) else { return }
            await wakeup.wait(after: seen)
        }
    }

    /// The medium, when it was made ready, or is about to be; nil: it was not.
    func takePrefetched(_ item: ProgrammeItem, for plan: Plan) async throws(DecoderError) -> OpenMedium? {
        let key = Prefetch.Key(item: item, screen: plan.screen, fit: plan.fit)
        while prefetch.isOpening(key) {
            let seen = wakeup.generation
            guard await wakeup.wait(after: seen) else { throw .cancelled }
        }
        let found = prefetch
        prefetch = .none
        switch found {
        case .ready(key, let medium):
            await medium.session.promote()
            return medium
        case .failed(key, let error):
            // That no decoder could be started may have passed.
            if case .cannotStart = error { return nil }
            throw error
        default: return nil
        }
    }

    /// Opens a medium, from the cache where it is whole there, or in a decoder of this role.
    ///
    /// - Parameter start: where in the medium to begin.
    func open(
        _ item: ProgrammeItem, for screen: DisplayCapabilities, fit: ScreenFit, role: DecoderRole, start: Duration
    ) async throws(DecoderError) -> OpenMedium {
        let key = FrameCache.Key(
            medium: item.id, screen: screen.size, fit: fit.placement, formats: Self.formats(for: item, on: screen))
        let opener: CachingSession.Opener = { [weak self] (start, role) async throws(DecoderError) in
            guard let self else { throw .closed }
            return try await self.decode(item, for: screen, fit: fit, role: role, start: start)
        }
        let isWhole = cache.extent(of: key) == .whole
        let known = isWhole ? cache.facts(of: key)?.description : nil
        let inner = known == nil ? try await opener(start, role) : nil
        guard let description = known ?? inner?.description else { throw .closed }
        let session = CachingSession(
            key, in: cache, description: description, inner: inner, start: start, role: role, clock: clock,
            opener: opener)
        // Alone on its plane, a video can go to the glass from where it was decoded to.
        if item.kind == .video { await session.lend(from: display) }
        return OpenMedium(key: key, session: session, firstFrame: nil, start: start)
    }

    /// What a decoder is asked for. Only what moves as a video is worth a plane that converts: photos and animations are
    /// composed with others, and finer than YUV.
    static func formats(for item: ProgrammeItem, on screen: DisplayCapabilities) -> [PixelFormat] {
        item.kind == .video ? screen.formats : screen.formats.filter { !$0.isYUV }
    }

    private func decode(
        _ item: ProgrammeItem, for screen: DisplayCapabilities, fit: ScreenFit, role: DecoderRole, start: Duration
    ) async throws(DecoderError) -> any DecoderSession {
        let file: Descriptor
        do {
            file = try await source.open(item.id)
        } catch {
            throw .failed(DecodeFailure(code: .unreadable, reason: error.reason, suggestion: error.suggestion))
        }
        let threads = settings.threads(for: item)
        let request = OpenRequest(
            screen: screen.size, fit: fit.placement, formats: Self.formats(for: item, on: screen), loops: true,
            start: start.wholeNanoseconds, memoryLimit: settings.decoderMemoryLimit,
            threads: memoryLevel == .normal ? threads : max(1, threads - 1),
            suffix: item.suffix.isEmpty ? "" : ".\(item.suffix)")
        return try await decoder.open(file, request, role: role, name: item.name)
    }
}
