/// Something that changed. Of several of one kind that nobody has read yet, the last is kept.
public enum ApplianceEvent: Sendable, Equatable {
    /// The status is another one; it is read when the event goes out.
    case status
    case medium(MediaItem)
    case mediumRemoved(id: String)
    case job(Job)
    /// A setting changed.
    case settings
    /// More changed than was kept: everything shown is to be read again.
    case everything
}
