import Crypto

/// The secret of a session: 256 random bits, as 64 hexadecimal digits. Only its digest is kept.
struct SessionToken: Sendable, Equatable {
    static let cookieName = "vitrine_session"
    /// A year, in seconds.
    static let cookieAge = 365 * 24 * 3600

    let text: String

    static func random() -> SessionToken {
        var generator = SystemRandomNumberGenerator()
        let words = (0..<4).map { _ in generator.next() }
        return SessionToken(text: words.map(hexadecimal).joined())
    }

    /// Lowercase hexadecimal SHA-256. A fast digest will do, since nobody guesses 256 bits.
    var digest: String { SHA256.hash(data: Array(text.utf8)).map(hexadecimal).joined() }

    var cookie: String {
        "\(Self.cookieName)=\(text); Path=/; Max-Age=\(Self.cookieAge); HttpOnly; SameSite=Strict"
    }

    /// The token that a request brings, in `Authorization` or in a cookie.
    init?(authorization: String?, cookies: [String]) {
        if let authorization {
            let parts = authorization.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
            self.init(text: parts[1].trimmingSpaces())
            return
        }
        for cookie in cookies.flatMap({ $0.split(separator: ";") }) {
            let parts = cookie.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].trimmingSpaces() == Self.cookieName else { continue }
            self.init(text: parts[1].trimmingSpaces())
            return
        }
        return nil
    }

    init(text: String) { self.text = text }
}

private func hexadecimal(_ number: some FixedWidthInteger & UnsignedInteger) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: number.bitWidth / 4 - digits.count) + digits
}

extension StringProtocol {
    func trimmingSpaces() -> String {
        var rest = Substring(self)
        while let first = rest.first, first == " " || first == "\t" { rest = rest.dropFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
        return String(rest)
    }
}
