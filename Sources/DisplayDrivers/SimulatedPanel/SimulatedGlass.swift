public import Frames

/// What a person sees on a simulated panel that lies unturned before him.
public struct SimulatedGlass: Sendable, Equatable {
    public var size: PixelSize
    /// 0xRRGGBB; of each colour the lower two bits repeat the upper two, for there are six. All black when the panel is dark.
    public var pixels: [UInt32]

    init(_ controller: SimulatedController, backlight: Double) {
        let model = controller.model
        size = model.size
        guard controller.isOn, !controller.isAsleep, backlight > 0 else {
            pixels = [UInt32](repeating: 0, count: size.pixelCount)
            return
        }
        let isNegative = controller.isInverted != model.isInverted
        let isBlueFirst = controller.access & MemoryAccess.blueFirst != 0
        let isExchanged = isBlueFirst != (model.colourOrder == .bgr)
        let mirrorsColumns = model.mirroring & MemoryAccess.mirrorColumns != 0
        let mirrorsRows = model.mirroring & MemoryAccess.mirrorRows != 0
        pixels = []
        pixels.reserveCapacity(size.pixelCount)
        for y in 0..<size.height {
            let row = mirrorsRows ? model.visible.maxY - 1 - y : model.visible.y + y
            for x in 0..<size.width {
                let column = mirrorsColumns ? model.visible.maxX - 1 - x : model.visible.x + x
                let stored = controller.memory[row * model.memory.width + column]
                let value = isNegative ? ~stored & 0x3_FFFF : stored
                let (first, green, last) = (value >> 12, value >> 6 & 0x3F, value & 0x3F)
                let (red, blue) = isExchanged ? (last, first) : (first, last)
                pixels.append(Self.eight(red) << 16 | Self.eight(green) << 8 | Self.eight(blue))
            }
        }
    }

    private static func eight(_ six: UInt32) -> UInt32 { six << 2 | six >> 4 }
}
