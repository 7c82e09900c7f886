import BoardSupport
import DeviceSettings
import Dispatch
import LinuxSystem
import Logging
import MediaIndex
import Playback
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Back to the beginning, as a person asks for it by a button or on the page.
struct Erasing: Sendable {
    /// How a wish is granted.
    enum Way: Sendable, Equatable {
        /// The data folder keeps it, and the daemon's next start erases media, settings and sessions.
        case nextStart
        /// That folder cannot be written. On the card image, root then writes it onto the FAT partition, as a person
        /// would on a computer, and the board starts anew with a new file system.
        case newFileSystem(Card)
    }

    /// The card image's files for a wish that root grants.
    struct Card: Sendable, Equatable {
        /// What root's unit waits for (`vitrine-erase.path`). It goes when there is an answer.
        var wish: FilePath
        /// `granted`, or `refused` and why.
        var answer: FilePath
    }

    let folder: DataFolder
    /// Nil: this is no card image.
    let card: Card?
    let player: Player
    let light: LightKeeper
    let clock: any BoardClock
    let shutdown: @Sendable () -> Void
    let logger: Logger
    private let queue = BlockingQueue(label: "vitrine.erasing", qos: .userInitiated)

    static let messageKey = "factory reset"
    /// For root's answer: its unit gives up earlier.
    static let patience: Duration = .seconds(60)

    init(
        folder: DataFolder, card: Card?, player: Player, light: LightKeeper, clock: any BoardClock,
        logger: Logger, shutdown: @escaping @Sendable () -> Void
    ) {
        self.folder = folder
        self.card = card
        self.player = player
        self.light = light
        self.clock = clock
        self.logger = logger
        self.shutdown = shutdown
    }

    /// The card image's files for a wish; nil on other machines.
    ///
    /// - Parameter report: the folder that `boot` was read from; another one in tests.
    static func card(
        _ settings: Settings, boot: BootReport, report: FilePath = "/run/vitrine-boot"
    ) -> Card? {
        guard boot.dataState != nil else { return nil }
        return Card(
            wish: FilePath(settings.text("web.socket")).removingLastComponent().appending("erase-wanted"),
            answer: report.appending("erasure"))
    }

    /// Leaves the wish where it is granted from.
    ///
    /// - Throws: why nothing can be erased.
    static func leaveWish(in folder: DataFolder, card: Card?) throws(MediaFault) -> Way {
        do throws(MediaFault) {
            try DataErasure.request(in: folder)
            return .nextStart
        } catch {
            guard let card else { throw error }
            try attempt("writing", card.wish) { () throws(Errno) in try DurableFile.replace(card.wish, with: []) }
            return .newFileSystem(card)
        }
    }

    /// Waits until root has answered a wish.
    ///
    /// - Throws: why it is not granted; it is taken back then.
    static func awaitAnswer(_ card: Card, clock: any BoardClock) async throws(MediaFault) {
        let deadline = clock.now.advanced(by: patience)
        while access(card.wish.string, F_OK) == 0 {
            let isCancelled = (try? await clock.sleep(for: .milliseconds(100))) == nil
            guard !isCancelled, clock.now < deadline else {
                unlink(card.wish.string)
                throw refused("the part of the system that writes to the card does not answer")
            }
        }
        // Both files are in memory.
        let bytes = (try? DurableFile.read(card.answer, limit: 4096)) ?? []
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
        if words == "granted" { return }
        guard words.hasPrefix("refused ") else {
            throw refused("the part of the system that writes to the card failed")
        }
        throw refused(String(words.dropFirst("refused ".count)))
    }

    private static func refused(_ reason: String) -> MediaFault {
        MediaFault(
            .readOnly, .system, reason: reason,
            suggestion: "The card's switch may be at LOCK. If it is not, the card is worn out: replace it")
    }

    /// Takes the wish, says so by screen and light, and ends the daemon, so that it is granted at once.
    ///
    /// - Throws: why nothing was erased, which the screen says, too.
    func begin() async throws(MediaFault) {
        let way: Way
        do throws(MediaFault) {
            way = try await queue.run { [folder, card] () throws(MediaFault) in
                try Self.leaveWish(in: folder, card: card)
            }
            if case .newFileSystem(let card) = way { try await Self.awaitAnswer(card, clock: clock) }
        } catch {
            var fault = error
            fault.reason = "Nothing was erased: \(error.reason)"
            logger.error("a person asked to erase everything. \(fault.reason)")
            await player.post(
                ScreenMessage(
                    key: Self.messageKey, severity: .critical, title: fault.reason, detail: "\(fault.suggestion).",
                    stays: .seconds(30)))
            throw fault
        }
        logger.notice("a person asked to erase all media and settings: it is done with the next start, which is now")
        await light.confirm()
        await player.post(
            ScreenMessage(
                key: Self.messageKey, severity: .critical, title: "All media and settings are erased now",
                detail: way == .nextStart ? nil : "The board starts anew.", stays: .seconds(30)))
        // The light stands for so long, and the message is read. Ends early only when everything ends.
        try? await clock.sleep(until: clock.now.advanced(by: LightPlan.confirmation), tolerance: nil)
        // Root restarts the whole board; a daemon that ended by itself would only be started once more.
        if way == .nextStart { shutdown() }
    }
}
