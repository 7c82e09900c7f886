import BoardSupport
import Intake
import Playback
import WebInterface

/// What the screen says about each thing that is wrong or under way, and for how long. The table is in
/// `docs/architecture.md`.
enum ScreenRules {
    /// The data partition, as the start of the card found it.
    static let dataKey = "data partition"
    /// A wish on the card to have everything erased.
    static let wishKey = "erase-data"
    static func remarkKey(_ kind: BootReport.Remark.Kind) -> String { "data partition: \(kind.rawValue)" }
    /// The data folder, as it is now.
    static let readOnlyKey = "read-only"
    static let settingsKey = "settings"

    static func faultKey(_ key: String) -> String { "fault \(key)" }
    static func jobKey(_ id: Int) -> String { "job \(id)" }
    static func uploadKey(_ id: String) -> String { "upload \(id)" }

    static let readOnly = StatusFault(
        part: "storage", detail: "Nothing new can be kept: the data folder refuses to be written.",
        suggestion: "What is there is shown. Copy it off and replace the card soon.")

    // MARK: What lasts

    /// How loudly a lasting fault is said; nil: the status and the page say it, the screen does not.
    private struct Loudness {
        var severity: ScreenMessage.Severity
        var stays: Duration
        var returns: Duration?
    }

    private static func loudness(of key: String, part: String) -> Loudness? {
        switch (part, key) {
        case ("storage", "rebuilt"): Loudness(severity: .informational, stays: .seconds(20))
        // What is there plays, and new media are kept.
        case ("storage", _) where BootReport.Remark.Kind.allCases.contains { remarkKey($0) == key }:
            Loudness(severity: .informational, stays: .seconds(60))
        case ("storage", _): Loudness(severity: .critical, stays: .seconds(60), returns: .seconds(15 * 60))
        case ("network", _): Loudness(severity: .critical, stays: .seconds(60), returns: .seconds(5 * 60))
        case ("configuration", _): Loudness(severity: .critical, stays: .seconds(60), returns: .seconds(60 * 60))
        case ("power", _): Loudness(severity: .critical, stays: .seconds(30), returns: .seconds(15 * 60))
        case ("board", _), ("buttons", _):
            Loudness(severity: .informational, stays: .seconds(20), returns: .seconds(60 * 60))
        // A decoder that is missing has a card of its own; the sandbox and the displays concern nobody in the room.
        default: nil
        }
    }

    static func message(of fault: StatusFault, key: String) -> ScreenMessage? {
        guard let loudness = loudness(of: key, part: fault.part) else { return nil }
        return ScreenMessage(
            key: faultKey(key), severity: loudness.severity, title: fault.detail, detail: fault.suggestion.map(brief),
            stays: loudness.stays, returns: loudness.returns)
    }

    /// What a banner holds of a long text: as many whole sentences as can be read in its time, and where the rest is.
    static func brief(_ text: String) -> String {
        guard text.count > 200 else { return text }
        let sentences = text.replacing(". ", with: ".\n").split(separator: "\n")
        var kept = ""
        for sentence in sentences where kept.isEmpty || kept.count + sentence.count < 150 {
            kept += sentence + " "
        }
        return kept + "The page says more."
    }

    // MARK: The start

    /// What of a start lasts, by key.
    static func faults(of boot: BootReport) -> [(key: String, fault: StatusFault)] {
        var faults: [(key: String, fault: StatusFault)] = []
        switch boot.dataState {
        case .readOnly:
            faults.append(
                (
                    dataKey,
                    StatusFault(
                        part: "storage", detail: "Nothing new can be kept" + because(boot.dataDetail),
                        suggestion: "What is there is shown. Copy it off and replace the card soon.")
                ))
        case .absent:
            faults.append(
                (
                    dataKey,
                    StatusFault(
                        part: "storage",
                        detail: "There is nothing to keep media and settings on" + because(boot.dataDetail),
                        suggestion: "Switch off and on again. If it stays so, begin anew: erase everything, on the "
                            + "page or by an empty file erase-data on the card. If that does not help, flash a new card."
                    )
                ))
        case .ok, .made, .grown, .repaired, .erased, nil: break
        }
        faults += boot.remarks.map { (remarkKey($0.kind), fault(of: $0)) }
        if let reason = boot.refusedWish {
            faults.append(
                (
                    wishKey,
                    StatusFault(
                        part: "storage", detail: "Nothing was erased: \(reason)",
                        suggestion: "Its switch may be at LOCK. If it is not, the card is worn out: replace it.")
                ))
        }
        if boot.cardIsUnreported {
            faults.append(
                (
                    "card settings",
                    StatusFault(
                        part: "configuration", detail: "The settings of the card could not be applied",
                        suggestion: "Switch off and on again. If it stays so, the card may be worn out: "
                            + "flash another one, and copy vitrine.toml onto it.")
                ))
        } else if let mistake = message(mistakes: boot.cardFaults) {
            // The page has room for all of them.
            let all = boot.cardFaults.map(sentence).joined(separator: " ")
            faults.append(("card settings", StatusFault(part: "configuration", detail: mistake.title, suggestion: all)))
        }
        return faults
    }

    private static func fault(of remark: BootReport.Remark) -> StatusFault {
        switch remark.kind {
        case .small:
            StatusFault(
                part: "storage", detail: "Only a part of the card can be used" + because(remark.detail),
                suggestion: "Switch off and on again. If it stays so, the card may be worn out: replace it.")
        case .lost:
            StatusFault(
                part: "storage", detail: "Something on the card may be lost" + because(remark.detail),
                suggestion: "Upload again what is missing. If it happens often, replace the card.")
        case .unchecked:
            StatusFault(
                part: "storage", detail: "The card could not be checked" + because(remark.detail),
                suggestion: "It may be slow because it is worn out: copy off what is on it.")
        }
    }

    /// What of a start is said once.
    static func message(of boot: BootReport) -> ScreenMessage? {
        switch boot.dataState {
        case .repaired:
            ScreenMessage(
                key: dataKey, severity: .informational, title: "The data on the card was damaged, and is mended",
                detail: "It happens when the plug is pulled. If it happens often, replace the card.",
                stays: .seconds(20))
        case .erased:
            ScreenMessage(
                key: dataKey, severity: .informational, title: "All media and settings were erased, as asked for",
                stays: .seconds(30))
        case .ok, .made, .grown, .readOnly, .absent, nil: nil
        }
    }

    private static func because(_ detail: String) -> String { detail.isEmpty ? "" : ": \(detail)" }

    // MARK: Settings

    /// - Parameter mistakes: one sentence each. Nil: there is none.
    static func message(mistakes: [String]) -> ScreenMessage? {
        guard let first = mistakes.first else { return nil }
        return ScreenMessage(
            key: settingsKey, severity: .critical,
            title: mistakes.count == 1 ? "There is a mistake in the settings" : "There are mistakes in the settings",
            detail: mistakes.count == 1 ? first : "\(sentence(first)) And \(mistakes.count - 1) more.",
            stays: .seconds(60), returns: .seconds(60 * 60))
    }

    private static func sentence(_ text: String) -> String { text.hasSuffix(".") ? text : "\(text)." }

    // MARK: Work

    static func upload(_ id: String, name: String, byteCount: Int, of size: Int?) -> ScreenMessage {
        let progress = size.map { $0 > 0 ? Double(byteCount) / Double($0) : 1 }
        return ScreenMessage(
            key: uploadKey(id), severity: .informational, title: "Receiving \(name)",
            detail: progress == nil ? "\(byteCount >> 20) MB so far" : nil, progress: progress)
    }

    /// What is said of a job; nil: nothing (any more). One that is over within a second is too quick to read about.
    ///
    /// - Parameter now: milliseconds since 1970.
    static func message(of job: IntakeJob, at now: Int64) -> ScreenMessage? {
        let isLong = now - (job.startedAt ?? now) >= 1_000
        return switch (job.kind, job.state) {
        case (.check, .running) where isLong:
            ScreenMessage(
                key: jobKey(job.id), severity: .informational, title: "Checking \(job.name)", progress: job.progress)
        case (.check, .failed):
            ScreenMessage(
                key: jobKey(job.id), severity: .informational, title: "\(job.name) cannot be shown",
                detail: [job.reason, job.suggestion].compactMap { $0 }.joined(separator: " "), stays: .seconds(15))
        case (.rebuild, .running) where isLong:
            ScreenMessage(
                key: jobKey(job.id), severity: .informational, title: "The index is built anew",
                progress: job.progress)
        default: nil
        }
    }
}
