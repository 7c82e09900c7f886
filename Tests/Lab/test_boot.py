"""What was compiled for the board runs there: it answers, decodes inside its fences, and systemd watches over it."""

import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "EndToEnd"))

import pictures  # noqa: E402
from board import Board, wait_for  # noqa: E402

CACHE = pathlib.Path(os.environ.get("VITRINE_CACHE") or pathlib.Path.home() / ".cache/vitrine")


class Boot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.board = Board(CACHE).start()
        cls.addClassCleanup(cls.board.close)
        seconds = cls.board.healthy()
        print(f"agent after {cls.board.agent_after:.1f} s, appliance after {seconds:.1f} s", flush=True)

    def restarted(self, before, seconds):
        """Waits until systemd has another daemon running that is ready; its process number."""
        def other():
            now = self.board.daemon
            return now if now not in (0, before) else None
        after = wait_for(other, "systemd to start it again", seconds)
        self.board.healthy()
        return after

    def process(self, number):
        """The fields of /proc/NUMBER/status."""
        lines = self.board.run(f"cat /proc/{number}/status").splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def test_answers_after_a_kill(self):
        self.assertEqual(self.board.run("uname -m").strip(), "aarch64")
        self.assertEqual(self.board.run("systemctl show -p Type -p FileDescriptorStoreMax --value vitrine").split(),
                         ["notify", "8"])
        first = self.board.daemon
        self.board.run(f"kill -9 {first}")
        self.restarted(first, 30)

    def test_fences_of_the_unit_and_of_decoders(self):
        daemon = self.process(self.board.daemon)
        self.assertEqual(daemon["NoNewPrivs"], "1")
        self.assertEqual(int(daemon["CapEff"], 16), 0)
        # ProtectSystem: the mount namespace is the daemon's own, and the root in it cannot be written.
        mounts = self.board.run(f"cat /proc/{self.board.daemon}/mountinfo").splitlines()
        root = [line.split() for line in mounts if line.split()[4] == "/"]
        self.assertTrue(all("ro" in fields[5].split(",") for fields in root), root)
        # A decoder still puts its own fences on inside those, and decodes.
        photo = pictures.run("convert", "-size", "64x48", "gradient:red-blue", "png:-")
        identity = self.board.put("small.png", photo)["id"]
        medium = wait_for(lambda: self.checked(identity), "the photo to be checked", 60)
        self.assertEqual(medium["state"], "ready", medium)
        decoders = self.board.run("for each in /proc/[0-9]*; do [ \"$(cat $each/comm)\" = vitrine-decoder ] && "
                                  "echo ${each#/proc/}; done 2>/dev/null; true").split()
        self.assertGreater(len(decoders), 0)
        sandbox = self.board.status()["decoder"]["sandbox"]
        self.assertTrue(sandbox and all(sandbox.values()), sandbox)
        for number in decoders:
            decoder = self.process(number)
            self.assertEqual((decoder["NoNewPrivs"], decoder["Seccomp"]), ("1", "2"), decoder["Name"])
            self.assertGreater(int(decoder["Seccomp_filters"]), int(daemon["Seccomp_filters"]))

    def groups_of_decoders(self):
        """Where each decoder is among the control groups, by its process number."""
        lines = self.board.run("for each in /proc/[0-9]*; do [ \"$(cat $each/comm)\" = vitrine-decoder ] && "
                               "echo ${each#/proc/} $(cat $each/cgroup); done 2>/dev/null; true").splitlines()
        return {int(number): group for number, group in (line.split() for line in lines)}

    def decoders(self):
        return wait_for(self.groups_of_decoders, "a decoder", 60)

    def limit_is_in_force(self):
        limit = self.board.status()["decoder"]["memory_limit"]
        self.assertEqual(limit, {"in_force": True, "bytes": 192000000})

    def test_a_decoder_ends_at_its_own_memory_limit(self):
        root = "/sys/fs/cgroup/system.slice/vitrine.service"
        self.limit_is_in_force()
        self.assertEqual(self.board.run(f"cat /proc/{self.board.daemon}/cgroup").strip(),
                         "0::/system.slice/vitrine.service/daemon")
        # Something that plays for ever, so that there is a decoder.
        with tempfile.TemporaryDirectory() as folder:
            clip = pathlib.Path(folder) / "clip.mp4"
            pictures.run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10:duration=20",
                         "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(clip))
            identity = self.board.put("clip.mp4", clip.read_bytes())["id"]
        wait_for(lambda: self.checked(identity), "the clip to be checked", 120)
        self.board.post("/api/v1/player/show", {"id": identity})
        wait_for(lambda: (self.board.status()["player"]["current"] or {}).get("id") == identity, "the clip to play", 60)
        for group in self.decoders().values():
            self.assertRegex(group, "^0::/system.slice/vitrine.service/decoder-[1-9]$")
        one = f"{root}/decoder-1"
        self.assertEqual(self.board.run(f"cd {one} && cat memory.max pids.max memory.swap.max").split(),
                         ["192000000", "64", "0"])

        def journal():
            return self.board.run("journalctl -b -u vitrine --no-pager -o cat")

        # Killed from outside: nobody's fault.
        self.board.run(f"kill -9 {' '.join(map(str, self.decoders()))}")
        wait_for(lambda: "how=SIGKILL" in journal(), "the kill to be told", 30)
        self.assertNotIn("out of memory", journal())
        # Out of memory, twice: the medium's own doing, and it is set aside.
        def starve():
            if self.board.get(f"/api/v1/media/{identity}")["state"] == "set_aside":
                return True
            # Whatever it has now is too much.
            self.board.run(f"for each in {root}/decoder-*; do [ -z \"$(cat $each/cgroup.procs)\" ] || "
                           "echo 1M > $each/memory.max; done 2>/dev/null; true")
            return False
        wait_for(starve, "the clip to be set aside", 90, pause=2)
        medium = self.board.get(f"/api/v1/media/{identity}")
        self.assertIn("out of memory", medium["reason"])
        self.assertIn("how=out of memory", journal())
        # Both are in the log that outlives the plug, and the daemon took no harm.
        past = [entry["text"] for entry in self.board.get("/api/v1/system/faults")["items"]]
        self.assertTrue(any("is set aside" in text and "out of memory" in text for text in past), past)
        self.limit_is_in_force()

    def test_steps_aside_where_systemd_knows_no_subgroup(self):
        folder = "/run/systemd/system/vitrine.service.d"
        self.board.run(f"mkdir -p {folder} && printf '[Service]\\nDelegateSubgroup=\\n' > {folder}/old.conf && "
                       "systemctl daemon-reload && systemctl restart vitrine", 90)
        try:
            self.board.healthy()
            self.assertEqual(self.board.run(f"cat /proc/{self.board.daemon}/cgroup").strip(),
                             "0::/system.slice/vitrine.service/daemon")
            self.limit_is_in_force()
            first = self.board.daemon
            self.board.run(f"kill -9 {first}")
            self.restarted(first, 30)
            self.limit_is_in_force()
        finally:
            self.board.run(f"rm -r {folder} && systemctl daemon-reload && systemctl restart vitrine", 90)
            self.board.healthy()

    def test_exposure_of_the_unit(self):
        report = self.board.run("systemd-analyze security --no-pager vitrine.service | tail -n 1")
        self.assertLessEqual(float(report.split(":")[1].split()[0]), 2.5, report)

    def checked(self, identity):
        medium = self.board.get(f"/api/v1/media/{identity}")
        return medium if medium["state"] != "processing" else None

    def test_watchdog_ends_a_daemon_that_stands_still(self):
        first = self.board.daemon
        self.board.run(f"kill -STOP {first}")
        self.restarted(first, 60)
        self.assertIn("watchdog", self.board.run("journalctl -b -u vitrine --no-pager -o cat").lower())


if __name__ == "__main__":
    unittest.main(verbosity=2)
