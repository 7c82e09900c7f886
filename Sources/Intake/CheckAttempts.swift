import DecoderClient
import DecoderProtocol

/// What the tries to check one file have come to, and what follows from the next failure. Decides only; a value.
struct CheckAttempts: Sendable, Equatable {
    enum Action: Sendable, Equatable {
        /// The file is at fault.
        case refuse(reason: String, suggestion: String)
        /// Not the file's fault, or not surely: once more after this pause.
        case retry(after: Duration, reason: String, suggestion: String)
    }

    private(set) var deaths = 0
    private(set) var unreadable = 0
    private(set) var misunderstandings = 0
    /// Failures in a row that say nothing about the file.
    private(set) var setbacks = 0

    mutating func failed(_ error: DecoderError) -> Action {
        switch error {
        case .failed(let failure):
            return failed(failure)
        case .died(let how, ownDoing: true):
            return died("the decoder crashed on it twice (\(how))", first: "the decoder crashed on it (\(how))")
        case .stalled(let pause):
            let text = "stood still for \(pause.components.seconds) s"
            return died("the decoder twice \(text) over it", first: "the decoder \(text) over it")
        case .died(let how, ownDoing: false):
            return setback("the decoder was ended from outside (\(how))", "It is tried again by itself")
        case .cannotStart(let reason):
            return setback("the decoder does not start: \(reason)", "Install Vitrine again; the file waits meanwhile")
        case .cancelled, .closed:
            return setback("the check was interrupted", "It is tried again by itself")
        }
    }

    private mutating func failed(_ failure: DecodeFailure) -> Action {
        switch failure.code {
        case .notMedia, .unsupported, .broken, .tooLarge:
            return .refuse(reason: failure.reason, suggestion: failure.suggestion)
        case .unreadable:
            unreadable += 1
            if unreadable < 3 { return setback(failure.reason, "It is tried again by itself") }
            return .refuse(
                reason: "it could not be read back from the disk: \(failure.reason)",
                suggestion: "Upload it again, and check the card")
        case .misuse:
            misunderstandings += 1
            if misunderstandings < 2 { return setback(failure.reason, "It is tried again by itself") }
            return .refuse(
                reason: "the decoder could not be made to check it: \(failure.reason)",
                suggestion: "Please report this as a fault of Vitrine")
        }
    }

    private mutating func died(_ reason: String, first: String) -> Action {
        deaths += 1
        guard deaths < 2 else {
            return .refuse(reason: reason, suggestion: "Convert it to H.264 in MP4, or to JPEG, and upload that")
        }
        return .retry(after: .zero, reason: first, suggestion: "It is tried once more")
    }

    /// Something that is not the file's fault happened, of the decoder or of the disk.
    mutating func setback(_ reason: String, _ suggestion: String) -> Action {
        // 1 s, 2 s, 4 s, … 5 minutes.
        let seconds = min(300, 1 << min(setbacks, 9))
        setbacks += 1
        return .retry(after: .seconds(seconds), reason: reason, suggestion: suggestion)
    }
}
