import CAllocations
import DisplayDrivers
import Frames
import KMS
import LinuxSystem
import Synchronization
import SystemPackage
import Testing

/// What a present allocates once everything runs, in real time.
@Suite(.timeLimit(.minutes(1))) struct DisplayAllocationTests {
    /// Of a DRM present: which plane takes which layer, the lists of properties and events, and hops between two threads.
    private static let drmThreshold = 40

    private func scenes(_ size: PixelSize) throws -> [Scene] {
        try (0..<3 as Range<UInt32>).map { salt in
            let frame = try patternFrame(size, salt: 40 * salt)
            return Scene(layers: [Layer(frame: frame, destination: PixelRectangle(size))])
        }
    }

    @Test func headlessAllocatesNothing() async throws {
        let loop = try EventLoop(name: "caller")
        let size = PixelSize(width: 64, height: 36)
        let driver = HeadlessDriver(size: size, refreshRate: 500, clock: loop.clock)
        let scenes = try scenes(size)
        let task = Task(executorPreference: loop.tasks) {
            let display = try await driver.open()
            var counts: [Int] = []
            counts.reserveCapacity(100)
            for index in 0..<60 {
                _ = try await display.present(scenes[index % 3], notBefore: loop.clock.now)
                counts.append(vitrine_thread_allocations())
            }
            await display.close()
            return counts
        }
        let counts = try await task.value
        #expect(counts[59] - counts[20] == 0)
    }

    @Test func drmAllocatesAFewAndNeverMore() async throws {
        let loop = try EventLoop(name: "caller")
        let size = PixelSize(width: 64, height: 36)
        let card = SimulatedKMS(
            SimulatedCard(modes: [testMode(64, 36, hertz: 500, preferred: true)]), clock: loop.clock)
        let host = MeteredHost(card)
        let driver = DRMDriver(host: host, clock: loop.clock)
        let scenes = try scenes(size)
        let task = Task(executorPreference: loop.tasks) {
            let display = try await driver.open()
            var counts: [Int] = []
            counts.reserveCapacity(300)
            for index in 0..<200 {
                _ = try await display.present(scenes[index % 3], notBefore: loop.clock.now)
                counts.append(Int(vitrine_process_allocations()) - host.inside.load(ordering: .relaxed))
            }
            await display.close()
            return counts
        }
        let counts = try await task.value
        // Others allocate, too: the quietest stretch of 20 presents is ours alone.
        func least(_ range: Range<Int>) -> Int { range.map { counts[$0 + 20] - counts[$0] }.min() ?? 0 }
        let (early, late) = (least(20..<90), least(100..<179))
        print("DRM: \(Double(late) / 20) allocations a present, \(Double(early) / 20) early on")
        #expect(late <= 20 * Self.drmThreshold)
        #expect(late <= early + 10)
    }
}

/// A simulated card whose own allocations are told apart from the driver's.
private final class MeteredHost: KMSHost {
    let inside = Atomic<Int>(0)
    private let card: SimulatedKMS

    init(_ card: SimulatedKMS) { self.card = card }

    var hotplug: Wakeup? { card.hotplug }
    var pollInterval: Duration? { nil }
    func cards() -> [String] { card.cards() }
    func plugged() -> [String] { card.plugged() }
    func open(_ path: String) throws(Errno) -> any KMSDevice { MeteredDevice(try card.open(path), self) }
    func adopt(_ descriptor: Descriptor) throws(Errno) -> any KMSDevice {
        MeteredDevice(try card.adopt(descriptor), self)
    }

    func metered<Value>(_ body: () throws(Errno) -> Value) throws(Errno) -> Value {
        let before = vitrine_thread_allocations()
        defer { inside.add(vitrine_thread_allocations() - before, ordering: .relaxed) }
        return try body()
    }
}

private final class MeteredDevice: KMSDevice {
    private let device: any KMSDevice
    private let host: MeteredHost

    init(_ device: any KMSDevice, _ host: MeteredHost) { (self.device, self.host) = (device, host) }

    var path: String { device.path }
    var driver: String { device.driver }
    var descriptor: Descriptor? { device.descriptor }
    var isAtomic: Bool { device.isAtomic }
    var changed: Wakeup { device.changed }
    var nextEventTime: MonotonicInstant? { device.nextEventTime }
    var isMaster: Bool { device.isMaster }

    func resources() throws(Errno) -> KMSResources { try device.resources() }
    func connector(_ id: UInt32, detects: Bool) throws(Errno) -> KMSConnector {
        try device.connector(id, detects: detects)
    }
    func crtc(_ id: UInt32) throws(Errno) -> KMSCRTCState { try device.crtc(id) }
    func planes() throws(Errno) -> [KMSPlane] { try device.planes() }
    func properties(of id: UInt32, _ kind: KMSObject) throws(Errno) -> [KMSProperty] {
        try device.properties(of: id, kind)
    }
    func blob(_ id: UInt32) throws(Errno) -> [UInt8] { try device.blob(id) }
    func createBlob(_ bytes: [UInt8]) throws(Errno) -> UInt32 {
        try host.metered { () throws(Errno) in try device.createBlob(bytes) }
    }
    func createModeBlob(_ mode: KMSMode) throws(Errno) -> UInt32 { try device.createModeBlob(mode) }
    func destroyBlob(_ id: UInt32) { device.destroyBlob(id) }
    var bufferBytes: Int { device.bufferBytes }
    func createDumbBuffer(width: Int, height: Int, bitsPerPixel: Int) throws(Errno) -> KMSDumbBuffer {
        try device.createDumbBuffer(width: width, height: height, bitsPerPixel: bitsPerPixel)
    }
    func map(_ buffer: KMSDumbBuffer) throws(Errno) -> UnsafeMutableRawBufferPointer { try device.map(buffer) }
    func destroyDumbBuffer(_ buffer: KMSDumbBuffer, mapping: UnsafeMutableRawBufferPointer?) {
        device.destroyDumbBuffer(buffer, mapping: mapping)
    }
    func share(_ buffer: KMSDumbBuffer) throws(Errno) -> Descriptor { try device.share(buffer) }
    func synchronize(_ shared: Descriptor, isBeginning: Bool) {
        device.synchronize(shared, isBeginning: isBeginning)
    }
    func forgetBuffers() { device.forgetBuffers() }
    func addFramebuffer(_ layout: KMSFramebufferLayout) throws(Errno) -> UInt32 { try device.addFramebuffer(layout) }
    func removeFramebuffer(_ id: UInt32) { device.removeFramebuffer(id) }
    func commit(_ request: KMSRequest, flags: KMSCommitFlags, token: UInt64) throws(Errno) {
        try host.metered { () throws(Errno) in try device.commit(request, flags: flags, token: token) }
    }
    func setCRTC(_ state: KMSCRTCState, connectors: [UInt32]) throws(Errno) {
        try device.setCRTC(state, connectors: connectors)
    }
    func pageFlip(crtc: UInt32, framebuffer: UInt32, token: UInt64) throws(Errno) {
        try host.metered { () throws(Errno) in try device.pageFlip(crtc: crtc, framebuffer: framebuffer, token: token) }
    }
    func setConnectorProperty(_ connector: UInt32, _ property: UInt32, _ value: UInt64) throws(Errno) {
        try device.setConnectorProperty(connector, property, value)
    }
    func setMaster() throws(Errno) { try device.setMaster() }
    func dropMaster() throws(Errno) { try device.dropMaster() }
    func takeEvents() throws(Errno) -> [KMSFlipEvent] {
        try host.metered { () throws(Errno) in try device.takeEvents() }
    }
    func close() { device.close() }
}
