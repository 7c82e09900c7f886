/// One picture in a scene.
public struct Layer: Sendable {
    public var frame: Frame
    /// What part of the frame is shown, in the frame's pixels.
    public var source: PixelRectangle
    /// Where it goes, in the display's pixels; scaled when the sizes differ, cut off where it reaches outside.
    public var destination: PixelRectangle
    /// 0 is invisible, 255 opaque; multiplies the alpha of the pixels.
    public var alpha: UInt8

    public init(frame: Frame, source: PixelRectangle? = nil, destination: PixelRectangle, alpha: UInt8 = 255) {
        self.frame = frame
        self.source = source ?? PixelRectangle(frame.size)
        self.destination = destination
        self.alpha = alpha
    }
}

/// Everything that is on the display at one moment, as an immutable value: layers from the back to the front on black.
public struct Scene: Sendable {
    public var layers: [Layer]

    public init(layers: [Layer] = []) { self.layers = layers }

    /// Nothing but black.
    public static let black = Scene()
}
