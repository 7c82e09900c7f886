public import Frames
public import MediaIndex

/// What the screen says about a fault.
public struct FaultNotice: Sendable, Equatable {
    /// The medium at fault; nil: none is.
    public var medium: MediumID?
    /// What is wrong, in a few words.
    public var title: String
    /// The user's name of that medium.
    public var fileName: String?
    public var reason: String
    /// What to do about it.
    public var suggestion: String

    public init(medium: MediumID? = nil, title: String, fileName: String? = nil, reason: String, suggestion: String) {
        self.medium = medium
        self.fileName = fileName
        self.title = title
        self.reason = reason
        self.suggestion = suggestion
    }
}

/// What the welcome screen says.
public struct WelcomeContent: Sendable, Equatable {
    /// `device.name`.
    public var name: String
    /// Where the page is: `http://vitrine.local`, best first. Empty: no network yet.
    public var addresses: [String]
    /// To claim the device with; nil once it is claimed.
    public var pin: String?

    public init(name: String, addresses: [String], pin: String?) {
        self.name = name
        self.addresses = addresses
        self.pin = pin
    }
}

/// Where the welcome screen's content comes from.
public protocol WelcomeSource: Sendable {
    /// The content now, and whenever it changes. Each call is one listener's own stream.
    func contents() -> AsyncStream<WelcomeContent>
}

/// Paints the appliance's own pictures. Painting is work for a processor: it runs outside the cooperative pool.
public protocol CardPainting: Sendable {
    /// A picture of exactly this size, in xrgb8888.
    func welcome(_ content: WelcomeContent, size: PixelSize) async throws -> Frame
    /// The same, with so many rows at the bottom left empty, for messages that lie over them.
    func welcome(_ content: WelcomeContent, size: PixelSize, below: Int) async throws -> Frame
    func fault(_ notice: FaultNotice, size: PixelSize) async throws -> Frame
    func testPicture(size: PixelSize) async throws -> TestPicture
    /// Messages in a box, as small as they are, in argb8888, for a screen of this size.
    func banner(_ messages: [ScreenMessage], screen: PixelSize) async throws -> Frame
}
