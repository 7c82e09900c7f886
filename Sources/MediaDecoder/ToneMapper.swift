import Frames

#if canImport(Glibc)
    import Glibc
#endif

/// High dynamic range and wide colours as what a screen shows: linear light, BT.709's primaries, brightness rolled off
/// towards white with the hue kept, and BT.1886's gamma.
///
/// White of paper, 203 cd/m² (ITU-R BT.2408), becomes 1; up to 0.3 of it nothing changes, and above the Möbius curve of ffmpeg's
/// `tonemap=mobius` brings the peak to 1. It is the same as ffmpeg's
/// `zscale=t=linear:npl=203,zscale=p=bt709,tonemap=mobius:desat=0,zscale=t=bt709`, by tables; but for the system gamma of
/// HLG, which goes by luminance here, as ITU-R BT.2100 says, and by channel there.
final class ToneMapper {
    /// Light of diffuse white, in cd/m².
    static let white = 203.0
    /// ITU-R BT.2100: the nominal screen of HLG, in cd/m².
    static let hybridPeak = 1000.0
    /// Bits of the samples that come in.
    static let sampleBits = 12
    /// Below, light is not changed.
    private static let knee = 0.3
    /// ITU-R BT.1886.
    private static let gamma = 2.4

    private let linear: [Float]
    /// For HLG: the factor that the whole picture's system gamma of 1.2 makes of luminance.
    private let system: OctaveTable<Float>?
    private let isWide: Bool
    private let curve: OctaveTable<Float>?
    private let encoded: OctaveTable<UInt8>

    init(_ light: SourceLight) {
        let count = 1 << Self.sampleBits
        linear = (0..<count).map { Float(Self.linear(Double($0) / Double(count - 1), light.transfer)) }
        isWide = light.isWide
        switch light.transfer {
        case .standard:
            system = nil
            curve = nil
        case .perceptual:
            system = nil
            curve = Self.curve(peak: light.peak / Self.white)
        case .hybridLogGamma:
            system = OctaveTable(from: -20, to: 1) { Float(pow($0, 0.2)) }
            curve = Self.curve(peak: Self.hybridPeak / Self.white)
        }
        encoded = OctaveTable(from: -23, to: 1) { UInt8(min(255, 255 * pow($0, 1 / Self.gamma) + 0.5)) }
    }

    /// Maps one row.
    ///
    /// - Parameters:
    ///   - green, blue, red: samples of 12 bits, in full range, as coded.
    ///   - target: xrgb8888.
    func map(
        green: UnsafePointer<UInt16>, blue: UnsafePointer<UInt16>, red: UnsafePointer<UInt16>,
        into target: UnsafeMutablePointer<UInt32>, count: Int
    ) {
        let mask = UInt16(1 << Self.sampleBits - 1)
        linear.withUnsafeBufferPointer { linear in
            for index in 0..<count {
                var light = SIMD4<Float>(
                    linear[Int(red[index] & mask)], linear[Int(green[index] & mask)], linear[Int(blue[index] & mask)], 0
                )
                if let system {
                    // Luminance by BT.2020, or by BT.709 where those are the primaries.
                    let share =
                        isWide ? SIMD4<Float>(0.2627, 0.6780, 0.0593, 0) : SIMD4<Float>(0.2126, 0.7152, 0.0722, 0)
                    light *= system[(light * share).sum()] * Float(Self.hybridPeak / Self.white)
                }
                if isWide {
                    // BT.2020 to BT.709 (ITU-R BT.2407, 2.2), a column for each colour of the source.
                    light =
                        light.x * SIMD4<Float>(1.660_491, -0.124_550, -0.018_151, 0)
                        + light.y * SIMD4<Float>(-0.587_641, 1.132_900, -0.100_579, 0)
                        + light.z * SIMD4<Float>(-0.072_850, -0.008_349, 1.118_730, 0)
                }
                if let curve { light *= curve[light.max()] }
                target[index] =
                    UInt32(encoded[light.z]) | UInt32(encoded[light.y]) &<< 8 | UInt32(encoded[light.x]) &<< 16
            }
        }
    }

    /// Light of a code value from 0 to 1; HLG's before the system gamma.
    static func linear(_ value: Double, _ transfer: SourceLight.Transfer) -> Double {
        switch transfer {
        case .standard: return pow(value, gamma)
        case .perceptual:
            // ITU-R BT.2100, table 4, in units of 203 cd/m².
            let root = pow(value, 1 / 78.84375)
            let ratio = max(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
            return pow(ratio, 1 / 0.1593017578125) * 10_000 / white
        case .hybridLogGamma:
            // ITU-R BT.2100, table 5.
            return value <= 0.5 ? value * value / 3 : (exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12
        }
    }

    /// What light is multiplied by, for a brightest channel.
    private static func curve(peak: Double) -> OctaveTable<Float>? {
        guard peak > 1 else { return nil }
        let knee = Self.knee
        let a = -knee * knee * (peak - 1) / (knee * knee - 2 * knee + peak)
        let b = (knee * knee - 2 * knee * peak + peak) / max(peak - 1, 1e-6)
        return OctaveTable(from: -2, to: 8) { light in
            guard light > knee else { return 1 }
            let mapped = (b * b + 2 * b * knee + knee * knee) / (b - a) * (light + a) / (light + b)
            return Float(mapped / light)
        }
    }
}

/// A function of a positive number as a table of so many steps for each doubling: found by the number's own bits.
struct OctaveTable<Value> {
    /// Mantissa bits that count.
    private static var precision: Int { 8 }

    private let values: [Value]
    private let first: UInt32
    private let range: ClosedRange<Float>

    /// - Parameters:
    ///   - from: the lowest power of two; what lies below has its value.
    ///   - to: the first power of two beyond the table; what lies there has the last value.
    init(from lowest: Int, to end: Int, _ value: (Double) -> Value) {
        let smallest = Float(sign: .plus, exponent: lowest, significand: 1)
        first = smallest.bitPattern >> (23 - Self.precision)
        let steps = 1 << Self.precision
        values = (0..<(end - lowest) * steps).map { index in
            // The middle of the step.
            let part = (Double(index % steps) + 0.5) / Double(steps)
            return value((1 + part) * pow(2, Double(lowest + index / steps)))
        }
        range = smallest...Float(sign: .plus, exponent: end, significand: 1).nextDown
    }

    @inline(__always)
    subscript(number: Float) -> Value {
        let inside = max(range.lowerBound, min(range.upperBound, number))
        return values[Int(inside.bitPattern &>> (23 - UInt32(Self.precision)) &- first)]
    }
}
