import GRDB
import SystemPackage

/// The index of all media in SQLite: a view of the library's folders that can be asked and searched. What it says of a
/// medium that is ready can be rebuilt from the library.
///
/// Every change is on the device when its call returns (WAL with synchronous=FULL, https://www.sqlite.org/wal.html).
public final class MediaIndex: Sendable {
    private let database: any DatabaseWriter
    private let signal = ChangeSignal()

    init(_ database: any DatabaseWriter) { self.database = database }

    /// Opens `index.sqlite`, creating it if missing.
    ///
    /// - Throws: `.damaged` when the file is no sound index; `MediaLibrary.open` then rebuilds it.
    convenience init(path: FilePath) throws(MediaFault) { self.init(try IndexDatabase.open(path)) }

    /// One element for any number of changes since the last one was taken.
    public func changes() -> AsyncStream<Void> { signal.subscribe() }

    /// Gives SQLite's caches back, when memory is short.
    public func releaseMemory() async {
        do {
            try await database.writeWithoutTransaction { $0.releaseMemory() }
            (database as? DatabasePool)?.releaseMemoryEventually()
        } catch {
            // Nothing is released then, and nothing is lost.
        }
    }

    func close() throws(MediaFault) { try IndexDatabase.translating { try database.close() } }

    // MARK: Blocking access, for the library's queue

    func readNow<Value>(_ body: (Database) throws -> Value) throws(MediaFault) -> Value {
        try IndexDatabase.translating { try database.read(body) }
    }

    func writeNow<Value>(_ body: (Database) throws -> Value) throws(MediaFault) -> Value {
        let value = try IndexDatabase.translating { try database.write(body) }
        signal.raise()
        return value
    }

    // MARK: Access from tasks; GRDB runs it on its own queues

    func read<Value: Sendable>(
        _ body: @Sendable @escaping (Database) throws -> Value
    ) async throws(MediaFault) -> Value {
        do {
            return try await database.read(body)
        } catch {
            throw IndexDatabase.fault(error)
        }
    }

    /// - Parameter body: returns nil when nothing was changed.
    func write<Value: Sendable>(
        _ body: @Sendable @escaping (Database) throws -> Value?
    ) async throws(MediaFault) -> Value? {
        do {
            let value = try await database.write(body)
            if value != nil { signal.raise() }
            return value
        } catch {
            throw IndexDatabase.fault(error)
        }
    }
}
