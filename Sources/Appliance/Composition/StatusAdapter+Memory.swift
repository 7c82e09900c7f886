import MemoryMonitor
import Playback
import WebInterface

// How much memory there is, and what of it is used for ready frames.
extension StatusAdapter {
    var memoryStatus: MemoryStatus {
        let now = memory.current
        let cache = cache.status
        return MemoryStatus(
            level: (now?.level ?? .normal).rawValue, availableBytes: now?.reading.spare ?? 0,
            cache: MemoryStatus.Cache(
                budgetBytes: cache.budget, usedBytes: cache.used, frames: cache.frames, hits: cache.hits,
                misses: cache.misses, evictions: cache.evictions))
    }

    var memoryMetrics: [Metric] {
        let status = memoryStatus
        return [
            Metric(
                "vitrine_memory_available_bytes", .gauge, help: "Memory that can be had, of the machine and its group.",
                value: Double(status.availableBytes)),
            Metric(
                "vitrine_memory_level", .gauge, help: "1 for the level of memory that holds.",
                samples: MemoryLevel.allCases.map { level in
                    Metric.Sample(level.rawValue == status.level ? 1 : 0, [Metric.Label("level", level.rawValue)])
                }),
            Metric(
                "vitrine_cache_budget_bytes", .gauge, help: "What the cache of frames may have.",
                value: Double(status.cache.budgetBytes)),
            Metric(
                "vitrine_cache_bytes", .gauge, help: "What the cache of frames has.",
                value: Double(status.cache.usedBytes)),
            Metric(
                "vitrine_cache_frames", .gauge, help: "Frames in the cache.", value: Double(status.cache.frames)),
            Metric(
                "vitrine_cache_hits_total", .counter, help: "Frames that came from the cache.",
                value: Double(status.cache.hits)),
            Metric(
                "vitrine_cache_misses_total", .counter, help: "Frames that came from a decoder.",
                value: Double(status.cache.misses)),
            Metric(
                "vitrine_cache_evictions_total", .counter, help: "Frames that the cache gave up.",
                value: Double(status.cache.evictions)),
        ]
    }
}
