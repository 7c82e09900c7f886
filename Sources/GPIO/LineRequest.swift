#if GPIO
    import CGpiod
    import LinuxSystem
    import Synchronization
    import SystemPackage

    #if canImport(Glibc)
        import Glibc
    #endif

    /// A line that the kernel gave us, until it is let go of.
    final class LineRequest: Sendable {
        /// Readable when there are edges; valid for as long as this object lives.
        let descriptor: CInt
        private let offset: UInt32
        /// libgpiod's requests may be used by one thread at a time: the lock sees to it.
        private let request: Mutex<Request>

        private struct Request: @unchecked Sendable {
            // Protected by the lock that holds it.
            let pointer: OpaquePointer
        }

        init(_ pointer: OpaquePointer, offset: UInt32) {
            descriptor = gpiod_line_request_get_fd(pointer)
            self.offset = offset
            request = Mutex(Request(pointer: pointer))
        }

        deinit { request.withLock { gpiod_line_request_release($0.pointer) } }

        func set(_ isActive: Bool) throws(Errno) {
            try request.withLock { (request) throws(Errno) in
                let value = isActive ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE
                try syscall { gpiod_line_request_set_value(request.pointer, offset, value) }
            }
        }

        func value() throws(Errno) -> Bool {
            try request.withLock { (request) throws(Errno) in
                try syscall { gpiod_line_request_get_value(request.pointer, offset).rawValue } == 1
            }
        }

        /// What waits just now, at most what the buffer holds; nil when there will be nothing any more.
        func readEdges(into buffer: OpaquePointer) -> [GPIOEdge]? {
            request.withLock { request in
                let waiting = gpiod_line_request_wait_edge_events(request.pointer, 0)
                guard waiting > 0 else { return waiting == 0 || errno == EINTR ? [] : nil }
                let count = gpiod_line_request_read_edge_events(
                    request.pointer, buffer, gpiod_edge_event_buffer_get_capacity(buffer))
                guard count >= 0 else { return errno == EINTR || errno == EAGAIN ? [] : nil }
                return (0..<UInt(count)).compactMap { index in
                    guard let event = gpiod_edge_event_buffer_get_event(buffer, index) else { return nil }
                    return GPIOEdge(
                        isActive: gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE,
                        moment: MonotonicInstant(nanoseconds: Int64(gpiod_edge_event_get_timestamp_ns(event))))
                }
            }
        }
    }
#endif
