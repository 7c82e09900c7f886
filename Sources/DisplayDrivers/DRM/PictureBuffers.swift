import Frames
import KMS
import SystemPackage

/// Two pictures of the whole screen, drawn in turns in software, or what there is memory for.
final class PictureBuffers {
    let size: PixelSize
    let format: PixelFormat
    /// What is less than it could be; nil: nothing.
    let note: String?
    /// Which is on the glass.
    var shown: Int?

    private let turn: PictureTurn
    private let buffers: [ScanoutBuffer]
    /// In normal memory: what is blended, turned or has fewer bits is drawn here first.
    private var scratch: UnsafeMutableRawBufferPointer?
    private var scratchScene: Scene?
    private var damage = Damage()

    /// What is tried when contiguous memory is scarce, in this order.
    static let plans: [(count: Int, format: PixelFormat, note: String?)] = [
        (2, .xrgb8888, nil),
        (2, .rgb565, "no memory for two full pictures (CMA): 16 bits for each pixel"),
        (
            1, .rgb565,
            "memory for one picture only (CMA): 16 bits for each pixel, and changes can be seen as they are drawn"
        ),
    ]

    init(
        size: PixelSize, turn: PictureTurn, formats: [PixelFormat], on device: any KMSDevice
    ) throws(Errno) {
        var failure = Errno.notSupported
        for plan in Self.plans where formats.contains(plan.format) {
            var made: [ScanoutBuffer] = []
            do throws(Errno) {
                for _ in 0..<plan.count { made.append(try ScanoutBuffer(plan.format, size: size, on: device)) }
                (self.size, self.turn, format, note, buffers) = (size, turn, plan.format, plan.note, made)
                return
            } catch {
                for buffer in made { buffer.destroy(on: device) }
                failure = error
                guard error == .noMemory || error == .noSpace else { throw error }
            }
        }
        throw failure
    }

    deinit { scratch?.deallocate() }

    var count: Int { buffers.count }

    var layout: FrameLayout { buffers[0].layout }

    func framebuffer(_ index: Int) -> UInt32 { buffers[index].framebuffer }

    /// Draws a scene where nobody looks, only what differs from what was drawn there last.
    func compose(_ scene: Scene) -> Int {
        let index = buffers.count == 1 ? 0 : shown == 0 ? 1 : 0
        let buffer = buffers[index]
        let all = PixelRectangle(turn.size)
        damage = buffer.scene.map { Damage.between($0, scene).intersection(all) } ?? Damage(all)
        let isDirect =
            format == .xrgb8888 && turn.degrees == 0
            && scene.layers.allSatisfy { $0.alpha == 255 && $0.frame.layout.format != .argb8888 }
        if isDirect {
            Compositor.compose(scene, damage: damage, into: buffer.pixels, layout: buffer.layout)
            scratchScene = nil
        } else {
            copyFromScratch(scene, to: buffer)
        }
        if let shown, shown != index, let before = buffers[shown].scene {
            // For the kernel: against the picture on the glass, too.
            damage.formUnion(Damage.between(before, scene).intersection(all))
        }
        buffer.scene = scene
        return index
    }

    private func copyFromScratch(_ scene: Scene, to buffer: ScanoutBuffer) {
        let layout = FrameLayout(packed: .xrgb8888, size: turn.size)
        let scratch =
            scratch ?? UnsafeMutableRawBufferPointer.allocate(byteCount: layout.byteCount, alignment: 64)
        self.scratch = scratch
        let stale = scratchScene.map { Damage.between($0, scene).intersection(PixelRectangle(turn.size)) }
        Compositor.compose(scene, damage: stale ?? Damage(PixelRectangle(turn.size)), into: scratch, layout: layout)
        scratchScene = scene
        guard let from = scratch.baseAddress, let to = buffer.pixels.baseAddress else { return }
        for area in damage.rectangles {
            turn.copy(area, from: UnsafeRawPointer(from), stride: layout.stride, to: to, layout: buffer.layout)
        }
    }

    /// Somebody else draws now: frames are not held for later.
    func forgetScenes() {
        for buffer in buffers { buffer.scene = nil }
        scratchScene = nil
    }

    /// `drm_mode_rect` of what the last composition changed against the picture on the glass; nil when that is unknown.
    func damageClips(_ index: Int) -> [UInt8]? {
        guard buffers.count == 2, !damage.isEmpty else { return nil }
        var bytes: [UInt8] = []
        for area in damage.rectangles.map(turn.turned) {
            for edge in [area.x, area.y, area.maxX, area.maxY] {
                withUnsafeBytes(of: Int32(edge).littleEndian) { bytes.append(contentsOf: $0) }
            }
        }
        return bytes
    }

    func destroy(on device: any KMSDevice, keepingFramebuffer kept: Int? = nil) {
        for (index, buffer) in buffers.enumerated() { buffer.destroy(on: device, keepsFramebuffer: index == kept) }
    }
}
