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
        private let watch: ReadWatch

        /// Touched by the watch's calls alone, one at a time.
        private final class EdgeBuffer: @unchecked Sendable {
            let pointer: OpaquePointer

            init?(count: Int) {
                guard let pointer = gpiod_edge_event_buffer_new(count) else { return nil }
                self.pointer = pointer
            }

            deinit { gpiod_edge_event_buffer_free(pointer) }
        }

        init(line: LineName, lines: LineRequest) throws(GPIOError) {
            guard let buffer = EdgeBuffer(count: 64) else { throw GPIOError(line, "no memory", .noMemory) }
            let (stream, continuation) = AsyncStream<GPIOEdge>.makeStream(bufferingPolicy: .bufferingNewest(64))
            watch = ReadWatch(
                lines.descriptor, queue: "vitrine.gpio", qos: .userInitiated,
                onReadable: {
                    // A chip that was taken away says so for ever.
                    guard let events = lines.readEdges(into: buffer.pointer) else { return false }
                    for edge in events { continuation.yield(edge) }
                    return true
                },
                // The request, and with it the descriptor, outlives the watch.
                onEnd: {
                    withExtendedLifetime(lines) {}
                    continuation.finish()
                })
            (edges, self.line, self.lines) = (stream, line, lines)
        }

        func isActive() throws(GPIOError) -> Bool {
            do throws(Errno) {
                return try lines.value()
            } catch {
                throw GPIOError(line, "it cannot be read: \(error)", error)
            }
        }
    }
#endif
