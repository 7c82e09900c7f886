"""What was compiled for the board runs there: it answers, decodes inside its fences, and systemd watches over it."""

import os
import pathlib
import sys
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
