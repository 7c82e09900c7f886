import LinuxSystem
import Logging
import MediaIndex
import Playback
import Synchronization
import WebInterface

/// The library, as the player asks for it.
struct ProgrammeAdapter: ProgrammeSource {
    let library: MediaLibrary
    let events: EventBroadcast
    let faults: FaultBoard
    let logger: Logger
    private let known = KnownItems()

    init(library: MediaLibrary, events: EventBroadcast, faults: FaultBoard, logger: Logger) {
        self.library = library
        self.events = events
        self.faults = faults
        self.logger = logger
    }

    func items() async -> [ProgrammeItem] {
        do throws(MediaFault) {
            let media = try await library.index.playable()
            faults.end("index")
            let items = media.map { medium in
                ProgrammeItem(
                    id: medium.id, name: medium.name, kind: medium.kind, suffix: medium.suffix,
                    duration: medium.durationSeconds.map { .seconds($0) },
                    photoTime: medium.photoSeconds.map { .seconds($0) }, date: medium.date, headroom: medium.headroom)
            }
            known.items.withLock { $0 = items }
            return items
        } catch {
            faults.begin("index", part: "storage", detail: error.reason, suggestion: error.suggestion)
            // The screen goes on with what was known: the files may well be readable.
            return known.items.withLock { $0 }
        }
    }

    func open(_ id: MediumID) async throws(ProgrammeSourceError) -> Descriptor {
        do throws(MediaFault) {
            return try await library.open(id)
        } catch {
            throw ProgrammeSourceError(reason: error.reason, suggestion: error.suggestion)
        }
    }

    func changes() -> AsyncStream<Void> { library.index.changes() }

    func strike(_ id: MediumID, reason: String) async {
        do throws(MediaFault) {
            _ = try await library.strike(id, reason: reason)
            let medium = try await library.medium(id)
            if medium.state == .setAside {
                logger.warning("\(medium.name) is set aside: \(reason)")
                faults.happened("set aside \(id)", part: "media", detail: "\(medium.name) is set aside: \(reason)")
            }
            events.publish(.medium(MediaItem(medium)))
        } catch {
            logger.warning("a strike could not be noted: \(error)")
        }
    }

    func playedWhole(_ id: MediumID) async {
        do throws(MediaFault) {
            try await library.index.playedWell(id)
        } catch {
            logger.debug("that a medium played whole could not be noted: \(error)")
        }
    }
}

/// What the index said last.
private final class KnownItems: Sendable {
    let items = Mutex<[ProgrammeItem]>([])
}
