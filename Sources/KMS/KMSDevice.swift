public import LinuxSystem
public import SystemPackage

/// One graphics card as the kernel's mode setting shows it, at the level of libdrm's calls. The decisions are above it;
/// below it is the kernel or a simulated device.
///
/// No call waits for a vertical blank, except a commit without `nonBlocking`. Errors are the kernel's: `ENODEV` when the
/// hardware is gone, `EACCES` when another program is master, `EBUSY` while a flip is pending, `ENOMEM` without memory.
public protocol KMSDevice: AnyObject, Sendable {
    /// Where it was opened.
    var path: String { get }
    /// The driver's name: `vc4`, `virtio_gpu`.
    var driver: String { get }
    /// What keeps the picture on the glass as long as somebody holds it; nil of a simulated device.
    var descriptor: Descriptor? { get }
    /// Whether commits are atomic; otherwise only `setCRTC` and `pageFlip` work.
    var isAtomic: Bool { get }
    /// Wakes who waits when events can be taken or the device has gone.
    var changed: Wakeup { get }
    /// When the next event is due, where that is known beforehand (a simulated device); nil: `changed` tells.
    var nextEventTime: MonotonicInstant? { get }

    func resources() throws(Errno) -> KMSResources
    /// - Parameter detects: whether the hardware is asked, which may take tens of milliseconds; otherwise what is known.
    func connector(_ id: UInt32, detects: Bool) throws(Errno) -> KMSConnector
    func crtc(_ id: UInt32) throws(Errno) -> KMSCRTCState
    func planes() throws(Errno) -> [KMSPlane]
    func properties(of id: UInt32, _ kind: KMSObject) throws(Errno) -> [KMSProperty]

    func blob(_ id: UInt32) throws(Errno) -> [UInt8]
    func createBlob(_ bytes: [UInt8]) throws(Errno) -> UInt32
    func createModeBlob(_ mode: KMSMode) throws(Errno) -> UInt32
    func destroyBlob(_ id: UInt32)

    /// Bytes of the dumb buffers that were made here and have not been destroyed. They are the kernel's, contiguous memory
    /// on many boards, and in the memory of no process. Not among them is what the kernel keeps after that: a picture that
    /// stays on the glass, and what somebody else still holds.
    var bufferBytes: Int { get }
    func createDumbBuffer(width: Int, height: Int, bitsPerPixel: Int) throws(Errno) -> KMSDumbBuffer
    /// The bytes, until `destroyDumbBuffer`. They are uncached: written once, never read.
    func map(_ buffer: KMSDumbBuffer) throws(Errno) -> UnsafeMutableRawBufferPointer
    func destroyDumbBuffer(_ buffer: KMSDumbBuffer, mapping: UnsafeMutableRawBufferPointer?)
    /// A descriptor of a buffer (dma-buf), which any process can map; the buffer's memory stays until it is closed, too.
    func share(_ buffer: KMSDumbBuffer) throws(Errno) -> Descriptor
    /// Says that a shared buffer is written from here on, or has been (dma-buf.h, DMA_BUF_IOCTL_SYNC).
    func synchronize(_ shared: Descriptor, isBeginning: Bool)
    /// Gives up the buffers that an earlier process with this descriptor made and nobody knows any more. What a framebuffer
    /// lies in stays as long as the framebuffer.
    func forgetBuffers()
    func addFramebuffer(_ layout: KMSFramebufferLayout) throws(Errno) -> UInt32
    func removeFramebuffer(_ id: UInt32)

    func commit(_ request: KMSRequest, flags: KMSCommitFlags, token: UInt64) throws(Errno)
    /// `mode` nil switches the CRTC off.
    func setCRTC(_ state: KMSCRTCState, connectors: [UInt32]) throws(Errno)
    func pageFlip(crtc: UInt32, framebuffer: UInt32, token: UInt64) throws(Errno)
    /// Outside of a commit, as drivers without atomic commits take DPMS.
    func setConnectorProperty(_ connector: UInt32, _ property: UInt32, _ value: UInt64) throws(Errno)

    var isMaster: Bool { get }
    func setMaster() throws(Errno)
    func dropMaster() throws(Errno)

    /// Flips that are done since the last call.
    func takeEvents() throws(Errno) -> [KMSFlipEvent]
    /// Closes the descriptor, unless somebody else holds it. Nothing may be called afterwards.
    func close()
}

/// Where cards come from.
public protocol KMSHost: Sendable {
    /// Paths of what may be a card, in the kernel's order.
    func cards() -> [String]
    /// Connectors that have a screen as far as the kernel knows, by name and card; the hardware is not asked.
    func plugged() -> [String]
    func open(_ path: String) throws(Errno) -> any KMSDevice
    /// Takes over a descriptor that is open already, as systemd's store kept it.
    func adopt(_ descriptor: Descriptor) throws(Errno) -> any KMSDevice
    /// Wakes who waits when the kernel says that a card or a connector changed; nil: it tells nothing, look from time to time.
    var hotplug: Wakeup? { get }
    /// How often to look at what the kernel knows all the same: some drivers tell nothing. nil: not needed.
    var pollInterval: Duration? { get }
}

extension Errno {
    /// ENODEV, which swift-system calls by another meaning: the hardware is not there any more.
    public static var deviceGone: Errno { Errno(rawValue: 19) }
}
