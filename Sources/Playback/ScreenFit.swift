public import Frames

/// How pictures of other proportions fill the screen: `playback.fit`.
public enum ScreenFit: String, Sendable, CaseIterable {
    /// All of the picture is seen, on black.
    case contain
    /// The picture fills the screen, and loses its edges.
    case cover
    /// All of the picture is seen. Beside a photo is the photo, blurred; beside what moves is black: to blur each frame
    /// would cost more than to decode it.
    case blur

    /// Where the picture itself goes.
    public var placement: Fit { self == .cover ? .cover : .contain }
}
