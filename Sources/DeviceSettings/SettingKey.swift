/// One setting: its name, what it takes, and what it means.
public struct SettingKey: Sendable, Equatable {
    /// When a changed value takes effect.
    public enum Effect: Sendable, Equatable {
        case atOnce
        case afterRestart
    }

    /// Dotted, as in TOML: `playback.photo_seconds`.
    public let name: String
    /// A few words, for a form.
    public let title: String
    public let shape: SettingShape
    public let standard: SettingValue
    public let effect: Effect
    /// Whether the web page shows it. The others could lock a person out of their own page.
    public let onPage: Bool
    /// One sentence for a person.
    public let summary: String

    public init(
        name: String, title: String, shape: SettingShape, standard: SettingValue, effect: Effect, onPage: Bool,
        summary: String
    ) {
        self.name = name
        self.title = title
        self.shape = shape
        self.standard = standard
        self.effect = effect
        self.onPage = onPage
        self.summary = summary
    }

    /// `VITRINE_PLAYBACK_PHOTO_SECONDS`
    public var environmentName: String {
        "VITRINE_" + name.uppercased().replacing(".", with: "_")
    }
}

extension SettingKey {
    /// Everything that can be set, in the order in which it is shown. `data.directory` and `web.socket` have defaults that
    /// depend on who runs the program: `StandardPaths`.
    public static func all(paths: StandardPaths) -> [SettingKey] {
        [
            SettingKey(
                name: "device.name", title: "Name", shape: .text(maximumLength: 63), standard: .text("vitrine"),
                effect: .atOnce,
                onPage: true, summary: "What this screen is called, on its page and in the network."),
            SettingKey(
                name: "data.directory", title: "Data folder", shape: .path, standard: .text(paths.data),
                effect: .afterRestart, onPage: false,
                summary: "Where media, the index and the state are kept."),
            SettingKey(
                name: "display.order", title: "Displays", shape: .words(["drm", "spi", "headless"]),
                standard: .list(["drm", "spi", "headless"]),
                effect: .afterRestart, onPage: false, summary: "Which displays are tried, best first."),
            SettingKey(
                name: "display.mode", title: "Mode", shape: .displayMode, standard: .text("auto"),
                effect: .afterRestart, onPage: true,
                summary: "Size and rate that the screen is driven with; auto takes what it prefers."),
            SettingKey(
                name: "display.force_hotplug", title: "Screen that hides", shape: .boolean, standard: .boolean(false),
                effect: .afterRestart, onPage: true,
                summary: "Uses the screen although it says that nothing is plugged in."),
            SettingKey(
                name: "display.rotation", title: "Rotation", shape: .oneOf([0, 90, 180, 270]), standard: .integer(0),
                effect: .afterRestart, onPage: true, summary: "How far the picture is turned clockwise, in degrees."),
            SettingKey(
                name: "display.auto_brightness", title: "Brightness by the light around", shape: .boolean,
                standard: .boolean(false), effect: .atOnce, onPage: true,
                summary: "Sets the brightness of a panel's light by a light sensor: docs/hardware.md."),
            SettingKey(
                name: "display.headless.size", title: "Screen size", shape: .pixelSize, standard: .text("1280x720"),
                effect: .afterRestart,
                onPage: true, summary: "Size of the screen that only the browser shows."),
            SettingKey(
                name: "display.headless.refresh", title: "Refresh rate", shape: .integer(1...240),
                standard: .integer(60),
                effect: .afterRestart, onPage: true, summary: "Refreshes per second of that screen."),
            SettingKey(
                name: "spi.panel", title: "Small panel", shape: .optionalText(maximumLength: 63), standard: .text(""),
                effect: .afterRestart, onPage: true,
                summary: "The SPI panel by controller and size, or by the product's name: docs/panels.md. Empty: none."),
            SettingKey(
                name: "spi.device", title: "Panel's bus", shape: .optionalText(maximumLength: 255), standard: .text(""),
                effect: .afterRestart, onPage: false,
                summary: "Such as /dev/spidev0.0; simulated: a panel in memory. Empty: the product's."),
            SettingKey(
                name: "spi.dc_pin", title: "Panel's D/C line", shape: .line(orLight: false), standard: .text(""),
                effect: .afterRestart, onPage: false,
                summary: "The line that tells commands from data. Empty: the product's."),
            SettingKey(
                name: "spi.reset_pin", title: "Panel's reset line", shape: .line(orLight: false), standard: .text(""),
                effect: .afterRestart, onPage: false,
                summary: "The line that resets it. Empty: the product's; none: it has none."),
            SettingKey(
                name: "spi.backlight_pin", title: "Panel's backlight line", shape: .line(orLight: true),
                standard: .text(""),
                effect: .afterRestart, onPage: false,
                summary: "A line, pwmchip0:1, or backlight:NAME. Empty: the product's; none: it has none."),
            SettingKey(
                name: "spi.mode", title: "Panel's SPI mode", shape: .choice(["auto", "0", "3"]),
                standard: .text("auto"),
                effect: .afterRestart, onPage: false,
                summary: "3 for a module without a chip select pin; auto takes the product's."),
            SettingKey(
                name: "spi.speed_hz", title: "Panel's bus clock", shape: .integer(0...125_000_000),
                standard: .integer(0), effect: .afterRestart, onPage: false,
                summary: "Bits per second on the wire; 0: as fast as the panel takes them."),
            SettingKey(
                name: "i2c.bus", title: "I2C bus", shape: .text(maximumLength: 255), standard: .text("auto"),
                effect: .afterRestart, onPage: false,
                summary: "auto: those of the header; none; a path such as /dev/i2c-1; simulated: parts in memory."),
            SettingKey(
                name: "i2c.oled", title: "Status display",
                shape: .choice(["auto", "ssd1306", "ssd1306-128x32", "sh1106", "none"]), standard: .text("auto"),
                effect: .afterRestart, onPage: true,
                summary: "Which small OLED shows the address and what is wrong; auto looks for one."),
            SettingKey(
                name: "web.address", title: "Address", shape: .text(maximumLength: 255), standard: .text("127.0.0.1"),
                effect: .afterRestart, onPage: false, summary: "Address that the page is served on."),
            SettingKey(
                name: "web.port", title: "Port", shape: .integer(0...65535), standard: .integer(8080),
                effect: .afterRestart,
                onPage: false, summary: "Port that the page is served on; 0 takes a free one."),
            SettingKey(
                name: "web.socket", title: "Socket", shape: .path, standard: .text(paths.socket), effect: .afterRestart,
                onPage: false,
                summary: "Unix socket for the command line."),
            SettingKey(
                name: "web.access", title: "Access", shape: .choice(["pin", "open"]), standard: .text("pin"),
                effect: .afterRestart,
                onPage: false, summary: "Who may use the page: those who typed the PIN from the screen, or everybody."),
            SettingKey(
                name: "web.access_open_on_network", title: "Open on the network", shape: .boolean,
                standard: .boolean(false),
                effect: .afterRestart, onPage: false,
                summary: "Allows open access on an address that others in the network reach."),
            SettingKey(
                name: "playback.photo_seconds", title: "Time for a photo", shape: .number(1...86400),
                standard: .number(10), effect: .atOnce,
                onPage: true, summary: "Seconds that a photo stays."),
            SettingKey(
                name: "playback.order", title: "Order", shape: .choice(["arrival", "date", "name", "shuffle"]),
                standard: .text("arrival"), effect: .atOnce, onPage: true,
                summary: "In what order all media play; shuffle plays each once before it begins anew."),
            SettingKey(
                name: "playback.fit", title: "Fit", shape: .choice(["contain", "cover", "blur"]),
                standard: .text("contain"), effect: .atOnce, onPage: true,
                summary: "Whether pictures are whole on black, fill the screen and lose edges, or have blurred sides."),
            SettingKey(
                name: "playback.transition", title: "Transition", shape: .choice(["crossfade", "cut", "fade_black"]),
                standard: .text("crossfade"), effect: .atOnce, onPage: true,
                summary: "How one medium gives way to the next: through each other, at once, or through black."),
            SettingKey(
                name: "playback.transition_ms", title: "Length of the transition", shape: .integer(0...10_000),
                standard: .integer(800), effect: .atOnce, onPage: true,
                summary: "Milliseconds that it takes; at most half of what the next medium is on."),
            SettingKey(
                name: "playback.minimum_loop_seconds", title: "Least time for an animation", shape: .number(0...86400),
                standard: .number(10),
                effect: .atOnce, onPage: true, summary: "Seconds for which a short animation repeats."),
            SettingKey(
                name: "messages.on_screen", title: "Messages on the screen",
                shape: .choice(["all", "critical", "none"]), standard: .text("all"), effect: .atOnce, onPage: true,
                summary: "What is said over the picture: all, only what somebody must see to, or nothing."),
            button("next", "Button: next", "Shows the next medium."),
            button("previous", "Button: previous", "Shows the medium before this one."),
            button("pause", "Button: pause", "Holds the picture, and goes on."),
            button(
                "brightness_up", "Button: brighter", "Makes a panel's backlight brighter; goes on while it is held."),
            button("brightness_down", "Button: darker", "Makes a panel's backlight darker; goes on while it is held."),
            button("info", "Button: address", "Shows how to reach this screen."),
            button(
                "setup", "Button: let a phone in",
                "Shows a PIN for another phone; held for 3 s unless hold_ms says otherwise."),
            button(
                "restart", "Button: restart", "Starts the program again; held for 3 s unless hold_ms says otherwise."),
            button(
                "factory_reset", "Button: factory reset", leastHold: 10000,
                "Erases all media and settings; held for at least 10 s."),
            SettingKey(
                name: "supervision.restart_limit", title: "Restarts in a row", shape: .integer(0...1_000_000),
                standard: .integer(5),
                effect: .afterRestart, onPage: false,
                summary: "Restarts of a decoder in a row before a file is passed over."),
            SettingKey(
                name: "supervision.restart_delay_seconds", title: "Time between restarts", shape: .number(0...3600),
                standard: .number(5),
                effect: .afterRestart, onPage: false, summary: "Seconds between restarts, after the first."),
            SettingKey(
                name: "supervision.restart_reset_seconds", title: "Time until restarts are forgotten",
                shape: .number(1...86400), standard: .number(300),
                effect: .afterRestart, onPage: false,
                summary: "Seconds of good work after which restarts are forgotten."),
            SettingKey(
                name: "decoder.limits.memory_mb", title: "Memory of a decoder", shape: .integer(32...65536),
                standard: .integer(160),
                effect: .afterRestart, onPage: false, summary: "Memory that a decoder may use, in MB."),
            SettingKey(
                name: "decoder.limits.stall_seconds", title: "Patience with a decoder", shape: .number(1...600),
                standard: .number(10),
                effect: .afterRestart, onPage: false,
                summary: "Seconds without progress after which a decoder is ended."),
            SettingKey(
                name: "log.level", title: "Log level",
                shape: .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
                standard: .text("info"), effect: .afterRestart, onPage: true, summary: "How much is logged."),
            SettingKey(
                name: "log.format", title: "Log format", shape: .choice(["text", "json"]), standard: .text("text"),
                effect: .afterRestart,
                onPage: false, summary: "How the log is written."),
            SettingKey(
                name: "debug.enabled", title: "Debugging", shape: .boolean, standard: .boolean(false),
                effect: .afterRestart, onPage: false,
                summary: "Lets want of memory be simulated: POST /api/v1/debug/memory."),
        ]
    }

    /// `buttons.<action>`.
    private static func button(
        _ action: String, _ title: String, leastHold: Int = 0, _ summary: String
    ) -> SettingKey {
        SettingKey(
            name: "buttons.\(action)", title: title, shape: .button(leastHold: leastHold), standard: .text(""),
            effect: .atOnce, onPage: true, summary: summary)
    }
}

/// Paths that depend on who runs the program (XDG Base Directory Specification; systemd.exec(5), RuntimeDirectory=).
public struct StandardPaths: Sendable, Equatable {
    public var data: String
    public var socket: String

    public init(data: String, socket: String) {
        self.data = data
        self.socket = socket
    }

    /// For the system's own user or root: `/var/lib/vitrine` and `/run/vitrine`; for a person: the XDG folders.
    public init(environment: [String: String], userID: UInt32) {
        let home = environment["HOME"] ?? "/tmp"
        data = userID == 0 ? "/var/lib/vitrine" : (environment["XDG_DATA_HOME"] ?? "\(home)/.local/share") + "/vitrine"
        let run: String
        if let folder = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first {
            run = String(folder)
        } else if userID == 0 {
            run = "/run/vitrine"
        } else {
            run = environment["XDG_RUNTIME_DIR"].map { "\($0)/vitrine" } ?? "/tmp/vitrine-\(userID)"
        }
        socket = "\(run)/vitrine.sock"
    }
}
