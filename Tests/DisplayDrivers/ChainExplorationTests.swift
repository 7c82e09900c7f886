import LinuxSystem
import Testing

@testable import DisplayDrivers

/// All orders in which probes, openings, failures, hints and time can come, until no new situation appears.
@Suite struct ChainExplorationTests {
    /// The chain with what is outside of it: calls that have not answered, and displays that are open.
    struct World: Hashable {
        var chain: ChainState
        var now = MonotonicInstant(nanoseconds: 0)
        /// Calls under way, those that the chain no longer waits for among them.
        var probes: [Call] = []
        var openings: [Call] = []
        /// Displays that are open and not told to close.
        var open: Set<Int> = []
        var active: Call?

        struct Call: Hashable {
            var driver: Int
            var attempt: Int
        }

        /// The driver that is always there.
        let last: Int

        init(_ names: [String], _ policy: ChainPolicy) {
            last = names.count - 1
            chain = ChainState(names: names, policy: policy)
        }

        /// What follows from an event, carried out as the actor does. Breaking a rule is recorded.
        mutating func post(_ event: ChainState.Event) {
            for action in chain.handle(event, at: now) {
                switch action {
                case .probe(let driver, let attempt): probes.append(Call(driver: driver, attempt: attempt))
                case .open(let driver, let attempt): openings.append(Call(driver: driver, attempt: attempt))
                case .activate(let driver, let attempt):
                    #expect(event == .opened(driver: driver, attempt), "activated without having been opened")
                    active = Call(driver: driver, attempt: attempt)
                case .close(let attempt):
                    if active?.attempt == attempt { active = nil }
                    open.remove(attempt)
                }
            }
            let waits = !probes.isEmpty || !openings.isEmpty || chain.nextWake != nil
            #expect(active != nil || waits, "nothing is on the glass, and nothing will come")
            #expect(open == Set([active?.attempt].compactMap { $0 }), "a display is open that shows nothing")
            #expect(chain.activeDriver == active?.driver)
        }

        mutating func answerProbe(_ index: Int, _ answer: DisplayProbe) {
            let call = probes.remove(at: index)
            post(.probed(driver: call.driver, call.attempt, answer))
        }

        mutating func answerOpening(_ index: Int, works: Bool) {
            let call = openings.remove(at: index)
            if works {
                open.insert(call.attempt)
                post(.opened(driver: call.driver, call.attempt))
            } else {
                post(.openFailed(driver: call.driver, call.attempt, reason: "refused"))
            }
        }

        mutating func pass(_ duration: Duration) {
            now = now.advanced(by: duration)
            if let wake = chain.nextWake, wake <= now { post(.woke) }
        }

        /// Every call answers at once: these drivers work, the others are absent.
        ///
        /// - Parameter answering: those whose openings return at all; nil: all of them.
        mutating func settle(working: Set<Int>, answering: Set<Int>? = nil) {
            while true {
                if let call = probes.first {
                    answerProbe(0, working.contains(call.driver) ? .usable : .unusable(reason: "absent"))
                } else if let index = openings.firstIndex(where: { answering?.contains($0.driver) ?? true }) {
                    answerOpening(index, works: working.contains(openings[index].driver))
                } else {
                    return
                }
            }
        }

        var situation: World {
            var names: [Int: Int] = [:]
            func name(_ attempt: Int) -> Int {
                if let name = names[attempt] { return name }
                names[attempt] = names.count + 1
                return names.count
            }
            var same = self
            same.now = MonotonicInstant(nanoseconds: 0)
            same.active = active.map { Call(driver: $0.driver, attempt: name($0.attempt)) }
            // The order of calls says nothing, and the answer to a probe that was given up changes nothing.
            same.probes = probes.filter { chain.isProbing($0.attempt) }.sorted { $0.driver < $1.driver }
                .map { Call(driver: $0.driver, attempt: name($0.attempt)) }
            // One to open a display that was given up still brings a display, which must be closed.
            same.openings =
                openings.filter { chain.isOpening($0.attempt) }
                .map { Call(driver: $0.driver, attempt: name($0.attempt)) }
                + openings.filter { !chain.isOpening($0.attempt) }.map { Call(driver: last, attempt: name($0.attempt)) }
            same.open = Set(open.map(name))
            same.chain = chain.situation(at: now, naming: name)
            return same
        }
    }

    static let second = Duration.seconds(1)
    static let policy = ChainPolicy(
        firstRetry: second, longestRetry: second * 2, steadyAfter: second * 2, retryAfterNews: second,
        answerDeadline: second * 2, settling: second, openingPatience: second)

    /// Everything that may happen next. The last driver is headless: it is always there and never fails.
    private func successors(of world: World, last: Int) -> [World] {
        var next: [World] = []
        func add(_ change: (inout World) -> Void) {
            var world = world
            change(&world)
            next.append(world)
        }
        for index in world.probes.indices {
            add { $0.answerProbe(index, .usable) }
            if world.probes[index].driver != last { add { $0.answerProbe(index, .unusable(reason: "absent")) } }
        }
        for index in world.openings.indices {
            add { $0.answerOpening(index, works: true) }
            if world.openings[index].driver != last { add { $0.answerOpening(index, works: false) } }
        }
        if let active = world.active, active.driver != last {
            add {
                $0.open.remove(active.attempt)
                $0.active = nil
                $0.post(.ended(active.attempt, reason: "unplugged"))
            }
        }
        add { $0.post(.lookAgain) }
        // Displays that open too late are closed one by one: more than one of them tells nothing new.
        if world.openings.count <= 2 { add { $0.pass(Self.second) } }
        return next
    }

    @Test(arguments: [["drm", "headless"], ["drm", "spi", "headless"]])
    func whateverHappensThePictureComesBack(names: [String]) {
        let last = names.count - 1
        var first = World(names, Self.policy)
        first.post(.started)
        var seen: Set<World> = [first.situation]
        var frontier = [first.situation]
        let limit = 400_000
        while let world = frontier.popLast(), seen.count < limit {
            // However it got here: with headless alone working, and calls that answer, a picture is there within 2 s.
            var fallback = world
            fallback.settle(working: [last])
            var waited = 0
            while fallback.active == nil, waited < 3 {
                fallback.pass(Self.second)
                fallback.settle(working: [last])
                waited += 1
            }
            #expect(fallback.active != nil && waited <= 2, "no picture after \(waited) s: \(world)")
            // Also when every display before it hangs while it is opened.
            var hung = world
            hung.settle(working: [last], answering: [last])
            waited = 0
            while hung.active == nil, waited < 4 {
                hung.pass(Self.second)
                hung.settle(working: [last], answering: [last])
                waited += 1
            }
            #expect(
                hung.active != nil && waited <= 2, "no picture after \(waited) s beside one that hangs: \(world.chain)")
            // And a better one that is there, and has not just failed, is taken within its longest wait.
            var better = world
            waited = 0
            better.settle(working: [0, last])
            while better.active?.driver != 0, waited < 4 {
                better.pass(Self.second)
                better.settle(working: [0, last])
                waited += 1
            }
            #expect(better.active?.driver == 0, "the best display was not taken: \(world)")
            for next in successors(of: world, last: last) {
                let situation = next.situation
                if seen.insert(situation).inserted { frontier.append(situation) }
            }
        }
        #expect(frontier.count == 0, "more than \(limit) situations")
        #expect(seen.count > 50)
        print("the display chain of \(names.count) drivers has \(seen.count) situations")
    }
}
