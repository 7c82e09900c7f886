import DisplayDrivers
import Foundation
import Frames
import GPIO
import LinuxSystem
import PanelBus

/// Takes the frames of a clip (raw bgr0, one after the other) from the standard input and says, as one line of JSON, what
/// sending them to a panel costs: full frames, our windows, and fbcp-ili9341's published rule.
///
/// usage: PanelBenchmark WIDTH HEIGHT SETUP
///
/// SETUP are the nanoseconds that a transfer takes before its first byte.
@main
struct PanelBenchmark {
    static func main() {
        do {
            try run()
        } catch {
            FileHandle.standardError.write(Data("PanelBenchmark: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run() throws {
        let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        guard arguments.count == 3 else {
            FileHandle.standardError.write(Data("usage: PanelBenchmark WIDTH HEIGHT SETUP\n".utf8))
            exit(2)
        }
        var run = try Run(PixelSize(width: arguments[0], height: arguments[1]), setup: arguments[2])
        while let frame = try run.read() { try run.show(frame) }
        let data = try JSONEncoder().encode(try run.report())
        print(String(decoding: data, as: UTF8.self))
    }
}

/// What went over the wires.
struct Counts {
    var bytes = 0
    var commands = 0
    var transfers = 0
    var levelChanges = 0

    var systemCalls: Int { transfers + levelChanges }
}

struct Report: Encodable {
    struct Way: Encodable {
        var name: String
        var bytesPerFrame: Double
        var commandsPerFrame: Double
        var systemCallsPerFrame: Double
        var framesPerSecond: Double
    }

    /// Milliseconds of a processor for drawing, comparing and planning.
    struct Times: Encodable {
        var mean = 0.0
        var percentile99 = 0.0

        init(_ times: [Double]) {
            guard !times.isEmpty else { return }
            mean = times.reduce(0, +) / Double(times.count)
            percentile99 = times.sorted()[times.count * 99 / 100]
        }
    }

    var frames: Int
    var windowPixels: Int
    /// Frames in which our windows cost more than the best of the other ways.
    var dearerFrames: Int
    var ways: [Way]
    var planning: Times
    /// Of a crossfade of two pictures, in two layers.
    var crossfade: Times
}

/// Counts what windows come to, as the driver would send them.
struct Emission {
    private(set) var counts = Counts()
    private var columns: Range<Int32>?
    private var rows: Range<Int32>?
    /// D/C; the last command before the first frame has no parameters.
    private var isData = false

    mutating func send(_ windows: [Span], bytesPerPixel: Int, largestTransfer: Int) {
        for window in windows {
            if columns != window.x..<window.endX {
                columns = window.x..<window.endX
                command(parameters: 4)
            }
            if rows != window.y..<window.endY {
                rows = window.y..<window.endY
                command(parameters: 4)
            }
            command(parameters: 0)
            let bytes = window.pixelCount * bytesPerPixel
            counts.bytes += bytes
            counts.transfers += (bytes + largestTransfer - 1) / largestTransfer
            drive(isData: true)
        }
    }

    private mutating func command(parameters: Int) {
        counts.commands += 1
        counts.bytes += 1 + parameters
        counts.transfers += parameters > 0 ? 2 : 1
        drive(isData: false)
        if parameters > 0 { drive(isData: true) }
    }

    private mutating func drive(isData: Bool) {
        if self.isData != isData { counts.levelChanges += 1 }
        self.isData = isData
    }
}

struct Run {
    private static let clockRate = 62_500_000
    private static let largestTransfer = 4_096

    private struct Way {
        let name: String
        var emission = Emission()
    }

    private let size: PixelSize
    private let cost: TransferCost
    private let windowPixels: Int
    private let panel: SimulatedPanel
    private let link: PanelLink
    private let picture: PanelPicture
    private let fading: PanelPicture
    /// What the panel got before the first frame.
    private let before: SimulatedPanel.Traffic
    private var merging = SpanMerging()
    private var changes = ChangedRuns()
    private var ways = ["full frames", "ours", "fbcp-ili9341, 4 pixels", "fbcp-ili9341, 320 pixels"].map {
        Way(name: $0)
    }
    private var times: [Double] = []
    private var fadeTimes: [Double] = []
    private var last: Frame?
    private var frames = 0
    private var dearer = 0

    init(_ size: PixelSize, setup: Int) throws {
        let model = PanelModel.ili9341Size240x320
        let rotation = size.width < size.height ? 0 : 90
        guard model.size(rotation: rotation) == size else { throw BenchmarkError.size }
        self.size = size
        let clock = ManualClock()
        panel = SimulatedPanel(model, clock: clock)
        cost = TransferCost(perTransfer: Double(setup), clockRate: Self.clockRate)
        windowPixels = cost.windowPixels(bytesPerPixel: model.format.bytesPerPixel)
        let wiring = PanelWiring(device: "", dataCommandLine: 25, clockRate: Self.clockRate)
        // The clock stands still: the cost stays what it was said to be.
        link = PanelLink(try panel.open(wiring), model: model, rotation: rotation, cost: cost, clock: clock)
        picture = PanelPicture(size: size, format: model.format)
        fading = PanelPicture(size: size, format: model.format)
        try link.configure()
        before = panel.traffic
    }

    /// The next frame, or nil at the end.
    func read() throws -> Frame? {
        let layout = FrameLayout(format: .xrgb8888, size: size, stride: 4 * size.width)
        let buffer = try FrameBuffer(name: "benchmark", byteCount: layout.byteCount)
        let isWhole = buffer.memory.withBytes { bytes in
            var count = 0
            while count < layout.byteCount, let base = bytes.baseAddress {
                let more = Foundation.read(STDIN_FILENO, base + count, layout.byteCount - count)
                guard more > 0 else { return false }
                count += more
            }
            return true
        }
        return isWhole ? Frame(buffer: buffer, layout: layout) : nil
    }

    mutating func show(_ frame: Frame) throws {
        let place = PixelRectangle(size)
        times.append(plan(Scene(layers: [Layer(frame: frame, destination: place)]), picture))
        let plans = plans()
        for index in ways.indices {
            ways[index].emission.send(plans[index], bytesPerPixel: 2, largestTransfer: Self.largestTransfer)
        }
        let costs = plans.map { SpanPlan.cost($0, windowPixels: windowPixels) }
        if costs[1] > min(costs[0], costs[2], costs[3]) { dearer += 1 }
        try link.send(picture)
        if let last {
            let alpha = UInt8(frames * 37 % 255)
            let layers = [
                Layer(frame: last, destination: place), Layer(frame: frame, destination: place, alpha: max(1, alpha)),
            ]
            fadeTimes.append(plan(Scene(layers: layers), fading))
            fading.sent()
        }
        last = frame
        frames += 1
    }

    /// Milliseconds of a processor until it is known what has to be sent.
    private func plan(_ scene: Scene, _ picture: PanelPicture) -> Double {
        let start = Self.processorTime()
        picture.draw(scene)
        picture.makePlan(windowPixels: windowPixels)
        return Self.processorTime() - start
    }

    /// Of this thread, in milliseconds.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1_000 + Double(time.tv_nsec) / 1_000_000
    }

    /// The windows of each way.
    private mutating func plans() -> [[Span]] {
        let whole = Span(
            x: 0, y: 0, endX: Int32(size.width), endY: Int32(size.height), lastEndX: Int32(size.width))
        var plans = [[whole], picture.plan.windows]
        if let next = picture.wire.next.baseAddress, let shown = picture.wire.shown.baseAddress {
            changes.find(next, shown, rows: 0..<size.height, width: size.width, bytesPerPixel: 2)
        }
        for threshold in [4, 320] {
            merging.merge(changes.runs, threshold: threshold)
            plans.append(merging.merged)
        }
        return plans
    }

    func report() throws -> Report {
        // What is counted here is what the simulated panel got.
        let got = panel.traffic - before
        let counted = ways[1].emission.counts
        guard got.bytes == counted.bytes, got.commands == counted.commands, got.transfers == counted.transfers,
            got.levelChanges == counted.levelChanges
        else { throw BenchmarkError.counting }
        let number = Double(max(1, frames))
        return Report(
            frames: frames, windowPixels: windowPixels, dearerFrames: dearer,
            ways: ways.map { way in
                let counts = way.emission.counts
                let time = cost.perByte * Double(counts.bytes) + cost.perTransfer * Double(counts.transfers)
                return Report.Way(
                    name: way.name, bytesPerFrame: Double(counts.bytes) / number,
                    commandsPerFrame: Double(counts.commands) / number,
                    systemCallsPerFrame: Double(counts.systemCalls) / number,
                    framesPerSecond: time > 0 ? number * 1e9 / time : 0)
            },
            planning: Report.Times(times), crossfade: Report.Times(fadeTimes))
    }
}

enum BenchmarkError: Error, CustomStringConvertible {
    case size
    case counting

    var description: String {
        switch self {
        case .size: "the size has to be 320 240 or 240 320"
        case .counting: "what was counted is not what the simulated panel got"
        }
    }
}
