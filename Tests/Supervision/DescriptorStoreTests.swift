import Foundation
import LinuxSystem
import Supervision
import SystemPackage
import Testing

@Suite struct DescriptorStoreTests {
    @Test func sendsTheDescriptorWithItsName() throws {
        let name = "@vitrine-store-\(UUID())"
        let address = try #require(UnixAddress(name))
        let systemd = try DatagramSocket(boundTo: address)
        let store = try #require(DescriptorStore(environment: ["NOTIFY_SOCKET": name]))
        let file = try MemoryFile(name: "test", byteCount: 4_096)
        #expect(store.keep(file.descriptor, name: "drm-card"))
        #expect(try systemd.receive().map { String(decoding: $0, as: UTF8.self) } == "FDSTOREREMOVE=1\nFDNAME=drm-card")
        #expect(
            try systemd.receive().map { String(decoding: $0, as: UTF8.self) } == "FDSTORE=1\nFDPOLL=0\nFDNAME=drm-card")
        #expect(!store.keep(file.descriptor, name: "two words"))
        #expect(DescriptorStore(environment: [:]) == nil)
    }

    @Test func takesOverWhatWasKept() throws {
        let file = try MemoryFile(name: "test", byteCount: 4_096)
        let copy = try file.descriptor.duplicate()
        // What systemd hands over belongs to nobody yet.
        let number = fcntl(copy.rawValue, F_DUPFD, 200)
        #expect(number >= 200)
        let environment = ["LISTEN_PID": "42", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "drm-card"]
        #expect(DescriptorStore.received(environment: environment, process: 43, first: number).isEmpty)
        let received = DescriptorStore.received(environment: environment, process: 42, first: number)
        #expect(received["drm-card"]?.rawValue == number)
        #expect(try received["drm-card"]?.byteCount() == 4_096)
        #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0)
        #expect(DescriptorStore.received(environment: ["LISTEN_FDS": "1"], process: 42).isEmpty)
    }
}
