import DecoderClient
import DeviceSettings
import Dispatch
import Frames
import LinuxSystem
import Playback
import Supervision
import SystemPackage
import WebInterface

/// The settings that are in force, and what a change of them does at once.
actor LiveSettings: SettingsAccess {
    private(set) var current: Settings
    private let folder: FilePath
    private let events: EventBroadcast
    private let onChange: @Sendable (Settings) async -> Void
    private let queue = BlockingQueue(label: "vitrine.reading", qos: .userInitiated)
    /// The change before: two at once would each write over the other's.
    private var previous: Task<Void, Never>?

    init(
        _ settings: Settings, folder: FilePath, events: EventBroadcast,
        onChange: @escaping @Sendable (Settings) async -> Void
    ) {
        self.current = settings
        self.folder = folder
        self.events = events
        self.onChange = onChange
    }

    func settings() -> SettingsDocument { SettingsDocument(current) }

    func change(_ values: [String: JSONValue]) async throws(ProblemError) -> SettingsDocument {
        var changes: [String: SettingValue?] = [:]
        var faults: [ProblemError.Fault] = []
        for (key, value) in values {
            if case .null = value {
                changes[key] = .some(nil)
            } else if let value = SettingValue(value) {
                changes[key] = value
            } else {
                faults.append(ProblemError.Fault(key: key, detail: "This is no value that a setting can have."))
            }
        }
        guard faults.isEmpty else { throw .invalid("Nothing was changed.", faults: faults) }
        let (before, wanted) = (previous, changes)
        let work = Task { () async -> Result<SettingsDocument, ProblemError> in
            await before?.value
            do throws(ProblemError) {
                return .success(try await self.write(wanted))
            } catch {
                return .failure(error)
            }
        }
        previous = Task { _ = await work.value }
        return try await work.value.get()
    }

    private func write(_ wanted: [String: SettingValue?]) async throws(ProblemError) -> SettingsDocument {
        let (old, folder) = (current, folder)
        let updated = await queue.run { () -> Result<Settings, SettingsUpdateError> in
            do throws(SettingsUpdateError) {
                return .success(try SettingsFiles.update(old, with: wanted, in: folder))
            } catch {
                return .failure(error)
            }
        }
        switch updated {
        case .success(let new):
            current = new
            await onChange(new)
            events.publish(.settings)
            return SettingsDocument(new)
        case .failure(.invalid(let faults)):
            throw .invalid(
                "Nothing was changed.",
                faults: faults.map { ProblemError.Fault(key: $0.key, detail: $0.expected) })
        case .failure(.unwritable(let file, let code)):
            throw .unavailable(
                "\(file) cannot be written: \(code).", suggestion: "Look whether the card is full or read-only.")
        }
    }
}

extension SettingsDocument {
    init(_ settings: Settings) {
        self.init(
            settings: settings.all.filter(\.key.onPage).map { Setting($0) },
            faults: settings.faults.map { ProblemError.Fault(key: $0.key, detail: $0.description) })
    }
}

extension Setting {
    init(_ effective: Settings.Effective) {
        let key = effective.key
        var (kind, choices, minimum, maximum) = (Kind.string, [String]?.none, Double?.none, Double?.none)
        switch key.shape {
        case .text, .optionalText, .path, .pixelSize, .displayMode, .line, .button: break
        case .integer(let range):
            (kind, minimum, maximum) = (.integer, Double(range.lowerBound), Double(range.upperBound))
        case .number(let range): (kind, minimum, maximum) = (.number, range.lowerBound, range.upperBound)
        case .boolean: kind = .bool
        case .choice(let words): (kind, choices) = (.choice, words)
        case .oneOf(let numbers): (kind, choices) = (.choice, numbers.map(String.init))
        case .words(let words): (kind, choices) = (.list, words)
        case .texts: kind = .list
        }
        self.init(
            key: key.name, kind: kind, title: key.title, summary: key.summary, value: JSONValue(effective.value),
            defaultValue: JSONValue(key.standard), origin: effective.origin, choices: choices, minimum: minimum,
            maximum: maximum, unit: key.name.hasSuffix("_seconds") ? "s" : nil,
            isFixed: ["environment", "command line"].contains(effective.origin),
            needsRestart: key.effect == .afterRestart)
    }
}

extension JSONValue {
    init(_ value: SettingValue) {
        self =
            switch value {
            case .text(let text): .string(text)
            case .integer(let integer): .integer(integer)
            case .number(let number): number == number.rounded() ? .integer(Int(number)) : .number(number)
            case .boolean(let boolean): .bool(boolean)
            case .list(let items): .array(items.map { .string($0) })
            // As TOML writes it, which is also how it is taken back.
            case .table: .string(value.description)
            }
    }
}

extension SettingValue {
    /// nil for what no setting can be.
    init?(_ value: JSONValue) {
        switch value {
        case .string(let text): self = .text(text)
        case .integer(let integer): self = .integer(integer)
        case .number(let number): self = .number(number)
        case .bool(let boolean): self = .boolean(boolean)
        case .array(let items):
            let words = items.compactMap { if case .string(let word) = $0 { word } else { nil } }
            guard words.count == items.count else { return nil }
            self = .list(words)
        case .null, .object: return nil
        }
    }
}

extension PlaybackSettings {
    /// Each start shuffles anew.
    private static let shuffleSeed = UInt64.random(in: 0...UInt64.max)

    init(_ settings: Settings, processors: Int) {
        self.init(
            photoTime: settings.duration("playback.photo_seconds"),
            fit: ScreenFit(rawValue: settings.text("playback.fit")) ?? .contain,
            transition: TransitionKind(rawValue: settings.text("playback.transition")) ?? .crossfade,
            transitionTime: .milliseconds(settings.integer("playback.transition_ms")),
            order: PlayOrder(rawValue: settings.text("playback.order")) ?? .arrival, shuffleSeed: Self.shuffleSeed,
            messages: MessageFilter(rawValue: settings.text("messages.on_screen")) ?? .all,
            minimumLoop: settings.duration("playback.minimum_loop_seconds"),
            decoderMemoryLimit: settings.integer("decoder.limits.memory_mb") << 20,
            decoderThreads: min(processors, 4),
            restarts: RestartPolicy.Limits(
                restarts: settings.integer("supervision.restart_limit"),
                delay: settings.duration("supervision.restart_delay_seconds"),
                reset: settings.duration("supervision.restart_reset_seconds")))
    }
}
