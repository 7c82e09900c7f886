import Foundation

/// How names are compared in a search: without case, accents and the width of characters, so that "cafe" finds "CAFÉ",
/// whether its É is one code point or two (iPhones send two).
enum SearchName {
    static func fold(_ text: String) -> String {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
    }

    /// A pattern for `LIKE … ESCAPE '\'` that finds the text anywhere.
    static func pattern(_ query: String) -> String {
        var pattern = "%"
        for scalar in fold(query).unicodeScalars {
            if scalar == "%" || scalar == "_" || scalar == "\\" { pattern.unicodeScalars.append("\\") }
            pattern.unicodeScalars.append(scalar)
        }
        return pattern + "%"
    }
}
