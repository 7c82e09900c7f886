import Frames
import KMS
import LinuxSystem
import Synchronization
import SystemPackage

/// Commits, tested and judged as drm_atomic.c, drm_atomic_helper.c and vc4_plane.c do.
extension SimulatedDevice {
    func commit(_ request: KMSRequest, flags: KMSCommitFlags, token: UInt64) throws(Errno) {
        let now = host.clock.now
        let result: Result<Void, Errno> = host.state.withLock { state in
            Result { () throws(Errno) in
                try state.commit(request, flags: flags, token: token, owner: owner, now: now)
            }
        }
        try result.get()
        changed.wake()
    }

    func setCRTC(_ wanted: KMSCRTCState, connectors: [UInt32]) throws(Errno) {
        let result: Result<Void, Errno> = host.state.withLock { state in
            Result { () throws(Errno) in
                try state.admit(owner)
                (state.mode, state.isLit) = (wanted.mode, wanted.mode != nil)
                state.modeSets += 1
                state.flip = nil
                state.showOnPrimary(wanted.framebuffer)
            }
        }
        try result.get()
    }

    func pageFlip(crtc: UInt32, framebuffer: UInt32, token: UInt64) throws(Errno) {
        let now = host.clock.now
        let result: Result<Void, Errno> = host.state.withLock { state in
            Result { () throws(Errno) in
                try state.admit(owner)
                guard state.isLit else { throw .invalidArgument }
                if state.flip != nil { throw .resourceBusy }
                state.showOnPrimary(framebuffer)
                state.startFlip(token, owner: owner, now: now)
            }
        }
        try result.get()
        changed.wake()
    }

    func setConnectorProperty(_ connector: UInt32, _ property: UInt32, _ value: UInt64) throws(Errno) {
        let result: Result<Void, Errno> = host.state.withLock { state in
            Result { () throws(Errno) in
                try state.admit(owner)
                guard SimulatedObjects.name(property) == "DPMS" else { throw .invalidArgument }
                state.objects[connector]?["DPMS"] = value
            }
        }
        try result.get()
    }

    func takeEvents() throws(Errno) -> [KMSFlipEvent] {
        let now = host.clock.now
        let result: Result<[KMSFlipEvent], Errno> = host.state.withLock { state in
            if state.card.isGone { return .failure(.deviceGone) }
            var events: [KMSFlipEvent] = []
            state.waitedFor.removeAll { flip, time in
                guard flip.owner == owner else { return false }
                events.append(KMSFlipEvent(token: flip.token, nanoseconds: time.nanoseconds, sequence: flip.sequence))
                return true
            }
            guard let flip = state.flip, flip.owner == owner, let due = flip.due, due <= now else {
                return .success(events)
            }
            state.flip = nil
            if flip.isSilent { return .success(events) }
            events.append(KMSFlipEvent(token: flip.token, nanoseconds: due.nanoseconds, sequence: flip.sequence))
            return .success(events)
        }
        return try result.get()
    }
}

extension SimulatedKMS.State {
    func admit(_ owner: Int) throws(Errno) {
        if card.isGone { throw .deviceGone }
        // drm_ioctl.c, DRM_MASTER
        guard master == owner, !card.hasOtherMaster else { throw .permissionDenied }
    }

    mutating func showOnPrimary(_ framebuffer: UInt32) {
        guard let layout = framebuffers[framebuffer]?.layout else { return }
        var plane = objects[SimulatedObjects.primary] ?? [:]
        (plane["FB_ID"], plane["CRTC_ID"]) = (UInt64(framebuffer), UInt64(SimulatedObjects.crtc))
        (plane["CRTC_X"], plane["CRTC_Y"], plane["SRC_X"], plane["SRC_Y"]) = (0, 0, 0, 0)
        (plane["CRTC_W"], plane["CRTC_H"]) = (UInt64(layout.width), UInt64(layout.height))
        (plane["SRC_W"], plane["SRC_H"]) = (UInt64(layout.width) << 16, UInt64(layout.height) << 16)
        objects[SimulatedObjects.primary] = plane
    }

    mutating func startFlip(_ token: UInt64, owner: Int, now: MonotonicInstant) {
        flips += 1
        let interval = 1_000_000_000_000 / Int64(max(1, mode?.millihertz ?? 60_000))
        let refresh = (now.nanoseconds - origin.nanoseconds) / interval
        var due: MonotonicInstant? =
            card.countsVerticalBlanks
            ? MonotonicInstant(nanoseconds: origin.nanoseconds + (refresh + Int64(card.flipRefreshes)) * interval) : now
        if card.stuckFlips > 0 {
            card.stuckFlips -= 1
            due = nil
        }
        let isSilent = card.missingFlips > 0
        if isSilent { card.missingFlips -= 1 }
        flip = SimulatedKMS.Flip(
            owner: owner, token: token, due: due, isSilent: isSilent,
            sequence: UInt32(truncatingIfNeeded: refresh + 1))
    }

    mutating func commit(
        _ request: KMSRequest, flags: KMSCommitFlags, token: UInt64, owner: Int, now: MonotonicInstant
    ) throws(Errno) {
        try admit(owner)
        // DRM_MODE_ATOMIC_TEST_ONLY with an event is refused (drm_atomic_uapi.c, `drm_mode_atomic_ioctl`).
        if flags.contains(.testOnly), flags.contains(.pageFlipEvent) { throw .invalidArgument }
        var next = objects
        for change in request.changes {
            guard let name = SimulatedObjects.name(change.property), next[change.object] != nil else {
                throw .noSuchFileOrDirectory
            }
            if name == "type" || name == "EDID" || name == "IN_FORMATS" { throw .invalidArgument }
            if next[change.object]?["type"] != nil { try check(name, change.value) }
            next[change.object]?[name] = change.value
        }
        let crtc = next[SimulatedObjects.crtc] ?? [:]
        let isLit = crtc["ACTIVE"] == 1
        let nextMode = crtc["MODE_ID"].flatMap { modeBlobs[UInt32($0)] } ?? mode
        let changesMode = isLit != self.isLit || (isLit && nextMode.map { mode?.hasTimings(of: $0) != true } ?? true)
        if changesMode, !flags.contains(.allowModeSet) { throw .invalidArgument }
        if flags.contains(.pageFlipEvent), !isLit { throw .invalidArgument }
        try check(planes: next, mode: nextMode)
        if flags.contains(.testOnly) {
            tests += 1
            return
        }
        if let pending = flip, pending.isSilent, let due = pending.due, due <= now { flip = nil }
        if flip != nil {
            // A flip is pending (drm_atomic_helper.c, `stall_checks`). A commit that may wait does so.
            guard !flags.contains(.nonBlocking) else { throw .resourceBusy }
            if let pending = flip, pending.due != nil, !pending.isSilent { waitedFor.append((pending, now)) }
            flip = nil
        }
        objects = next
        copyDamage()
        if isLit, let nextMode { mode = nextMode }
        self.isLit = isLit
        if flags.contains(.allowModeSet) { modeSets += 1 }
        if flags.contains(.pageFlipEvent) { startFlip(token, owner: owner, now: now) }
    }

    /// A plane has the property, and it takes the value (drm_atomic_uapi.c, drm_property.c).
    private func check(_ name: String, _ value: UInt64) throws(Errno) {
        let isDamage = name == "FB_DAMAGE_CLIPS" && card.copiesDamageOnly
        guard isDamage || SimulatedObjects.properties(of: card.plane).contains(name) else {
            throw .noSuchFileOrDirectory
        }
        let isTaken =
            switch name {
            case "COLOR_ENCODING": value < UInt64(card.plane.encodings.count)
            case "COLOR_RANGE": value < 2
            case "alpha": value <= 0xFFFF
            case "pixel blend mode": value < 3
            default: true
            }
        guard isTaken else { throw .invalidArgument }
    }

    /// drm_atomic.c (`drm_atomic_plane_check`) and vc4_plane.c (`vc4_plane_setup_clipping_and_scaling`, `vc4_lbm_size`).
    private func check(planes next: [UInt32: [String: UInt64]], mode: KMSMode?) throws(Errno) {
        var lines = 0
        for plane in SimulatedObjects.planes(overlays: card.overlays) {
            guard let values = next[plane], let image = values["FB_ID"], image != 0 else {
                if next[plane]?["CRTC_ID"] ?? 0 != 0 { throw .invalidArgument }
                continue
            }
            guard values["CRTC_ID"] == UInt64(SimulatedObjects.crtc), mode != nil,
                let layout = framebuffers[UInt32(image)]?.layout
            else { throw .invalidArgument }
            // A framebuffer without a modifier is a linear one (drm_plane.c, `drm_plane_has_format`).
            guard SimulatedObjects.modifiers(of: card.plane).takesLinear(layout.format) else { throw .invalidArgument }
            let place = SimulatedPlace(values)
            guard place.width > 0, place.height > 0, place.sourceWidth > 0, place.sourceHeight > 0 else {
                throw .invalidArgument
            }
            // Source coordinates outside of the framebuffer are ENOSPC.
            guard place.sourceX + place.sourceWidth <= layout.width << 16,
                place.sourceY + place.sourceHeight <= layout.height << 16
            else { throw .noSpace }
            // ERANGE (drm_rect.c, `drm_calc_scale`).
            let limit = card.plane.largestEnlargement
            for (from, to) in [(place.sourceWidth, place.width << 16), (place.sourceHeight, place.height << 16)]
            where limit == 1 ? from != to : to / from > limit { throw .outOfRange }
            let rotation = values["rotation"] ?? 1
            guard rotation & 0b1010 == 0, (rotation & 0b101).nonzeroBitCount == 1 else { throw .invalidArgument }
            lines += lineMemory(of: place, layout: layout)
        }
        // drm_mm_insert_node in `vc4_plane_allocate_lbm`
        if lines > card.lineMemory { throw .noSpace }
    }

    /// Words of line memory that a scaled plane takes. Colour at half the height is always enlarged.
    private func lineMemory(of place: SimulatedPlace, layout: KMSFramebufferLayout) -> Int {
        let (width, height) = (place.sourceWidth >> 16, place.sourceHeight >> 16)
        let isYUV = layout.pitches.count > 1
        if height == place.height, !isYUV { return 0 }
        // Trapezoidal filters for shrinking by more than 1.5, polyphase ones otherwise (`vc4_get_scaling_mode`).
        let pixels = 3 * place.width < 2 * width ? place.width : width
        let isTrapezoid = 3 * place.height < 2 * height
        return (pixels * (isTrapezoid && !isYUV ? 8 : 16) + 63) / 64 * 64 / 2
    }
}
