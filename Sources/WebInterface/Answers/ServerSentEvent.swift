/// One event of a stream (HTML standard, 9.2).
struct ServerSentEvent {
    /// nil: a plain message.
    var name: String?
    var id: String?
    /// JSON of one line.
    var data: [UInt8]

    init(name: String? = nil, id: String? = nil, data: [UInt8]) {
        self.name = name
        self.id = id
        self.data = data
    }

    var text: String {
        var text = ""
        if let id { text += "id: \(id)\n" }
        if let name { text += "event: \(name)\n" }
        return text + "data: \(String(decoding: data, as: UTF8.self))\n\n"
    }

    /// A value as JSON; nothing when it cannot be expressed as such, which our own types always can.
    static func of(_ value: some Encodable, name: String?, id: String? = nil) -> String {
        guard let data = try? JSONText.encode(value) else { return "" }
        return ServerSentEvent(name: name, id: id, data: data).text
    }

    /// What a client skips, and a connection that is gone does not carry.
    static let heartbeat = ": still here\n\n"
    /// Milliseconds until a browser comes again.
    static let retry = "retry: 2000\n\n"
}
