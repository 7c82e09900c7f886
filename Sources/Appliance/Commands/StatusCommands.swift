import ArgumentParser
import WebInterface

/// `vitrine status`: what is on, and how the appliance is.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "What is on the screen, and how the appliance is.")

    @OptionGroup var connection: Connection

    func run() async throws {
        let bytes = try await connection.call(.get, "/api/v1/status")
        if connection.json { return say(String(decoding: bytes, as: UTF8.self)) }
        let status = try decodeAnswer(ApplianceStatus.self, bytes)
        for line in StatusText(status).lines { say(line) }
    }
}

/// The status as a person reads it.
struct StatusText {
    var lines: [String]

    init(_ status: ApplianceStatus) {
        let device = status.device
        lines = ["\(device.name), vitrine \(device.version), up \(Self.span(device.uptimeSeconds))"]
        lines.append("screen   " + Self.screen(status.display))
        lines.append("playing  " + Self.player(status.player))
        let memory = status.memory
        lines.append("memory   \(memory.level), \(memory.availableBytes >> 20) MB available")
        let decoder = status.decoder
        lines.append("decoder  \(decoder.state)" + (decoder.restarts > 0 ? ", \(decoder.restarts) restarts" : ""))
        let storage = status.storage
        lines.append(
            "storage  \(storage.freeBytes >> 20) of \(storage.totalBytes >> 20) MB free"
                + (storage.isReadOnly ? ", READ-ONLY" : ""))
        lines.append("page     " + (status.network.urls.isEmpty ? "none" : status.network.urls.joined(separator: "  ")))
        for fault in status.faults {
            lines.append("WRONG    \(fault.part): \(fault.detail)" + (fault.suggestion.map { " (\($0))" } ?? ""))
        }
    }

    static func screen(_ display: DisplayStatus) -> String {
        let size = display.width.flatMap { width in display.height.map { "\(width)×\($0)" } }
        let refresh = display.refreshHz.map { "\(Int($0.rounded())) Hz" }
        let active = [display.driver, size, refresh].compactMap { $0 }.joined(separator: " ")
        let buffers = display.bufferBytes.flatMap { $0 > 0 ? ", \(max(1, $0 >> 20)) MB of buffers" : nil } ?? ""
        let others = display.chain.compactMap { link in link.reason.map { "\(link.driver): \($0)" } }
        return ([active.isEmpty ? "none" : active + buffers] + others).joined(separator: "; ")
    }

    private static func player(_ player: PlayerStatus) -> String {
        guard let current = player.current else { return "\(player.state.rawValue) (\(player.rule))" }
        var text = "\(player.state.rawValue) (\(player.rule)): \(visible(current.name))"
        if let position = current.positionSeconds {
            text += ", at \(span(position))"
            if let duration = current.durationSeconds { text += " of \(span(duration))" }
        }
        return text
    }

    /// Hours, minutes and seconds as far as needed.
    static func span(_ seconds: Double) -> String {
        let whole = Int(seconds)
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole / 60 % 60) min"
    }
}

/// A file name on one line: a terminal obeys control characters, and names may hold any.
func visible(_ name: String) -> String {
    String(
        String.UnicodeScalarView(
            name.unicodeScalars.map { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
                default: scalar
                }
            }))
}
