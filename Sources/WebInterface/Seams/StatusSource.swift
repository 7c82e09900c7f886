/// How the appliance is.
public protocol StatusSource: Sendable {
    func status() async -> ApplianceStatus
    func health() async -> Health
    /// Figures for Prometheus, beside those of the web server itself.
    func metrics() async -> [Metric]
}

/// Where events come from. `EventBroadcast` is the one that the product uses.
public protocol EventSource: Sendable {
    /// A place in the audience; leave it by letting go of the listener.
    func listen() -> EventListener
}
