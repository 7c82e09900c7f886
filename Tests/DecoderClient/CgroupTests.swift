import DecoderProtocol
import LinuxSystem
import Logging
import Supervision
import SystemPackage
import Testing

@testable import DecoderClient

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct CgroupDelegationTests {
    private func find(_ membership: String, delegated: String...) -> CgroupDelegation.Finding {
        CgroupDelegation.find(membership: membership, mountPoint: "/sys/fs/cgroup") { path in
            delegated.contains { FilePath("/sys/fs/cgroup").appending($0) == path }
        }
    }

    @Test func theGroupAboveTheDaemonsIsOurs() {
        #expect(
            find("0::/system.slice/vitrine.service/daemon\n", delegated: "system.slice/vitrine.service")
                == .delegated(
                    CgroupDelegation(root: "/sys/fs/cgroup/system.slice/vitrine.service", mustMove: false)))
    }

    @Test func withoutASubgroupTheDaemonStepsAside() {
        #expect(
            find("0::/system.slice/vitrine.service\n", delegated: "system.slice/vitrine.service")
                == .delegated(CgroupDelegation(root: "/sys/fs/cgroup/system.slice/vitrine.service", mustMove: true)))
    }

    @Test(arguments: [
        // A terminal of somebody whose session was handed over to their own systemd, not to us.
        "0::/user.slice/user-1000.slice/user@1000.service/app.slice/terminal.scope\n",
        "0::/user.slice/user-1000.slice/user@1000.service/other\n", "0::/\n", "0::/daemon\n",
        "9:name=systemd:/\n4:memory:/vitrine\n", "", "0::/system.slice/vitrine.service (deleted)\n",
    ])
    func nothingElseIsTouched(membership: String) {
        let finding = find(
            membership, delegated: "user.slice/user-1000.slice/user@1000.service", "system.slice/vitrine.service")
        guard case .absent(let reason) = finding else {
            Issue.record("\(finding)")
            return
        }
        #expect(reason.contains("control group"))
    }
}

@Suite struct MemoryEventsTests {
    @Test func readsTheKernelsWords() {
        let events = MemoryEvents("low 0\nhigh 4\nmax 17\noom 2\noom_kill 1\noom_group_kill 0\nsock_throttled 0\n")
        #expect(events.limitReached == 2)
        #expect(events.kills == 1)
        #expect(MemoryEvents("") == MemoryEvents())
        #expect(MemoryEvents("oom many\noom_kill\n") == MemoryEvents())
    }

    @Test(arguments: [
        // Killed because its own limit was reached; because the board was full; reached, but freed in time; nothing.
        (1, 1, true), (0, 1, false), (1, 0, false), (0, 0, false),
    ])
    func onlyItsOwnLimitIsItsOwnDoing(limitReached: Int, kills: Int, isOwn: Bool) {
        var before = MemoryEvents()
        before.limitReached = 5
        before.kills = 3
        var now = before
        now.limitReached += limitReached
        now.kills += kills
        #expect(now.showOwnLimit(since: before) == isOwn)
    }
}

@Suite(.timeLimit(.minutes(1))) struct DecoderCgroupsTests {
    let root: FilePath = "/sys/fs/cgroup/system.slice/vitrine.service"

    private func open(_ tree: SimulatedCgroups, log: Logger = PoolFixture.silent) async -> DecoderCgroups {
        await DecoderCgroups.open(tree, memoryMegabytes: 160, log: log)
    }

    @Test(arguments: ["daemon", nil]) func eachDecoderHasItsOwn(subgroup: String?) async throws {
        let tree = SimulatedCgroups(subgroup: subgroup)
        let groups = await open(tree)
        #expect(groups.report == .inForce(memoryBytes: 192_000_000))
        #expect(tree.group(of: SimulatedCgroups.daemon) == root.appending("daemon"))
        #expect(await groups.admit(1, role: .current) != nil)
        #expect(await groups.admit(2, role: .intake) != nil)
        #expect(tree.group(of: 1) == root.appending("decoder-1"))
        #expect(tree.group(of: 2) == root.appending("decoder-2"))
        let playing = root.appending("decoder-1")
        #expect(try tree.read(playing.appending("memory.max")) == "192000000")
        #expect(try tree.read(playing.appending("memory.swap.max")) == "0")
        #expect(try tree.read(playing.appending("pids.max")) == "64")
        #expect(try tree.read(playing.appending("cpu.weight")) == "100")
        // Checks step behind what plays.
        #expect(try tree.read(root.appending("decoder-2").appending("cpu.weight")) == "20")
    }

    @Test func aGroupIsUsedAgain() async throws {
        let tree = SimulatedCgroups()
        let groups = await open(tree)
        let first = try #require(await groups.admit(1, role: .intake))
        _ = try #require(await groups.admit(2, role: .next))
        tree.end(1, killedFor: .ownLimit)
        #expect(await first.end(with: .signal(SIGKILL)) == .outOfMemory)
        let third = try #require(await groups.admit(3, role: .current))
        #expect(tree.group(of: 3) == root.appending("decoder-1"))
        #expect(try tree.read(root.appending("decoder-1").appending("cpu.weight")) == "100")
        // What was counted for the process before it is not counted for this one.
        tree.end(3)
        #expect(await third.end(with: .signal(SIGKILL)) == .signal(SIGKILL))
    }

    @Test(arguments: [
        (SimulatedCgroups.Shortage.ownLimit, ExitCause.signal(SIGKILL), ExitCause.outOfMemory, true),
        (.wholeBoard, .signal(SIGKILL), .signal(SIGKILL), false),
        // Its limit was reached, and another thread of it stumbled over that first.
        (.ownLimit, .signal(SIGSEGV), .signal(SIGSEGV), true),
        (.ownLimit, .exited(status: 1), .exited(status: 1), false),
    ])
    func aKillIsToldFromAKill(
        shortage: SimulatedCgroups.Shortage, cause: ExitCause, told: ExitCause, ownDoing: Bool
    ) async throws {
        let tree = SimulatedCgroups()
        let stay = try #require(await open(tree).admit(1, role: .current))
        tree.end(1, killedFor: shortage)
        let end = await stay.end(with: cause)
        #expect(end == told)
        #expect(end?.isOwnDoing == ownDoing)
    }

    @Test func whereNothingWasHandedOverNothingIsTouched() async throws {
        let tree = SimulatedCgroups(isDelegated: false)
        let groups = await open(tree)
        guard case .absent(let reason) = groups.report else {
            Issue.record("\(groups.report)")
            return
        }
        #expect(reason.contains("vitrine.service"))
        #expect(await groups.admit(1, role: .current) == nil)
        #expect(throws: Errno.noSuchFileOrDirectory) { try tree.read(root.appending("decoder-1/cgroup.procs")) }
    }

    @Test func withoutTheMemoryControllerTheOthersHold() async throws {
        let tree = SimulatedCgroups(controllers: ["cpu", "pids"])
        let groups = await open(tree)
        guard case .absent(let reason) = groups.report else {
            Issue.record("\(groups.report)")
            return
        }
        #expect(reason.contains("cgroup_enable=memory"))
        let stay = try #require(await groups.admit(1, role: .intake))
        #expect(try tree.read(root.appending("decoder-1").appending("cpu.weight")) == "20")
        #expect(await stay.end(with: .signal(SIGKILL)) == .signal(SIGKILL))
    }

    @Test func aRefusalIsSaidOnceAndPasses() async throws {
        let record = LogRecord()
        let tree = SimulatedCgroups()
        let groups = await open(tree, log: record.logger)
        tree.refuse(.permissionDenied)
        #expect(await groups.admit(1, role: .current) == nil)
        #expect(await groups.admit(2, role: .current) == nil)
        guard case .absent = groups.report else {
            Issue.record("\(groups.report)")
            return
        }
        tree.refuse(nil)
        #expect(await groups.admit(3, role: .current) != nil)
        #expect(groups.report == .inForce(memoryBytes: 192_000_000))
        // The numbers of those that were refused are free again.
        #expect(tree.group(of: 3) == root.appending("decoder-1"))
        #expect(record.lines.count == 2)
    }

    @Test func aProcessIsInItsGroupBeforeItIsTold() async throws {
        let tree = SimulatedCgroups()
        let launcher = SubprocessLauncher(
            executable: "/bin/sh", arguments: ["-c", "dd bs=100 count=1 >/dev/null 2>&1; kill -KILL $$"],
            cgroups: await open(tree), log: PoolFixture.silent)
        #expect(launcher.limits == .inForce(memoryBytes: 192_000_000))
        let peer = try await launcher.launch(.next)
        let group = try #require(tree.group(of: peer.processID))
        #expect(group == root.appending("decoder-1"))
        tree.end(peer.processID, killedFor: .ownLimit)
        #expect(try peer.socket.send(Array("hello\n".utf8)))
        #expect(await peer.waitForExit() == .outOfMemory)
        #expect(await peer.waitForExit() == .outOfMemory)
    }
}
