import LinuxSystem
import SystemPackage
import Testing

/// A board of `Tests/Fixtures/boards`.
func fixture(_ board: String, file: String = #filePath) -> FilePath {
    FilePath(file).removingLastComponent().removingLastComponent().appending("Fixtures/boards").appending(board)
}

/// Waits for what other tasks bring about, letting them run meanwhile. Fails after a minute: nothing here takes long.
func eventually(
    _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async -> Bool
) async throws {
    let end = MonotonicClock().now.advanced(by: .seconds(60))
    while await !condition() {
        if MonotonicClock().now > end {
            Issue.record(what, sourceLocation: sourceLocation)
            throw CancellationError()
        }
        await Task.yield()
    }
}
