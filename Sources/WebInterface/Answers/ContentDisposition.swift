/// The header `Content-Disposition` (RFC 6266) for a name that may be any text.
struct ContentDisposition {
    var isInline: Bool
    var name: String

    /// An ASCII name for old clients, and the true one encoded, so that nothing of it can end the header or the quotes.
    var text: String {
        let kind = isInline ? "inline" : "attachment"
        let plain = String(
            name.unicodeScalars.map { scalar in
                let isHarmless = scalar.isASCII && scalar.value >= 32 && scalar.value < 127
                return isHarmless && !"\"\\/%;".unicodeScalars.contains(scalar) ? Character(scalar) : "_"
            })
        return "\(kind); filename=\"\(plain)\"; filename*=UTF-8''\(PercentCoding.encode(name))"
    }
}
