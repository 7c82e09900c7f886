public import KMS

/// What a simulated card is like, and what befalls it.
public struct SimulatedCard: Sendable {
    public var driver = "vc4"
    public var isAtomic = true
    public var connector: KMSConnector.Status = .connected
    public var modes: [KMSMode]
    /// Nothing readable: empty.
    public var edid: [UInt8]
    /// What each plane is like.
    public var plane = SimulatedPlane()
    /// Overlay planes between the primary and the cursor; vc4 has 16 (vc4_plane.c, VC4_NUM_OVERLAY_PLANES).
    public var overlays = 4
    /// Contiguous memory in bytes, of which every buffer takes its share.
    public var cma = 64 << 20
    /// Line memory of the scaler, in words of two pixels (vc4_hvs.c, `lbm_mm`).
    public var lineMemory = 48 << 10
    /// Buffers can be given to other processes (DRM_CAP_PRIME).
    public var sharesBuffers = true
    /// The hardware counts vertical blanks; virtio-gpu does not, and finishes flips at once.
    public var countsVerticalBlanks = true
    /// The host of an emulated card sees only what the damage clips name, as virtgpu_plane.c's dumb buffers have it.
    public var copiesDamageOnly = false
    /// Flips take this many refreshes.
    public var flipRefreshes = 1
    /// The next so many flips are done and never tell it.
    public var missingFlips = 0
    /// The next so many flips are never done: what may not block is refused behind one, and what may waits in vain.
    public var stuckFlips = 0
    /// Another program has the screen.
    public var hasOtherMaster = false
    /// Who closes the card is still its master for a while, since something holds the descriptor; and who never was its
    /// master cannot become it, as without CAP_SYS_ADMIN (drm_auth.c, `drm_master_check_perm`).
    public var lingersUnprivileged = false
    /// How often the driver is to look by itself; nil: the card announces what happens.
    public var pollInterval: Duration?
    /// The card is away: every call answers ENODEV.
    public var isGone = false

    public init(modes: [KMSMode], edid: [UInt8] = []) {
        self.modes = modes
        self.edid = edid
    }
}

/// What a plane of a simulated card takes; as it is, vc4's.
public struct SimulatedPlane: Sendable, Equatable {
    /// Codes of drm_fourcc.h.
    public var formats = [
        KMSFormat.xrgb8888, KMSFormat.argb8888, KMSFormat.rgb565, KMSFormat.yuv420, KMSFormat.nv12,
    ]
    /// Those that it takes only in a layout of the hardware's own, as IN_FORMATS says.
    public var tiledFormats: [UInt32] = []
    /// Values of COLOR_ENCODING by name, 0 to 2; empty: it has no such property, and takes all for BT.601.
    public var encodings = ["ITU-R BT.601 YCbCr", "ITU-R BT.709 YCbCr", "ITU-R BT.2020 YCbCr"]
    /// Whether it has COLOR_RANGE; otherwise all is in limited range.
    public var hasColourRange = true
    /// Whether it has the property alpha.
    public var hasAlpha = true
    /// How many times larger a picture may become on each axis; 1: as it is, neither smaller nor larger.
    public var largestEnlargement = Int(Int32.max)

    public init() {}
}

/// What is held of a simulated card; it must not grow.
public struct SimulatedUsage: Sendable, Equatable {
    public var devices = 0
    public var buffers = 0
    public var framebuffers = 0
    public var blobs = 0
    public var cma = 0
    /// Shared buffers that somebody was said to write into.
    public var writers = 0

    public init() {}
}
