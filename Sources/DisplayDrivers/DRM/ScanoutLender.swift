import Frames
import KMS
import LinuxSystem
import Synchronization
import SystemPackage

/// Buffers of one output that decoders write into and planes show as they are. It is asked from several threads.
final class ScanoutLender: FrameLending {
    private struct Lent {
        var buffer: KMSDumbBuffer
        var framebuffer: UInt32
        var layout: FrameLayout
    }

    private struct State {
        var isOpen = true
        /// What was committed last went onto planes, all of it.
        var isOnPlanes = false
        /// There was no memory for one more, until one is given back.
        var isExhausted = false
        var lent: [UInt32: Lent] = [:]
        var lastNumber: UInt32 = 0
    }

    private let device: any KMSDevice
    private let formats: [PixelFormat]
    private let state = Mutex(State())

    /// - Parameter formats: what the lowest plane takes.
    /// - Returns: nil when this card's buffers cannot be lent, which is found out with one.
    init?(formats: [PixelFormat], on device: any KMSDevice) {
        self.device = device
        self.formats = formats
        let layout = FrameLayout(packed: .xrgb8888, size: PixelSize(width: 64, height: 16))
        guard let (buffer, memory, _) = try? Self.make(layout, on: device) else { return nil }
        memory.withBytes { $0.storeBytes(of: 0, as: UInt32.self) }
        device.destroyDumbBuffer(buffer, mapping: nil)
    }

    /// A buffer whose rows are as long as the layout says, and its memory as a borrower sees it.
    private static func make(
        _ layout: FrameLayout, on device: any KMSDevice
    ) throws(Errno) -> (buffer: KMSDumbBuffer, memory: MemoryFile, shared: Descriptor) {
        let pixel = layout.format.bytesPerPixel
        let buffer = try device.createDumbBuffer(
            width: layout.stride / pixel, height: (layout.byteCount + layout.stride - 1) / layout.stride,
            bitsPerPixel: 8 * pixel)
        do throws(Errno) {
            guard layout.offset == 0, buffer.pitch == layout.stride, layout.byteCount <= buffer.byteCount else {
                throw .invalidArgument
            }
            let shared = try device.share(buffer)
            return (buffer, try MemoryFile(borrowed: shared, byteCount: buffer.byteCount), shared)
        } catch {
            device.destroyDumbBuffer(buffer, mapping: nil)
            throw error
        }
    }

    func wants(_ layout: FrameLayout, hasBuffer: Bool) -> Bool {
        guard formats.contains(layout.format), layout.offset == 0 else { return false }
        return state.withLock { $0.isOpen && $0.isOnPlanes && (hasBuffer || !$0.isExhausted) }
    }

    func lend(_ number: UInt32, for layout: FrameLayout) -> FrameBuffer? {
        guard wants(layout, hasBuffer: false) else { return nil }
        do throws(Errno) {
            let (buffer, memory, shared) = try Self.make(layout, on: device)
            let framebuffer: UInt32
            do throws(Errno) {
                framebuffer = try device.addFramebuffer(KMSFramebufferLayout(layout, handle: buffer.handle))
            } catch {
                device.destroyDumbBuffer(buffer, mapping: nil)
                throw error
            }
            let own: UInt32? = state.withLock { state in
                guard state.isOpen else { return nil }
                state.lastNumber += 1
                state.lent[state.lastNumber] = Lent(buffer: buffer, framebuffer: framebuffer, layout: layout)
                return state.lastNumber
            }
            guard let own else {
                device.removeFramebuffer(framebuffer)
                device.destroyDumbBuffer(buffer, mapping: nil)
                return nil
            }
            return FrameBuffer(
                id: number, memory: memory, scanout: LentScanout(number: own, shared: shared, lender: self))
        } catch {
            // Whatever it is, it would be the same with the next frame.
            state.withLock { $0.isExhausted = true }
            return nil
        }
    }

    /// The framebuffer of a frame that lies in one of these buffers; nil: it must be copied.
    func framebuffer(of frame: Frame) -> UInt32? {
        guard let scanout = frame.buffer.scanout as? LentScanout, scanout.lender === self else { return nil }
        var layout = frame.layout
        return state.withLock { state in
            guard let lent = state.lent[scanout.number] else { return nil }
            // What its numbers mean is the plane's business.
            layout.colour = lent.layout.colour
            return layout == lent.layout ? lent.framebuffer : nil
        }
    }

    /// What was committed last.
    func committed(onPlanes: Bool) { state.withLock { $0.isOnPlanes = onPlanes } }

    /// The last reference to a frame went, on whichever thread that was. The kernel waits for a refresh only when it has
    /// to take a framebuffer from a plane (drm_framebuffer.c, `drm_framebuffer_remove`), and this one is on none: a
    /// display holds its scene until the flip to the next is done. While the screen sleeps there is none to wait for.
    fileprivate func returned(_ number: UInt32) {
        let lent = state.withLock { state in
            state.isExhausted = false
            return state.lent.removeValue(forKey: number)
        }
        if let lent { destroy(lent, keepsFramebuffer: false) }
    }

    /// Takes all back. Frames that are still around can be read as before.
    ///
    /// - Parameter kept: framebuffers that stay, for they are on the glass.
    func close(keeping kept: Set<UInt32>) {
        let all = state.withLock { state in
            state.isOpen = false
            defer { state.lent = [:] }
            return state.lent
        }
        for lent in all.values { destroy(lent, keepsFramebuffer: kept.contains(lent.framebuffer)) }
    }

    private func destroy(_ lent: Lent, keepsFramebuffer: Bool) {
        if !keepsFramebuffer { device.removeFramebuffer(lent.framebuffer) }
        device.destroyDumbBuffer(lent.buffer, mapping: nil)
    }

    fileprivate func synchronize(_ shared: Descriptor, isBeginning: Bool) {
        device.synchronize(shared, isBeginning: isBeginning)
    }
}

/// One of a lender's buffers, as long as somebody has it.
private final class LentScanout: ScanoutMemory {
    let number: UInt32
    let lender: ScanoutLender
    private let shared: Descriptor

    init(number: UInt32, shared: Descriptor, lender: ScanoutLender) {
        (self.number, self.shared, self.lender) = (number, shared, lender)
    }

    deinit { lender.returned(number) }

    func beginWriting() { lender.synchronize(shared, isBeginning: true) }
    func endWriting() { lender.synchronize(shared, isBeginning: false) }
}
