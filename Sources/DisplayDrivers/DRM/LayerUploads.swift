import Frames
import KMS
import SystemPackage

/// Frames that were copied to where a hardware plane reads them, once each, for as long as they are shown.
final class LayerUploads {
    private struct Upload {
        let frame: Frame
        let buffer: ScanoutBuffer
    }

    private let device: any KMSDevice
    /// Whose buffers need no copy.
    private let lender: ScanoutLender?
    private var uploads: [Upload] = []
    private var idle: [ScanoutBuffer] = []
    /// More idle buffers than this are given back.
    private let idleLimit = 2

    init(device: any KMSDevice, lender: ScanoutLender?) { (self.device, self.lender) = (device, lender) }

    /// Whether there is contiguous memory for two more pictures of the screen, the least that a crossfade needs.
    static func hasRoom(for size: PixelSize, on device: any KMSDevice) -> Bool {
        var made: [ScanoutBuffer] = []
        defer { for buffer in made { buffer.destroy(on: device) } }
        do throws(Errno) {
            for _ in 0..<2 { made.append(try ScanoutBuffer(.xrgb8888, size: size, on: device)) }
            return true
        } catch {
            return false
        }
    }

    /// The framebuffer of each layer; nil when there is no memory for them.
    func images(of layers: [Layer]) -> [UInt32]? {
        var images: [UInt32] = []
        images.reserveCapacity(layers.count)
        for layer in layers {
            if let lent = lender?.framebuffer(of: layer.frame) {
                images.append(lent)
                continue
            }
            if let known = uploads.first(where: { $0.frame === layer.frame }) {
                images.append(known.buffer.framebuffer)
                continue
            }
            guard let buffer = buffer(for: layer.frame) else { return nil }
            buffer.fill(with: layer.frame)
            uploads.append(Upload(frame: layer.frame, buffer: buffer))
            images.append(buffer.framebuffer)
        }
        return images
    }

    private func buffer(for frame: Frame) -> ScanoutBuffer? {
        let (format, size) = (frame.layout.format, frame.size)
        if let index = idle.firstIndex(where: { $0.layout.format == format && $0.layout.size == size }) {
            return idle.remove(at: index)
        }
        if let buffer = try? ScanoutBuffer(format, size: size, on: device) { return buffer }
        // What lies idle may be what is missing.
        guard !idle.isEmpty else { return nil }
        drop(downTo: 0)
        return try? ScanoutBuffer(format, size: size, on: device)
    }

    /// These are on the glass now, and nothing else is.
    func keep(_ layers: [Layer]) {
        var index = 0
        while index < uploads.count {
            let upload = uploads[index]
            if layers.contains(where: { $0.frame === upload.frame }) {
                index += 1
            } else {
                idle.append(upload.buffer)
                uploads.remove(at: index)
            }
        }
        drop(downTo: uploads.isEmpty ? 0 : idleLimit)
    }

    private func drop(downTo count: Int) {
        while idle.count > count { idle.removeFirst().destroy(on: device) }
    }

    func destroy(keepingFramebuffers: Bool) {
        drop(downTo: 0)
        for upload in uploads { upload.buffer.destroy(on: device, keepsFramebuffer: keepingFramebuffers) }
        uploads = []
    }
}
