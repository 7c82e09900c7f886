/// The version of this program, as `vitrine --version`, the status and `/healthz` tell it.
enum Version {
    static let text = "0.1.0"
}
