import SystemPackage
import Testing

@testable import MemoryMonitor

@Suite struct GroupMemoryTests {
    private func memory(max: String? = "100\n", high: String? = "max\n", current: String? = "60\n", stat: String? = nil)
        -> GroupMemory?
    {
        GroupMemory(max: max, high: high, current: current, stat: stat)
    }

    @Test func whatIsLeftIsTheLimitWithoutWhatIsUsed() {
        #expect(memory() == GroupMemory(limit: 100, available: 40))
    }

    @Test func pagesOfFilesCountAsAvailable() {
        let stat = "anon 20\nfile 40\nshmem 10\ninactive_file 20\nactive_file 10\nslab_reclaimable x\n"
        #expect(memory(stat: stat) == GroupMemory(limit: 100, available: 65))
        // Figures that do not fit together, of two moments.
        #expect(memory(current: "5", stat: "inactive_file 900\nactive_file -4\n")?.available == 100)
        #expect(memory(current: "200")?.available == 0)
    }

    @Test func theLowerLimitCounts() {
        #expect(memory(max: "100", high: "80")?.limit == 80)
        #expect(memory(max: "max", high: "80")?.limit == 80)
        #expect(memory(max: nil, high: nil) == nil)
        #expect(memory(max: "max\n") == nil)
        #expect(memory(max: "-1", high: "much") == nil)
        #expect(memory(current: nil) == nil)
    }

    @Test func theGroupsAboveCountToo() {
        #expect(
            MemoryReader.groups(membership: "0::/system.slice/vitrine.service/daemon\n", below: "/sys/fs/cgroup") == [
                "/sys/fs/cgroup/system.slice/vitrine.service/daemon", "/sys/fs/cgroup/system.slice/vitrine.service",
                "/sys/fs/cgroup/system.slice",
            ])
        #expect(MemoryReader.groups(membership: "0::/\n", below: "/sys/fs/cgroup").isEmpty)
        #expect(MemoryReader.groups(membership: "4:memory:/vitrine\n", below: "/sys/fs/cgroup").isEmpty)
        // Outside of what this process may see.
        #expect(MemoryReader.groups(membership: "0::/../other\n", below: "/sys/fs/cgroup").isEmpty)
    }
}
