public import Frames

/// What uploads may take. A value of the configuration.
public struct UploadSettings: Sendable, Equatable {
    /// Bytes of the largest upload; nil: what the disk has room for.
    public var maximumByteCount: Int?
    /// Bytes of the disk that uploads leave free, for the index and for changes.
    public var reserveByteCount: Int
    /// Uploads that may be under way or waiting to go on.
    public var maximumCount: Int
    /// Milliseconds without a byte after which an unfinished upload is removed.
    public var lifetime: Int64

    public init(
        maximumByteCount: Int? = nil, reserveByteCount: Int = 64 << 20, maximumCount: Int = 200,
        lifetime: Int64 = 86_400_000
    ) {
        self.maximumByteCount = maximumByteCount
        self.reserveByteCount = reserveByteCount
        self.maximumCount = maximumCount
        self.lifetime = lifetime
    }
}

/// How uploads are checked.
public struct CheckSettings: Sendable, Equatable {
    /// The display that decoding is measured for.
    public var screen: PixelSize
    public var fit: Fit
    public var formats: [PixelFormat]
    /// Bytes that decoding may take.
    public var memoryLimit: Int
    public var threads: Int
    /// How long a medium is decoded at most; a longer one is taken to go on as it began.
    public var seconds: Double
    public var thumbnailSize: PixelSize

    public init(
        screen: PixelSize, fit: Fit = .contain, formats: [PixelFormat] = [.xrgb8888], memoryLimit: Int = 160 << 20,
        threads: Int = 2, seconds: Double = 20, thumbnailSize: PixelSize = PixelSize(width: 400, height: 400)
    ) {
        self.screen = screen
        self.fit = fit
        self.formats = formats
        self.memoryLimit = memoryLimit
        self.threads = threads
        self.seconds = seconds
        self.thumbnailSize = thumbnailSize
    }
}
