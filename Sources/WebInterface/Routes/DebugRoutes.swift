import Hummingbird

/// Trying out what follows from what does not happen by itself. Without the setting these paths do not exist.
enum DebugRoutes {
    /// How long want of memory may be simulated, in seconds.
    static let memorySeconds: ClosedRange<Double> = 0...3600

    private struct Memory: Codable {
        var availableBytes: Int?
        var seconds: Double?
    }

    static func all(_ debug: any DebugControl) -> [Route] {
        [
            Route(.post, "/api/v1/debug/memory") { request throws(ProblemError) in
                let asked = request.hasBody ? try await request.json(Memory.self) : Memory()
                let seconds = asked.seconds ?? 60
                guard memorySeconds.contains(seconds) else {
                    throw .badRequest("Want of memory is simulated for at most 3600 seconds.")
                }
                guard asked.availableBytes ?? 0 >= 0 else {
                    throw .badRequest("available_bytes is a number of bytes, or left out to end it.")
                }
                await debug.simulateMemory(availableBytes: asked.availableBytes, seconds: seconds)
                return try .json(
                    Memory(
                        availableBytes: asked.availableBytes, seconds: asked.availableBytes == nil ? nil : seconds))
            }
        ]
    }
}
