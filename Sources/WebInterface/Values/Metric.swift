/// One family of figures for Prometheus.
public struct Metric: Sendable, Equatable {
    public enum Kind: String, Sendable {
        case counter
        case gauge
    }

    public struct Sample: Sendable, Equatable {
        public var labels: [Label]
        public var value: Double

        public init(_ value: Double, _ labels: [Label] = []) {
            self.value = value
            self.labels = labels
        }
    }

    public struct Label: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// `vitrine_decoder_restarts_total`: letters, digits and underscores; a counter ends in `_total`.
    public var name: String
    /// What it counts, and in which unit.
    public var help: String
    public var kind: Kind
    public var samples: [Sample]

    public init(_ name: String, _ kind: Kind, help: String, samples: [Sample]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }

    /// A figure without labels.
    public init(_ name: String, _ kind: Kind, help: String, value: Double) {
        self.init(name, kind, help: help, samples: [Sample(value)])
    }
}
