"""The image that ships, on an emulated board with a screen: from the first start to a picture, a press, an upload."""

import os
import pathlib
import shutil
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "EndToEnd"))

import pictures  # noqa: E402
from card_board import CardBoard, Refused, flashed, read_settings, wait_for  # noqa: E402
from cards import FOLDER, BootFiles, Table, partition_hash  # noqa: E402
from starts import Start  # noqa: E402

# What a person writes before the first start: photos that stay until something else is asked for.
SETTINGS = """version = 1

[device]
name = "kitchen"

[playback]
photo_seconds = 3600
"""


class Screen(unittest.TestCase):
    def right_picture(self, seconds=30):
        """Waits until the screen is what the appliance says it shows, every byte of it; returns the pixels."""
        seen = {}
        def same():
            width, height, seen["screen"] = self.board.screen()
            size = self.board.status()["display"]
            if (size.get("driver"), size["width"], size["height"]) != ("drm", width, height):
                seen["why"] = f"the screen has {width}x{height}, the status says {size}"
                return False
            ours = pictures.raw(self.board.request("GET", "/api/v1/display/snapshot.png"), width, height)
            seen["why"] = f"{sum(a != b for a, b in zip(seen['screen'], ours))} of {len(ours)} bytes differ"
            return seen["screen"] == ours
        try:
            wait_for(same, "the screen to show the snapshot", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}: {seen.get('why')}\n{self.board.journal()}") from error
        self.assertGreater(len(set(seen["screen"])), 2, "the screen is of one colour")
        return seen["screen"]

    def storage_fault(self):
        """What the status says is wrong with what media are kept on."""
        return " ".join(fault["detail"] for fault in self.board.status()["faults"] if fault["part"] == "storage")

    def refused(self, path):
        """An upload is answered with a reason, and not taken."""
        with self.assertRaises(Refused) as caught:
            self.board.put(path.name, path.read_bytes())
        return str(caught.exception)


class Picture(Screen):
    @classmethod
    def setUpClass(cls):
        FOLDER.mkdir(parents=True, exist_ok=True)
        cls.boot = BootFiles()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="picture-", dir=FOLDER))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.card = flashed(cls.boot, cls.folder / "card.img", SETTINGS.replace("\n", "\r\n"))
        cls.system = partition_hash(cls.card, 2)
        cls.photos = [cls.folder / "colours.png", cls.folder / "ramp.jpg"]
        pictures.run("convert", "-size", "640x360", "plasma:red-blue", "-seed", "1", "-depth", "8", cls.photos[0])
        pictures.run("convert", "-size", "500x700", "gradient:white-green", "-quality", "92", cls.photos[1])
        cls.board = CardBoard(cls.boot, cls.card).start()
        cls.addClassCleanup(cls.board.close)
        answered = cls.board.healthy(300)
        cls.board.claim()
        cls.token = cls.board.token
        print(f"  shell after {cls.board.agent_after:.0f} s, appliance after {answered:.0f} s", flush=True)

    def uploaded(self, path):
        """Uploads a file by the forwarded port; its identity, once it can be played."""
        medium = self.board.settled(self.board.put(path.name, path.read_bytes())["id"])
        self.assertEqual(medium["state"], "ready", medium)
        return medium["id"]

    def current(self):
        return (self.board.status()["player"].get("current") or {}).get("id")

    def show(self, identity):
        self.board.post("/api/v1/player/show", {"id": identity})
        def on():
            current = self.board.status()["player"].get("current")
            # Its time runs from when it is on the glass.
            return current and current["id"] == identity and current["position_seconds"] > 0
        wait_for(on, "the photo to be shown", 60)

    # In the order of their names, on one board: each leaves a picture.

    def test_1_first_start(self):
        self.assertRegex(self.board.report("data"), "^made ")
        self.assertEqual(self.board.report("slot"), "a")
        self.assertRegex(self.board.report("machine-id"), "^[0-9a-f]{32}$")
        self.assertEqual(self.board.run("cat /etc/machine-id").strip(), self.board.report("machine-id"))
        mounts = {fields[1]: fields for fields in map(str.split, self.board.run("cat /proc/mounts").splitlines())}
        self.assertEqual(mounts["/"][2], "squashfs")
        self.assertTrue(mounts["/boot/firmware"][3].startswith("ro,"), mounts["/boot/firmware"])
        self.assertTrue(mounts["/data"][3].startswith("rw,"), mounts["/data"])
        self.assertIn("/var/lib/vitrine", mounts)
        self.assertEqual(self.board.run("stat -c %U /var/lib/vitrine").strip(), "vitrine")
        # And so does the empty folder under it, which shows when nothing can be mounted there.
        below = self.board.run("mkdir /run/below && mount -o bind / /run/below && stat -c '%U %a' "
                               "/run/below/var/lib/vitrine && umount /run/below")
        self.assertEqual(below.split(), ["vitrine", "755"])
        self.assertGreater(int(self.board.run("df -m /data | tail -n 1 | awk '{ print $2 }'")), 2000, "grown")
        self.right_picture()

    def test_2_settings_of_the_card(self):
        self.assertEqual(self.board.run("cat /proc/sys/kernel/hostname").strip(), "kitchen")
        self.assertEqual(self.board.run("cat /run/vitrine-boot/card 2>/dev/null; true").strip(), "", "no fault")
        # Nobody put a key on the card. What would let people in is not only not answering, it is not there.
        state = self.board.run("systemctl list-jobs --no-legend card-ssh; systemctl is-active card-ssh", check=False)
        self.assertEqual((state.strip(), self.board.secure_shell()), ("inactive", ""))

    def test_3_upload_plays(self):
        identity = self.uploaded(self.photos[0])
        self.show(identity)
        screen = self.right_picture()
        expected = pictures.reference(self.photos[0], 640, 360)
        self.assertGreater(pictures.psnr(screen, expected), 30, "the photo itself is on the screen")

    def test_4_button_changes_the_picture(self):
        first, second = self.uploaded(self.photos[0]), self.uploaded(self.photos[1])
        self.show(first)
        before = self.right_picture()
        # The board's power key is line 3 of its GPIO chip, and a press is what the emulator can do there.
        self.board.run("cd /sys/bus/platform/drivers/gpio-keys 2>/dev/null && echo gpio-keys >unbind; true")
        self.board.request("PATCH", "/api/v1/config", '{"buttons.next": "gpiochip0:3"}',
                           {"Content-Type": "application/json"})
        def other():
            self.board.qmp("system_powerdown")
            time.sleep(1)
            return self.current() == second
        wait_for(other, "a press to show the next photo", 60, pause=2)
        self.assertNotEqual(self.right_picture(), before)

    def test_5_memory_and_system(self):
        available = int(self.board.run("awk '/^MemAvailable:/ { print $2 }' /proc/meminfo")) // 1024
        print(f"  {available} MB available", flush=True)
        self.assertGreaterEqual(available, 250)
        failed = self.board.run("systemctl --failed --no-legend --plain").strip()
        self.assertEqual(failed, "", self.board.run("journalctl -b -p warning --no-pager -n 60", check=False))

    def test_6_system_is_as_it_was(self):
        self.board.pull_the_plug()
        self.assertEqual(partition_hash(self.card, 2), self.system)

    def test_7_card_that_cannot_be_written(self):
        """What is on it plays; nothing new is taken, and it is said why. The journal was replayed before, for a locked
        card has none: the last minutes before a cut would be missing."""
        self.assertEqual(Start(self.boot, self.card).state, "ok")
        type(self).board = board = CardBoard(self.boot, self.card, locked=True).start()
        self.addClassCleanup(board.close)
        wait_for(lambda: board.get("/healthz")["status"] in ("healthy", "degraded"), "the appliance to answer", 300)
        self.assertRegex(board.report("data"), "^read_only ")
        board.token = self.token
        self.assertRegex(self.storage_fault(), "write-protected")
        identity = board.get("/api/v1/media?limit=1")["items"][0]["id"]
        self.show(identity)
        self.right_picture()
        self.assertRegex(self.refused(self.photos[0]), "50[0-9]")
        # A person who asks for everything to be erased is told that it was not, and everything goes on.
        with self.assertRaises(Refused) as caught:
            # The daemon waits a minute for the part of the system that writes to the card.
            board.request("POST", "/api/v1/system/erase-data", timeout=120)
        self.assertRegex(str(caught.exception), "503.*Nothing was erased: the card is write-protected",
                         board.run("journalctl -b -u 'vitrine-erase*' --no-pager; systemctl list-jobs", check=False))
        self.show(identity)
        self.right_picture()
        self.assertEqual(board.run("systemctl is-active vitrine-erase.path").strip(), "active")
        self.assertIsNone(read_settings(self.card, "erase-data"))


class WithoutData(Screen):
    """A data partition that nothing can be read from: the board is up nonetheless, and says so."""

    def test_picture_and_reason(self):
        FOLDER.mkdir(parents=True, exist_ok=True)
        boot = BootFiles()
        folder = pathlib.Path(tempfile.mkdtemp(prefix="picture-", dir=FOLDER))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        card = flashed(boot, folder / "card.img")
        place, _ = Table(card).place(4)
        with open(card, "r+b") as file:
            file.seek(place)
            file.write(b"somebody else's data" * 10000)
        self.board = CardBoard(boot, card).start()
        self.addCleanup(self.board.close)
        wait_for(lambda: self.board.get("/healthz")["status"] in ("healthy", "degraded"), "the appliance", 300)
        self.assertRegex(self.board.report("data"), "^absent ")
        self.board.claim()
        self.assertRegex(self.storage_fault(), "nothing to keep media and settings on")
        # One cause, one message.
        self.assertEqual([fault["part"] for fault in self.board.status()["faults"]], ["storage"])
        self.right_picture()
        with open(card, "rb") as file:
            file.seek(place)
            self.assertEqual(file.read(20), b"somebody else's data")
        self.erased_from_the_page(boot, card)

    def erased_from_the_page(self, boot, card):
        """The daemon cannot write there; root has the next start do what the file erase-data has it do."""
        self.board.post("/api/v1/system/erase-data")
        self.board.await_restart()
        self.board.close()
        self.assertIsNotNone(read_settings(card, "erase-data"), "the wish is on the card")
        self.board = CardBoard(boot, card).start()
        self.addCleanup(self.board.close)
        self.board.healthy(300)
        self.assertRegex(self.board.report("data"), "^erased ")
        self.board.claim()
        self.assertEqual(self.storage_fault(), "")
        self.board.pull_the_plug()
        self.assertIsNone(read_settings(card, "erase-data"), "granted once")


if __name__ == "__main__":
    unittest.main(verbosity=2)
