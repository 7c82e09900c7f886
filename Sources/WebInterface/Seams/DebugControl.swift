/// What is only there for trying things out, when `debug.enabled` says so.
public protocol DebugControl: Sendable {
    /// Acts as if no more memory than this were available, for a while.
    ///
    /// - Parameter availableBytes: nil ends it.
    func simulateMemory(availableBytes: Int?, seconds: Double) async
}
