import Testing

@testable import MediaIndex

@Suite struct PageTests {
    private func index(_ names: [String], addedAt: (Int) -> Int64 = { _ in 1000 }) throws -> MediaIndex {
        let index = MediaIndex(try IndexDatabase.inMemory())
        let source = MediumIDSource()
        try index.writeNow { db in
            for (number, name) in names.enumerated() {
                try MediumRow.save(
                    Medium(
                        id: source.next(at: 1), name: name, kind: MediumKind.allCases[number % 3], sizeBytes: number,
                        addedAt: addedAt(number), state: .ready, suffix: "jpg", sha256: "\(number)"), db)
            }
        }
        return index
    }

    @Test(arguments: [1, 2, 3, 7, 10, 200])
    func walksThroughAll(limit: Int) async throws {
        // Times repeat, so that the id must decide.
        let index = try index((0..<23).map { "\($0)" }, addedAt: { Int64($0 / 4) })
        var seen: [String] = []
        var cursor: String?
        repeat {
            let page = try await index.page(MediaQuery(limit: limit, after: cursor))
            #expect(page.items.count <= limit)
            seen += page.items.map(\.name)
            cursor = page.next
        } while cursor != nil
        #expect(seen == (0..<23).reversed().map { "\($0)" })
    }

    @Test func staysSteadyWhileMediaComeAndGo() async throws {
        let index = try index((0..<10).map { "\($0)" })
        let first = try await index.page(MediaQuery(limit: 4))
        let last = try #require(first.items.last)
        try index.writeNow { db in
            try MediumRow.delete(last.id, db)
            try MediumRow.save(
                Medium(
                    id: MediumIDSource(after: last.id).next(at: 9), name: "new", sizeBytes: 0, addedAt: 2000,
                    state: .ready, suffix: "jpg", sha256: "new"), db)
        }
        let second = try await index.page(MediaQuery(limit: 4, after: first.next))
        #expect(second.items.map(\.name) == ["5", "4", "3", "2"])
    }

    @Test(arguments: [
        ("cafe", ["CAFE\u{301}.png", "Café.jpg"]), ("ÉTÉ", ["été 🏖️.mov"]), ("100%", ["100%.gif"]), ("_", ["a_b.gif"]),
        (#"\"#, [#"back\slash.gif"#]), ("🏖️", ["été 🏖️.mov"]), ("'; DROP", ["'; DROP TABLE medium; --"]),
        ("שלום", ["שלום.png"]), ("nothing", []), ("../", ["../up.jpg"]),
    ])
    func finds(text: String, names: [String]) async throws {
        let index = try index([
            "Café.jpg", "CAFE\u{301}.png", "été 🏖️.mov", "100%.gif", "a_b.gif", #"back\slash.gif"#,
            "'; DROP TABLE medium; --", "שלום.png", "../up.jpg", "line\nbreak.jpg", "100 and more.gif",
        ])
        let found = try await index.page(MediaQuery(text: text)).items.map(\.name)
        #expect(found == names)
    }

    @Test func filtersByKind() async throws {
        let index = try index((0..<9).map { "\($0)" })
        #expect(try await index.page(MediaQuery(kind: .video, limit: 2)).items.map(\.name) == ["8", "5"])
        #expect(try await index.page(MediaQuery(text: "5", kind: .image)).items.isEmpty)
    }

    @Test(arguments: ["", "x", "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef!"])
    func refusesCursors(text: String) async throws {
        let index = try index([])
        await #expect(throws: MediaFault.self) { try await index.page(MediaQuery(after: text)) }
    }

    @Test func listsWhatPlaysByArrival() async throws {
        let index = try index((0..<6).map { "\($0)" }, addedAt: { Int64(100 - $0) })
        #expect(try await index.playable().map(\.name) == (0..<6).map { "\($0)" })
        #expect(try await index.counts() == [.ready: 6])
    }

    @Test func changesOfOneMomentAreOne() async throws {
        let index = try index([])
        var changes = index.changes().makeAsyncIterator()
        let id = MediumIDSource().next(at: 1)
        for size in 0..<5 {
            try index.writeNow { db in
                try MediumRow.save(
                    Medium(id: id, name: "a", sizeBytes: size, addedAt: 1, state: .ready, suffix: "jpg", sha256: ""), db
                )
            }
        }
        #expect(await changes.next() != nil)
        #expect(try await index.medium(id)?.sizeBytes == 4)
    }
}
