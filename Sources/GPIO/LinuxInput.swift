#if GPIO
    import CGpiod
    import Dispatch
    import LinuxSystem
    import SystemPackage

    #if canImport(Glibc)
        import Glibc
    #endif

    /// Reads a line's edges on a queue of its own as the kernel reports them.
    final class LinuxInput: GPIOInput {
        let edges: AsyncStream<GPIOEdge>
        private let line: LineName
        private let lines: LineRequest
        private let source: Source

        /// Only cancelled, which any thread may do (Dispatch's sources are thread-safe, and not marked so).
        private struct Source: @unchecked Sendable {
            let source: any DispatchSourceRead
        }

        init(line: LineName, lines: LineRequest) throws(GPIOError) {
            guard let buffer = gpiod_edge_event_buffer_new(64) else { throw GPIOError(line, "no memory", .noMemory) }
            let (stream, continuation) = AsyncStream<GPIOEdge>.makeStream(bufferingPolicy: .bufferingNewest(64))
            let source = DispatchSource.makeReadSource(
                fileDescriptor: lines.descriptor, queue: DispatchQueue(label: "vitrine.gpio", qos: .userInitiated))
            source.setEventHandler {
                guard let events = lines.readEdges(into: buffer) else {
                    // A chip that was taken away says so for ever.
                    continuation.finish()
                    source.cancel()
                    return
                }
                for edge in events { continuation.yield(edge) }
            }
            // The request, and with it the descriptor, outlives the source.
            source.setCancelHandler {
                withExtendedLifetime(lines) { gpiod_edge_event_buffer_free(buffer) }
                continuation.finish()
            }
            source.resume()
            (edges, self.line, self.lines, self.source) = (stream, line, lines, Source(source: source))
        }

        deinit { source.source.cancel() }

        func isActive() throws(GPIOError) -> Bool {
            do throws(Errno) {
                return try lines.value()
            } catch {
                throw GPIOError(line, "it cannot be read: \(error)", error)
            }
        }
    }
#endif
