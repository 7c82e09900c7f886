/// How brightness and colour differences (YUV) stand for red, green and blue. Names as in the kernel's plane properties
/// COLOR_ENCODING and COLOR_RANGE.
public struct ColourCoding: Sendable, Hashable {
    public enum Matrix: UInt8, Sendable, CaseIterable {
        /// ITU-R BT.601: standard definition.
        case bt601 = 1
        /// ITU-R BT.709: high definition.
        case bt709 = 2
        /// ITU-R BT.2020, non-constant luminance.
        case bt2020 = 3

        /// What red and blue contribute to brightness.
        var weights: (red: Double, blue: Double) {
            switch self {
            case .bt601: (0.299, 0.114)
            case .bt709: (0.2126, 0.0722)
            case .bt2020: (0.2627, 0.0593)
            }
        }
    }

    public var matrix: Matrix
    /// 0 to 255; otherwise 16 to 235, and 16 to 240 for colour differences.
    public var isFullRange: Bool

    public init(matrix: Matrix, isFullRange: Bool) {
        self.matrix = matrix
        self.isFullRange = isFullRange
    }

    /// BT.709 in limited range.
    public static let highDefinition = ColourCoding(matrix: .bt709, isFullRange: false)
}

/// A coding's numbers in 8.8 fixed point.
struct ColourFactors {
    let black: Int32
    let luma: Int32
    let redOfV: Int32
    let greenOfU: Int32
    let greenOfV: Int32
    let blueOfU: Int32

    init(_ coding: ColourCoding) {
        let (red, blue) = coding.matrix.weights
        let green = 1 - red - blue
        let chroma = coding.isFullRange ? 256.0 : 256 * 255 / 224
        func fixed(_ value: Double) -> Int32 { Int32(value.rounded()) }
        black = coding.isFullRange ? 0 : 16
        luma = fixed(coding.isFullRange ? 256 : 256 * 255 / 219)
        redOfV = fixed(2 * (1 - red) * chroma)
        greenOfU = fixed(2 * (1 - blue) * blue / green * chroma)
        greenOfV = fixed(2 * (1 - red) * red / green * chroma)
        blueOfU = fixed(2 * (1 - blue) * chroma)
    }
}
