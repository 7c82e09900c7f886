import DecoderProtocol
import Testing

@testable import DecoderClient

@Suite(.timeLimit(.minutes(1))) struct HardwareMemoryTests {
    @Test func theProcessThatPlaysIsShown() {
        var memory = HardwareMemory()
        #expect(memory.report(ofCurrent: nil) == nil)
        memory.said(HardwareReport(.absent, "none"))
        #expect(memory.report(ofCurrent: nil) == HardwareReport(.absent, "none"))
        let inUse = HardwareReport(.inUse, "h264_v4l2m2m")
        #expect(memory.report(ofCurrent: inUse) == inUse)
        #expect(memory.mayBeUsed)
    }

    @Test func whatStoodStillOnceIsLeftAlone() {
        var memory = HardwareMemory()
        memory.said(HardwareReport(.refused, "too large"))
        #expect(memory.mayBeUsed)
        memory.stalled(under: HardwareReport(.ready, "/dev/video10"), after: .seconds(10))
        #expect(memory.mayBeUsed)
        memory.stalled(under: HardwareReport(.inUse, "h264_v4l2m2m"), after: .seconds(10))
        #expect(!memory.mayBeUsed)
        let fault = HardwareReport(.stuck, "h264_v4l2m2m: it stood still for 10 s")
        memory.said(HardwareReport(.ready, "/dev/video10"))
        #expect(memory.report(ofCurrent: HardwareReport(.ready, "/dev/video10")) == fault)
    }

    @Test func nobodyTriesAgainWhatGotStuck() async throws {
        var script = FakeDecoder.Script()
        script.answer = { request, peer in
            if case .open(_, let open) = request, open.mayUseHardware {
                peer.send(.hardware(HardwareReport(.stuck, "h264_v4l2m2m: no picture")))
            }
            return false
        }
        let fixture = try PoolFixture(script)
        let first = try await fixture.open()
        #expect(try await first.numbers(limit: 2) == [0, 1])
        #expect(await fixture.pool.status.hardware == HardwareReport(.stuck, "h264_v4l2m2m: no picture"))
        await first.close()
        let second = try await fixture.open()
        #expect(try await second.numbers(limit: 1) == [0])
        let tries = try fixture.peer().requests.compactMap { request -> Bool? in
            if case .open(_, let open) = request { open.mayUseHardware } else { nil }
        }
        #expect(tries == [true, false])
    }

    @Test func aStallWhileItDecodesIsTheDevices() async throws {
        var script = FakeDecoder.Script()
        script.answer = { request, peer in
            if case .open = request { peer.send(.hardware(HardwareReport(.inUse, "h264_v4l2m2m"))) }
            return false
        }
        let fixture = try PoolFixture(script)
        let session = try await fixture.open()
        let peer = try fixture.peer()
        try await until { peer.framesSent == 3 }
        peer.freeze()
        #expect(try await session.numbers(limit: 3) == [0, 1, 2])
        let waiting = Task { try await session.nextFrame() }
        try await until { await fixture.pool.isOwed }
        try await fixture.pass(.seconds(10))
        await #expect(throws: DecoderError.stalled(after: .seconds(10))) { try await waiting.value }
        #expect(await fixture.pool.status.hardware?.state == .stuck)
    }
}
