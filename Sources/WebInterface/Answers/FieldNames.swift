import HTTPTypes

extension HTTPField.Name {
    /// A name that is written in this source.
    private static func literal(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("no name of a header field: \(name)") }
        return name
    }

    static let fetchSite = literal("Sec-Fetch-Site")
    static let fetchMode = literal("Sec-Fetch-Mode")
    static let methodOverride = literal("X-HTTP-Method-Override")
    static let lastEventID = literal("Last-Event-ID")

    static let referrerPolicy = literal("Referrer-Policy")
    static let openerPolicy = literal("Cross-Origin-Opener-Policy")
    static let resourcePolicy = literal("Cross-Origin-Resource-Policy")
    static let embedderPolicy = literal("Cross-Origin-Embedder-Policy")
    static let permissionsPolicy = literal("Permissions-Policy")
    static let frameOptions = literal("X-Frame-Options")

    static let tusResumable = literal("Tus-Resumable")
    static let tusVersion = literal("Tus-Version")
    static let tusExtension = literal("Tus-Extension")
    static let tusMaxSize = literal("Tus-Max-Size")
    static let tusChecksumAlgorithm = literal("Tus-Checksum-Algorithm")
    static let uploadOffset = literal("Upload-Offset")
    static let uploadLength = literal("Upload-Length")
    static let uploadDeferLength = literal("Upload-Defer-Length")
    static let uploadMetadata = literal("Upload-Metadata")
    static let uploadChecksum = literal("Upload-Checksum")
    static let uploadExpires = literal("Upload-Expires")
}
