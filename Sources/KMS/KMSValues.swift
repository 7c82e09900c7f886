/// What a card consists of. Numbers are the kernel's object ids; the place of a CRTC in the list is its bit in masks.
public struct KMSResources: Sendable, Equatable {
    public var crtcs: [UInt32]
    public var connectors: [UInt32]
    /// Those made through this descriptor, also by an earlier process that had it.
    public var framebuffers: [UInt32]

    public init(crtcs: [UInt32], connectors: [UInt32], framebuffers: [UInt32] = []) {
        self.crtcs = crtcs
        self.connectors = connectors
        self.framebuffers = framebuffers
    }
}

/// Timings of a mode, as the kernel's `drm_mode_modeinfo` has them.
public struct KMSMode: Sendable, Hashable {
    /// Thousands of pixels per second.
    public var clock: UInt32
    /// hdisplay, hsync_start, hsync_end, htotal, hskew.
    public var horizontal: [UInt16]
    /// vdisplay, vsync_start, vsync_end, vtotal, vscan.
    public var vertical: [UInt16]
    public var refresh: UInt32
    public var flags: UInt32
    public var type: UInt32
    public var name: String

    public init(
        clock: UInt32, horizontal: [UInt16], vertical: [UInt16], refresh: UInt32, flags: UInt32 = 0, type: UInt32 = 0,
        name: String
    ) {
        precondition(horizontal.count == 5 && vertical.count == 5)
        self.clock = clock
        self.horizontal = horizontal
        self.vertical = vertical
        self.refresh = refresh
        self.flags = flags
        self.type = type
        self.name = name
    }

    public var width: Int { Int(horizontal[0]) }
    public var height: Int { Int(vertical[0]) }
    /// DRM_MODE_TYPE_PREFERRED
    public var isPreferred: Bool { type & 1 << 3 != 0 }
    /// DRM_MODE_FLAG_INTERLACE
    public var isInterlaced: Bool { flags & 1 << 4 != 0 }

    /// Thousandths of a hertz. Computed from the timings, since `refresh` is rounded.
    public var millihertz: Int {
        let pixels = Int(horizontal[3]) * Int(vertical[3])
        guard pixels > 0, clock > 0 else { return Int(refresh) * 1_000 }
        // drm_modes.c, `drm_mode_vrefresh`: DRM_MODE_FLAG_DBLSCAN is bit 5; vscan is the last of the vertical timings.
        let scans = (flags & 1 << 5 != 0 ? 2 : 1) * max(1, Int(vertical[4]))
        return (Int(clock) * 1_000_000 * (isInterlaced ? 2 : 1) + pixels * scans / 2) / (pixels * scans)
    }

    /// Whether both drive the screen in the same way, whatever they are called.
    public func hasTimings(of other: KMSMode) -> Bool {
        clock == other.clock && horizontal == other.horizontal && vertical == other.vertical && flags == other.flags
    }
}

public struct KMSConnector: Sendable, Equatable {
    public enum Status: Sendable, Equatable {
        case connected, disconnected, unknown
    }

    public var id: UInt32
    /// As the kernel calls it: `HDMI-A-1`.
    public var name: String
    public var status: Status
    public var modes: [KMSMode]
    public var millimetreWidth: Int
    public var millimetreHeight: Int
    /// Bit n: the n-th CRTC of the resources can drive it.
    public var possibleCRTCs: UInt32
    /// The CRTC that drives it now; 0: none.
    public var crtc: UInt32

    public init(
        id: UInt32, name: String, status: Status, modes: [KMSMode], millimetreWidth: Int = 0, millimetreHeight: Int = 0,
        possibleCRTCs: UInt32 = 1, crtc: UInt32 = 0
    ) {
        self.id = id
        self.name = name
        self.status = status
        self.modes = modes
        self.millimetreWidth = millimetreWidth
        self.millimetreHeight = millimetreHeight
        self.possibleCRTCs = possibleCRTCs
        self.crtc = crtc
    }
}

/// What a CRTC scans out now.
public struct KMSCRTCState: Sendable, Equatable {
    public var id: UInt32
    /// 0: none.
    public var framebuffer: UInt32
    public var x: Int
    public var y: Int
    /// nil: it is off.
    public var mode: KMSMode?

    public init(id: UInt32, framebuffer: UInt32, x: Int = 0, y: Int = 0, mode: KMSMode?) {
        self.id = id
        self.framebuffer = framebuffer
        self.x = x
        self.y = y
        self.mode = mode
    }
}

public struct KMSPlane: Sendable, Equatable {
    public var id: UInt32
    /// Bit n: the n-th CRTC of the resources can show it.
    public var possibleCRTCs: UInt32
    /// Codes of drm_fourcc.h.
    public var formats: [UInt32]
    public var crtc: UInt32

    public init(id: UInt32, possibleCRTCs: UInt32, formats: [UInt32], crtc: UInt32 = 0) {
        self.id = id
        self.possibleCRTCs = possibleCRTCs
        self.formats = formats
        self.crtc = crtc
    }
}

public enum KMSObject: Sendable {
    case connector, crtc, plane
}

/// A property of an object, with its value when it was read.
public struct KMSProperty: Sendable, Equatable {
    public var id: UInt32
    public var name: String
    public var value: UInt64
    public var isImmutable: Bool
    /// Smallest and largest, of a range.
    public var range: ClosedRange<UInt64>?
    /// Values by their names, of an enumeration; bit numbers, of a bit mask.
    public var names: [String: UInt64]

    public init(
        id: UInt32, name: String, value: UInt64, isImmutable: Bool = false, range: ClosedRange<UInt64>? = nil,
        names: [String: UInt64] = [:]
    ) {
        self.id = id
        self.name = name
        self.value = value
        self.isImmutable = isImmutable
        self.range = range
        self.names = names
    }
}

/// A buffer that the processor writes and the display reads.
public struct KMSDumbBuffer: Sendable, Equatable {
    public var handle: UInt32
    /// Bytes from row to row.
    public var pitch: Int
    public var byteCount: Int

    public init(handle: UInt32, pitch: Int, byteCount: Int) {
        self.handle = handle
        self.pitch = pitch
        self.byteCount = byteCount
    }
}

/// How a framebuffer lies in one buffer: up to three planes of it.
public struct KMSFramebufferLayout: Sendable, Equatable {
    public var width: Int
    public var height: Int
    public var format: UInt32
    public var handle: UInt32
    public var pitches: [Int]
    public var offsets: [Int]

    public init(width: Int, height: Int, format: UInt32, handle: UInt32, pitches: [Int], offsets: [Int]) {
        self.width = width
        self.height = height
        self.format = format
        self.handle = handle
        self.pitches = pitches
        self.offsets = offsets
    }
}

/// The properties that one atomic commit sets. Made once and filled again for every frame.
public struct KMSRequest: Sendable, Equatable {
    public struct Change: Sendable, Equatable {
        public var object: UInt32
        public var property: UInt32
        public var value: UInt64
    }

    public private(set) var changes: [Change] = []

    public init() {}

    public mutating func set(_ object: UInt32, _ property: UInt32, _ value: UInt64) {
        changes.append(Change(object: object, property: property, value: value))
    }

    public mutating func removeAll() { changes.removeAll(keepingCapacity: true) }
}

/// Flags of drm_mode.h for an atomic commit.
public struct KMSCommitFlags: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let pageFlipEvent = KMSCommitFlags(rawValue: 0x01)
    public static let testOnly = KMSCommitFlags(rawValue: 0x0100)
    public static let nonBlocking = KMSCommitFlags(rawValue: 0x0200)
    public static let allowModeSet = KMSCommitFlags(rawValue: 0x0400)
}

/// A flip that is on the glass.
public struct KMSFlipEvent: Sendable, Equatable {
    /// What was given with the commit.
    public var token: UInt64
    /// CLOCK_MONOTONIC, nanoseconds; 0 where the driver tells no time.
    public var nanoseconds: Int64
    public var sequence: UInt32

    public init(token: UInt64, nanoseconds: Int64, sequence: UInt32) {
        self.token = token
        self.nanoseconds = nanoseconds
        self.sequence = sequence
    }
}

/// Codes of drm_fourcc.h.
public enum KMSFormat {
    public static let xrgb8888 = code("XR24")
    public static let argb8888 = code("AR24")
    public static let rgb565 = code("RG16")
    public static let yuv420 = code("YU12")
    public static let nv12 = code("NV12")

    private static func code(_ text: StaticString) -> UInt32 {
        text.withUTF8Buffer { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    }
}
