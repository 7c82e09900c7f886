/// Everything that the web interface asks of the other rooms, and all that it knows of them.
public struct Neighbours: Sendable {
    public var player: any PlayerControl
    public var status: any StatusSource
    public var events: any EventSource
    public var library: any LibraryAccess
    public var uploads: any UploadAccess
    public var jobs: any JobSource
    public var screen: any ScreenSource
    public var settings: any SettingsAccess
    public var system: any SystemControl
    public var claim: any ClaimAccess
    /// nil: `debug.enabled` is off.
    public var debug: (any DebugControl)?

    public init(
        player: any PlayerControl, status: any StatusSource, events: any EventSource, library: any LibraryAccess,
        uploads: any UploadAccess, jobs: any JobSource, screen: any ScreenSource, settings: any SettingsAccess,
        system: any SystemControl, claim: any ClaimAccess, debug: (any DebugControl)? = nil
    ) {
        self.player = player
        self.status = status
        self.events = events
        self.library = library
        self.uploads = uploads
        self.jobs = jobs
        self.screen = screen
        self.settings = settings
        self.system = system
        self.claim = claim
        self.debug = debug
    }
}
