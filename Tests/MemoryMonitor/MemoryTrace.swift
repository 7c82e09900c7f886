import LinuxSystem
import MemoryMonitor
import SystemPackage

/// A trace of `Tests/Fixtures/memory`.
struct MemoryTrace {
    struct Line {
        var seconds: Double
        var reading: MemoryReading
    }

    let lines: [Line]

    init(_ name: String, file: String = #filePath) throws {
        let path = FilePath(file).removingLastComponent().removingLastComponent()
            .appending("Fixtures/memory/\(name).trace")
        lines = try TextFile.read(path).split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 5, let seconds = Double(words[0]), let total = Int(words[1]),
                let available = Int(words[2])
            else { return nil }
            var reading = MemoryReading(available: available << 10, total: total << 10)
            if let some = Double(words[3]), let full = Double(words[4]) {
                reading.pressure = MemoryReading.Pressure(some: some, full: full)
            }
            return Line(seconds: seconds, reading: reading)
        }
    }

    /// The levels that a judge makes of it, each with the time from which on it holds.
    func levels() -> [(seconds: Double, level: MemoryLevel)] {
        var judge = MemoryJudge()
        var levels: [(seconds: Double, level: MemoryLevel)] = []
        for line in lines {
            let now = MonotonicInstant(nanoseconds: Int64(line.seconds * 1_000_000_000))
            let level = judge.take(line.reading, at: now).state.level
            if levels.last?.level != level { levels.append((line.seconds, level)) }
        }
        return levels
    }
}
