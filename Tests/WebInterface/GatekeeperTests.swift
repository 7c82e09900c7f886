import LinuxSystem
import Synchronization
import Testing

@testable import WebInterface

@Suite(.timeLimit(.minutes(1))) struct GatekeeperTests {
    private func gatekeeper(
        _ claim: FakeClaim, mode: AccessMode = .pin, clock: ManualClock = ManualClock(),
        pins: [String] = ["111111", "222222", "333333"]
    ) -> Gatekeeper {
        let rest = PINs(pins)
        return Gatekeeper(mode: mode, store: claim, clock: clock, logger: Harness.logger) { rest.next() }
    }

    /// PINs in a known order.
    private final class PINs: Sendable {
        private let rest: Mutex<[String]>
        init(_ pins: [String]) { rest = Mutex(pins) }
        func next() -> String { rest.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] } }
    }

    @Test func thePINIsShownUntilSomebodyClaims() async throws {
        let claim = FakeClaim()
        let gate = gatekeeper(claim)
        await gate.open()
        #expect(claim.pin == "111111")
        #expect(await gate.state == .init(claimed: false, pinShown: true, retryAfterSeconds: nil))
        let token = try await gate.claim(pin: "111111", label: "phone")
        #expect(claim.pin == nil)
        #expect(gate.knows(token))
        #expect(await gate.state == .init(claimed: true, pinShown: false, retryAfterSeconds: nil))
        let kept = claim.state.withLock { $0.record }
        #expect(kept.sessions.map(\.label) == ["phone"])
        #expect(kept.sessions.map(\.digest) == [token.digest])
        #expect(!"\(kept)".contains(token.text), "the token itself is nowhere")
        // A restart knows the device again, and shows no PIN.
        let again = gatekeeper(claim)
        await again.open()
        #expect(again.knows(token) && claim.pin == nil)
        #expect(!again.knows(.random()))
    }

    @Test func wrongPINsAreCountedAndBurn() async throws {
        let claim = FakeClaim()
        let clock = ManualClock()
        let gate = gatekeeper(claim, clock: clock)
        await gate.open()
        var statuses: [Int] = []
        for _ in 0..<6 {
            do throws(ProblemError) {
                _ = try await gate.claim(pin: "000000", label: "x")
            } catch {
                statuses.append(error.status)
                if error.status == 429 { #expect(error.retryAfterSeconds == 10) }
            }
        }
        #expect(statuses == [403, 403, 403, 403, 429, 429])
        #expect(claim.pin != "111111" && claim.pin != nil)
        #expect(await gate.state.retryAfterSeconds == 10)
        clock.advance(by: .seconds(10))
        let shown = try #require(claim.pin)
        _ = try await gate.claim(pin: shown, label: "x")
    }

    @Test func aMemberShowsAPINForFiveMinutes() async throws {
        let claim = FakeClaim()
        let clock = ManualClock()
        let gate = gatekeeper(claim, clock: clock)
        await gate.open()
        _ = try await gate.claim(pin: try #require(claim.pin), label: "first")
        let run = Task { await gate.run() }
        _ = try await gate.showPIN()
        #expect(claim.pin != nil)
        while clock.nextDeadline == nil { await Task.yield() }
        clock.advance(by: .seconds(299))
        #expect(claim.pin != nil)
        clock.advance(by: .seconds(1))
        while claim.pin != nil { await Task.yield() }
        await #expect(throws: ProblemError.noPINShown) { try await gate.claim(pin: "111111", label: "late") }
        _ = try await gate.showPIN()
        let second = try await gate.claim(pin: try #require(claim.pin), label: "second")
        #expect(gate.knows(second))
        #expect(claim.state.withLock { $0.record.sessions.count } == 2)
        run.cancel()
        await run.value
    }

    @Test func anOpenDisplayNeedsNoPIN() async throws {
        let claim = FakeClaim()
        let gate = gatekeeper(claim, mode: .open(onNetwork: false))
        await gate.open()
        #expect(claim.pin == nil)
        await #expect(throws: ProblemError.noPINNeeded) { try await gate.claim(pin: "111111", label: "x") }
    }

    @Test func aCardThatFailsKeepsNobodyOut() async throws {
        let claim = FakeClaim()
        claim.state.withLock { $0.isBroken = true }
        let gate = gatekeeper(claim)
        await gate.open()
        let token = try await gate.claim(pin: try #require(claim.pin), label: "x")
        #expect(gate.knows(token))
    }

    @Test func theOldestSessionGoes() async throws {
        let old = SessionToken(text: "old")
        let sessions = [old.digest] + (1..<Gatekeeper.maximumSessions).map(String.init)
        let claim = FakeClaim(
            record: AccessRecord(sessions: sessions.map { .init(digest: $0, label: "", createdAt: .now) }))
        let gate = gatekeeper(claim)
        await gate.open()
        #expect(gate.knows(old))
        _ = try await gate.showPIN()
        _ = try await gate.claim(pin: try #require(claim.pin), label: "new")
        #expect(!gate.knows(old))
        #expect(claim.state.withLock { $0.record.sessions.count } == Gatekeeper.maximumSessions)
    }

    @Test func tokens() {
        #expect(SessionToken.random().text.utf8.count == 64)
        #expect(SessionToken.random() != SessionToken.random())
        #expect(SessionToken(authorization: "Bearer  abc ", cookies: []) == SessionToken(text: "abc"))
        #expect(SessionToken(authorization: "bearer abc", cookies: []) == SessionToken(text: "abc"))
        #expect(SessionToken(authorization: "Basic abc", cookies: ["vitrine_session=x"]) == nil)
        #expect(SessionToken(authorization: nil, cookies: ["a=b; vitrine_session=x"]) == SessionToken(text: "x"))
        #expect(SessionToken(authorization: nil, cookies: ["a=b", " vitrine_session=x "]) == SessionToken(text: "x"))
        #expect(SessionToken(authorization: nil, cookies: ["vitrine_session2=x"]) == nil)
        #expect(
            SessionToken(text: "x").cookie
                == "vitrine_session=x; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict")
        #expect(
            SessionToken(text: "abc").digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
