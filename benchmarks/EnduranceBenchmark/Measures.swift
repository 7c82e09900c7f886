import CHeap
import CLinux
import Foundation
import LinuxSystem
import SystemPackage

/// What this process holds at one moment; nothing of it may grow.
struct Measures: Encodable {
    /// Bytes that were allocated and not freed.
    var heapBytes: Int
    /// Heap, stacks and buffers, by the kernel's count (Pss_Anon and Pss_Shmem); code comes and goes.
    var ownBytes: Int
    var descriptors: Int
    var mappings: Int
    var threads: Int

    /// Free pages are given back first.
    static func take() throws -> Measures {
        vitrine_trim_heap()
        let rollup = try text("/proc/self/smaps_rollup")
        func bytes(_ name: String) throws -> Int {
            let line = rollup.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            guard let number = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
                throw EnduranceFailure(description: "/proc/self/smaps_rollup lacks \(name)")
            }
            return number << 10
        }
        // The folder that is listed is open meanwhile, each time alike.
        return Measures(
            heapBytes: Int(vitrine_heap_in_use()), ownBytes: try bytes("Pss_Anon") + bytes("Pss_Shmem"),
            descriptors: try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count,
            mappings: try text("/proc/self/maps").utf8.count { $0 == UInt8(ascii: "\n") },
            threads: try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count)
    }

    private static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
}

/// One part of the programme, measured at its end.
struct PartReport: Encodable {
    /// When it ended, in days of programme.
    var days: Double
    var measures: Measures
    var presents: Int
    /// Of the player's status: a few for each turn.
    var changes: Int
    var hits: Int
    var evictions: Int
    /// Decoder processes that were started and that died, from the beginning on.
    var decoders: Int
    var deaths: Int
    /// Media that were blamed for a decoder's death: none, since all are killed from outside.
    var strikes: Int
    /// The most that a decoder process had of its own, seen in this part.
    var decoderBytes: Int
}
