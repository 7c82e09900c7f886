import DisplayDrivers
import WebInterface

/// The tap on the display, as the web interface asks for it.
struct ScreenAdapter: ScreenSource {
    let tap: DisplayTap

    func snapshot() async throws(ProblemError) -> [UInt8] {
        let picture: [UInt8]?
        do {
            picture = try await tap.snapshot()
        } catch {
            throw .internalFault("The picture could not be encoded: \(error).")
        }
        guard let picture else {
            throw .unavailable("There is no picture yet.", suggestion: "Try again in a moment.", retryAfterSeconds: 1)
        }
        return picture
    }

    func pictures(_ request: ScreenRequest) async throws(ProblemError) -> any AsyncSequence<[UInt8], Never> & Sendable {
        await tap.stream(DisplayTap.StreamParameters(maximumWidth: request.width, rate: request.rate))
    }
}
