import Playback
import WebInterface

/// How pictures came onto the glass.
extension StatusAdapter {
    static func metrics(of counts: FrameCounts) -> [Metric] {
        func sample(_ outcome: String, _ count: Int) -> Metric.Sample {
            Metric.Sample(Double(count), [Metric.Label("outcome", outcome)])
        }
        return [
            Metric(
                "vitrine_frames_total", .counter,
                help:
                    "Frames of what moves: on the glass within half a refresh of their time (on_time), or later (late); "
                    + "not shown, since their time was over (lost), or since every second is left out (halved).",
                samples: [
                    sample("on_time", counts.onTime), sample("late", counts.late), sample("lost", counts.lost),
                    sample("halved", counts.halved),
                ]),
            Metric(
                "vitrine_changes_total", .counter,
                help: "Media whose first picture came at the refresh nearest to the end of the one before, or later.",
                samples: [sample("on_time", counts.changesOnTime), sample("late", counts.changesLate)]),
        ]
    }
}
