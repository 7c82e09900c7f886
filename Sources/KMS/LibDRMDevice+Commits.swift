import CDRM
public import LinuxSystem
import Synchronization
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Buffers, commits, and who is master.
extension LibDRMDevice {
    public func createBlob(_ bytes: [UInt8]) throws(Errno) -> UInt32 {
        var id: UInt32 = 0
        try Self.check(drmModeCreatePropertyBlob(number, bytes, bytes.count, &id))
        return id
    }

    public func createModeBlob(_ mode: KMSMode) throws(Errno) -> UInt32 {
        var (kernelMode, id) = (mode.kernelMode, UInt32(0))
        try Self.check(drmModeCreatePropertyBlob(number, &kernelMode, MemoryLayout<drmModeModeInfo>.size, &id))
        return id
    }

    public func destroyBlob(_ id: UInt32) { drmModeDestroyPropertyBlob(number, id) }

    public var bufferBytes: Int { dumbBytes.load(ordering: .relaxed) }

    public func createDumbBuffer(width: Int, height: Int, bitsPerPixel: Int) throws(Errno) -> KMSDumbBuffer {
        var (handle, pitch, size) = (UInt32(0), UInt32(0), UInt64(0))
        try Self.check(
            drmModeCreateDumbBuffer(
                number, UInt32(width), UInt32(height), UInt32(bitsPerPixel), 0, &handle, &pitch, &size))
        dumbBytes.add(Int(size), ordering: .relaxed)
        return KMSDumbBuffer(handle: handle, pitch: Int(pitch), byteCount: Int(size))
    }

    public func map(_ buffer: KMSDumbBuffer) throws(Errno) -> UnsafeMutableRawBufferPointer {
        var offset: UInt64 = 0
        try Self.check(drmModeMapDumbBuffer(number, buffer.handle, &offset))
        let address = mmap(nil, buffer.byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, number, off_t(offset))
        guard let address, address != MAP_FAILED else { throw Errno(rawValue: errno) }
        return UnsafeMutableRawBufferPointer(start: address, count: buffer.byteCount)
    }

    public func destroyDumbBuffer(_ buffer: KMSDumbBuffer, mapping: UnsafeMutableRawBufferPointer?) {
        if let mapping { munmap(mapping.baseAddress, mapping.count) }
        drmModeDestroyDumbBuffer(number, buffer.handle)
        dumbBytes.subtract(buffer.byteCount, ordering: .relaxed)
    }

    public func share(_ buffer: KMSDumbBuffer) throws(Errno) -> Descriptor {
        var shared: CInt = -1
        try Self.check(drmPrimeHandleToFD(number, buffer.handle, UInt32(O_CLOEXEC | O_RDWR), &shared))
        return Descriptor(adopting: shared)
    }

    public func synchronize(_ shared: Descriptor, isBeginning: Bool) {
        // DMA_BUF_SYNC_WRITE, with DMA_BUF_SYNC_END where it is over. Who has nothing to do says so.
        var flags: UInt64 = isBeginning ? 2 : 2 | 4
        _ = drmIoctl(shared.rawValue, 0x4008_6200, &flags)
    }

    public func forgetBuffers() {
        // The kernel numbers them from 1; there is no list of them.
        for handle: UInt32 in 1...256 { _ = drmCloseBufferHandle(number, handle) }
    }

    public func addFramebuffer(_ layout: KMSFramebufferLayout) throws(Errno) -> UInt32 {
        var (handles, pitches, offsets) = ([UInt32](repeating: 0, count: 4), [UInt32](), [UInt32]())
        for index in layout.pitches.indices { handles[index] = layout.handle }
        pitches = (0..<4).map { $0 < layout.pitches.count ? UInt32(layout.pitches[$0]) : 0 }
        offsets = (0..<4).map { $0 < layout.offsets.count ? UInt32(layout.offsets[$0]) : 0 }
        var id: UInt32 = 0
        try Self.check(
            drmModeAddFB2(
                number, UInt32(layout.width), UInt32(layout.height), layout.format, handles, pitches, offsets, &id, 0))
        return id
    }

    public func removeFramebuffer(_ id: UInt32) { drmModeRmFB(number, id) }

    public func commit(_ request: KMSRequest, flags: KMSCommitFlags, token: UInt64) throws(Errno) {
        let result: Result<Void, Errno> = state.withLock { state in
            guard let collected = state.request else { return .failure(.deviceGone) }
            drmModeAtomicSetCursor(collected, 0)
            for change in request.changes
            where drmModeAtomicAddProperty(collected, change.object, change.property, change.value) < 0 {
                return .failure(.noMemory)
            }
            let answer = drmModeAtomicCommit(
                number, collected, flags.rawValue, UnsafeMutableRawPointer(bitPattern: UInt(token)))
            return Result { () throws(Errno) in _ = try Self.check(answer) }
        }
        try result.get()
    }

    public func setCRTC(_ state: KMSCRTCState, connectors: [UInt32]) throws(Errno) {
        var connectors = connectors
        guard let mode = state.mode else {
            try Self.check(drmModeSetCrtc(number, state.id, 0, 0, 0, nil, 0, nil))
            return
        }
        var kernelMode = mode.kernelMode
        try Self.check(
            drmModeSetCrtc(
                number, state.id, state.framebuffer, UInt32(state.x), UInt32(state.y), &connectors,
                CInt(connectors.count), &kernelMode))
    }

    public func pageFlip(crtc: UInt32, framebuffer: UInt32, token: UInt64) throws(Errno) {
        try Self.check(
            drmModePageFlip(
                number, crtc, framebuffer, UInt32(DRM_MODE_PAGE_FLIP_EVENT),
                UnsafeMutableRawPointer(bitPattern: UInt(token))))
    }

    public func setConnectorProperty(_ connector: UInt32, _ property: UInt32, _ value: UInt64) throws(Errno) {
        try Self.check(drmModeConnectorSetProperty(number, connector, property, value))
    }

    public var isMaster: Bool { drmIsMaster(number) != 0 }
    public func setMaster() throws(Errno) { try Self.check(drmSetMaster(number)) }
    public func dropMaster() throws(Errno) { try Self.check(drmDropMaster(number)) }
}
