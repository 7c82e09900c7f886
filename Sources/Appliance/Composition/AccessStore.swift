import Dispatch
import FoundationEssentials
import LinuxSystem
import Playback
import SystemPackage
import WebInterface

/// Keeps who may come in: `<data>/access.json`, readable by the daemon alone. Shows the PIN on the welcome screen.
struct AccessStore: ClaimAccess {
    let file: FilePath
    let welcome: WelcomeBoard
    private let queue = BlockingQueue(label: "vitrine.reading", qos: .userInitiated)

    init(file: FilePath, welcome: WelcomeBoard) {
        self.file = file
        self.welcome = welcome
    }

    func load() async throws(ProblemError) -> AccessRecord {
        let result = await queue.run { [file] () -> Result<AccessRecord, ProblemError> in
            do throws(Errno) {
                let bytes = try DurableFile.read(file, limit: 1 << 20)
                guard let record = try? JSONDecoder().decode(AccessRecord.self, from: Data(bytes)) else {
                    return .failure(.internalFault("The list of devices is damaged."))
                }
                return .success(record)
            } catch .noSuchFileOrDirectory {
                return .success(AccessRecord())
            } catch {
                return .failure(.internalFault("The list of devices cannot be read: \(error)."))
            }
        }
        return try result.get()
    }

    func save(_ record: AccessRecord) async throws(ProblemError) {
        let result = await queue.run { [file] () -> Result<Void, ProblemError> in
            guard let bytes = try? JSONEncoder().encode(record) else {
                return .failure(.internalFault("The list of devices cannot be written."))
            }
            do throws(Errno) {
                return .success(try DurableFile.replace(file, with: Array(bytes), permissions: [.ownerReadWrite]))
            } catch {
                return .failure(
                    .unavailable(
                        "The list of devices cannot be kept: \(error).",
                        suggestion: "Look whether the card is full or read-only."))
            }
        }
        try result.get()
    }

    func showPIN(_ pin: String?) async { welcome.change { $0.pin = pin } }
}
