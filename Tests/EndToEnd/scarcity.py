"""Scarce memory for real: a control group with a limit, and processes in it that take memory and give it back."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time

from appliance import Appliance, Refused, wait_for

MEGABYTE = 1 << 20
ROOT = pathlib.Path("/sys/fs/cgroup")
# Below so many bytes the appliance gives its cache back (MemoryLevel.criticalBytes).
CRITICAL = 64 * MEGABYTE


class NoGroups(Exception):
    """Why no group with a limit can be made here."""


class MemoryGroup:
    """A control group with a memory limit and no swap, of the second version or of the first."""

    def __init__(self, megabytes):
        name = f"vitrine-scarce-{os.getpid()}-{time.monotonic_ns()}"
        controllers = ROOT / "cgroup.controllers"
        try:
            if controllers.exists() and "memory" in controllers.read_text().split():
                self.version, self.path = 2, ROOT / name
                (ROOT / "cgroup.subtree_control").write_text("+memory")
                self.path.mkdir()
                self.write("memory.max", megabytes * MEGABYTE)
                if (self.path / "memory.swap.max").exists():
                    self.write("memory.swap.max", 0)
            else:
                self.version, self.path = 1, self.first_version() / name
                self.path.mkdir()
                self.write("memory.limit_in_bytes", megabytes * MEGABYTE)
                if (self.path / "memory.memsw.limit_in_bytes").exists():
                    self.write("memory.memsw.limit_in_bytes", megabytes * MEGABYTE)
        except OSError as error:
            self.remove()
            raise NoGroups(f"no control group with a memory limit can be made: {error}") from error
        self.limit = megabytes * MEGABYTE

    @staticmethod
    def first_version():
        """The own group of this process in the memory controller's tree."""
        for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
            _, names, path = line.split(":", 2)
            if "memory" in names.split(","):
                return ROOT / "memory" / path.lstrip("/")
        raise FileNotFoundError("this kernel has no memory controller")

    def write(self, name, value):
        (self.path / name).write_text(str(value))

    def number(self, name):
        return int((self.path / name).read_text())

    def table(self, name):
        return {key: int(value) for key, value in (line.split() for line in (self.path / name).read_text().splitlines())}

    @property
    def entering(self):
        """A wrapper for a command that is to run in the group."""
        return ["/bin/sh", "-c", f'echo $$ > {self.path}/cgroup.procs && exec "$@"', "sh"]

    def available(self):
        """As MemoryMonitor's GroupMemory counts it."""
        if self.version == 2:
            used, stat, prefix = self.number("memory.current"), self.table("memory.stat"), ""
        else:
            used, stat, prefix = self.number("memory.usage_in_bytes"), self.table("memory.stat"), "total_"
        files = stat[prefix + "inactive_file"] + stat[prefix + "active_file"] // 2
        return max(0, min(self.limit, self.limit - used + min(used, files)))

    def kills(self):
        return self.table("memory.events" if self.version == 2 else "memory.oom_control")["oom_kill"]

    def refusals(self):
        """How often the limit was met, so that pages had to be given back first."""
        return self.table("memory.events")["max"] if self.version == 2 else self.number("memory.failcnt")

    def remove(self):
        # A process that was killed a moment ago may still be on its way out.
        for _ in range(100):
            try:
                self.path.rmdir()
                return
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(0.05)


class ScarceAppliance(Appliance):
    """An appliance in a group. Its programs' pages count there, too: they are copies that nobody else has read."""

    def __init__(self, programs, megabytes, **settings):
        self.group = MemoryGroup(megabytes)
        super().__init__(programs, wrapper=self.group.entering, DEBUG_ENABLED="true", **settings)
        for name in ("vitrine", "vitrine-decoder"):
            copy = self.folder / name
            shutil.copy2(self.programs / name, copy)
            with open(copy, "rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        self.programs = self.folder
        self.done = threading.Event()
        self.teller = None

    @property
    def pid(self):
        return self.process.pid  # the wrapper has become the daemon

    def start(self, wait=True):
        super().start(wait)
        if self.group.version == 1:
            self.teller = threading.Thread(target=self.tell)
            self.teller.start()
        return self

    def tell(self):
        """The daemon reads groups of the second version. Where only the first is, it is told what its group has left."""
        while not self.done.wait(0.25):
            try:
                self.post("/api/v1/debug/memory", {"available_bytes": self.group.available(), "seconds": 5})
            except (OSError, Refused):
                continue

    def close(self):
        self.done.set()
        if self.teller:
            self.teller.join()
        super().close()
        self.group.remove()


# Takes so many megabytes, a few at a time, says so and keeps them until it is killed.
BALLOON = """
import mmap, sys, time
held = []
for _ in range(int(sys.argv[1]) // 4):
    held.append(mmap.mmap(-1, 4 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
    held[-1].write(b"x" * (4 << 20))
    time.sleep(0.005)
print("taken", flush=True)
time.sleep(3600)
"""


class Balloon:
    def __init__(self, group, megabytes):
        self.process = subprocess.Popen(
            group.entering + [sys.executable, "-c", BALLOON, str(megabytes)], stdout=subprocess.PIPE)

    def end(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


def waited(pids):
    """Seconds that the threads of these processes were ready to run and had no processor (schedstat)."""
    return sum(int(task.joinpath("schedstat").read_text().split()[1]) / 1e9
               for pid in pids for task in pathlib.Path(f"/proc/{pid}/task").iterdir())


def play_scarcely(programs, clip, seconds, megabytes=96):
    """Plays a clip in a group for a while. What came of it: frames a second, standstills, kills, memory."""
    with ScarceAppliance(programs, megabytes, DISPLAY_HEADLESS_SIZE="1280x720") as appliance:
        item = appliance.add(clip)
        assert item["state"] == "ready", item
        appliance.show(item["id"])
        # The check's process ends by itself when it is idle.
        wait_for(lambda: len(appliance.decoders()) == 1, "only the playing decoder to be left", 60)
        group, daemon, decoders = appliance.group, appliance.pid, appliance.decoders()
        begin = last = time.monotonic()
        first = seen = appliance.metric("vitrine_presents_total")
        standstill = most = 0
        waiting = waited([daemon, *decoders])
        while time.monotonic() - begin < seconds:
            time.sleep(0.5)
            count, now = appliance.metric("vitrine_presents_total"), time.monotonic()
            if count > seen:
                seen, last = count, now
            standstill = max(standstill, now - last)
            most = max(most, appliance.memory())
        elapsed = time.monotonic() - begin
        status = appliance.status()
        same = appliance.pid == daemon and appliance.decoders() == decoders
        return {
            "waited": (waited([daemon, *decoders]) - waiting) / elapsed if same else 0,
            "seconds": elapsed, "rate": (appliance.metric("vitrine_presents_total") - first) / elapsed,
            "standstill": standstill, "kills": group.kills(), "refusals": group.refusals(), "most": most,
            "deaths": appliance.metric("vitrine_decoder_deaths_total"), "level": status["memory"]["level"],
            "same": same, "version": group.version,
            "playing": status["player"]["state"] == "playing",
        }


def take_and_give_back(programs, loop, rounds, megabytes=426):
    """For each round: seconds from the line to an empty cache, and from giving back to a full one."""
    with ScarceAppliance(programs, megabytes) as appliance:
        group = appliance.group

        def cache():
            return appliance.status()["memory"]["cache"]
        item = appliance.add(loop)
        assert item["state"] == "ready", item
        appliance.show(item["id"])
        full = wait_for(lambda: cache() if cache()["hits"] > 0 else None, "the loop to play from memory", 60)["frames"]
        wait_for(lambda: not appliance.decoders(), "the decoders to end when they are idle", 60)
        found = []
        for _ in range(rounds):
            used = cache()["used_bytes"]
            assert used > 0
            balloon = Balloon(group, (group.available() - CRITICAL) // MEGABYTE + 24)
            try:
                deadline = time.monotonic() + 30
                while group.available() >= CRITICAL:
                    assert time.monotonic() < deadline, "the balloon did not take enough"
                    time.sleep(0.002)
                crossed = time.monotonic()
                wait_for(lambda: cache()["frames"] == 0, "the cache to give back", 10)
                given = time.monotonic() - crossed
                shown = appliance.metric("vitrine_presents_total")
                wait_for(lambda: appliance.metric("vitrine_presents_total") > shown + 10, "the loop to play on")
            finally:
                balloon.end()
            begin = time.monotonic()
            wait_for(lambda: cache()["frames"] == full, "the cache to fill again", 60)
            found.append({"given": given, "refilled": time.monotonic() - begin, "used": used})
            wait_for(lambda: not appliance.decoders(), "the decoders to end when they are idle", 60)
        assert group.kills() == 0, "somebody was killed"
        return found
