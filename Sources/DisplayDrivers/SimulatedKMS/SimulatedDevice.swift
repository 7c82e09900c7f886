import KMS
import LinuxSystem
import Synchronization
import SystemPackage

/// One opening of the simulated card.
final class SimulatedDevice: KMSDevice {
    let host: SimulatedKMS
    let owner: Int
    let changed: Wakeup
    private let isClosed = Atomic(false)

    init(_ host: SimulatedKMS, owner: Int, changed: Wakeup) {
        self.host = host
        self.owner = owner
        self.changed = changed
    }

    deinit { close() }

    var path: String { host.path }
    var driver: String { host.state.withLock { $0.card.driver } }
    var descriptor: Descriptor? { nil }
    var isAtomic: Bool { host.state.withLock { $0.card.isAtomic } }
    var nextEventTime: MonotonicInstant? { host.state.withLock { $0.flip?.due } }

    private func live<Value>(
        _ body: (inout SimulatedKMS.State) -> Result<Value, Errno>
    ) throws(Errno) -> Value {
        let result: Result<Value, Errno> = host.state.withLock { state in
            state.card.isGone ? .failure(.deviceGone) : body(&state)
        }
        return try result.get()
    }

    func resources() throws(Errno) -> KMSResources {
        try live { state in
            .success(
                KMSResources(
                    crtcs: [SimulatedObjects.crtc], connectors: [SimulatedObjects.connector],
                    framebuffers: state.framebuffers.filter { $0.value.owner == owner }.map(\.key).sorted()))
        }
    }

    func connector(_ id: UInt32, detects: Bool) throws(Errno) -> KMSConnector {
        try live { state in
            let isConnected = state.card.connector == .connected
            return .success(
                KMSConnector(
                    id: id, name: "HDMI-A-1", status: state.card.connector, modes: isConnected ? state.card.modes : [],
                    crtc: state.mode == nil ? 0 : SimulatedObjects.crtc))
        }
    }

    func crtc(_ id: UInt32) throws(Errno) -> KMSCRTCState {
        try live { state in
            let image = state.objects[SimulatedObjects.primary]?["FB_ID"] ?? 0
            return .success(KMSCRTCState(id: id, framebuffer: UInt32(image), mode: state.isLit ? state.mode : nil))
        }
    }

    func planes() throws(Errno) -> [KMSPlane] {
        try live { state in
            .success(
                SimulatedObjects.planes(overlays: state.card.overlays).map {
                    KMSPlane(
                        id: $0, possibleCRTCs: 1, formats: state.card.plane.formats,
                        crtc: UInt32(state.objects[$0]?["CRTC_ID"] ?? 0))
                })
        }
    }

    func properties(of id: UInt32, _ kind: KMSObject) throws(Errno) -> [KMSProperty] {
        try live { state in
            let names: [String] =
                switch kind {
                case .plane:
                    SimulatedObjects.properties(of: state.card.plane)
                        + (state.card.copiesDamageOnly ? ["FB_DAMAGE_CLIPS"] : [])
                case .crtc: ["MODE_ID", "ACTIVE"]
                case .connector: ["CRTC_ID", "DPMS", "EDID"]
                }
            return .success(
                names.map { name in
                    var value = state.objects[id]?[name] ?? 0
                    if name == "EDID" {
                        let isThere = state.card.connector == .connected && !state.card.edid.isEmpty
                        value = isThere ? UInt64(SimulatedObjects.edidBlob) : 0
                    }
                    return SimulatedObjects.described(
                        name, value: value, isPrimary: id == SimulatedObjects.primary, of: state.card.plane)
                })
        }
    }

    func blob(_ id: UInt32) throws(Errno) -> [UInt8] {
        try live { state in
            if id == SimulatedObjects.edidBlob { return .success(state.card.edid) }
            if id == SimulatedObjects.formatsBlob {
                return .success(SimulatedObjects.modifiers(of: state.card.plane).bytes)
            }
            return state.blobs[id].map { .success($0) } ?? .failure(.noSuchFileOrDirectory)
        }
    }

    func createBlob(_ bytes: [UInt8]) throws(Errno) -> UInt32 {
        try live { state in
            state.nextID += 1
            state.usage.blobs += 1
            state.blobs[state.nextID] = bytes
            return .success(state.nextID)
        }
    }

    func createModeBlob(_ mode: KMSMode) throws(Errno) -> UInt32 {
        let id = try createBlob([])
        host.state.withLock { $0.modeBlobs[id] = mode }
        return id
    }

    func destroyBlob(_ id: UInt32) {
        host.state.withLock { state in
            if state.blobs.removeValue(forKey: id) != nil { state.usage.blobs -= 1 }
            state.modeBlobs[id] = nil
        }
    }

    var bufferBytes: Int {
        host.state.withLock { $0.buffers.values.reduce(0) { $0 + ($1.owner == owner ? $1.size : 0) } }
    }

    func createDumbBuffer(width: Int, height: Int, bitsPerPixel: Int) throws(Errno) -> KMSDumbBuffer {
        // vc4_bo.c, `vc4_bo_dumb_create`: no alignment beyond whole bytes; drm_gem_dma_helper.c: whole pages.
        let pitch = (width * bitsPerPixel + 7) / 8
        let size = (pitch * height + 4_095) / 4_096 * 4_096
        let handle: UInt32 = try live { state in
            guard state.usage.cma + size <= state.card.cma else { return .failure(.noMemory) }
            guard let file = try? MemoryFile(name: "simulated-buffer", byteCount: size) else {
                return .failure(.noMemory)
            }
            state.nextID += 1
            state.usage.cma += size
            state.usage.buffers += 1
            // The mapping lives as long as the file, which lies beside it.
            let address = file.withBytes { UInt(bitPattern: $0.baseAddress) }
            state.buffers[state.nextID] = SimulatedKMS.Buffer(
                size: size, file: file,
                memory: UnsafeMutableRawBufferPointer(
                    start: UnsafeMutableRawPointer(bitPattern: address), count: size), references: 1, owner: owner)
            return .success(state.nextID)
        }
        return KMSDumbBuffer(handle: handle, pitch: pitch, byteCount: size)
    }

    func map(_ buffer: KMSDumbBuffer) throws(Errno) -> UnsafeMutableRawBufferPointer {
        let address: UInt = try live { state in
            guard let found = state.buffers[buffer.handle] else { return .failure(.noSuchFileOrDirectory) }
            return .success(UInt(bitPattern: found.memory.baseAddress))
        }
        return UnsafeMutableRawBufferPointer(
            start: UnsafeMutableRawPointer(bitPattern: address), count: buffer.byteCount)
    }

    func destroyDumbBuffer(_ buffer: KMSDumbBuffer, mapping: UnsafeMutableRawBufferPointer?) {
        host.state.withLock { $0.closeHandle(buffer.handle, of: owner) }
    }

    func share(_ buffer: KMSDumbBuffer) throws(Errno) -> Descriptor {
        let file: MemoryFile = try live { state in
            guard state.card.sharesBuffers else { return .failure(.notSupported) }
            return state.buffers[buffer.handle].map { .success($0.file) } ?? .failure(.noSuchFileOrDirectory)
        }
        return try file.descriptor.duplicate()
    }

    func synchronize(_ shared: Descriptor, isBeginning: Bool) {
        host.state.withLock { $0.usage.writers += isBeginning ? 1 : -1 }
    }

    func forgetBuffers() { host.state.withLock { $0.closeHandles(of: owner) } }

    func addFramebuffer(_ layout: KMSFramebufferLayout) throws(Errno) -> UInt32 {
        try live { state in
            // drm_modeset_helper.c and drm_gem_framebuffer_helper.c: some plane takes it, and it lies in its buffer.
            guard state.card.plane.formats.contains(layout.format), let buffer = state.buffers[layout.handle],
                SimulatedObjects.lies(layout, in: buffer.size)
            else { return .failure(.invalidArgument) }
            state.nextID += 1
            state.usage.framebuffers += 1
            state.buffers[layout.handle]?.references += 1
            state.framebuffers[state.nextID] = SimulatedKMS.Framebuffer(layout: layout, owner: owner)
            return .success(state.nextID)
        }
    }

    func removeFramebuffer(_ id: UInt32) { host.state.withLock { $0.removeFramebuffer(id) } }

    var isMaster: Bool { host.state.withLock { $0.master == owner && !$0.card.hasOtherMaster } }

    func setMaster() throws(Errno) {
        try live { state -> Result<Void, Errno> in
            guard !state.card.hasOtherMaster, state.master == nil || state.master == owner else {
                return .failure(state.card.lingersUnprivileged ? .permissionDenied : .resourceBusy)
            }
            state.master = owner
            return .success(())
        }
    }

    func dropMaster() throws(Errno) {
        try live { state -> Result<Void, Errno> in
            guard state.master == owner else { return .failure(.invalidArgument) }
            state.master = nil
            return .success(())
        }
    }

    func close() {
        guard !isClosed.exchange(true, ordering: .relaxed) else { return }
        host.state.withLock { state in
            state.closeHandles(of: owner)
            state.usage.devices -= 1
            if state.master == owner, !state.card.lingersUnprivileged { state.master = nil }
            for (id, framebuffer) in state.framebuffers where framebuffer.owner == owner { state.removeFramebuffer(id) }
            if state.flip?.owner == owner { state.flip = nil }
        }
    }
}
