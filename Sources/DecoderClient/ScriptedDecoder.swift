public import DecoderProtocol
import Frames
public import LinuxSystem
import Synchronization

/// A decoder without processes and files: media are described by values and found by name, frames are painted by
/// closures, and what goes wrong is part of the script. For tests, and for showing the appliance without libraries.
public final class ScriptedDecoder: MediaDecoding {
    /// What was asked of the decoder, in order.
    public enum Event: Sendable, Equatable {
        case opened(name: String, role: DecoderRole)
        case promoted(name: String)
        case late(name: String, before: Int64)
        /// Closed by `close()`, or because the last reference went.
        case closed(name: String)
    }

    struct State {
        var media: [String: ScriptedMedium]
        var events: [Event] = []
        var isHeld = false
        var sessions: [Int: Weak] = [:]
        var nextID = 1
        var deaths = 0
    }

    struct Weak: Sendable {
        weak var session: ScriptedSession?
    }

    let state: Mutex<State>
    /// Told of everything that lets a waiting call go on.
    let wakeup = Wakeup()
    /// Frames that may be out at once; a session with so many out waits, as a real one does without a lent buffer.
    let bufferCount: Int
    let clock: any BoardClock

    /// - Parameter media: by the name that `open` is given. What is not there is refused as no medium.
    public init(
        _ media: [String: ScriptedMedium] = [:], bufferCount: Int = 3, clock: any BoardClock = MonotonicClock()
    ) {
        self.clock = clock
        self.state = Mutex(State(media: media))
        self.bufferCount = bufferCount
    }

    /// Everything that was asked until now.
    public var events: [Event] { state.withLock { $0.events } }

    /// Adds, replaces or takes away a medium; open sessions keep what they have.
    public func set(_ name: String, to medium: ScriptedMedium?) { state.withLock { $0.media[name] = medium } }

    /// Until `resume()`, no call to open and no frame comes back.
    public func hold() { state.withLock { $0.isHeld = true } }

    public func resume() {
        state.withLock { $0.isHeld = false }
        wakeup.wake()
    }

    /// The open sessions of this medium, or of all, fail now: `.died(how: "killed", ownDoing: false)` is a kill.
    public func fail(_ name: String? = nil, _ error: DecoderError) {
        let sessions = state.withLock { state in
            if case .died = error { state.deaths += 1 }
            return state.sessions.values.compactMap(\.session).filter { name == nil || $0.name == name }
        }
        for session in sessions { session.fail(error) }
        wakeup.wake()
    }

    /// Sessions that are open.
    public var openSessions: [(name: String, role: DecoderRole)] {
        state.withLock { state in
            state.sessions.sorted { $0.key < $1.key }.compactMap(\.value.session).map { ($0.name, $0.role) }
        }
    }

    /// Names of media whose open sessions may use buffers that a display scans out.
    public var lentTo: Set<String> {
        state.withLock { state in
            Set(state.sessions.values.compactMap(\.session).filter(\.isLent).map(\.name))
        }
    }

    public func open(
        _ file: Descriptor, _ request: OpenRequest, role: DecoderRole, name: String
    ) async throws(DecoderError) -> any DecoderSession {
        try await waitWhileHeld()
        let session: Result<ScriptedSession, DecoderError> = state.withLock { state in
            state.events.append(.opened(name: name, role: role))
            guard let medium = state.media[name] else {
                return .failure(
                    .failed(
                        DecodeFailure(
                            code: .notMedia, reason: "\(name) is no photo, animation or video.",
                            suggestion: "Choose another file.")))
            }
            if let error = medium.error(at: .open) {
                if case .died = error { state.deaths += 1 }
                return .failure(error)
            }
            let id = state.nextID
            state.nextID += 1
            let session = ScriptedSession(
                decoder: self, id: id, name: name, role: role, request: request, medium: medium)
            state.sessions[id] = Weak(session: session)
            return .success(session)
        }
        return try session.get()
    }

    public var status: DecoderStatus {
        get async {
            let deaths = state.withLock { $0.deaths }
            let processes = openSessions.enumerated().map { index, session in
                DecoderStatus.Process(
                    role: session.role, processID: Int32(index + 1), sandbox: SandboxReport(), medium: session.name)
            }
            return DecoderStatus(processes: processes, deaths: deaths)
        }
    }

    func waitWhileHeld() async throws(DecoderError) {
        while true {
            let seen = wakeup.generation
            guard state.withLock({ $0.isHeld }) else { return }
            guard await wakeup.wait(after: seen) else { throw .cancelled }
        }
    }

    func note(_ event: Event) { state.withLock { $0.events.append(event) } }

    func forget(_ id: Int, name: String) {
        state.withLock { state in
            if state.sessions.removeValue(forKey: id) != nil { state.events.append(.closed(name: name)) }
        }
        wakeup.wake()
    }
}
