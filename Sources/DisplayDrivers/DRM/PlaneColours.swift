import Frames
import KMS

/// Which meanings of YUV a plane can be told, by its properties COLOR_ENCODING and COLOR_RANGE.
struct PlaneColours: Sendable, Equatable {
    /// Values of COLOR_ENCODING; nil: the plane has no such property, and takes all for BT.601.
    var encodings: [ColourCoding.Matrix: UInt64]?
    /// Values of COLOR_RANGE, by whether it is full; nil: no such property, and all is in limited range.
    var ranges: [Bool: UInt64]?

    /// Names as in drm_color_mgmt.c, `color_encoding_name` and `color_range_name`.
    init(encoding: KMSProperty?, range: KMSProperty?) {
        encodings = encoding.map { property in
            [ColourCoding.Matrix.bt601: "BT.601", .bt709: "BT.709", .bt2020: "BT.2020"]
                .compactMapValues { property.names["ITU-R \($0) YCbCr"] }
        }
        ranges = range.map { property in
            [false: "limited", true: "full"].compactMapValues { property.names["YCbCr \($0) range"] }
        }
    }

    /// What is set for a coding; nil where the plane has no such property.
    struct Values: Sendable, Equatable {
        var encoding: UInt64?
        var range: UInt64?
    }

    /// nil: the plane would show other colours.
    func values(for coding: ColourCoding) -> Values? {
        if encodings == nil, coding.matrix != .bt601 { return nil }
        if ranges == nil, coding.isFullRange { return nil }
        let values = Values(encoding: encodings?[coding.matrix], range: ranges?[coding.isFullRange])
        guard (encodings == nil) == (values.encoding == nil), (ranges == nil) == (values.range == nil) else {
            return nil
        }
        return values
    }
}
