#if canImport(Glibc)
    import Glibc
#endif

/// The command line, and the one line of complaint when the program is started by hand.
enum DecoderArguments {
    /// Memory for media in 10⁶ bytes, when nothing is said.
    static let defaultMemoryMegabytes = 160

    static func memoryMegabytes(_ arguments: [String]) -> Int {
        guard let index = arguments.firstIndex(of: "--memory-mb"), index + 1 < arguments.count,
            let value = Int(arguments[index + 1]), (16...65_536).contains(value)
        else { return defaultMemoryMegabytes }
        return value
    }

    static func complain(_ text: String) {
        let line = "vitrine-decoder: \(text)\n"
        _ = line.withCString { write(2, $0, strlen($0)) }
    }
}
