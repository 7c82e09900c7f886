import CDRM
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// What the card consists of, and what its objects say.
extension LibDRMDevice {
    public func resources() throws(Errno) -> KMSResources {
        let pointer = try Self.found(drmModeGetResources(number))
        defer { drmModeFreeResources(pointer) }
        let found = pointer.pointee
        return KMSResources(
            crtcs: Array(UnsafeBufferPointer(start: found.crtcs, count: Int(found.count_crtcs))),
            connectors: Array(UnsafeBufferPointer(start: found.connectors, count: Int(found.count_connectors))),
            framebuffers: Array(UnsafeBufferPointer(start: found.fbs, count: Int(found.count_fbs))))
    }

    public func connector(_ id: UInt32, detects: Bool) throws(Errno) -> KMSConnector {
        let pointer = try Self.found(
            detects ? drmModeGetConnector(number, id) : drmModeGetConnectorCurrent(number, id))
        defer { drmModeFreeConnector(pointer) }
        let found = pointer.pointee
        var possible: UInt32 = 0
        for encoder in UnsafeBufferPointer(start: found.encoders, count: Int(found.count_encoders)) {
            guard let encoder = drmModeGetEncoder(number, encoder) else { continue }
            possible |= encoder.pointee.possible_crtcs
            drmModeFreeEncoder(encoder)
        }
        var crtc: UInt32 = 0
        if found.encoder_id != 0, let encoder = drmModeGetEncoder(number, found.encoder_id) {
            crtc = encoder.pointee.crtc_id
            drmModeFreeEncoder(encoder)
        }
        let kind = drmModeGetConnectorTypeName(found.connector_type).map { String(cString: $0) } ?? "Unknown"
        let status: KMSConnector.Status =
            switch found.connection {
            case DRM_MODE_CONNECTED: .connected
            case DRM_MODE_DISCONNECTED: .disconnected
            default: .unknown
            }
        return KMSConnector(
            id: id, name: "\(kind)-\(found.connector_type_id)", status: status,
            modes: UnsafeBufferPointer(start: found.modes, count: Int(found.count_modes)).map(KMSMode.init),
            millimetreWidth: Int(found.mmWidth), millimetreHeight: Int(found.mmHeight), possibleCRTCs: possible,
            crtc: crtc)
    }

    public func crtc(_ id: UInt32) throws(Errno) -> KMSCRTCState {
        let pointer = try Self.found(drmModeGetCrtc(number, id))
        defer { drmModeFreeCrtc(pointer) }
        let found = pointer.pointee
        return KMSCRTCState(
            id: id, framebuffer: found.buffer_id, x: Int(found.x), y: Int(found.y),
            mode: found.mode_valid != 0 ? KMSMode(found.mode) : nil)
    }

    public func planes() throws(Errno) -> [KMSPlane] {
        let pointer = try Self.found(drmModeGetPlaneResources(number))
        defer { drmModeFreePlaneResources(pointer) }
        var planes: [KMSPlane] = []
        for id in UnsafeBufferPointer(start: pointer.pointee.planes, count: Int(pointer.pointee.count_planes)) {
            let plane = try Self.found(drmModeGetPlane(number, id))
            defer { drmModeFreePlane(plane) }
            planes.append(
                KMSPlane(
                    id: id, possibleCRTCs: plane.pointee.possible_crtcs,
                    formats: Array(
                        UnsafeBufferPointer(start: plane.pointee.formats, count: Int(plane.pointee.count_formats))),
                    crtc: plane.pointee.crtc_id))
        }
        return planes
    }

    public func properties(of id: UInt32, _ kind: KMSObject) throws(Errno) -> [KMSProperty] {
        let type =
            switch kind {
            case .connector: DRM_MODE_OBJECT_CONNECTOR
            case .crtc: DRM_MODE_OBJECT_CRTC
            case .plane: DRM_MODE_OBJECT_PLANE
            }
        let pointer = try Self.found(drmModeObjectGetProperties(number, id, UInt32(type)))
        defer { drmModeFreeObjectProperties(pointer) }
        var properties: [KMSProperty] = []
        for index in 0..<Int(pointer.pointee.count_props) {
            guard let property = drmModeGetProperty(number, pointer.pointee.props[index]) else { continue }
            defer { drmModeFreeProperty(property) }
            properties.append(KMSProperty(property.pointee, value: pointer.pointee.prop_values[index]))
        }
        return properties
    }

    public func blob(_ id: UInt32) throws(Errno) -> [UInt8] {
        let pointer = try Self.found(drmModeGetPropertyBlob(number, id))
        defer { drmModeFreePropertyBlob(pointer) }
        guard let data = pointer.pointee.data else { return [] }
        return Array(UnsafeRawBufferPointer(start: data, count: Int(pointer.pointee.length)))
    }
}

extension KMSProperty {
    init(_ found: drmModePropertyRes, value: UInt64) {
        let kind =
            found.flags & (UInt32(DRM_MODE_PROP_RANGE) | UInt32(DRM_MODE_PROP_ENUM) | UInt32(DRM_MODE_PROP_BITMASK))
        let values = UnsafeBufferPointer(start: found.values, count: Int(found.count_values))
        var names: [String: UInt64] = [:]
        for entry in UnsafeBufferPointer(start: found.enums, count: Int(found.count_enums)) {
            names[text(of: entry.name)] = entry.value
        }
        var range: ClosedRange<UInt64>?
        if kind == UInt32(DRM_MODE_PROP_RANGE), values.count == 2, values[0] <= values[1] {
            range = values[0]...values[1]
        }
        self.init(
            id: found.prop_id, name: text(of: found.name), value: value,
            isImmutable: found.flags & UInt32(DRM_MODE_PROP_IMMUTABLE) != 0, range: range, names: names)
    }
}

extension KMSMode {
    init(_ found: drmModeModeInfo) {
        self.init(
            clock: found.clock,
            horizontal: [found.hdisplay, found.hsync_start, found.hsync_end, found.htotal, found.hskew],
            vertical: [found.vdisplay, found.vsync_start, found.vsync_end, found.vtotal, found.vscan],
            refresh: found.vrefresh, flags: found.flags, type: found.type, name: text(of: found.name))
    }

    var kernelMode: drmModeModeInfo {
        var mode = drmModeModeInfo()
        mode.clock = clock
        (mode.hdisplay, mode.hsync_start, mode.hsync_end) = (horizontal[0], horizontal[1], horizontal[2])
        (mode.htotal, mode.hskew) = (horizontal[3], horizontal[4])
        (mode.vdisplay, mode.vsync_start, mode.vsync_end) = (vertical[0], vertical[1], vertical[2])
        (mode.vtotal, mode.vscan) = (vertical[3], vertical[4])
        (mode.vrefresh, mode.flags, mode.type) = (refresh, flags, type)
        withUnsafeMutableBytes(of: &mode.name) { $0.copyBytes(from: name.utf8.prefix($0.count - 1)) }
        return mode
    }
}

/// The text in a C array of characters.
private func text<Characters>(of characters: Characters) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}
