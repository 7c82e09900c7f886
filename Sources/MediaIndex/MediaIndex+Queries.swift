import GRDB

/// What a page of media is asked for.
public struct MediaQuery: Sendable, Equatable {
    /// Text that the name holds, without regard to case and accents.
    public var text: String?
    public var kind: MediumKind?
    /// At most this many, 1 to 200.
    public var limit: Int
    /// `next` of the page before.
    public var after: String?

    public init(text: String? = nil, kind: MediumKind? = nil, limit: Int = 50, after: String? = nil) {
        self.text = text
        self.kind = kind
        self.limit = limit
        self.after = after
    }
}

/// Media, newest first.
public struct MediaPage: Sendable, Equatable {
    public var items: [Medium]
    /// For `MediaQuery.after`; nil on the last page.
    public var next: String?
}

/// What the programme needs of a medium that plays.
public struct PlayableMedium: Sendable, Equatable, Identifiable {
    public var id: MediumID
    public var name: String
    public var kind: MediumKind
    public var durationSeconds: Double?
    public var photoSeconds: Double?
    public var suffix: String
    /// When it was taken, or else when it arrived: milliseconds since 1970.
    public var date: Int64
    /// How many times faster than it plays this board decoded it, with all its threads; nil: not measured.
    public var headroom: Double?
}

/// Where a page ends. Opaque to clients; the item itself may be deleted meanwhile.
struct PageCursor: Equatable {
    var addedAt: Int64
    var id: MediumID

    var text: String { "\(id)\(String(addedAt, radix: 36))" }

    init(_ medium: Medium) {
        addedAt = medium.addedAt
        id = medium.id
    }

    init(_ text: String) throws(MediaFault) {
        guard let id = MediumID(rawValue: String(text.prefix(32))),
            let addedAt = Int64(text.dropFirst(32), radix: 36)
        else {
            throw MediaFault(
                .invalid, .validation, reason: "`after` is not the `next` of a page",
                suggestion: "Leave `after` out to begin with the first page")
        }
        self.addedAt = addedAt
        self.id = id
    }
}

extension MediaIndex {
    public func medium(_ id: MediumID) async throws(MediaFault) -> Medium? {
        try await read { try MediumRow.fetch(id, $0) }
    }

    /// A page by keyset: as quick at the end of the list as at its start, and steady while media come and go.
    ///
    /// - Throws: `.invalid` for a cursor that is none.
    public func page(_ query: MediaQuery) async throws(MediaFault) -> MediaPage {
        let cursor: PageCursor?
        if let after = query.after { cursor = try PageCursor(after) } else { cursor = nil }
        let limit = min(max(query.limit, 1), 200)
        let items = try await read { db in
            var conditions: [String] = []
            var arguments: StatementArguments = []
            if let cursor {
                conditions.append("(added_at, id) < (?, ?)")
                arguments += [cursor.addedAt, cursor.id.rawValue]
            }
            if let kind = query.kind {
                conditions.append("kind = ?")
                arguments += [kind.rawValue]
            }
            if let text = query.text, !text.isEmpty {
                conditions.append(#"search_name LIKE ? ESCAPE '\'"#)
                arguments += [SearchName.pattern(text)]
            }
            let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
            return try MediumRow.fetchAll(
                db,
                sql: "SELECT \(MediumRow.columns) FROM medium \(filter) ORDER BY added_at DESC, id DESC LIMIT ?",
                arguments: arguments + [limit + 1])
        }
        guard items.count > limit else { return MediaPage(items: items, next: nil) }
        let shown = Array(items.prefix(limit))
        return MediaPage(items: shown, next: shown.last.map { PageCursor($0).text })
    }

    /// All that plays, in the order of arrival.
    public func playable() async throws(MediaFault) -> [PlayableMedium] {
        try await read { db in
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT id, name, kind, duration_seconds, photo_seconds, suffix,
                            decode_rate / nullif(frame_rate, 0), coalesce(taken_at, added_at)
                        FROM medium WHERE state = 'ready' ORDER BY id
                        """))
            var media: [PlayableMedium] = []
            while let row = try rows.next() {
                guard let id = MediumID(rawValue: row[0]), let kind = MediumKind(rawValue: row[2] ?? "") else {
                    continue
                }
                media.append(
                    PlayableMedium(
                        id: id, name: row[1], kind: kind, durationSeconds: row[3], photoSeconds: row[4],
                        suffix: row[5], date: row[7], headroom: row[6]))
            }
            return media
        }
    }

    /// How many media are in each state.
    public func counts() async throws(MediaFault) -> [MediumState: Int] {
        try await read { db in
            var counts: [MediumState: Int] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT state, count(*) FROM medium GROUP BY state") {
                if let state = MediumState(rawValue: row[0]) { counts[state] = row[1] }
            }
            return counts
        }
    }

    /// Media in a state, in the order of arrival.
    package func media(in state: MediumState) async throws(MediaFault) -> [Medium] {
        try await read { try Self.media(in: state, $0) }
    }

    static func media(in state: MediumState, _ db: Database) throws -> [Medium] {
        try MediumRow.fetchAll(
            db, sql: "SELECT \(MediumRow.columns) FROM medium WHERE state = ? ORDER BY id",
            arguments: [state.rawValue])
    }
}
