import Frames
import LinuxSystem

/// Copies of frames in the display's own memory, which is slow to read, for scenes that are composed: of what stays on
/// the screen, such as the picture before in a transition, and would be read again for each refresh. What is new in a
/// scene is read from where it lies, since with the next one it is gone.
final class ReadableCopies {
    private var copies: [(frame: Frame, copy: Frame)] = []

    /// A scene as it is to be composed.
    ///
    /// - Parameter shown: what is on the glass.
    func scene(_ scene: Scene, after shown: Scene) -> Scene {
        copies.removeAll { known in !scene.layers.contains { $0.frame === known.frame } }
        var readable = scene
        for (index, layer) in scene.layers.enumerated() where layer.frame.buffer.scanout != nil {
            guard let copy = copy(of: layer.frame, after: shown) else { continue }
            readable.layers[index].frame = copy
        }
        return readable
    }

    func forget() { copies = [] }

    /// nil: it is read from where it lies.
    private func copy(of frame: Frame, after shown: Scene) -> Frame? {
        if let known = copies.first(where: { $0.frame === frame }) { return known.copy }
        guard shown.layers.contains(where: { $0.frame === frame }) else { return nil }
        let count = frame.layout.byteCount
        // Without memory for it, slow is better than not at all.
        guard let buffer = try? FrameBuffer(name: "vitrine-readable", byteCount: count) else { return nil }
        frame.buffer.memory.withBytes { from in
            buffer.memory.withBytes { to in to.copyMemory(from: UnsafeRawBufferPointer(rebasing: from[..<count])) }
        }
        let copy = Frame(buffer: buffer, layout: frame.layout)
        copies.append((frame, copy))
        return copy
    }
}
