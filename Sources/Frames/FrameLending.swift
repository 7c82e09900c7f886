/// What makes memory the kind that a display reads by itself: *scanoutOnly*, in the words of the design. It is uncached, so
/// that reading it is slow; writing it, once and in order, is not.
public protocol ScanoutMemory: AnyObject, Sendable {
    /// Another process is about to write into it.
    func beginWriting()
    /// It has done so: what it wrote is seen by the display from here on.
    func endWriting()
}

/// Where buffers come from that a display scans out as they are, so that nobody copies what a decoder wrote into them.
public protocol FrameLending: Sendable {
    /// Whether a picture like this would go onto the glass from where it lies. Costs next to nothing: asked for every frame.
    ///
    /// false as long as pictures are composed with others, or watched from elsewhere: those are to be read.
    ///
    /// - Parameter hasBuffer: it lies in a buffer of these already; otherwise there must be memory for another, too.
    func wants(_ layout: FrameLayout, hasBuffer: Bool) -> Bool

    /// A buffer in which pictures of this layout can lie, or nil: there is none, use other memory. It may take
    /// milliseconds, and is called from a thread where that does no harm.
    ///
    /// - Parameter number: the buffer's `id`.
    func lend(_ number: UInt32, for layout: FrameLayout) -> FrameBuffer?
}
