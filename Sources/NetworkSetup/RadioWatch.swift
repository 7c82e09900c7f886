import LinuxSystem
import Synchronization
import SystemPackage

/// Follows wpa_supplicant: asks how things are, listens to what happens, and comes back when it was away.
final class RadioWatch: Sendable {
    private let path: String
    private let own: String
    private let clock: any BoardClock
    private let queue = BlockingQueue(label: "vitrine.radio")
    let states = Announcements<RadioState?>(nil)

    /// Only touched on `queue`, one piece of work at a time.
    private struct Connection: @unchecked Sendable {
        var line: SupplicantLine
    }

    init(path: String, own: String, clock: any BoardClock) {
        self.path = path
        self.own = own
        self.clock = clock
    }

    /// Between two looks for a wpa_supplicant: most machines have none, and one that starts is there soon.
    private static let firstPause: Duration = .seconds(1)
    private static let longestPause: Duration = .seconds(30)

    func run() async {
        var pause = Self.firstPause
        while !Task.isCancelled {
            if let connection = await connect() {
                await follow(connection)
                pause = Self.firstPause
            }
            if states.latest != .some(nil) { states.announce(nil) }
            do {
                try await clock.sleep(for: pause)
                pause = min(pause * 2, Self.longestPause)
            } catch {
                break
            }
        }
        states.finish()
    }

    private func connect() async -> Connection? {
        await queue.run { [path, own] () -> Connection? in
            guard let peer = UnixAddress(path), let line = try? SupplicantLine(to: peer, from: own),
                let answer = try? line.request("ATTACH"), answer.hasPrefix("OK")
            else { return nil }
            return Connection(line: line)
        }
    }

    /// Until the line is dead. A quiet one is asked now and then: wpa_supplicant does not say when it ends.
    private func follow(_ connection: Connection) async {
        var radio = RadioState()
        var quietRounds = Self.roundsToAsk
        while !Task.isCancelled {
            if quietRounds >= Self.roundsToAsk {
                guard let status = await queue.run({ try? connection.line.request("STATUS") }) else { return }
                radio.take(status: SupplicantText.lines(status))
                quietRounds = 0
                announce(radio)
            }
            let heard = await queue.run { () -> Result<String?, Errno> in
                Result { () throws(Errno) in try connection.line.event(within: 500) }
            }
            switch heard {
            case .failure: return
            case .success(nil): quietRounds += 1
            case .success(let line?):
                let event = SupplicantEvent(line)
                if event == .ended { return }
                radio.take(event)
                // Which network it was is in the status alone.
                if event == .connected { quietRounds = Self.roundsToAsk }
                announce(radio)
            }
        }
    }

    /// Ten seconds of half a second.
    private static let roundsToAsk = 20

    private func announce(_ radio: RadioState) {
        if states.latest != .some(radio) { states.announce(radio) }
    }
}
