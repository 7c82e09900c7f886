import CFFmpeg

/// What the numbers of a picture mean as light, as far as a screen needs to know (ITU-T H.273).
struct SourceLight: Equatable {
    enum Transfer: Equatable {
        /// What screens show as it is: BT.709 and its like.
        case standard
        /// SMPTE ST 2084: absolute light.
        case perceptual
        /// ARIB STD-B67: relative light, here of a screen of 1,000 cd/m².
        case hybridLogGamma
    }

    /// The peak of a picture that does not tell, in cd/m²: what most are graded for.
    static let usualPeak = 1000.0

    var transfer: Transfer = .standard
    /// BT.2020's primaries in place of BT.709's.
    var isWide = false
    /// The brightest that occurs, in cd/m²; means something with `perceptual` alone.
    var peak = usualPeak

    static let standard = SourceLight()

    init() {}

    /// - Parameter peak: in cd/m², from the file; nil or nonsense is `usualPeak`.
    init(transfer: AVColorTransferCharacteristic, primaries: AVColorPrimaries, peak: Double? = nil) {
        switch transfer {
        case AVCOL_TRC_SMPTE2084: self.transfer = .perceptual
        case AVCOL_TRC_ARIB_STD_B67: self.transfer = .hybridLogGamma
        default: self.transfer = .standard
        }
        // High dynamic range that does not name its primaries has these.
        isWide =
            primaries == AVCOL_PRI_BT2020
            || (self.transfer != .standard && [AVCOL_PRI_UNSPECIFIED, AVCOL_PRI_RESERVED].contains(primaries))
        if self.transfer == .perceptual, let peak, peak.isFinite, peak > 0 { self.peak = min(max(peak, 200), 10_000) }
    }

    var isHighRange: Bool { transfer != .standard }

    /// Whether a screen would show it wrongly as it is.
    var needsMapping: Bool { isHighRange || isWide }
}

extension SourceLight {
    init(_ frame: UnsafeMutablePointer<AVFrame>) {
        let peak = vitrine_frame_peak(frame)
        self.init(
            transfer: frame.pointee.color_trc, primaries: frame.pointee.color_primaries, peak: peak > 0 ? peak : nil)
    }
}
