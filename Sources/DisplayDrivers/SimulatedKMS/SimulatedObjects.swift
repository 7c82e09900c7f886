import KMS

/// The objects of vc4 and their properties, as vc4_plane.c (`vc4_plane_init`, `vc4_plane_create_additional_planes`),
/// vc4_crtc.c name them. No dump of a real board was at hand to compare with.
enum SimulatedObjects {
    static let connector: UInt32 = 33
    static let crtc: UInt32 = 60
    static let primary: UInt32 = 70

    static let edidBlob: UInt32 = 1_000
    static let formatsBlob: UInt32 = 999
    /// Blobs that are made get numbers from here.
    static let firstBlob: UInt32 = 1_001

    private static let names = [
        "type", "FB_ID", "CRTC_ID", "CRTC_X", "CRTC_Y", "CRTC_W", "CRTC_H", "SRC_X", "SRC_Y", "SRC_W", "SRC_H", "alpha",
        "pixel blend mode", "rotation", "COLOR_ENCODING", "COLOR_RANGE", "zpos", "FB_DAMAGE_CLIPS", "MODE_ID", "ACTIVE",
        "EDID", "DPMS", "IN_FORMATS",
    ]

    static func property(_ name: String) -> UInt32 { UInt32((names.firstIndex(of: name) ?? -1) + 1) }
    static func name(_ property: UInt32) -> String? {
        names.indices.contains(Int(property) - 1) ? names[Int(property) - 1] : nil
    }

    /// Primary, overlays and cursor, in the order in which they lie.
    static func planes(overlays: Int) -> [UInt32] { (0..<UInt32(overlays + 2)).map { primary + $0 } }

    static func initialPlane(_ index: Int, of count: Int) -> [String: UInt64] {
        [
            "type": index == 0 ? 1 : index == count - 1 ? 2 : 0, "alpha": 0xFFFF, "pixel blend mode": 0, "rotation": 1,
            "COLOR_ENCODING": 1, "COLOR_RANGE": 0, "zpos": UInt64(index), "IN_FORMATS": UInt64(formatsBlob),
        ]
    }

    /// What IN_FORMATS says: VideoCore's own layout is one of columns (drm_fourcc.h, DRM_FORMAT_MOD_BROADCOM_SAND128).
    static func modifiers(of plane: SimulatedPlane) -> KMSFormatModifiers {
        KMSFormatModifiers(entries: [
            (KMSFormatModifiers.linear, plane.formats.filter { !plane.tiledFormats.contains($0) }),
            (0x0700_0000_0000_0004, plane.formats.filter { $0 == KMSFormat.nv12 || plane.tiledFormats.contains($0) }),
        ])
    }

    static func properties(of plane: SimulatedPlane) -> [String] {
        [
            "type", "FB_ID", "CRTC_ID", "CRTC_X", "CRTC_Y", "CRTC_W", "CRTC_H", "SRC_X", "SRC_Y", "SRC_W", "SRC_H",
            "pixel blend mode", "rotation", "zpos", "IN_FORMATS",
        ] + (plane.hasAlpha ? ["alpha"] : []) + (plane.encodings.isEmpty ? [] : ["COLOR_ENCODING"])
            + (plane.hasColourRange ? ["COLOR_RANGE"] : [])
    }

    static func described(
        _ name: String, value: UInt64, isPrimary: Bool, of plane: SimulatedPlane
    ) -> KMSProperty {
        var property = KMSProperty(id: property(name), name: name, value: value)
        switch name {
        case "type":
            property.isImmutable = true
            property.names = ["Overlay": 0, "Primary": 1, "Cursor": 2]
        case "alpha": property.range = 0...0xFFFF
        case "pixel blend mode": property.names = ["Pre-multiplied": 0, "Coverage": 1, "None": 2]
        case "rotation": property.names = ["rotate-0": 0, "rotate-180": 2, "reflect-x": 4, "reflect-y": 5]
        case "COLOR_ENCODING":
            for (value, name) in plane.encodings.enumerated() { property.names[name] = UInt64(value) }
        case "COLOR_RANGE": property.names = ["YCbCr limited range": 0, "YCbCr full range": 1]
        case "zpos": property.isImmutable = isPrimary
        case "EDID", "IN_FORMATS": property.isImmutable = true
        case "DPMS": property.names = ["On": 0, "Standby": 1, "Suspend": 2, "Off": 3]
        default: break
        }
        return property
    }

    /// drm_framebuffer.c (`framebuffer_check`) and drm_gem_framebuffer_helper.c (`drm_gem_fb_init_with_funcs`).
    static func lies(_ layout: KMSFramebufferLayout, in byteCount: Int) -> Bool {
        let isPlanar = layout.format == KMSFormat.yuv420 || layout.format == KMSFormat.nv12
        let count = layout.format == KMSFormat.yuv420 ? 3 : isPlanar ? 2 : 1
        guard layout.pitches.count == count, layout.offsets.count == count, layout.width > 0, layout.height > 0 else {
            return false
        }
        let bytes = isPlanar ? 1 : layout.format == KMSFormat.rgb565 ? 2 : 4
        return (0..<count).allSatisfy { plane in
            let width = plane == 0 ? layout.width * bytes : (layout.width + 1) / 2 * (4 - count)
            let height = plane == 0 ? layout.height : (layout.height + 1) / 2
            return layout.pitches[plane] >= width
                && layout.offsets[plane] + (height - 1) * layout.pitches[plane] + width <= byteCount
        }
    }
}
