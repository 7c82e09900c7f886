"""What the appliance takes when nobody does anything with it: memory, and writes to the card."""

import os
import pathlib
import shutil
import tempfile
import time
import unittest

from card_board import CardBoard, flashed
from cards import FOLDER, BootFiles

MINUTES = float(os.environ.get("VITRINE_IDLE_MINUTES", "0"))


@unittest.skipUnless(MINUTES, "takes as long as VITRINE_IDLE_MINUTES says, 10 for instance: by hand")
class Idle(unittest.TestCase):
    def test_writes_and_memory(self):
        FOLDER.mkdir(parents=True, exist_ok=True)
        boot = BootFiles()
        folder = pathlib.Path(tempfile.mkdtemp(prefix="idle-", dir=FOLDER))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        with CardBoard(boot, flashed(boot, folder / "card.img")) as board:
            board.healthy(300)
            # A first start is not idle: the file system is new, and its tables are being filled in.
            time.sleep(120)
            before, began = self.written(board), time.monotonic()
            time.sleep(MINUTES * 60)
            hours = (time.monotonic() - began) / 3600
            written = (self.written(board) - before) / hours
            available = int(board.run("awk '/^MemAvailable:/ { print $2 }' /proc/meminfo")) // 1024
            print(f"  {written / 1e6:.3f} MB an hour to the data partition; {available} MB available", flush=True)
            self.assertLess(written, 1e6)
            self.assertGreaterEqual(available, 250)

    def written(self, board):
        """Bytes to the data partition since the start: the seventh number is sectors."""
        board.run("sync")
        return int(board.run("cat /sys/class/block/vda4/stat").split()[6]) * 512


if __name__ == "__main__":
    unittest.main(verbosity=2)
