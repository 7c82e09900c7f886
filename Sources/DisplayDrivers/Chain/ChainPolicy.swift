/// The times by which a chain works.
public struct ChainPolicy: Sendable, Hashable {
    /// First and longest wait before a driver that does not work is looked at again; it doubles from try to try.
    public var firstRetry: Duration
    public var longestRetry: Duration
    /// A display that worked this long has its wait reset; one that fails sooner is on a link that bounces.
    public var steadyAfter: Duration
    /// The longest wait of a driver that failed, once the kernel says that something was plugged: within 5 s a screen that
    /// is back shows the picture, however often it went.
    public var retryAfterNews: Duration
    /// How long a driver may take to answer.
    public var answerDeadline: Duration
    /// At the start a better driver that has not answered yet is waited for this long, before a lesser one is opened.
    public var settling: Duration
    /// With nothing on the glass, a display that is being opened is waited for this long; then the lesser ones are opened,
    /// too, so that there is a picture within 2 s. The best that opens wins.
    public var openingPatience: Duration

    public init(
        firstRetry: Duration = .seconds(1), longestRetry: Duration = .seconds(60),
        steadyAfter: Duration = .seconds(60), retryAfterNews: Duration = .seconds(2),
        answerDeadline: Duration = .seconds(5), settling: Duration = .seconds(2),
        openingPatience: Duration = .milliseconds(1500)
    ) {
        self.firstRetry = firstRetry
        self.longestRetry = longestRetry
        self.steadyAfter = steadyAfter
        self.retryAfterNews = retryAfterNews
        self.answerDeadline = answerDeadline
        self.settling = settling
        self.openingPatience = openingPatience
    }
}

/// What is known of one driver of the chain, for the status.
public struct ChainReport: Sendable, Equatable {
    public enum Outcome: String, Sendable {
        /// Not asked yet.
        case unknown
        /// There, and not needed since a better one is.
        case usable
        /// It shows the picture.
        case active
        /// Its probe said no.
        case unusable
        /// It was there and failed.
        case failed
    }

    public var driver: String
    public var outcome: Outcome
    /// Why it is unusable or has failed, in words.
    public var reason: String?

    public init(driver: String, outcome: Outcome, reason: String? = nil) {
        self.driver = driver
        self.outcome = outcome
        self.reason = reason
    }
}
