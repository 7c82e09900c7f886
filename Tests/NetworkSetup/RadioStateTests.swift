import LinuxSystem
import Testing

@testable import NetworkSetup

@Suite struct RadioStateTests {
    private func after(_ lines: [String]) -> RadioState {
        var radio = RadioState()
        for line in lines { radio.take(SupplicantEvent(line)) }
        return radio
    }

    @Test func aWrongPasswordIsNamedAndStaysUntilTheNetworkLetsUsIn() {
        let refused =
            "<3>CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid=\"Bob's net\" auth_failures=1 duration=10 reason=WRONG_KEY"
        #expect(after([refused]) == RadioState(phase: .wrongPassword, network: "Bob's net"))
        var radio = after([
            refused, "<3>CTRL-EVENT-SSID-REENABLED id=0 ssid=\"Bob's net\"", "<3>CTRL-EVENT-SCAN-STARTED ",
            "<3>Trying to associate with 02:00:00:00:00:01 (SSID='Bob's net' freq=2412 MHz)",
            "<3>CTRL-EVENT-NETWORK-NOT-FOUND ",
        ])
        #expect(radio.phase == .wrongPassword)
        radio.take(status: ["wpa_state": "4WAY_HANDSHAKE"])
        #expect(radio.phase == .wrongPassword)
        radio.take(
            SupplicantEvent("<3>CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:00:01 completed [id=0 id_str=]"))
        #expect(radio.phase == .connected)
    }

    @Test func threeSilentHandshakesAreAWrongPassword() {
        let line = "<3>CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:00:01 reason=15"
        #expect(after([line, line]).phase == .searching)
        #expect(after([line, line, line]).phase == .wrongPassword)
        #expect(after([line, line, "<3>CTRL-EVENT-CONNECTED - x", line]).phase == .searching)
    }

    @Test(arguments: [
        ("<3>CTRL-EVENT-NETWORK-NOT-FOUND ", RadioState.Phase.notFound),
        ("<3>CTRL-EVENT-CONNECTED - Connection to x completed", .connected),
        ("<3>SME: Trying to authenticate with 02:00:00:00:00:01", .joining),
        ("<3>CTRL-EVENT-ASSOC-REJECT bssid=02:00:00:00:00:01 status_code=17", .refused("status 17")),
        (
            "<3>CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid=\"x\" auth_failures=2 duration=20 reason=CONN_FAILED",
            .refused("CONN_FAILED")
        ),
        ("<2>something else", .searching), ("", .searching), ("<", .searching), ("=", .searching),
    ])
    func events(_ line: String, _ phase: RadioState.Phase) { #expect(after([line]).phase == phase) }

    @Test func namesAreDecoded() {
        #expect(
            after(["<3>CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid=\"Caf\\xc3\\xa9 \\\"x\\\" a=b\" reason=WRONG_KEY"])
                .network == "Café \"x\" a=b")
        var radio = RadioState()
        radio.take(status: SupplicantText.lines("bssid=02:00:00:00:00:01\nssid=Caf\\xc3\\xa9\nwpa_state=COMPLETED\n"))
        #expect(radio == RadioState(phase: .connected, network: "Café"))
    }

    @Test func aWorryIsNoMomentsWhim() {
        var worries = NetworkWorries()
        let start = MonotonicInstant(nanoseconds: 0)
        func state(_ phase: RadioState.Phase?) -> NetworkState {
            NetworkState(radio: phase.map { RadioState(phase: $0, network: "n") })
        }
        let story: [(phase: RadioState.Phase?, second: Int, worry: NetworkWorries.Worry?)] = [
            (.notFound, 0, nil), (.searching, 10, nil), (.notFound, 31, .notFound(network: "n")), (.connected, 32, nil),
            (.notFound, 33, nil), (.wrongPassword, 34, .wrongPassword(network: "n")),
            (.joining, 35, .wrongPassword(network: "n")), (nil, 36, nil),
        ]
        for (phase, second, worry) in story {
            let found = worries.worry(state(phase), at: start.advanced(by: .seconds(second)))
            #expect(found == worry, "second \(second)")
        }
    }

    /// A chip without its firmware has a driver and no interface. The driver is given its time to come.
    @Test func aRadioThatIsWantedAndNotThereIsAWorry() {
        var worries = NetworkWorries()
        let start = MonotonicInstant(nanoseconds: 0)
        let wired = NetworkState.Interface(name: "eth0", kind: .wired, isLinked: true, addresses: [])
        let radio = NetworkState.Interface(name: "wlan0", kind: .radio, isLinked: false, addresses: [])
        let without = NetworkState(interfaces: [wired], wantsRadio: true)
        let joining = NetworkState(interfaces: [wired, radio], radio: RadioState(phase: .joining), wantsRadio: true)
        let story: [(state: NetworkState, second: Int, worry: NetworkWorries.Worry?)] = [
            (NetworkState(interfaces: [wired]), 0, nil), (without, 1, nil), (without, 119, nil),
            (without, 121, .noRadio), (NetworkState(interfaces: [wired, radio], wantsRadio: true), 122, nil),
            (without, 123, nil), (without, 243, .noRadio), (joining, 244, nil), (without, 245, nil),
            (NetworkState(interfaces: [wired]), 600, nil),
        ]
        for (state, second, worry) in story {
            #expect(worries.worry(state, at: start.advanced(by: .seconds(second))) == worry, "second \(second)")
        }
    }
}
