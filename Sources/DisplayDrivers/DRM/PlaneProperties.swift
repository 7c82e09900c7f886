import Frames
import KMS
import SystemPackage

/// The numbers of a plane's properties; 0: it has no such property.
struct PlaneProperties: Sendable {
    var traits: PlaneTraits
    let framebuffer, crtc: UInt32
    let crtcX, crtcY, crtcWidth, crtcHeight: UInt32
    let sourceX, sourceY, sourceWidth, sourceHeight: UInt32
    let alpha, blend, rotation, encoding, range, damage: UInt32
    let opaque, coverage, upright, upsideDown: UInt64

    /// - Parameter order: of the plane in the kernel's list, for drivers without `zpos`.
    init(_ plane: KMSPlane, order: Int, on device: any KMSDevice) throws(Errno) {
        let properties = Dictionary(
            try device.properties(of: plane.id, .plane).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        func id(_ name: String) -> UInt32 { properties[name]?.id ?? 0 }
        func value(_ name: String, _ entry: String) -> UInt64? { properties[name]?.names[entry] }
        (framebuffer, crtc) = (id("FB_ID"), id("CRTC_ID"))
        (crtcX, crtcY, crtcWidth, crtcHeight) = (id("CRTC_X"), id("CRTC_Y"), id("CRTC_W"), id("CRTC_H"))
        (sourceX, sourceY, sourceWidth, sourceHeight) = (id("SRC_X"), id("SRC_Y"), id("SRC_W"), id("SRC_H"))
        alpha = id("alpha")
        blend = id("pixel blend mode")
        rotation = id("rotation")
        encoding = id("COLOR_ENCODING")
        range = id("COLOR_RANGE")
        damage = id("FB_DAMAGE_CLIPS")
        opaque = properties["alpha"]?.range?.upperBound ?? 0xFFFF
        let coverage = value("pixel blend mode", "Coverage")
        self.coverage = coverage ?? 0
        // Of a bit mask the entries are bit numbers.
        upright = value("rotation", "rotate-0").map { 1 << $0 } ?? 1
        let half = value("rotation", "rotate-180").map { UInt64(1) << $0 }
        upsideDown = half ?? 0
        var formats = plane.formats
        // A format may be there in the hardware's own layouts alone.
        if let blob = properties["IN_FORMATS"].map({ UInt32(truncatingIfNeeded: $0.value) }), blob != 0,
            // What cannot be read judges nothing: test commits do.
            let bytes = try? device.blob(blob), let modifiers = KMSFormatModifiers(bytes)
        {
            formats.removeAll { !modifiers.takesLinear($0) }
        }
        traits = PlaneTraits(
            id: plane.id, kind: properties["type"].flatMap { PlaneTraits.Kind(rawValue: $0.value) } ?? .overlay,
            formats: formats.compactMap(PixelFormat.init(fourCC:)),
            depth: properties["zpos"]?.value ?? UInt64(order), hasAlpha: alpha != 0, blendsCoverage: coverage != nil,
            turnsAround: half != nil,
            colours: PlaneColours(encoding: properties["COLOR_ENCODING"], range: properties["COLOR_RANGE"]))
    }

    /// - Parameters:
    ///   - source: in 1/65,536 pixels of the framebuffer.
    ///   - place: on the screen.
    func show(
        _ image: UInt32, source: (x: Int, y: Int, width: Int, height: Int), at place: PixelRectangle,
        alpha layerAlpha: UInt8, isUpsideDown: Bool, layout: FrameLayout, on target: UInt32,
        in request: inout KMSRequest
    ) {
        let plane = traits.id
        request.set(plane, framebuffer, UInt64(image))
        request.set(plane, crtc, UInt64(target))
        request.set(plane, sourceX, UInt64(source.x))
        request.set(plane, sourceY, UInt64(source.y))
        request.set(plane, sourceWidth, UInt64(source.width))
        request.set(plane, sourceHeight, UInt64(source.height))
        // Signed in the kernel.
        request.set(plane, crtcX, UInt64(bitPattern: Int64(place.x)))
        request.set(plane, crtcY, UInt64(bitPattern: Int64(place.y)))
        request.set(plane, crtcWidth, UInt64(place.width))
        request.set(plane, crtcHeight, UInt64(place.height))
        if alpha != 0 { request.set(plane, alpha, (UInt64(layerAlpha) * opaque + 127) / 255) }
        if blend != 0, traits.blendsCoverage { request.set(plane, blend, coverage) }
        if rotation != 0 { request.set(plane, rotation, isUpsideDown ? upsideDown : upright) }
        if layout.format.isYUV, let values = traits.colours.values(for: layout.colour) {
            if let value = values.encoding { request.set(plane, encoding, value) }
            if let value = values.range { request.set(plane, range, value) }
        }
    }

    func hide(in request: inout KMSRequest) {
        request.set(traits.id, framebuffer, 0)
        request.set(traits.id, crtc, 0)
    }
}
