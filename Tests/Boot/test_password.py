"""The power goes exactly while the WiFi password is taken off the FAT partition: it is always somewhere, and in the end
in the data alone. The same card lets people in who have the key that stands beside it."""

import os
import pathlib
import random
import shutil
import tempfile
import unittest

from card_board import CardBoard, flashed, read_settings, wait_for, write_settings
from cards import FOLDER, MEBIBYTE, SECTOR, BootFiles, Table, copy_sparse, inside, take_out, tool
from starts import cut, recorded

ROUNDS = int(os.environ.get("VITRINE_ROUNDS", "1"))
SEED = int(os.environ.get("VITRINE_SEED", "1"))
# Of 18 bytes, of which HALF are in the first sector.
PASSWORD = "Zw\u00f6lf Boxk\u00e4mpfer"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHwvYX4TZ4vVZsSxuxAtPdfrZHIXDYSP0JKW3zJxl0yC me"
HALF = 7
SETTINGS = f"""version = 1
# The password stands on both sides of the border between two sectors, of which a cut may lose either.
@
[wifi]
ssid = "Ringelnatz"
password = "{PASSWORD}"
country = "DE"

[ssh]
key = "{KEY}"
""".replace("\n", "\r\n")
SETTINGS = SETTINGS.replace("@", "#" * (1 + SECTOR - HALF - len(SETTINGS.split(PASSWORD)[0].encode())))
# In its place, and every byte of it.
BLANK = "*" * len(PASSWORD.encode())
BLANKED = SETTINGS.replace(PASSWORD, BLANK)


class Password(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        FOLDER.mkdir(parents=True, exist_ok=True)
        cls.boot = BootFiles()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="password-", dir=FOLDER))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)

    def test_power_cuts_while_it_is_blanked(self):
        card = flashed(self.boot, self.folder / "card.img", SETTINGS)
        whole, writes = copy_sparse(card, self.folder / "whole.img"), self.folder / "writes"
        with CardBoard(self.boot, whole, writes=writes) as board:
            self.assertRegex(board.report("data"), "^made ")
            self.let_in(board)
            self.finished(board, whole)
        whole.unlink()
        entries = recorded(writes)
        points = self.points(card, entries)
        print(f"  {len(entries)} writes; cuts after {points}", flush=True)
        states = set()
        for number, point in enumerate(points):
            with self.subTest(writes=point, seed=SEED):
                trial = copy_sparse(card, self.folder / "trial.img")
                cut(trial, entries, point, random.Random(SEED * 1000 + number))
                states.add(state := self.look(trial))
                with CardBoard(self.boot, trial) as board:
                    print(f"  after {point} writes: {state}; then {board.report('data')}", flush=True)
                    self.finished(board, trial)

    def points(self, card, entries):
        """Numbers of writes after which the power goes: the very blank first, for the first round; then around it."""
        first, size = Table(card).place(1)
        blank = next(index for index, (at, content, _, _) in enumerate(entries)
                     if first <= at < first + size and BLANK[:HALF].encode() in content)
        source = random.Random(SEED)
        around = [blank + 1, blank, blank + 2, blank - 1, blank + 3]
        around += [source.randrange(blank - 40, blank + 12) for _ in range(ROUNDS)]
        return [min(point, len(entries)) for point in around[:ROUNDS]]

    def look(self, card):
        """Where the password is on a card whose power went."""
        text = read_settings(card, "vitrine.toml")
        self.assertEqual(len(text.encode()), len(SETTINGS.encode()), "its length is what it was")
        head, tail = SETTINGS.split(PASSWORD)
        self.assertTrue(text.startswith(head) and text.endswith(tail), text)
        if text == SETTINGS:
            return "password on the FAT partition"
        data = take_out(card, 4, self.folder / "data.img")
        # As the next start does: the journal is part of what is on the card.
        tool("e2fsck", "-p", "-f", inside(data), check=False)
        kept = tool("debugfs", "-R", "cat /system/card.toml", inside(data))
        self.assertIn(PASSWORD, kept, f"the password is nowhere; on the FAT partition: {text}")
        return "blanked" if text == BLANKED else "half blanked"

    def finished(self, board, card):
        """The password is in the data, for root alone, the network gets it, and the FAT partition has it nowhere."""
        self.assertEqual(board.run("cat /run/vitrine-boot/card").strip(), "")
        for path in ("/data/system/card.toml", "/run/vitrine-system/wpa_supplicant-wlan0.conf"):
            self.assertEqual(board.run(f"stat -c '%U %a' {path}").split(), ["root", "600"], path)
        self.assertIn(PASSWORD, board.run("cat /data/system/card.toml"))
        self.assertIn("psk=", board.run("cat /run/vitrine-system/wpa_supplicant-wlan0.conf"))
        self.assertIn(" ro,", board.run("grep ' /boot/firmware ' /proc/mounts"))
        self.assertEqual(read_settings(card, "vitrine.toml"), BLANKED)
        place, size = Table(card).place(1)
        with open(card, "rb") as file:
            file.seek(place)
            while size > 0 and (piece := file.read(min(64 * MEBIBYTE, size))):
                self.assertNotIn(PASSWORD.encode(), piece)
                size -= len(piece)

    def let_in(self, board):
        """The key is for root alone, and is asked for at port 22."""
        self.assertEqual(board.run("cat /data/system/authorized_keys").strip(), KEY)
        self.assertEqual(board.run("stat -c '%U %a' /data/system/authorized_keys").split(), ["root", "600"])
        wait_for(lambda: board.secure_shell().startswith("SSH-2.0-"), "secure shell to answer", 240, 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
