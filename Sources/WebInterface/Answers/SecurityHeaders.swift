import HTTPTypes

/// What every answer tells the browser not to do.
enum SecurityHeaders {
    /// The page runs its own files and nothing else: no inline code, nothing of another host.
    static let page =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        + "media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

    /// What somebody uploaded is shown, and does nothing: no script, no form, no origin.
    static let upload = "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'"

    static func add(to fields: inout HTTPFields) {
        if fields[.contentSecurityPolicy] == nil { fields[.contentSecurityPolicy] = page }
        fields[.xContentTypeOptions] = "nosniff"
        fields[.referrerPolicy] = "no-referrer"
        fields[.openerPolicy] = "same-origin"
        fields[.resourcePolicy] = "same-origin"
        fields[.embedderPolicy] = "require-corp"
        fields[.frameOptions] = "DENY"
        fields[.permissionsPolicy] = "camera=(), geolocation=(), microphone=()"
    }
}
