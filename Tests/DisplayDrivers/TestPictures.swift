import Frames
import LinuxSystem
import Logging
import SystemPackage

/// Keeps test output short.
let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A frame of one colour.
func solidFrame(_ colour: UInt32, width: Int = 16, height: Int = 9) throws -> Frame {
    let layout = FrameLayout(packed: .xrgb8888, size: PixelSize(width: width, height: height))
    let memory = try MemoryFile(name: "test", byteCount: layout.byteCount)
    memory.withBytes { $0.bindMemory(to: UInt32.self).update(repeating: colour) }
    return Frame(buffer: FrameBuffer(id: colour, memory: memory), layout: layout)
}

/// The frame on all of a screen.
func fullScene(_ frame: Frame, on screen: PixelSize) -> Scene {
    Scene(layers: [Layer(frame: frame, destination: PixelRectangle(screen))])
}
