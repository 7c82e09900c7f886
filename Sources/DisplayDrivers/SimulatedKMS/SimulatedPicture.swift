import Frames
import KMS
import Synchronization

/// Where a plane shows what, out of its properties.
struct SimulatedPlace {
    let x, y, width, height: Int
    /// In 1/65,536 pixels.
    let sourceX, sourceY, sourceWidth, sourceHeight: Int

    init(_ values: [String: UInt64]) {
        func signed(_ name: String) -> Int { Int(Int32(truncatingIfNeeded: values[name] ?? 0)) }
        func number(_ name: String) -> Int { Int(UInt32(truncatingIfNeeded: values[name] ?? 0)) }
        (x, y, width, height) = (signed("CRTC_X"), signed("CRTC_Y"), number("CRTC_W"), number("CRTC_H"))
        (sourceX, sourceY, sourceWidth, sourceHeight) = (
            number("SRC_X"), number("SRC_Y"), number("SRC_W"), number("SRC_H")
        )
    }
}

extension SimulatedKMS {
    /// What the glass shows now, as rows of 0x00RRGGBB; nil: it is dark.
    ///
    /// Scaled planes take the nearest pixel: the hardware's filters are not modelled.
    public func picture() -> [UInt32]? {
        state.withLock { state in
            guard state.isLit, let mode = state.mode, state.objects[SimulatedObjects.connector]?["DPMS"] != 3 else {
                return nil
            }
            var picture = [UInt32](repeating: 0, count: mode.width * mode.height)
            let planes = SimulatedObjects.planes(overlays: state.card.overlays).compactMap { state.objects[$0] }
            for plane in planes.sorted(by: { ($0["zpos"] ?? 0) < ($1["zpos"] ?? 0) }) {
                guard let image = plane["FB_ID"], image != 0, let layout = state.framebuffers[UInt32(image)]?.layout,
                    let memory = state.buffers[layout.handle]?.memory
                else { continue }
                var seen = state.copies[UInt32(image)] ?? []
                guard seen.isEmpty else {
                    seen.withUnsafeMutableBytes {
                        Self.lay(
                            plane, state.card.plane, layout, $0, on: &picture, width: mode.width, height: mode.height)
                    }
                    continue
                }
                Self.lay(
                    plane, state.card.plane, layout, memory, on: &picture, width: mode.width, height: mode.height)
            }
            return picture
        }
    }

    private static func lay(
        _ plane: [String: UInt64], _ kind: SimulatedPlane, _ layout: KMSFramebufferLayout,
        _ memory: UnsafeMutableRawBufferPointer,
        on picture: inout [UInt32], width: Int, height: Int
    ) {
        let place = SimulatedPlace(plane)
        let rotation = plane["rotation"] ?? 1
        let (flipsX, flipsY) = (
            (rotation & 4 != 0) != (rotation & 16 != 0), (rotation & 4 != 0) != (rotation & 32 != 0)
        )
        let planeAlpha = Int((plane["alpha"] ?? 0xFFFF) * 255 + 0x7FFF) / 0xFFFF
        let hasAlpha = layout.format == KMSFormat.argb8888
        let isCoverage = plane["pixel blend mode"] == 1
        let colours = YUVColours(
            encoding: kind.encodings.isEmpty ? 0 : plane["COLOR_ENCODING"] ?? 1,
            isFull: kind.hasColourRange && plane["COLOR_RANGE"] == 1)
        for row in max(0, place.y)..<max(0, min(height, place.y + place.height)) {
            for column in max(0, place.x)..<max(0, min(width, place.x + place.width)) {
                var (dx, dy) = (column - place.x, row - place.y)
                if flipsX { dx = place.width - 1 - dx }
                if flipsY { dy = place.height - 1 - dy }
                let x = (place.sourceX + (2 * dx + 1) * place.sourceWidth / (2 * place.width)) >> 16
                let y = (place.sourceY + (2 * dy + 1) * place.sourceHeight / (2 * place.height)) >> 16
                let pixel = pixel(x, y, layout, memory, colours)
                let own = hasAlpha && plane["pixel blend mode"] != 2 ? Int(pixel >> 24) : 255
                let alpha = rounded(own * planeAlpha)
                let below = picture[row * width + column]
                var result: UInt32 = 0
                for shift in [UInt32(0), 8, 16] {
                    let (above, under) = (Int(pixel >> shift & 255), Int(below >> shift & 255))
                    let value =
                        isCoverage || !hasAlpha
                        ? rounded(above * alpha + under * (255 - alpha))
                        : min(255, rounded(above * planeAlpha) + rounded(under * (255 - alpha)))
                    result |= UInt32(value) << shift
                }
                picture[row * width + column] = result
            }
        }
    }

    /// A product of bytes divided by 255, to the nearest.
    private static func rounded(_ product: Int) -> Int { (product + 127) / 255 }

    private static func pixel(
        _ x: Int, _ y: Int, _ layout: KMSFramebufferLayout, _ memory: UnsafeMutableRawBufferPointer,
        _ colours: YUVColours
    ) -> UInt32 {
        func byte(_ plane: Int, _ row: Int, _ offset: Int) -> Int {
            Int(memory[layout.offsets[plane] + row * layout.pitches[plane] + offset])
        }
        switch layout.format {
        case KMSFormat.rgb565:
            let word = UInt32(byte(0, y, 2 * x) | byte(0, y, 2 * x + 1) << 8)
            let (red, green, blue) = (word >> 11, word >> 5 & 63, word & 31)
            return (red << 3 | red >> 2) << 16 | (green << 2 | green >> 4) << 8 | (blue << 3 | blue >> 2)
        case KMSFormat.yuv420:
            return colours.rgb(byte(0, y, x), byte(1, y / 2, x / 2), byte(2, y / 2, x / 2))
        case KMSFormat.nv12:
            return colours.rgb(byte(0, y, x), byte(1, y / 2, x / 2 * 2), byte(1, y / 2, x / 2 * 2 + 1))
        default:
            return UInt32(byte(0, y, 4 * x)) | UInt32(byte(0, y, 4 * x + 1)) << 8
                | UInt32(byte(0, y, 4 * x + 2)) << 16 | UInt32(byte(0, y, 4 * x + 3)) << 24
        }
    }
}

/// ITU-R BT.601-7, BT.709-6 and BT.2020-2 in 8.8 fixed point, in limited or full range.
struct YUVColours {
    private let luma, redV, greenU, greenV, blueU, black: Int

    init(encoding: UInt64, isFull: Bool) {
        black = isFull ? 0 : 16
        luma = isFull ? 256 : 298
        (redV, greenU, greenV, blueU) =
            switch (encoding, isFull) {
            case (0, false): (409, 100, 208, 516)
            case (0, true): (359, 88, 183, 454)
            case (2, false): (430, 48, 167, 548)
            case (2, true): (377, 42, 146, 482)
            case (_, false): (459, 55, 136, 541)
            case (_, true): (403, 48, 120, 475)
            }
    }

    func rgb(_ y: Int, _ u: Int, _ v: Int) -> UInt32 {
        let (y, u, v) = (luma * (y - black) + 128, u - 128, v - 128)
        func clamped(_ value: Int) -> UInt32 { UInt32(max(0, min(255, value >> 8))) }
        return clamped(y + redV * v) << 16 | clamped(y - greenU * u - greenV * v) << 8 | clamped(y + blueU * u)
    }
}
