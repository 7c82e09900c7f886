import CAllocations
import Frames
import GPIO
import LinuxSystem
import PanelBus
import Synchronization
import Testing

@testable import DisplayDrivers

/// What a frame allocates once everything runs: nothing, wherever its pixels come from.
@Suite struct SPIPanelAllocationTests {
    @Test(arguments: ["st7789-240x320", "ili9488-320x480"]) func videoAllocatesNothing(_ name: String) throws {
        let model = try #require(PanelCatalogue.entry(named: name)).model
        let size = model.size
        let frames = try (0..<3).map { try patternFrame(size, salt: 40 * $0) }
        try measure(model, frames.map { fullScene($0, on: size) })
    }

    @Test func crossfadesAndLetterboxesAllocateNothing() throws {
        let model = PanelModel.ili9341Size240x320
        let wide = PixelSize(width: 240, height: 135)
        let frames = try (0..<2).map { try patternFrame(wide, salt: 90 * $0) }
        let place = PixelRectangle(x: 0, y: 92, width: 240, height: 135)
        let scenes = (1..<10).map { step in
            Scene(layers: [
                Layer(frame: frames[0], destination: place),
                Layer(frame: frames[1], destination: place, alpha: UInt8(25 * step)),
            ])
        }
        try measure(model, scenes)
    }

    @Test func smallSpritesAllocateNothing() throws {
        let model = PanelModel.gc9a01Size240x240
        let back = Layer(frame: try patternFrame(model.size), destination: PixelRectangle(model.size))
        let sprite = try solidFrame(0xFF_00FF, width: 20, height: 20)
        let scenes = (0..<10).map { step in
            Scene(layers: [
                back, Layer(frame: sprite, destination: PixelRectangle(x: 11 * step, y: 50, width: 20, height: 20)),
            ])
        }
        try measure(model, scenes)
    }

    /// All that a frame costs on the panel's queue: drawing, comparing, planning, sending.
    private func measure(_ model: PanelModel, _ scenes: [Scene]) throws {
        let panel = SimulatedPanel(model, clock: ManualClock())
        let bus = try panel.open(PanelWiring(device: "", dataCommandLine: 25))
        let link = PanelLink(bus, model: model, rotation: 0, clock: MonotonicClock())
        let picture = PanelPicture(size: model.size, format: model.format)
        try link.send(PanelCommand.sleepOut)
        try link.configure()
        var counts = (drawing: 0, planning: 0, sending: 0)
        func show(_ scene: Scene) throws {
            let start = vitrine_thread_allocations()
            picture.draw(scene)
            let drawn = vitrine_thread_allocations()
            picture.makePlan(windowPixels: link.cost.windowPixels(bytesPerPixel: model.format.bytesPerPixel))
            let planned = vitrine_thread_allocations()
            try link.send(picture)
            counts.drawing += drawn - start
            counts.planning += planned - drawn
            counts.sending += vitrine_thread_allocations() - planned
        }
        for _ in 0..<3 { for scene in scenes { try show(scene) } }
        let sent = panel.traffic.bytes
        counts = (0, 0, 0)
        for _ in 0..<4 { for scene in scenes { try show(scene) } }
        #expect(panel.traffic.bytes > sent)
        #expect(counts == (0, 0, 0), "in \(4 * scenes.count) frames")
    }

    /// A present as a whole, with its pace and the hops between two threads, in real time.
    @Test func presentingAllocatesNothingOnEitherThread() async throws {
        let model = PanelModel.st7735sSize128x128
        let loop = try EventLoop(name: "caller")
        let onPanelsThread = Atomic<Int>(0)
        var traits = SimulatedPanel.Traits()
        traits.pass = { _ in onPanelsThread.store(vitrine_thread_allocations(), ordering: .relaxed) }
        let panel = SimulatedPanel(model, traits: traits)
        let configuration = SPIPanelConfiguration(
            panel: model.name, dataCommandLine: 25, clockRate: 125_000_000, refreshRate: 240)
        let driver = SPIPanelDriver(configuration, host: panel, clock: loop.clock)
        let frames = try (0..<3).map { try patternFrame(model.size, salt: 40 * $0) }
        let scenes = frames.map { fullScene($0, on: model.size) }
        let task = Task(executorPreference: loop.tasks) {
            let display = try await driver.open()
            var counts: [(caller: Int, panel: Int)] = []
            counts.reserveCapacity(100)
            for index in 0..<60 {
                _ = try await display.present(scenes[index % 3], notBefore: loop.clock.now)
                counts.append((vitrine_thread_allocations(), onPanelsThread.load(ordering: .relaxed)))
            }
            await display.close()
            return (counts[20], counts[59])
        }
        let (first, last) = try await task.value
        #expect(last.caller - first.caller == 0)
        #expect(last.panel - first.panel == 0)
    }

    @Test func countingCounts() {
        let before = vitrine_thread_allocations()
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 100_000, alignment: 64)
        #expect(vitrine_thread_allocations() > before)
        memory.deallocate()
    }
}
