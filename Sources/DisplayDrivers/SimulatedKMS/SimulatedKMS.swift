import Frames
public import KMS
public import LinuxSystem
import Synchronization
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A machine with one simulated card behind the driver's seam: for tests, and where somebody wants to see what the
/// appliance does about a fault. It answers as the kernel's atomic helpers and vc4 do.
public final class SimulatedKMS: KMSHost {
    struct Buffer {
        var size: Int
        var file: MemoryFile
        var memory: UnsafeMutableRawBufferPointer
        /// The handle and each framebuffer hold it.
        var references: Int
        /// Whose handle it is; nil: it was closed.
        var owner: Int?
    }

    struct Framebuffer {
        var layout: KMSFramebufferLayout
        var owner: Int
    }

    struct Flip {
        var owner: Int
        var token: UInt64
        /// nil: it never comes.
        var due: MonotonicInstant?
        /// It is done then, and nobody is told.
        var isSilent: Bool
        var sequence: UInt32
    }

    /// Buffers are only touched inside `state`, except through mappings, which whoever mapped them must not share.
    struct State: @unchecked Sendable {
        var card: SimulatedCard
        var usage = SimulatedUsage()
        var nextID: UInt32 = 2_000
        var nextOwner = 0
        var master: Int?
        var buffers: [UInt32: Buffer] = [:]
        var framebuffers: [UInt32: Framebuffer] = [:]
        var blobs: [UInt32: [UInt8]] = [:]
        /// What the host has seen of each framebuffer, where it copies.
        var copies: [UInt32: [UInt8]] = [:]
        var modeBlobs: [UInt32: KMSMode] = [:]
        /// Committed: object, property name.
        var objects: [UInt32: [String: UInt64]] = [:]
        var mode: KMSMode?
        var isLit = false
        var flip: Flip?
        /// Flips that a later commit waited for, which takes no time here: their events are there to be read.
        var waitedFor: [(flip: Flip, time: MonotonicInstant)] = []
        var origin: MonotonicInstant
        var modeSets = 0
        var flips = 0
        var tests = 0
    }

    public let path = "/dev/dri/card0"
    public let hotplug: Wakeup? = Wakeup()
    public var pollInterval: Duration? { state.withLock { $0.card.pollInterval } }
    let clock: any BoardClock
    let state: Mutex<State>
    private let devices = Wakeup()

    public init(_ card: SimulatedCard, clock: any BoardClock) {
        self.clock = clock
        var state = State(card: card, origin: clock.now)
        let planes = SimulatedObjects.planes(overlays: card.overlays)
        for (index, plane) in planes.enumerated() {
            state.objects[plane] = SimulatedObjects.initialPlane(index, of: planes.count)
        }
        state.objects[SimulatedObjects.crtc] = [:]
        state.objects[SimulatedObjects.connector] = ["DPMS": 0]
        self.state = Mutex(state)
    }

    public func plugged() -> [String] {
        state.withLock { $0.card.connector == .connected && !$0.card.isGone ? ["card0-HDMI-A-1"] : [] }
    }

    /// Changes what the card is like. Nobody is told; see `announce`.
    public func change(_ body: (inout SimulatedCard) -> Void) {
        state.withLock { state in
            body(&state.card)
            guard state.card.isGone else { return }
            state.flip = nil
            (state.mode, state.isLit) = (nil, false)
        }
        devices.wake()
    }

    /// The kernel says that something changed.
    public func announce() { hotplug?.wake() }

    public var usage: SimulatedUsage { state.withLock { $0.usage } }
    /// Commits that set a mode, that flipped, and that only tested.
    public var commits: (modeSets: Int, flips: Int, tests: Int) {
        state.withLock { ($0.modeSets, $0.flips, $0.tests) }
    }
    /// Planes that show something.
    public var litPlanes: Int {
        state.withLock { $0.objects.values.count { $0["type"] != nil && ($0["FB_ID"] ?? 0) != 0 } }
    }
    /// Formats of what planes show, in the order of the planes.
    public var litFormats: [UInt32] {
        state.withLock { state in
            SimulatedObjects.planes(overlays: state.card.overlays).compactMap { plane in
                state.objects[plane]?["FB_ID"].flatMap { state.framebuffers[UInt32($0)]?.layout.format }
            }
        }
    }

    public func cards() -> [String] { state.withLock { $0.card.isGone ? [] : [path] } }

    public func open(_ path: String) throws(Errno) -> any KMSDevice {
        let owner: Int? = state.withLock { state in
            guard !state.card.isGone else { return nil }
            state.nextOwner += 1
            state.usage.devices += 1
            // Who opens the card first is master (drm_auth.c, `drm_master_open`).
            if state.master == nil, !state.card.hasOtherMaster { state.master = state.nextOwner }
            return state.nextOwner
        }
        guard let owner else { throw .deviceGone }
        return SimulatedDevice(self, owner: owner, changed: devices)
    }

    /// The opening that is master, whatever the descriptor: a daemon that was killed left it in systemd's store.
    public func adopt(_ descriptor: Descriptor) throws(Errno) -> any KMSDevice {
        guard let owner = state.withLock({ $0.card.isGone ? nil : $0.master }) else { throw .deviceGone }
        return SimulatedDevice(self, owner: owner, changed: devices)
    }
}

extension SimulatedKMS.State {
    /// What the host of an emulated card does with a commit: it copies the rectangles of the clips (`drm_mode_rect`, four
    /// signed words: left, top, right, bottom), or everything.
    mutating func copyDamage() {
        let primary = SimulatedObjects.primary
        // Clips hold for one commit (drm_atomic_state_helper.c).
        let clips = objects[primary]?.removeValue(forKey: "FB_DAMAGE_CLIPS") ?? 0
        guard card.copiesDamageOnly, let image = objects[primary]?["FB_ID"].map({ UInt32($0) }), image != 0,
            let layout = framebuffers[image]?.layout, let memory = buffers[layout.handle]?.memory
        else { return }
        var copy = copies[image] ?? [UInt8](repeating: 0, count: memory.count)
        let words = blobs[UInt32(clips)].map { bytes in
            bytes.withUnsafeBytes { raw in
                (0..<raw.count / 4).map { Int(raw.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) }
            }
        }
        let edges = words ?? [0, 0, layout.width, layout.height]
        let bytes = layout.pitches[0] / layout.width
        for first in stride(from: 0, to: edges.count, by: 4) {
            for y in edges[first + 1]..<edges[first + 3] {
                let row = y * layout.pitches[0]
                for index in row + bytes * edges[first]..<row + bytes * edges[first + 2] { copy[index] = memory[index] }
            }
        }
        copies[image] = copy
    }

    mutating func closeHandle(_ handle: UInt32, of owner: Int) {
        guard buffers[handle]?.owner == owner else { return }
        buffers[handle]?.owner = nil
        usage.buffers -= 1
        release(handle)
    }

    mutating func closeHandles(of owner: Int) {
        for (handle, buffer) in buffers where buffer.owner == owner { closeHandle(handle, of: owner) }
    }

    mutating func release(_ handle: UInt32) {
        guard var buffer = buffers[handle] else { return }
        buffer.references -= 1
        buffers[handle] = buffer
        guard buffer.references == 0 else { return }
        buffers[handle] = nil
        usage.cma -= buffer.size
    }

    mutating func removeFramebuffer(_ id: UInt32) {
        guard let framebuffer = framebuffers.removeValue(forKey: id) else { return }
        usage.framebuffers -= 1
        copies[id] = nil
        // drm_framebuffer.c, `drm_framebuffer_remove`: planes that show it are switched off.
        for object in objects.keys where objects[object]?["FB_ID"] == UInt64(id) {
            objects[object]?["FB_ID"] = 0
            objects[object]?["CRTC_ID"] = 0
        }
        release(framebuffer.layout.handle)
    }
}
