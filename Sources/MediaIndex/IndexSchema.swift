import GRDB

/// The tables, by migrations that are never changed once they are out.
enum IndexSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 media") { db in
            // search_name: the name without case and accents (SearchName.swift).
            // set_asides: how often it was set aside in a row; retry_at: milliseconds since 1970.
            try db.execute(
                sql: """
                    CREATE TABLE medium (
                        id TEXT PRIMARY KEY NOT NULL,
                        name TEXT NOT NULL,
                        search_name TEXT NOT NULL,
                        kind TEXT,
                        width INTEGER,
                        height INTEGER,
                        duration_seconds REAL,
                        frame_rate REAL,
                        decode_rate REAL,
                        size_bytes INTEGER NOT NULL,
                        added_at INTEGER NOT NULL,
                        state TEXT NOT NULL,
                        reason TEXT,
                        suggestion TEXT,
                        suffix TEXT NOT NULL,
                        sha256 TEXT NOT NULL,
                        photo_seconds REAL,
                        strikes INTEGER NOT NULL DEFAULT 0,
                        set_asides INTEGER NOT NULL DEFAULT 0,
                        retry_at INTEGER
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX medium_by_arrival ON medium (added_at, id);
                    CREATE INDEX medium_by_content ON medium (sha256);
                    CREATE INDEX medium_by_state ON medium (state, id);
                    """)
        }
        migrator.registerMigration("2 when it was taken") { db in
            // Milliseconds since 1970. What was added before has none; it plays by its arrival.
            try db.execute(sql: "ALTER TABLE medium ADD COLUMN taken_at INTEGER")
        }
        return migrator
    }
}
