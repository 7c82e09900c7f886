import GRDB

/// A medium as a row.
enum MediumRow {
    static let columns = """
        id, name, kind, width, height, duration_seconds, frame_rate, decode_rate, size_bytes, added_at, state, reason,
        suggestion, suffix, sha256, photo_seconds, taken_at
        """

    static func medium(_ row: Row) throws -> Medium {
        guard let id = MediumID(rawValue: row[0]), let state = MediumState(rawValue: row[10]) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row of the index makes no sense")
        }
        return Medium(
            id: id, name: row[1], kind: (row[2] as String?).flatMap(MediumKind.init(rawValue:)), width: row[3],
            height: row[4], durationSeconds: row[5], frameRate: row[6], decodeRate: row[7], sizeBytes: row[8],
            addedAt: row[9], takenAt: row[16], state: state, reason: row[11], suggestion: row[12], suffix: row[13],
            sha256: row[14], photoSeconds: row[15])
    }

    static func fetch(_ id: MediumID, _ db: Database) throws -> Medium? {
        let statement = try db.cachedStatement(sql: "SELECT \(columns) FROM medium WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id.rawValue]).map(medium)
    }

    static func fetchAll(_ db: Database, sql: String, arguments: StatementArguments = []) throws -> [Medium] {
        try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments).map(medium)
    }

    /// Inserts the medium, or changes all but its strikes.
    static func save(_ medium: Medium, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO medium (\(columns), search_name)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET
                    name = excluded.name, kind = excluded.kind, width = excluded.width, height = excluded.height,
                    duration_seconds = excluded.duration_seconds, frame_rate = excluded.frame_rate,
                    decode_rate = excluded.decode_rate, size_bytes = excluded.size_bytes,
                    added_at = excluded.added_at, state = excluded.state, reason = excluded.reason,
                    suggestion = excluded.suggestion, suffix = excluded.suffix, sha256 = excluded.sha256,
                    photo_seconds = excluded.photo_seconds, taken_at = excluded.taken_at,
                    search_name = excluded.search_name
                """)
        try statement.execute(arguments: [
            medium.id.rawValue, medium.name, medium.kind?.rawValue, medium.width, medium.height,
            medium.durationSeconds, medium.frameRate, medium.decodeRate, medium.sizeBytes, medium.addedAt,
            medium.state.rawValue, medium.reason, medium.suggestion, medium.suffix, medium.sha256,
            medium.photoSeconds, medium.takenAt, SearchName.fold(medium.name),
        ])
    }

    static func delete(_ id: MediumID, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM medium WHERE id = ?").execute(arguments: [id.rawValue])
    }
}
