import GRDB

/// When a medium that decoders die of is set aside, and when it gets another chance (design, section 8).
enum Strikes {
    static let limit = 2
    /// Milliseconds: after an hour first, then daily.
    static func pause(after setAsides: Int) -> Int64 { setAsides <= 1 ? 3_600_000 : 86_400_000 }
    /// A retry that lies further ahead than any pause was set by a clock that was wrong.
    static let farthest: Int64 = 90_000_000
}

/// What a strike led to.
public enum StrikeOutcome: Sendable, Equatable {
    /// So many strikes; it still plays.
    case counted(Int)
    /// It is not played until this moment (milliseconds since 1970).
    case setAside(retryAt: Int64)
}

extension MediaIndex {
    /// Counts a death of a decoder against the medium that it had open.
    ///
    /// - Returns: nil when there is no such medium that plays.
    public func strike(_ id: MediumID, reason: String, now: Int64) async throws(MediaFault) -> StrikeOutcome? {
        try await write { db in
            guard
                let row = try Row.fetchOne(
                    db, sql: "SELECT strikes, set_asides FROM medium WHERE id = ? AND state = 'ready'",
                    arguments: [id.rawValue])
            else { return nil }
            let strikes = (row[0] as Int) + 1
            guard strikes >= Strikes.limit else {
                try db.execute(
                    sql: "UPDATE medium SET strikes = ? WHERE id = ?", arguments: [strikes, id.rawValue])
                return .counted(strikes)
            }
            let setAsides = (row[1] as Int) + 1
            let retryAt = now + Strikes.pause(after: setAsides)
            try Self.setAside(
                id, reason: reason, suggestion: "It is tried again by itself, or now with Retry; else convert it",
                strikes: strikes, setAsides: setAsides, retryAt: retryAt, db)
            return .setAside(retryAt: retryAt)
        }
    }

    private static func setAside(
        _ id: MediumID, reason: String, suggestion: String, strikes: Int, setAsides: Int, retryAt: Int64,
        _ db: Database
    ) throws {
        try db.execute(
            sql: """
                UPDATE medium SET state = 'set_aside', reason = ?, suggestion = ?, strikes = ?, set_asides = ?,
                    retry_at = ? WHERE id = ?
                """,
            arguments: [reason, suggestion, strikes, setAsides, retryAt, id.rawValue])
    }

    /// The medium played well to its end: its strikes are forgotten. Writes only when there were any.
    public func playedWell(_ id: MediumID) async throws(MediaFault) {
        let struck = try await read { db in
            try Bool.fetchOne(
                db.cachedStatement(sql: "SELECT strikes > 0 OR set_asides > 0 FROM medium WHERE id = ?"),
                arguments: [id.rawValue]) ?? false
        }
        guard struck else { return }
        _ = try await write { db -> Bool? in
            try db.execute(
                sql: "UPDATE medium SET strikes = 0, set_asides = 0, retry_at = NULL WHERE id = ? AND state = 'ready'",
                arguments: [id.rawValue])
            return db.changesCount > 0 ? true : nil
        }
    }

    /// Media whose time to be tried again has come.
    func dueForRetry(now: Int64) async throws(MediaFault) -> [MediumID] {
        try await read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT id FROM medium
                    WHERE state = 'set_aside' AND (retry_at IS NULL OR retry_at <= ? OR retry_at > ?) ORDER BY id
                    """,
                arguments: [now, now + Strikes.farthest]
            ).compactMap(MediumID.init(rawValue:))
        }
    }

    /// Lets a medium that was set aside play again. `note`: what is known of it from its check.
    ///
    /// - Parameter strikes: by hand it begins anew; by time, one more strike sets it aside again.
    static func letPlay(_ id: MediumID, note: MetaFile?, strikes: Int, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE medium SET state = 'ready', reason = ?, suggestion = ?, strikes = ?, retry_at = NULL
                WHERE id = ? AND state = 'set_aside'
                """,
            arguments: [note?.reason, note?.suggestion, strikes, id.rawValue])
    }
}
