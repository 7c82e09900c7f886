import GRDB
import SystemPackage

/// Opening the index's SQLite file: WAL, every commit on the device when it returns, and little memory.
enum IndexDatabase {
    static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "vitrine.index"
        // A page of the API and the programme may be read while a commit waits for the card; more readers cost memory.
        configuration.maximumReaderCount = 2
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            // KiB (https://www.sqlite.org/pragma.html#pragma_cache_size)
            try db.execute(sql: "PRAGMA cache_size = -256")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    /// Opens the file, creating it if missing, with the newest schema.
    ///
    /// - Throws: `.damaged` when SQLite says that the file is no sound database, or when it was written by a newer
    ///   Vitrine.
    static func open(_ path: FilePath) throws(MediaFault) -> any DatabaseWriter {
        try translating {
            let pool = try DatabasePool(path: path.string, configuration: configuration())
            var sound = false
            defer { if !sound { try? pool.close() } }
            // GRDB turns the writer to NORMAL when it sets up WAL; an acknowledged commit must outlive the plug.
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                let findings = try String.fetchAll(db, sql: "PRAGMA quick_check(1)")
                guard findings == ["ok"] else {
                    throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: findings.first)
                }
            }
            try migrate(pool)
            sound = true
            return pool
        }
    }

    /// An index that is gone when it is closed: for a data folder that cannot be written.
    static func inMemory() throws(MediaFault) -> any DatabaseWriter {
        try translating {
            let queue = try DatabaseQueue(configuration: configuration())
            try migrate(queue)
            return queue
        }
    }

    private static func migrate(_ writer: any DatabaseWriter) throws {
        let migrator = IndexSchema.migrator
        if try writer.read({ try migrator.hasBeenSuperseded($0) }) {
            throw MediaFault(
                .damaged, .system, reason: "the index was written by a newer version of Vitrine",
                suggestion: "It is built anew from the library; nothing is lost but counters")
        }
        try migrator.migrate(writer)
    }

    /// Runs database work and says its errors in our words.
    static func translating<Value>(_ body: () throws -> Value) throws(MediaFault) -> Value {
        do {
            return try body()
        } catch {
            throw fault(error)
        }
    }

    static func fault(_ error: any Error) -> MediaFault {
        switch error {
        case let fault as MediaFault: fault
        case let error as DatabaseError: MediaFault(error)
        case is CancellationError: .cancelled
        default:
            MediaFault(
                .storage, .system, reason: "the index failed: \(error)",
                suggestion: "Restart Vitrine; the index is rebuilt if it must be")
        }
    }
}

extension MediaFault {
    init(_ error: DatabaseError) {
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_SCHEMA, .SQLITE_ERROR:
            self.init(
                .damaged, .system, reason: "the index is damaged: \(error.message ?? "\(error.resultCode)")",
                suggestion: "Restart Vitrine: it builds the index anew from the library")
        case .SQLITE_FULL:
            self.init(
                .noRoom, .system, reason: "there is no room on the disk for the index",
                suggestion: "Delete media that are no longer needed, or use a larger card")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN:
            self.init(
                .readOnly, .system, reason: "the index cannot be written: \(error.message ?? "\(error.resultCode)")",
                suggestion: "The card may be worn out or write-protected: save what is on it and replace it")
        default:
            self.init(
                .storage, .system, reason: "the index failed: \(error.message ?? "\(error.resultCode)")",
                suggestion: "Save what is on the card and replace it if this comes again")
        }
    }
}
