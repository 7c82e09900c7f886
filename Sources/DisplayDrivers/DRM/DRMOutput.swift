import Frames
import KMS
import LinuxSystem
import SystemPackage

/// One output in use: its buffers, what is on its planes, and the commits. No waiting here; one actor owns it.
final class DRMOutput {
    let device: any KMSDevice
    let found: FoundOutput
    let turn: PictureTurn
    let buffers: PictureBuffers
    /// Empty without atomic commits.
    let planes: [PlaneProperties]
    /// Layers may have planes of their own.
    let usesPlanes: Bool
    /// YUV that the planes take, best first: as large as the screen, and enlarged to it.
    private(set) var planarFormats: [PixelFormat] = []
    /// nil: no frame is scanned out from where it was decoded to.
    let lender: ScanoutLender?
    /// The next commit sets the mode, too.
    var needsModeSet: Bool

    private let connectorIDs: [String: UInt32]
    private let crtcIDs: [String: UInt32]
    private let saved: KMSCRTCState?
    private let rotatesByPlane: Bool
    private let uploads: LayerUploads
    private let copies = ReadableCopies()
    private var request = KMSRequest()
    private var modeBlob: UInt32 = 0
    private var active: Set<UInt32> = []
    private var verdicts: [SceneShape: Bool] = [:]
    private var oldFramebuffers: [UInt32]
    /// The mode as an earlier owner of the descriptor set it; 0: none.
    private var oldModeBlob: UInt32
    private var prepared: Prepared?
    /// Framebuffers of layers that were committed last.
    private var imagesShown: [UInt32] = []

    private enum Prepared {
        case composed(Int)
        case layers([Layer], PlaneAssignment, [UInt32])
    }

    /// - Throws: what the kernel refused.
    init(_ found: FoundOutput, on device: any KMSDevice, _ configuration: DRMConfiguration) throws(Errno) {
        self.device = device
        self.found = found
        oldFramebuffers = found.oldFramebuffers
        let mode = found.choice.mode
        let glass = PixelSize(width: mode.width, height: mode.height)
        turn = PictureTurn(
            degrees: configuration.rotation,
            size: configuration.rotation % 180 == 0 ? glass : PixelSize(width: glass.height, height: glass.width))
        let current = try device.crtc(found.crtc)
        saved = configuration.restoresOnExit ? current : nil
        let isRight = current.mode?.hasTimings(of: mode) == true && found.connector.crtc == found.crtc
        needsModeSet = !isRight
        let listed = device.isAtomic ? try device.planes() : []
        var planes: [PlaneProperties] = []
        for (order, plane) in listed.enumerated() where plane.possibleCRTCs & found.crtcBit != 0 {
            planes.append(try PlaneProperties(plane, order: order, on: device))
            if plane.crtc == found.crtc { active.insert(plane.id) }
        }
        self.planes = planes
        connectorIDs = Self.ids(try device.properties(of: found.connector.id, .connector))
        let crtcProperties = try device.properties(of: found.crtc, .crtc)
        crtcIDs = Self.ids(crtcProperties)
        oldModeBlob = UInt32(truncatingIfNeeded: crtcProperties.first { $0.name == "MODE_ID" }?.value ?? 0)
        let primary = planes.first { $0.traits.kind == .primary }
        rotatesByPlane = turn.degrees == 180 && primary?.traits.turnsAround == true
        buffers = try PictureBuffers(
            size: glass, turn: rotatesByPlane ? PictureTurn(degrees: 0, size: glass) : turn,
            formats: primary?.traits.formats ?? [.xrgb8888, .rgb565], on: device)
        usesPlanes =
            device.isAtomic && planes.contains { $0.traits.kind == .overlay }
            && (turn.degrees == 0 || rotatesByPlane) && buffers.note == nil
            && LayerUploads.hasRoom(for: glass, on: device)
        lender = usesPlanes ? ScanoutLender(formats: primary?.traits.formats ?? [], on: device) : nil
        uploads = LayerUploads(device: device, lender: lender)
        do throws(Errno) {
            if device.isAtomic {
                guard primary != nil else { throw .notSupported }
                modeBlob = try device.createModeBlob(mode)
                prepare(.black)
                try test()
                if usesPlanes, let primary {
                    // Three planes are what software decoders make: copied as they are.
                    planarFormats = [.yuv420, .nv12].filter { takes($0, on: primary) }
                }
            }
        } catch {
            buffers.destroy(on: device)
            if modeBlob != 0 { device.destroyBlob(modeBlob) }
            throw error
        }
    }

    private static func ids(_ properties: [KMSProperty]) -> [String: UInt32] {
        Dictionary(properties.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
    }

    var planeCount: Int { usesPlanes ? planes.count { $0.traits.kind != .cursor } : 0 }

    /// Draws what the next commit shows. Nothing on the glass changes.
    ///
    /// - Parameter shown: what is on the glass.
    func prepare(_ scene: Scene, after shown: Scene = .black) {
        if usesPlanes, let layers = assigned(scene) {
            prepared = layers
            buffers.forgetScenes()
            copies.forget()
        } else {
            prepared = .composed(buffers.compose(copies.scene(scene, after: shown)))
        }
    }

    /// Asks for what was prepared.
    ///
    /// - Returns: whether an event will tell when it is on the glass; otherwise it is there.
    func commit(token: UInt64) throws(Errno) -> Bool {
        guard device.isAtomic else { return try commitLegacy(token: token) }
        // A mode set that may block stands behind a flip that was lost for as long as the kernel waits for that: 10 s.
        var flags: KMSCommitFlags = [.pageFlipEvent, .nonBlocking]
        if needsModeSet { flags.insert(.allowModeSet) }
        let clips = fillRequest(withDamage: !needsModeSet)
        defer { if clips != 0 { device.destroyBlob(clips) } }
        try device.commit(request, flags: flags, token: token)
        settle()
        return true
    }

    private func test() throws(Errno) {
        _ = fillRequest(withDamage: false)
        do throws(Errno) {
            try device.commit(request, flags: needsModeSet ? [.testOnly, .allowModeSet] : .testOnly, token: 0)
        } catch {
            guard !needsModeSet else { throw error }
            needsModeSet = true
            _ = fillRequest(withDamage: false)
            try device.commit(request, flags: [.testOnly, .allowModeSet], token: 0)
        }
    }

    /// Whether a plane shows video in this format, whatever the video's usual size and coding.
    private func takes(_ format: PixelFormat, on plane: PlaneProperties) -> Bool {
        let codings = [ColourCoding(matrix: .bt601, isFullRange: false), .highDefinition]
        guard plane.traits.formats.contains(format),
            codings.allSatisfy({ plane.traits.colours.values(for: $0) != nil }),
            let buffer = try? ScanoutBuffer(format, size: buffers.size, on: device)
        else { return false }
        defer { buffer.destroy(on: device) }
        let (width, height) = (buffers.size.width, buffers.size.height)
        return [(width, height), (max(1, width / 2), max(1, height / 2))].allSatisfy { part in
            request.removeAll()
            if needsModeSet { requestMode() }
            plane.show(
                buffer.framebuffer, source: (0, 0, part.0 << 16, part.1 << 16), at: PixelRectangle(buffers.size),
                alpha: 255, isUpsideDown: rotatesByPlane, layout: buffer.layout, on: found.crtc, in: &request)
            for other in planes where active.contains(other.traits.id) && other.traits.id != plane.traits.id {
                other.hide(in: &request)
            }
            do throws(Errno) {
                try device.commit(request, flags: needsModeSet ? [.testOnly, .allowModeSet] : .testOnly, token: 0)
                return true
            } catch {
                return false
            }
        }
    }

    private func requestMode() {
        request.set(found.connector.id, connectorIDs["CRTC_ID"] ?? 0, UInt64(found.crtc))
        request.set(found.crtc, crtcIDs["MODE_ID"] ?? 0, UInt64(modeBlob))
        request.set(found.crtc, crtcIDs["ACTIVE"] ?? 0, 1)
    }

    private func commitLegacy(token: UInt64) throws(Errno) -> Bool {
        guard case .composed(let index) = prepared else { return false }
        let image = buffers.framebuffer(index)
        if needsModeSet {
            try device.setCRTC(
                KMSCRTCState(id: found.crtc, framebuffer: image, mode: found.choice.mode),
                connectors: [found.connector.id])
            settle()
            return false
        }
        try device.pageFlip(crtc: found.crtc, framebuffer: image, token: token)
        settle()
        return true
    }

    /// The commit was taken.
    private func settle() {
        needsModeSet = false
        if case .composed(let index) = prepared { buffers.shown = index } else { buffers.shown = nil }
        if case .layers(_, _, let images) = prepared { imagesShown = images } else { imagesShown = [] }
        lender?.committed(onPlanes: !imagesShown.isEmpty)
        guard device.isAtomic else { return }
        active.removeAll(keepingCapacity: true)
        switch prepared {
        case .composed: for plane in planes where plane.traits.kind == .primary { active.insert(plane.traits.id) }
        case .layers(_, let assignment, _): for place in assignment.places { active.insert(place.plane) }
        case nil: break
        }
    }

    /// What was committed is on the glass: what was there before is not needed any more.
    func finished() {
        if case .layers(let layers, _, _) = prepared { uploads.keep(layers) } else { uploads.keep([]) }
        for old in oldFramebuffers { device.removeFramebuffer(old) }
        oldFramebuffers = []
        // The kernel refuses what is not ours, and keeps what is in use.
        if oldModeBlob != 0 { device.destroyBlob(oldModeBlob) }
        oldModeBlob = 0
    }

    /// - Returns: the blob of damage clips, which the caller destroys; 0: none.
    private func fillRequest(withDamage: Bool) -> UInt32 {
        request.removeAll()
        if needsModeSet { requestMode() }
        var used: Set<UInt32> = []
        var clips: UInt32 = 0
        switch prepared {
        case .composed(let index):
            guard let primary = planes.first(where: { $0.traits.kind == .primary }) else { break }
            used.insert(primary.traits.id)
            let glass = buffers.size
            primary.show(
                buffers.framebuffer(index), source: (0, 0, glass.width << 16, glass.height << 16),
                at: PixelRectangle(glass), alpha: 255, isUpsideDown: rotatesByPlane, layout: buffers.layout,
                on: found.crtc, in: &request)
            if withDamage, primary.damage != 0, let bytes = buffers.damageClips(index),
                let blob = try? device.createBlob(bytes)
            {
                clips = blob
                request.set(primary.traits.id, primary.damage, UInt64(blob))
            }
        case .layers(let layers, let assignment, let images):
            for (place, image) in zip(assignment.places, images) {
                guard let plane = planes.first(where: { $0.traits.id == place.plane }),
                    let (source, area) = layers[place.layer].clipped(to: turn.size)
                else { continue }
                used.insert(place.plane)
                plane.show(
                    image, source: source, at: turn.turned(area), alpha: layers[place.layer].alpha,
                    isUpsideDown: rotatesByPlane, layout: layers[place.layer].frame.layout, on: found.crtc,
                    in: &request)
            }
        case nil: break
        }
        for plane in planes where active.contains(plane.traits.id) && !used.contains(plane.traits.id) {
            plane.hide(in: &request)
        }
        return clips
    }

    /// The scene on planes, if the hardware takes it so.
    private func assigned(_ scene: Scene) -> Prepared? {
        let layers = scene.layers.filter { $0.clipped(to: turn.size) != nil }
        guard let assignment = PlaneAssignment.assign(layers, to: planes.map(\.traits), upsideDown: rotatesByPlane)
        else { return nil }
        let shape = SceneShape(layers)
        if verdicts[shape] == false { return nil }
        guard let images = uploads.images(of: layers) else { return nil }
        let candidate = Prepared.layers(layers, assignment, images)
        if verdicts[shape] == true { return candidate }
        let before = prepared
        prepared = candidate
        defer { prepared = before }
        _ = fillRequest(withDamage: false)
        do throws(Errno) {
            try device.commit(request, flags: needsModeSet ? [.testOnly, .allowModeSet] : .testOnly, token: 0)
            remember(shape, true)
            return candidate
        } catch {
            // A pending flip or a lost master says nothing about planes.
            if error == .invalidArgument || error == .noSpace || error == .outOfRange { remember(shape, false) }
            return nil
        }
    }

    private func remember(_ shape: SceneShape, _ isAccepted: Bool) {
        if verdicts.count >= 64 { verdicts.removeAll() }
        verdicts[shape] = isAccepted
    }

    func setPower(_ isOn: Bool) throws(Errno) {
        // What sleeps may sleep long: frames are not held for a picture that nobody sees.
        if !isOn {
            copies.forget()
            buffers.forgetScenes()
        }
        if isOn {
            needsModeSet = true
            if !device.isAtomic, let dpms = connectorIDs["DPMS"] {
                try device.setConnectorProperty(found.connector.id, dpms, 0)
            }
        } else if device.isAtomic {
            request.removeAll()
            request.set(found.crtc, crtcIDs["ACTIVE"] ?? 0, 0)
            try device.commit(request, flags: .allowModeSet, token: 0)
        } else if let dpms = connectorIDs["DPMS"] {
            try device.setConnectorProperty(found.connector.id, dpms, 3)
        }
    }

    /// Gives everything back. The picture stays on the glass, unless what was there before is to be restored.
    func close() {
        if let saved { try? device.setCRTC(saved, connectors: saved.mode == nil ? [] : [found.connector.id]) }
        let kept = saved == nil ? buffers.shown : nil
        buffers.destroy(on: device, keepingFramebuffer: kept)
        let stays = saved == nil && kept == nil
        uploads.destroy(keepingFramebuffers: stays)
        copies.forget()
        lender?.close(keeping: stays ? Set(imagesShown) : [])
        if modeBlob != 0 { device.destroyBlob(modeBlob) }
    }
}
