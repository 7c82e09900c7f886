import KMS

/// The objects of vc4 and their properties, as vc4_plane.c (`vc4_plane_init`, `vc4_plane_create_additional_planes`),
/// vc4_crtc.c name them. No dump of a real board was at hand to compare with.
enum SimulatedObjects {
    static let connector: UInt32 = 33
    static let crtc: UInt32 = 60
    static let primary: UInt32 = 70

    static let edidBlob: UInt32 = 1_000
    /// Blobs that are made get numbers from here.
    static let firstBlob: UInt32 = 1_001

    private static let names = [
        "type", "FB_ID", "CRTC_ID", "CRTC_X", "CRTC_Y", "CRTC_W", "CRTC_H", "SRC_X", "SRC_Y", "SRC_W", "SRC_H", "alpha",
        "pixel blend mode", "rotation", "COLOR_ENCODING", "COLOR_RANGE", "zpos", "FB_DAMAGE_CLIPS", "MODE_ID", "ACTIVE",
        "EDID", "DPMS",
    ]

    static func property(_ name: String) -> UInt32 { UInt32((names.firstIndex(of: name) ?? -1) + 1) }
    static func name(_ property: UInt32) -> String? {
        names.indices.contains(Int(property) - 1) ? names[Int(property) - 1] : nil
    }

    static let formats = [
        KMSFormat.xrgb8888, KMSFormat.argb8888, KMSFormat.rgb565, KMSFormat.yuv420, KMSFormat.nv12,
    ]

    /// Primary, overlays and cursor, in the order in which they lie.
    static func planes(overlays: Int) -> [UInt32] { (0..<UInt32(overlays + 2)).map { primary + $0 } }

    static func initialPlane(_ index: Int, of count: Int) -> [String: UInt64] {
        [
            "type": index == 0 ? 1 : index == count - 1 ? 2 : 0, "alpha": 0xFFFF, "pixel blend mode": 0, "rotation": 1,
            "COLOR_ENCODING": 1, "COLOR_RANGE": 0, "zpos": UInt64(index),
        ]
    }

    static let planeProperties = [
        "type", "FB_ID", "CRTC_ID", "CRTC_X", "CRTC_Y", "CRTC_W", "CRTC_H", "SRC_X", "SRC_Y", "SRC_W", "SRC_H", "alpha",
        "pixel blend mode", "rotation", "COLOR_ENCODING", "COLOR_RANGE", "zpos",
    ]

    static func described(_ name: String, value: UInt64, isPrimary: Bool) -> KMSProperty {
        var property = KMSProperty(id: property(name), name: name, value: value)
        switch name {
        case "type":
            property.isImmutable = true
            property.names = ["Overlay": 0, "Primary": 1, "Cursor": 2]
        case "alpha": property.range = 0...0xFFFF
        case "pixel blend mode": property.names = ["Pre-multiplied": 0, "Coverage": 1, "None": 2]
        case "rotation": property.names = ["rotate-0": 0, "rotate-180": 2, "reflect-x": 4, "reflect-y": 5]
        case "COLOR_ENCODING":
            property.names = ["ITU-R BT.601 YCbCr": 0, "ITU-R BT.709 YCbCr": 1, "ITU-R BT.2020 YCbCr": 2]
        case "COLOR_RANGE": property.names = ["YCbCr limited range": 0, "YCbCr full range": 1]
        case "zpos": property.isImmutable = isPrimary
        case "EDID": property.isImmutable = true
        case "DPMS": property.names = ["On": 0, "Standby": 1, "Suspend": 2, "Off": 3]
        default: break
        }
        return property
    }
}
