import Testing

@testable import WebInterface

@Suite struct AccessPolicyTests {
    private func facts(
        _ door: AccessPolicy.Door = .network(peer: "192.168.1.9"), changing: Bool = false,
        audience: AccessPolicy.Audience = .members, host: String? = "vitrine.local", origin: String? = nil,
        site: String? = nil, mode: String? = nil, session: Bool = false
    ) -> AccessPolicy.Facts {
        AccessPolicy.Facts(
            door: door, isChanging: changing, audience: audience, host: host, origin: origin, fetchSite: site,
            fetchMode: mode, hasSession: session)
    }

    private func status(_ facts: AccessPolicy.Facts, _ mode: AccessMode = .pin) -> Int {
        let policy = AccessPolicy(mode: mode, hosts: HostNames(device: "vitrine", additional: ["show.example.org"]))
        do throws(ProblemError) {
            _ = try policy.standing(of: facts)
            return 200
        } catch {
            return error.status
        }
    }

    /// Every door, mode, audience and credential.
    @Test(arguments: [AccessMode.pin, .open(onNetwork: false), .open(onNetwork: true)])
    func whoMayComeIn(mode: AccessMode) {
        let doors: [AccessPolicy.Door] = [
            .unixSocket, .network(peer: "127.0.0.1"), .network(peer: "::1"), .network(peer: "192.168.1.9"),
            .network(peer: nil),
        ]
        for door in doors {
            for session in [true, false] {
                #expect(status(facts(door, audience: .anyone, session: session), mode) == 200)
                let isLocal = door == .network(peer: "127.0.0.1") || door == .network(peer: "::1")
                let isOpen =
                    switch mode {
                    case .pin: false
                    case .open(let onNetwork): onNetwork || isLocal
                    }
                let expected = session || isOpen || door == .unixSocket ? 200 : 401
                #expect(status(facts(door, session: session), mode) == expected, "\(door) \(session)")
            }
        }
    }

    @Test(arguments: [
        ("vitrine", true), ("VITRINE.local", true), ("vitrine.local.", true), ("vitrine.local:8080", true),
        ("vitrine.lan", true), ("vitrine.home.arpa", true), ("localhost:1", true), ("127.0.0.1", true),
        ("10.0.0.3:8080", true), ("[::1]", true), ("[fe80::1]:8080", true), ("show.example.org", true),
        ("evil.example", false), ("vitrine.evil.example", false), ("vitrine.local.evil.example", false),
        ("127.0.0.1.evil.example", false), ("", false), ("vitrine.local:", false), ("vitrine.local:99999", false),
        ("[::1", false), ("[::1]x", false), ("vitrine.local@evil.example", false), ("1.2.3.4.5", false),
        ("0x7f.1", false), ("localhost.evil", false),
    ])
    func names(host: String, isOurs: Bool) {
        #expect(status(facts(host: host, session: true)) == (isOurs ? 200 : 403))
        #expect(status(facts(audience: .anyone, host: host), .open(onNetwork: true)) == (isOurs ? 200 : 403))
    }

    @Test func aRequestWithoutHostIsBad() { #expect(status(facts(host: nil, session: true)) == 400) }

    @Test func theSocketTrustsAnyName() {
        #expect(status(facts(.unixSocket, changing: true, host: "whatever", origin: "null")) == 200)
    }

    @Test(
        arguments: [
            (nil, 200), ("http://vitrine.local", 200), ("https://vitrine.local", 200), ("http://VITRINE.local", 200),
            ("http://vitrine.local:8080", 403), ("http://evil.example", 403), ("null", 403), ("", 403),
            ("ftp://vitrine.local", 403), ("http://vitrine.local.evil.example", 403),
        ] as [(String?, Int)])
    func origins(origin: String?, expected: Int) {
        #expect(status(facts(changing: true, origin: origin, session: true)) == expected)
        #expect(status(facts(changing: true, audience: .anyone, origin: origin)) == expected)
        // Reading needs no origin: what another page may read, CORS decides, and we allow none.
        #expect(status(facts(origin: origin, session: true)) == 200)
    }

    @Test(arguments: [
        ("same-origin", "cors", 200, 200), ("none", "navigate", 200, 200), ("cross-site", "no-cors", 403, 403),
        ("same-site", "cors", 403, 403), ("cross-site", "navigate", 200, 403), ("same-site", "navigate", 200, 403),
    ])
    func fetchMetadata(site: String, mode: String, reading: Int, changing: Int) {
        #expect(status(facts(site: site, mode: mode, session: true)) == reading)
        #expect(status(facts(changing: true, site: site, mode: mode, session: true)) == changing)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("::ffff:127.0.0.1", true), ("192.168.0.1", false),
        ("::ffff:8.8.8.8", false), ("fe80::1", false), ("localhost", false),
    ])
    func loopback(address: String, isLoopback: Bool) { #expect(HostNames.isLoopback(address) == isLoopback) }
}
