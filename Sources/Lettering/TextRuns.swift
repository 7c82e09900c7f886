import CHarfBuzz

/// A text cut into pieces that are shaped each on its own: of one script and one direction.
struct TextRuns {
    struct Run {
        var range: Range<Int>
        var script: hb_script_t
        var level: UInt8
    }

    /// In the order of the text.
    let runs: [Run]
    let base: UInt8

    /// - Parameter base: level of the paragraph that this is a line of; nil: this is the paragraph.
    init(_ scalars: [Unicode.Scalar], base: UInt8? = nil) {
        let functions = hb_unicode_funcs_get_default()
        let own = scalars.map { hb_unicode_script(functions, $0.value) }
        let direction = TextDirection(zip(scalars, own).map { Self.kind($0, script: $1) }, base: base)
        self.base = direction.base
        let scripts = Self.resolved(own)
        var runs: [Run] = []
        for index in scalars.indices {
            if let last = runs.last, last.level == direction.levels[index], last.script == scripts[index] {
                runs[runs.count - 1].range = last.range.lowerBound..<index + 1
            } else {
                runs.append(Run(range: index..<index + 1, script: scripts[index], level: direction.levels[index]))
            }
        }
        self.runs = runs
    }

    /// The runs from left to right.
    var visual: [Run] { TextDirection.visualOrder(runs.map(\.level)).map { runs[$0] } }

    private static func belongsToNone(_ script: hb_script_t) -> Bool {
        script == HB_SCRIPT_COMMON || script == HB_SCRIPT_INHERITED || script == HB_SCRIPT_UNKNOWN
    }

    /// What has no script of its own takes that of the text before it; at the start, of the text after it.
    private static func resolved(_ scripts: [hb_script_t]) -> [hb_script_t] {
        var current = scripts.first { !belongsToNone($0) } ?? HB_SCRIPT_LATIN
        return scripts.map { script in
            if !belongsToNone(script) { current = script }
            return current
        }
    }

    private static func kind(_ scalar: Unicode.Scalar, script: hb_script_t) -> TextDirection.Kind {
        switch scalar.properties.generalCategory {
        case .decimalNumber: return .number
        case .nonspacingMark, .enclosingMark: return .mark
        case .spaceSeparator, .format: return .neutral
        default: break
        }
        switch scalar {
        case ".", ",", ":", "/", "+", "-": return .separator
        case "%", "$", "€", "£", "#", "°", "‰": return .terminator
        default: break
        }
        if hb_script_get_horizontal_direction(script) == HB_DIRECTION_RTL { return .rightToLeft }
        if belongsToNone(script) { return scalar.properties.isAlphabetic ? .leftToRight : .neutral }
        return .leftToRight
    }
}
