import Testing

@testable import LinuxSystem

@Suite struct UeventTests {
    @Test func onlyItsOwnSubsystemConcerns() {
        let message = Array("change@/devices/pci0/drm/card0\0ACTION=change\0SUBSYSTEM=drm\0HOTPLUG=1\0".utf8)
        #expect(UeventWatch.concerns(message, subsystem: "drm"))
        #expect(!UeventWatch.concerns(message, subsystem: "gpio"))
        #expect(!UeventWatch.concerns(Array("XSUBSYSTEM=drm\0".utf8), subsystem: "drm"))
        #expect(!UeventWatch.concerns([], subsystem: "drm"))
    }
}
