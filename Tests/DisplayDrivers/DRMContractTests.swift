import DisplayDrivers
import Frames
import KMS
import LinuxSystem
import Testing

@Suite struct DRMContractTests {
    @Test func atomic() async throws { try await verify(DRMStage()) }
    @Test func legacy() async throws { try await verify(DRMStage { $0.isAtomic = false }) }
    @Test func withoutVerticalBlanks() async throws { try await verify(DRMStage { $0.countsVerticalBlanks = false }) }
    @Test func withoutOverlays() async throws { try await verify(DRMStage { $0.overlays = 0 }) }
    @Test func scarceMemory() async throws {
        try await verify(DRMStage { $0.cma = 64 * 36 * 2 * 2 + 8_192 })
    }

    @Test(arguments: [90, 180, 270]) func turned(_ degrees: Int) async throws {
        try await verify(DRMStage(DRMConfiguration(rotation: degrees)))
    }

    private func verify(_ stage: DRMStage) async throws {
        let (clock, driver) = (stage.clock, stage.driver)
        try await withTimePassing(clock) { try await verifyDisplayContract(of: driver) { clock.now } }
    }

    @Test func paceWithoutVerticalBlanksIsTheTimers() async throws {
        let stage = DRMStage { $0.countsVerticalBlanks = false }
        try await stage.play { display in
            var last: Presentation?
            for _ in 0..<5 { last = try await display.present(.black, notBefore: stage.clock.now) }
            #expect(last?.source == .timer)
        }
    }

    @Test func paceWithVerticalBlanksIsTheHardwares() async throws {
        let stage = DRMStage()
        try await stage.play { display in
            for _ in 0..<5 {
                let shown = try await display.present(.black, notBefore: stage.clock.now)
                #expect(shown.source == .verticalBlank)
            }
        }
        #expect(stage.card.commits.modeSets == 1)
    }
}
