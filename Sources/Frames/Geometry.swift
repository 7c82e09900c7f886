/// Width and height in pixels.
public struct PixelSize: Sendable, Hashable {
    public var width: Int
    public var height: Int

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    public var pixelCount: Int { width * height }
}

/// A rectangle in whole pixels; x grows to the right, y downwards. It may be empty, or reach outside what it is used on.
public struct PixelRectangle: Sendable, Hashable {
    public var x: Int
    public var y: Int
    public var width: Int
    public var height: Int

    public init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// All of a picture of this size.
    public init(_ size: PixelSize) { self.init(x: 0, y: 0, width: size.width, height: size.height) }

    public var size: PixelSize { PixelSize(width: width, height: height) }
    public var maxX: Int { x + width }
    public var maxY: Int { y + height }
    public var isEmpty: Bool { width <= 0 || height <= 0 }

    public func intersection(_ other: PixelRectangle) -> PixelRectangle {
        let left = max(x, other.x)
        let top = max(y, other.y)
        return PixelRectangle(
            x: left, y: top, width: max(0, min(maxX, other.maxX) - left), height: max(0, min(maxY, other.maxY) - top))
    }

    /// The smallest rectangle around both; an empty one counts for nothing.
    public func union(_ other: PixelRectangle) -> PixelRectangle {
        if isEmpty { return other }
        if other.isEmpty { return self }
        let left = min(x, other.x)
        let top = min(y, other.y)
        return PixelRectangle(x: left, y: top, width: max(maxX, other.maxX) - left, height: max(maxY, other.maxY) - top)
    }
}

/// How a picture of other proportions is put on the screen.
public enum Fit: String, Sendable, CaseIterable {
    /// All of the picture is seen; black fills the rest.
    case contain
    /// The picture fills the screen; what is over is cut off evenly on both sides.
    case cover

    /// Where a picture goes on a screen, centred, small ones enlarged.
    ///
    /// - Parameters:
    ///   - picture: size of the upright picture, its pixel aspect already counted into the width.
    ///   - screen: size of the screen in pixels, taken as square.
    /// - Returns: the destination; with `cover` it reaches outside the screen on one axis.
    public func destination(of picture: PixelSize, on screen: PixelSize) -> PixelRectangle {
        guard picture.width > 0, picture.height > 0, screen.width > 0, screen.height > 0 else {
            return PixelRectangle(x: 0, y: 0, width: 0, height: 0)
        }
        let wide = picture.width * screen.height > screen.width * picture.height
        let fillsWidth = self == .contain ? wide : !wide
        let width: Int
        let height: Int
        if fillsWidth {
            width = screen.width
            height = max(1, (picture.height * screen.width + picture.width / 2) / picture.width)
        } else {
            height = screen.height
            width = max(1, (picture.width * screen.height + picture.height / 2) / picture.height)
        }
        return PixelRectangle(
            x: (screen.width - width) / 2, y: (screen.height - height) / 2, width: width, height: height)
    }
}
