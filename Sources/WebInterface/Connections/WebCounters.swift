import Synchronization

/// What the web server itself counts.
final class WebCounters: Sendable {
    private struct Counts {
        /// By the first digit of the status.
        var requests: [Int: Int] = [:]
        var viewers = 0
        var listeners = 0
    }

    /// A stream that stays open.
    enum Stream: Sendable {
        case events
        case pictures
    }

    private let counts = Mutex(Counts())

    func countRequest(status: Int) { counts.withLock { $0.requests[status / 100, default: 0] += 1 } }

    func begin(_ stream: Stream) { change(stream, by: 1) }
    func end(_ stream: Stream) { change(stream, by: -1) }

    private func change(_ stream: Stream, by step: Int) {
        counts.withLock { counts in
            switch stream {
            case .events: counts.listeners += step
            case .pictures: counts.viewers += step
            }
        }
    }

    var metrics: [Metric] {
        let counts = counts.withLock { $0 }
        return [
            Metric(
                "vitrine_http_requests_total", .counter, help: "Requests answered, by the class of the status.",
                samples: (2...5).map { digit in
                    Metric.Sample(Double(counts.requests[digit] ?? 0), [.init("class", "\(digit)xx")])
                }),
            Metric(
                "vitrine_http_streams", .gauge, help: "Streams open now: events, and live pictures of the screen.",
                samples: [
                    Metric.Sample(Double(counts.listeners), [.init("kind", "events")]),
                    Metric.Sample(Double(counts.viewers), [.init("kind", "pictures")]),
                ]),
        ]
    }
}
