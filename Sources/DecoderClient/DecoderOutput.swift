import LinuxSystem
import Logging
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// What a decoder's process writes, on its way into the log.
///
/// swift-subprocess would read it, too, but keeps something of each process that it ever read from (1.0.2,
/// `Registration.processIdentifierMap`): with years of decoders, that grows. Decoders are few and say little, so a thread
/// of its own for each, which sleeps in read(2), is the simplest that waits for them.
struct DecoderOutput: Sendable {
    private let ended: AsyncStream<Never>

    /// - Parameter pipe: the reading end. It is read until nobody has the other end any more.
    init(of processID: Int32, from pipe: Descriptor, to log: Logger) {
        let (ended, continuation) = AsyncStream.makeStream(of: Never.self)
        self.ended = ended
        do throws(Errno) {
            try DetachedThread.start(named: "decoder output") {
                Self.copy(pipe, of: processID, to: log)
                continuation.finish()
            }
        } catch {
            log.error("what a decoder says is not read: no thread (\(error))", metadata: ["pid": "\(processID)"])
            continuation.finish()
        }
    }

    /// All of it is in the log.
    func waitForEnd() async { for await _ in ended {} }

    private static func copy(_ pipe: Descriptor, of processID: Int32, to log: Logger) {
        var splitter = LineSplitter()
        var budget = LogBudget()
        let clock = MonotonicClock()
        func write(_ line: String) {
            let (admitted, dropped) = budget.admit(at: clock.now.nanoseconds)
            if dropped > 0 { log.info("decoder: \(dropped) more lines", metadata: ["pid": "\(processID)"]) }
            if admitted { log.info("decoder: \(line)", metadata: ["pid": "\(processID)"]) }
        }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = bytes.withUnsafeMutableBytes { read(pipe.rawValue, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for line in splitter.add(bytes[..<count]) { write(line) }
        }
        if let line = splitter.finish() { write(line) }
    }
}
