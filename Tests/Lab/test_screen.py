"""What a kernel's own display driver shows, on an emulated board: exact pictures, and the way back from every fault."""

import http.client
import os
import pathlib
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "EndToEnd"))

import pictures  # noqa: E402
from board import Board, Refused, wait_for  # noqa: E402

CACHE = pathlib.Path(os.environ.get("VITRINE_CACHE") or pathlib.Path.home() / ".cache/vitrine")
ROUNDS = int(os.environ.get("VITRINE_ROUNDS", "3"))
EXTRA_MEDIA = os.environ.get("VITRINE_EXTRA_MEDIA", "")
PHOTOS = {".jpg", ".jpeg", ".png", ".heic", ".webp", ".avif"}
# From a plug going in to the picture, in the board's time; a Cortex-A53 under emulation is some ten times slower than metal.
BACK_WITHIN = 15
DRIVER = "/sys/bus/virtio/drivers/virtio_gpu"


class Screen(unittest.TestCase):
    """One board for all; every test begins with a photo on the real screen."""

    @classmethod
    def setUpClass(cls):
        cls.fixtures = tempfile.TemporaryDirectory(prefix="vitrine-lab-")
        folder = pathlib.Path(cls.fixtures.name)
        cls.photos = [folder / "colours.png", folder / "ramp.jpg"]
        pictures.run("convert", "-size", "640x360", "plasma:red-blue", "-seed", "1", "-depth", "8", cls.photos[0])
        pictures.run("convert", "-size", "500x700", "gradient:white-green", "-quality", "92", cls.photos[1])
        cls.clip = folder / "clip.mp4"
        pictures.ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10:duration=20", "-c:v", "libx264", "-preset",
                        "veryfast", "-pix_fmt", "yuv420p", cls.clip)
        cls.board = Board(CACHE).start()
        cls.addClassCleanup(cls.board.close)
        cls.addClassCleanup(cls.fixtures.cleanup)
        cls.answered = cls.board.healthy()
        cls.media = {}
        extra = sorted(pathlib.Path(EXTRA_MEDIA).glob("*")) if EXTRA_MEDIA else []
        for path in cls.photos + [cls.clip] + [path for path in extra if path.suffix.lower() in PHOTOS]:
            identity = cls.board.put(path.name, path.read_bytes())["id"]
            cls.media[path.name] = cls.settled(identity)
        print(f"agent after {cls.board.agent_after:.1f} s, appliance after {cls.answered:.1f} s, "
              f"{len(cls.media)} media", flush=True)

    @classmethod
    def settled(cls, identity):
        def look():
            medium = cls.board.get(f"/api/v1/media/{identity}")
            return medium if medium["state"] != "processing" else None
        medium = wait_for(look, f"{identity} to be checked", 180)
        if medium["state"] != "ready":
            raise AssertionError(f"{medium['name']} is not taken: {medium}")
        return identity

    def setUp(self):
        self.wait_for_driver("drm", 60)
        self.show("colours.png")

    # What is looked at.

    def driver(self):
        return self.board.status()["display"].get("driver")

    def wait_for_driver(self, name, seconds):
        try:
            wait_for(lambda: self.driver() == name, f"the {name} display to be in use", seconds)
        except AssertionError as error:
            chain = self.board.status()["display"]["chain"]
            raise AssertionError(f"{error}\nchain: {chain}\n{self.board.journal()}") from error

    def show(self, name, seconds=60):
        self.board.post("/api/v1/player/show", {"id": self.media[name]})
        def on():
            player = self.board.status()["player"]
            current = player.get("current")
            # Its time runs from when it is on the glass.
            return current and current["id"] == self.media[name] and current["position_seconds"] > 0
        wait_for(on, f"{name} to be shown", seconds)

    def snapshot(self):
        return self.board.request("GET", "/api/v1/display/snapshot.png")

    def right_picture(self, seconds=BACK_WITHIN):
        """Waits until the screen is what the appliance says it shows; returns the pixels."""
        seen = {}
        def same():
            width, height, seen["screen"] = self.board.screen()
            size = self.board.status()["display"]
            if (size["width"], size["height"]) != (width, height):
                seen["why"] = f"the screen has {width}x{height}, the status says {size}"
                return False
            seen["ours"] = pictures.raw(self.snapshot(), width, height)
            different = sum(a != b for a, b in zip(seen["screen"], seen["ours"]))
            seen["why"] = f"{different} of {len(seen['ours'])} bytes differ"
            return len(seen["screen"]) == len(seen["ours"]) and different == 0
        try:
            wait_for(same, "the screen to show the snapshot", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}: {seen.get('why')}\n{self.board.journal()}") from error
        self.assertGreater(len(set(seen["screen"])), 2, "the screen is of one colour")
        return seen["screen"]

    def counts(self):
        """What could leak: descriptors, framebuffers and mapped buffers of the card, and memory, of the daemon and in
        the kernel's hands."""
        lines = self.board.run(
            "mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug\n"
            "pid=$(systemctl show -p MainPID --value vitrine)\n"
            "ls /proc/$pid/fd | wc -l\n"
            "cat /sys/kernel/debug/dri/0/framebuffer | grep -c '^framebuffer' || true\n"
            "grep -c /dev/dri/ /proc/$pid/maps || true\n"
            "awk '/Pss_Anon|Pss_Shmem/ { sum += $2 } END { print sum }' /proc/$pid/smaps_rollup\n"
            # Of the kernel's shared memory, what is no file: the journal lies in such a file system, and grows.
            "files=$(df -k --output=used -t tmpfs | awk '{ sum += $1 } END { print sum }')\n"
            "awk -v files=$files '/^Shmem:/ { print $2 - files }' /proc/meminfo").split()
        return dict(zip(("descriptors", "framebuffers", "mappings", "kilobytes", "shared"), map(int, lines)))

    def settled_counts(self, before=None):
        """The counts while a photo is shown; once they are no larger than before, where that is known."""
        self.show("colours.png")
        self.right_picture()
        seen = {}
        def down():
            seen.update(self.counts())
            if before is None:
                return True
            # Memory breathes by the few pictures (900 kB each) that a decoder has lent, or not, for what comes next. What
            # leaks with every round goes beyond it, and the card's buffers are counted one by one.
            slack = {"kilobytes": 8_192, "shared": 8_192}
            return all(seen[name] <= before[name] + slack.get(name, 0) for name in before)
        try:
            wait_for(down, "the counts to be as before", 20, 1)
        except AssertionError as error:
            raise AssertionError(f"{error}: before {before}, now {seen}") from error
        return seen

    def card(self):
        return self.board.run(f"ls {DRIVER} | grep ^virtio")

    # The tests.

    def test_photos_are_exact(self):
        for name in self.media:
            if name.endswith(".mp4"):
                continue
            with self.subTest(name):
                self.show(name)
                self.right_picture(60)

    def test_test_picture_is_exact(self):
        before = self.right_picture()
        self.board.post("/api/v1/system/test-picture", {"seconds": 20, "moves": False})
        wait_for(lambda: self.board.screen()[2] != before, "the test picture to come", 10)
        picture = self.right_picture()
        self.assertGreater(len({picture[at:at + 3] for at in range(0, len(picture), 3)}), 16, "bars and a ramp")
        wait_for(lambda: self.board.screen()[2] == before, "the photo to come back", 60)

    def replug(self, out, back):
        # Everything has happened once, what is made only then included.
        self.one_round(out, back)
        before = self.settled_counts()
        times = []
        for number in range(1, ROUNDS + 1):
            times.append(self.one_round(out, back))
            print(f"round {number}: the picture is back after {times[-1]:.1f} s", flush=True)
            if number % 10 == 0 or number == ROUNDS:
                print(f"round {number}: {self.settled_counts(before)}, before {before}", flush=True)
        print(f"{ROUNDS} rounds: {min(times):.1f} to {max(times):.1f} s, {sorted(times)[len(times) // 2]:.1f} s in the middle",
              flush=True)

    def one_round(self, out, back):
        """Takes the screen away and gives it back while a clip plays; seconds until its picture is on the glass again."""
        self.show("clip.mp4")
        self.wait_for_driver("drm", BACK_WITHIN)
        out()
        self.wait_for_driver("headless", BACK_WITHIN)
        begin = self.board.status()["player"]
        self.assertEqual(begin["state"], "playing", "headless carries on")
        self.assertEqual(begin["current"]["id"], self.media["clip.mp4"])
        wait_for(lambda: self.board.status()["player"]["current"]["position_seconds"]
                 != begin["current"]["position_seconds"], "the clip to move on the headless display", 10)
        back()
        began = time.monotonic()
        self.wait_for_driver("drm", BACK_WITHIN)
        # The clip stands still for the comparison, which takes longer than a frame.
        self.board.post("/api/v1/player/pause")
        self.right_picture(BACK_WITHIN - (time.monotonic() - began))
        taken = time.monotonic() - began
        self.board.post("/api/v1/player/resume")
        return taken

    def test_card_goes_and_comes(self):
        card = self.card()
        self.replug(lambda: self.board.run(f"echo {card} > {DRIVER}/unbind"),
                    lambda: self.board.run(f"echo {card} > {DRIVER}/bind"))

    def test_connector_goes_and_comes(self):
        status = "$(ls -d /sys/class/drm/card*-Virtual-1)/status"
        self.replug(lambda: self.board.run(f"echo off > {status}"), lambda: self.board.run(f"echo detect > {status}"))

    def test_kill_leaves_no_dark_moment(self):
        old = self.right_picture()
        first = self.board.daemon
        self.board.run("kill -9 $(systemctl show -p MainPID --value vitrine)")
        seen = {}
        deadline = time.monotonic() + 60
        back = None
        while back is None or time.monotonic() < back + 2:
            next_look = time.monotonic() + 0.1
            screen = self.board.screen()
            seen.setdefault(screen[2], time.monotonic())
            if back is None:
                try:
                    if self.board.get("/healthz")["status"] == "healthy" and self.driver() == "drm":
                        back = time.monotonic()
                except (OSError, http.client.HTTPException, Refused):  # nobody answers while it restarts
                    pass
            self.assertLess(time.monotonic(), deadline, "the daemon to be back")
            time.sleep(max(0, next_look - time.monotonic()))
        self.assertNotEqual(self.board.daemon, first)
        new = self.right_picture()
        others = [pixels for pixels in seen if pixels not in (old, new)]
        self.assertEqual(len(others), 0, f"{len(others)} pictures that are neither the old nor the new one")

    def test_mode_change(self):
        self.board.run("mkdir -p /etc/vitrine/conf.d && printf '[display]\\nmode = \"800x600\"\\n' "
                       "> /etc/vitrine/conf.d/lab.toml && systemctl restart vitrine", 60)
        self.board.healthy()
        try:
            self.wait_for_driver("drm", 60)
            self.right_picture(60)
            self.assertEqual(self.board.screen()[:2], (800, 600))
        finally:
            self.board.run("rm /etc/vitrine/conf.d/lab.toml && systemctl restart vitrine", 60)
            self.board.healthy()

    def test_late_card(self):
        card = self.card()
        self.board.run(f"systemctl stop vitrine && echo {card} > {DRIVER}/unbind && systemctl start vitrine", 90)
        self.board.healthy()
        self.wait_for_driver("headless", 30)
        wait_for(lambda: self.board.status()["device"]["uptime_seconds"] >= 15, "15 s to pass", 30)
        self.board.run(f"echo {card} > {DRIVER}/bind")
        self.wait_for_driver("drm", BACK_WITHIN)
        self.right_picture()


if __name__ == "__main__":
    unittest.main(verbosity=2)
