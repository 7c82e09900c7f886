import HTTPTypes
import Hummingbird
import NIOCore

/// How the appliance is, for people and for programs that watch it.
enum StatusRoutes {
    static func all(_ source: any StatusSource, counters: WebCounters) -> [Route] {
        [
            Route(.get, "/healthz", for: .anyone) { request throws(ProblemError) in
                var health = await source.health()
                if request.standing == .stranger {
                    for name in health.checks.keys { health.checks[name]?.detail = nil }
                }
                return try .json(health, status: health.status == .unhealthy ? .serviceUnavailable : .ok)
            },
            Route(.get, "/api/v1/status") { _ throws(ProblemError) in try .json(await source.status()) },
            Route(.get, "/metrics") { _ throws(ProblemError) in
                let text = MetricsText.encode(await source.metrics() + counters.metrics)
                return Response(
                    status: .ok,
                    headers: [.contentType: MetricsText.contentType, .cacheControl: "no-store"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
            },
        ]
    }
}
