import CDRM
import Dispatch
public import LinuxSystem
import Synchronization
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A card of the kernel, through libdrm.
public final class LibDRMDevice: KMSDevice {
    /// Only ever touched inside `state`, whose lock protects what is behind the pointers.
    struct State: @unchecked Sendable {
        /// Used again for every commit.
        var request: drmModeAtomicReqPtr?
        var watch: ReadWatch?
        var eventBytes = [UInt8](repeating: 0, count: 1_024)
        var events: [KMSFlipEvent] = []
        var emptyReads = 0
        var isGone = false

        mutating func appendEvents(count: Int) {
            eventBytes.withUnsafeBytes { bytes in
                var start = 0
                while start + 8 <= count {
                    let type = bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)
                    let length = Int(bytes.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self))
                    guard length >= 8, start + length <= count else { return }
                    if type == UInt32(DRM_EVENT_FLIP_COMPLETE), length >= 28 {
                        let seconds = bytes.loadUnaligned(fromByteOffset: start + 16, as: UInt32.self)
                        let microseconds = bytes.loadUnaligned(fromByteOffset: start + 20, as: UInt32.self)
                        events.append(
                            KMSFlipEvent(
                                token: bytes.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self),
                                nanoseconds: Int64(seconds) * 1_000_000_000 + Int64(microseconds) * 1_000,
                                sequence: bytes.loadUnaligned(fromByteOffset: start + 24, as: UInt32.self)))
                    }
                    start += length
                }
            }
        }
    }

    public let path: String
    public let driver: String
    public let isAtomic: Bool
    public let changed = Wakeup()
    public var descriptor: Descriptor? { file }
    public var nextEventTime: MonotonicInstant? { nil }

    let file: Descriptor
    let state: Mutex<State>
    let dumbBytes = Atomic(0)
    var number: CInt { file.rawValue }

    /// Takes over a descriptor of a card. Throws `ENOTSUP` when it is no display (a render node, v3d).
    public init(_ descriptor: Descriptor, path: String) throws(Errno) {
        file = descriptor
        self.path = path
        let number = descriptor.rawValue
        guard drmIsKMS(number) == 1 else { throw .notSupported }
        if let version = drmGetVersion(number) {
            driver = version.pointee.name.map { String(cString: $0) } ?? "unknown"
            drmFreeVersion(version)
        } else {
            driver = "unknown"
        }
        // Flips answer by event, and nothing here may wait for one.
        let flags = fcntl(number, F_GETFL)
        if flags >= 0 { _ = fcntl(number, F_SETFL, flags | O_NONBLOCK) }
        drmSetClientCap(number, UInt64(DRM_CLIENT_CAP_UNIVERSAL_PLANES), 1)
        isAtomic = drmSetClientCap(number, UInt64(DRM_CLIENT_CAP_ATOMIC), 1) == 0
        var dumb: UInt64 = 0
        guard drmGetCap(number, UInt64(DRM_CAP_DUMB_BUFFER), &dumb) == 0, dumb == 1 else { throw .notSupported }
        state = Mutex(State(request: drmModeAtomicAlloc()))
        watch()
    }

    deinit { close() }

    private func watch() {
        let watch = ReadWatch(
            number, queue: "vitrine.drm-events", qos: .userInitiated,
            onReadable: { [weak self] in
                self?.readEvents()
                return self != nil
            },
            // The number stays ours until nobody watches it any more.
            onEnd: { [file] in withExtendedLifetime(file) {} })
        state.withLock { $0.watch = watch }
    }

    /// Reads what drm.h calls `drm_event_vblank`, without libdrm's callbacks.
    private func readEvents() {
        let hasNews = state.withLock { state in
            let (number, before) = (number, state.events.count)
            while true {
                let count = state.eventBytes.withUnsafeMutableBytes { read(number, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    // A device that is ready for ever and has nothing to say has gone.
                    state.emptyReads = state.events.count > before ? 0 : state.emptyReads + 1
                    if (count < 0 && errno != EAGAIN) || state.emptyReads > 8 {
                        state.isGone = true
                        state.watch = nil
                    }
                    break
                }
                state.appendEvents(count: count)
            }
            return state.isGone || state.events.count > before
        }
        if hasNews { changed.wake() }
    }

    public func takeEvents() throws(Errno) -> [KMSFlipEvent] {
        let (events, isGone) = state.withLock { state in
            defer { state.events.removeAll(keepingCapacity: true) }
            return (state.events, state.isGone)
        }
        if isGone, events.isEmpty { throw .deviceGone }
        return events
    }

    public func close() {
        state.withLock { state in
            if let request = state.request { drmModeAtomicFree(request) }
            state.request = nil
            state.watch = nil
        }
    }

    /// libdrm returns a negative number, and the error in `errno`.
    @discardableResult
    static func check(_ result: CInt) throws(Errno) -> CInt {
        guard result < 0 else { return result }
        throw Errno(rawValue: errno == 0 ? -result : errno)
    }

    static func found<Pointer>(_ pointer: Pointer?) throws(Errno) -> Pointer {
        guard let pointer else { throw Errno(rawValue: errno == 0 ? ENODEV : errno) }
        return pointer
    }
}
