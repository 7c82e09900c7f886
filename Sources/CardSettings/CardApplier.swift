import DeviceSettings
import LinuxSystem
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Carries a plan out.
public struct CardApplier: Sendable {
    private let roots: CardRoots
    private let machine: any CardMachine

    public init(roots: CardRoots, machine: any CardMachine) {
        self.roots = roots
        self.machine = machine
    }

    public struct Outcome: Sendable, Equatable {
        /// What went wrong on the way, one sentence each.
        public var failures: [String] = []
        /// Every lasting change was made.
        public var isWhole = true
    }

    /// - Parameter stoppingAfter: how many of the lasting actions are done before the power goes; nil for all. For tests.
    @discardableResult public func apply(_ plan: CardPlan, stoppingAfter limit: Int? = nil) -> Outcome {
        var outcome = Outcome()
        // First what is in memory alone: fsync on a worn card may take longer than this start is given, and the network,
        // the name and the time do not need it. The plan knows already what is taken over below.
        for action in plan.passing {
            do throws(Errno) {
                try carryOut(action)
            } catch {
                outcome.failures.append(Self.sentence(action, error))
            }
        }
        var isOpen = false
        for action in limit.map({ plan.lasting.prefix($0) }) ?? plan.lasting[...] {
            do throws(Errno) {
                try carryOut(action)
                if action == .openCard { isOpen = true }
                if action == .closeCard { isOpen = false }
            } catch {
                outcome.failures.append(Self.sentence(action, error))
                outcome.isWhole = false
                break
            }
        }
        if limit != nil { return outcome }
        if isOpen {
            do throws(Errno) {
                try machine.closeCard()
            } catch {
                outcome.failures.append(Self.sentence(.closeCard, error))
            }
        }
        // What was taken although it has another name here is mentioned after what was not.
        let told = plan.faults.filter { !$0.isAdvice } + plan.faults.filter(\.isAdvice)
        let lines = told.map(\.description) + outcome.failures
        let text = lines.map { $0.replacing("\n", with: " ") + "\n" }.joined()
        do throws(Errno) {
            try DurableFile.createFolder(roots.report)
            try write(Array(text.utf8), to: .faults, permissions: Self.everybody)
        } catch {
            outcome.failures.append("the report of the card's settings cannot be written: \(error)")
        }
        return outcome
    }

    /// Leaves a person's wish to have the data partition erased where the next start looks for it, durably; and beside the
    /// report of the start the answer for who passed the wish on: `granted`, or `refused` and why.
    ///
    /// - Throws: what the card says; the wish is not there then, as far as anybody can tell.
    public func wishErasure() throws(Errno) {
        // No word is better than the one of an earlier wish.
        unlink(roots.path(of: .erasureAnswer).string)
        do throws(Errno) {
            try leaveWish()
        } catch {
            answer("refused \(Self.refusal(error))")
            throw error
        }
        answer("granted")
    }

    private func leaveWish() throws(Errno) {
        try machine.openCard()
        let outcome = Result { () throws(Errno) in
            try carryOut(.replace(.eraseWish, Array("asked for on the page or by a button\n".utf8), isSecret: false))
        }
        // What was written was read back; a card that stays open now is closed by the start that follows.
        let closing = Result { () throws(Errno) in try machine.closeCard() }
        do throws(Errno) {
            try outcome.get()
        } catch {
            try closing.get()
            throw error
        }
    }

    /// Who waits for it says so himself when there is none.
    private func answer(_ text: String) {
        try? DurableFile.createFolder(roots.report)
        try? write(Array("\(text)\n".utf8), to: .erasureAnswer, permissions: Self.everybody)
    }

    private static func refusal(_ code: Errno) -> String {
        switch code {
        case .readOnlyFileSystem, .permissionDenied: "the card is write-protected"
        case .ioError: "the card does not keep what is written to it"
        default: "the card cannot be written: \(code)"
        }
    }

    private static let everybody: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]

    func carryOut(_ action: CardAction) throws(Errno) {
        switch action {
        case .replace(let file, let bytes, let isSecret):
            try write(bytes, to: file, permissions: isSecret ? [.ownerReadWrite] : Self.everybody)
        case .blank(let file, let ranges, let content):
            try blank(roots.path(of: file), ranges, content)
        case .openCard:
            try machine.openCard()
        case .closeCard:
            try machine.closeCard()
        case .link(let file, let target):
            try link(roots.path(of: file), to: target)
        case .remove(let file):
            do throws(Errno) {
                try syscall { unlink(roots.path(of: file).string) }
            } catch .noSuchFileOrDirectory {
                // Nothing was there.
            }
        case .setHostName(let name):
            try machine.setHostName(name)
        }
    }

    private func write(_ bytes: [UInt8], to file: CardFile, permissions: FilePermissions) throws(Errno) {
        let path = roots.path(of: file)
        if case .firmware = file { return try writeInPlace(bytes, to: path) }
        try DurableFile.createFolder(path.removingLastComponent())
        // The data folder is the daemon's: root must not write through a link that stands where the new file is made.
        unlink(path.removingLastComponent().appending(".\(path.lastComponent?.string ?? "").new").string)
        try DurableFile.replace(path, with: bytes, permissions: permissions)
    }

    /// On FAT, a rename over another file is several writes, and no fsync of a folder makes it last. Cut in between, two
    /// names have the same clusters, which are given away with either. In place, a file that keeps its size changes in its
    /// own sector alone; one that does not is written first, and then gets its length.
    private func writeInPlace(_ bytes: [UInt8], to path: FilePath) throws(Errno) {
        let file = try Descriptor.open(
            path, .readWrite, options: [.create, .noFollow], permissions: Self.everybody)
        try DurableFile.write(bytes, to: file, at: 0)
        if try file.byteCount() != bytes.count { try syscall { ftruncate(file.rawValue, off_t(bytes.count)) } }
        try file.synchronize()
        try readBack(path, bytes)
    }

    /// A worn card takes what is written and forgets it. Asked again past the kernel's memory, it says so; else the board
    /// would start again and again for lines that never get there.
    private func readBack(_ path: FilePath, _ bytes: [UInt8]) throws(Errno) {
        let file = try Descriptor.open(path, .readOnly)
        posix_fadvise(file.rawValue, 0, 0, POSIX_FADV_DONTNEED)
        guard try DurableFile.read(from: file, at: 0, atMost: bytes.count + 1) == bytes else { throw .ioError }
    }

    /// In place: the same clusters, so that the password is nowhere any more.
    private func blank(_ path: FilePath, _ ranges: [Range<Int>], _ content: [UInt8]) throws(Errno) {
        let file = try Descriptor.open(path, .readWrite, options: [.noFollow])
        let present = try DurableFile.read(from: file, at: 0, atMost: content.count + 1)
        guard CardSource.blanking(ranges, in: present) == content else { throw .resourceBusy }
        for range in ranges {
            let asterisks = [UInt8](repeating: CardSource.blank, count: range.count)
            try DurableFile.write(asterisks, to: file, at: range.lowerBound)
        }
        try file.synchronize()
    }

    private func link(_ path: FilePath, to target: String) throws(Errno) {
        let folder = path.removingLastComponent()
        try DurableFile.createFolder(folder)
        let temporary = folder.appending(".\(path.lastComponent?.string ?? "").new").string
        unlink(temporary)
        try syscall { symlink(target, temporary) }
        try syscall { rename(temporary, path.string) }
    }

    private static func sentence(_ action: CardAction, _ code: Errno) -> String {
        switch action {
        case .replace(.firmware(let name), _, _): "\(name) cannot be written to the card: \(code)"
        case .replace(.system, _, _), .replace(.config, _, _), .replace(.unreadableConfig, _, _):
            "the card's settings cannot be kept: \(code)"
        case .replace(let file, _, _), .link(let file, _), .remove(let file): "\(file) cannot be made: \(code)"
        case .blank(.firmware(let name), _, _), .blank(.system(let name), _, _):
            "the password still stands in \(name) on the card: it cannot be blanked: \(code)"
        case .blank: "a password cannot be blanked: \(code)"
        case .openCard: "the card's FAT partition cannot be written to, and a password may still stand there: \(code)"
        case .closeCard: "the card's FAT partition stays writable: \(code)"
        case .setHostName(let name): "the host name cannot be set to \(name): \(code)"
        }
    }
}
