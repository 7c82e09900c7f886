/// What is on the screen.
public protocol ScreenSource: Sendable {
    /// The picture that is on the screen now, at its size, as PNG. 503 while there is none.
    func snapshot() async throws(ProblemError) -> [UInt8]

    /// The pictures as JPEG, as they change, the present one first. Nobody iterating costs nothing; a slow reader
    /// gets the latest. At least one element every few seconds is not promised: a picture that stands comes once.
    func pictures(_ request: ScreenRequest) async throws(ProblemError) -> any AsyncSequence<[UInt8], Never> & Sendable
}

/// Which pictures a viewer wants.
public struct ScreenRequest: Sendable, Equatable {
    /// Pixels at most; the height follows.
    public var width: Int
    /// Pictures a second at most.
    public var rate: Double

    public init(width: Int = 640, rate: Double = 5) {
        self.width = width
        self.rate = rate
    }
}
