/// The effective settings: of every key the value of the last layer that has a valid one, and where it came from.
public struct Settings: Sendable, Equatable {
    public struct Effective: Sendable, Equatable {
        public var key: SettingKey
        public var value: SettingValue
        public var origin: String
    }

    public let keys: [SettingKey]
    /// Lowest first.
    public private(set) var layers: [SettingLayer]

    public init(keys: [SettingKey], layers: [SettingLayer]) {
        self.keys = keys
        self.layers = layers
    }

    public var faults: [SettingFault] { layers.flatMap(\.faults) }

    /// One key, by its name; nil when there is none of this name.
    public func effective(_ name: String) -> Effective? {
        guard let key = keys.first(where: { $0.name == name }) else { return nil }
        for layer in layers.reversed() {
            if let value = layer.values[name] { return Effective(key: key, value: value, origin: layer.origin) }
        }
        return Effective(key: key, value: key.standard, origin: "default")
    }

    public var all: [Effective] { keys.compactMap { effective($0.name) } }

    /// The same with one layer replaced, or put below the environment's when there was none of this origin.
    public func replacing(_ layer: SettingLayer) -> Settings {
        var layers = layers
        if let index = layers.firstIndex(where: { $0.origin == layer.origin }) {
            layers[index] = layer
        } else {
            let index = layers.firstIndex { $0.origin == "environment" } ?? layers.endIndex
            layers.insert(layer, at: index)
        }
        return Settings(keys: keys, layers: layers)
    }

    // Keys are our own, so that a wrong name or type here is a bug that any test finds: the default answers then.

    public func text(_ name: String) -> String {
        if case .text(let text)? = effective(name)?.value { text } else { "" }
    }

    public func integer(_ name: String) -> Int {
        if case .integer(let integer)? = effective(name)?.value { integer } else { 0 }
    }

    public func number(_ name: String) -> Double {
        if case .number(let number)? = effective(name)?.value { number } else { 0 }
    }

    public func boolean(_ name: String) -> Bool {
        if case .boolean(let boolean)? = effective(name)?.value { boolean } else { false }
    }

    public func list(_ name: String) -> [String] {
        if case .list(let list)? = effective(name)?.value { list } else { [] }
    }

    public func duration(_ name: String) -> Duration { .seconds(number(name)) }

    public func pixelSize(_ name: String) -> (width: Int, height: Int) {
        SettingShape.pixelSize(text(name)) ?? (1280, 720)
    }
}
