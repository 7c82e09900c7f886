/// The settings that the page shows.
public protocol SettingsAccess: Sendable {
    func settings() async -> SettingsDocument
    /// Changes all of these keys or none; `.null` takes a key back to the layers below. 422 with a fault for each bad key.
    func change(_ values: [String: JSONValue]) async throws(ProblemError) -> SettingsDocument
}
