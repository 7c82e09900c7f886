import BoardSupport
import DeviceSettings
import Dispatch
import LinuxSystem
import Logging
import MediaIndex
import Playback
import SystemPackage

/// Back to the beginning, as a person asks for it by a button or on the page.
struct Erasing: Sendable {
    /// How a wish is granted.
    enum Way: Sendable, Equatable {
        /// The data folder keeps it, and the daemon's next start erases media, settings and sessions.
        case nextStart
        /// That folder cannot be written. On the card image, root then writes it onto the FAT partition, as a person
        /// would on a computer, and the board starts anew with a new file system.
        case newFileSystem
    }

    let folder: DataFolder
    /// A file that root's unit waits for (`vitrine-erase.path`); nil: this is no card image.
    let cardWish: FilePath?
    let player: Player
    let light: LightKeeper
    let clock: any BoardClock
    let shutdown: @Sendable () -> Void
    let logger: Logger
    private let queue = BlockingQueue(label: "vitrine.erasing", qos: .userInitiated)

    static let messageKey = "factory reset"

    init(
        folder: DataFolder, cardWish: FilePath?, player: Player, light: LightKeeper, clock: any BoardClock,
        logger: Logger, shutdown: @escaping @Sendable () -> Void
    ) {
        self.folder = folder
        self.cardWish = cardWish
        self.player = player
        self.light = light
        self.clock = clock
        self.logger = logger
        self.shutdown = shutdown
    }

    /// The card image's file for a wish; nil on other machines.
    ///
    /// - Parameter boot: `/run/vitrine-boot`, or another folder in tests.
    static func cardWish(_ settings: Settings, boot: FilePath = "/run/vitrine-boot") -> FilePath? {
        guard BootReport.read(boot).dataState != nil else { return nil }
        return FilePath(settings.text("web.socket")).removingLastComponent().appending("erase-wanted")
    }

    /// Leaves the wish where it is granted from.
    ///
    /// - Throws: why nothing can be erased.
    static func leaveWish(in folder: DataFolder, cardWish: FilePath?) throws(MediaFault) -> Way {
        do throws(MediaFault) {
            try DataErasure.request(in: folder)
            return .nextStart
        } catch {
            guard let cardWish else { throw error }
            try attempt("writing", cardWish) { () throws(Errno) in try DurableFile.replace(cardWish, with: []) }
            return .newFileSystem
        }
    }

    /// Takes the wish, says so by screen and light, and ends the daemon, so that it is granted at once.
    ///
    /// - Throws: why nothing can be erased; nothing has happened then.
    func begin() async throws(MediaFault) {
        let way = try await queue.run { [folder, cardWish] () throws(MediaFault) in
            try Self.leaveWish(in: folder, cardWish: cardWish)
        }
        logger.notice("a person asked to erase all media and settings: it is done with the next start, which is now")
        await light.confirm()
        await player.post(
            ScreenMessage(
                key: Self.messageKey, severity: .critical, title: "All media and settings are erased now",
                detail: way == .newFileSystem ? "The board starts anew." : nil, stays: .seconds(30)))
        // The light stands for so long, and the message is read. Ends early only when everything ends.
        try? await clock.sleep(until: clock.now.advanced(by: LightPlan.confirmation), tolerance: nil)
        // Root restarts the whole board; a daemon that ended by itself would only be started once more.
        if way == .nextStart { shutdown() }
    }
}
