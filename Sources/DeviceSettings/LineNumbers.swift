/// Where the keys of a TOML text stand, for messages: the parser does not tell.
///
/// It reads headers and the left sides of assignments, which is enough for every file that settings can be in; a key
/// that it misses has no line in its message, and nothing else is lost.
public struct LineNumbers: Sendable {
    private var lines: [String: Int] = [:]

    public init(of text: String) {
        var prefix = ""
        let separators: (Character) -> Bool = { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: separators).enumerated() {
            let line = line.drop { $0 == " " || $0 == "\t" }
            if line.hasPrefix("[") {
                let name = Self.dotted(line.dropFirst().prefix { $0 != "]" })
                if lines[name] == nil { lines[name] = index + 1 }
                prefix = name + "."
            } else if let equals = line.firstIndex(of: "="), !line.hasPrefix("#") {
                lines[prefix + Self.dotted(line[..<equals])] = index + 1
            }
        }
    }

    /// The line of a key, from 1; for a key in an inline table, that of the table.
    public subscript(name: String) -> Int? {
        var name = name[...]
        while true {
            if let line = lines[String(name)] { return line }
            guard let dot = name.lastIndex(of: ".") else { return nil }
            name = name[..<dot]
        }
    }

    private static func dotted(_ text: Substring) -> String {
        text.filter { $0 != " " && $0 != "\t" && $0 != "\"" && $0 != "'" }
    }
}
