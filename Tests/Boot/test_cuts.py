"""The plug is pulled at any moment, again and again: there is always a picture, and nothing that was taken is lost."""

import hashlib
import http.client
import os
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "EndToEnd"))

import pictures  # noqa: E402
from card_board import CardBoard, flashed, wait_for  # noqa: E402
from cards import FOLDER, BootFiles, partition_hash  # noqa: E402

ROUNDS = int(os.environ.get("VITRINE_ROUNDS", "1"))
SEED = int(os.environ.get("VITRINE_SEED", "1"))


class PowerCuts(unittest.TestCase):
    def setUp(self):
        FOLDER.mkdir(parents=True, exist_ok=True)
        self.boot = BootFiles()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cuts-", dir=FOLDER))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.card = flashed(self.boot, self.folder / "card.img")
        self.random = random.Random(SEED)
        # What an answer said is taken: identity to hash of the file.
        self.acknowledged = {}

    def photo(self):
        path = self.folder / "photo.jpg"
        pictures.run("convert", "-size", f"{self.random.randrange(64, 800)}x{self.random.randrange(64, 800)}",
                     f"plasma:red-{self.random.choice(['blue', 'green', 'white'])}", "-seed",
                     str(self.random.randrange(1 << 30)), path)
        return path.read_bytes()

    def look(self, board):
        """Everything that was acknowledged is there, byte for byte, and the screen shows what the appliance says."""
        for identity, digest in self.acknowledged.items():
            content = board.request("GET", f"/api/v1/media/{identity}/file")
            self.assertEqual(hashlib.sha256(content).hexdigest(), digest, identity)
        def same():
            width, height, screen = board.screen()
            ours = pictures.raw(board.request("GET", "/api/v1/display/snapshot.png"), width, height)
            return screen == ours and len(set(screen)) > 2
        wait_for(same, "the screen to show the snapshot", 60)

    def upload_until_the_cut(self, board, seconds):
        """Uploads one photo after the other, and remembers which were answered to be kept; in the middle of that the
        power goes: so long after something was taken, at the earliest."""
        plug = threading.Timer(seconds, board.process.kill)
        counting = False
        number = 0
        while board.process.poll() is None:
            if self.acknowledged and not counting:
                plug.start()
                counting = True
            content = self.photo()
            try:
                identity = board.put(f"photo {number}.jpg", content)["id"]
                while (state := board.get(f"/api/v1/media/{identity}")["state"]) == "processing":
                    time.sleep(0.1)
            except (OSError, http.client.HTTPException):
                # Nobody answers while the power goes, and at no other time.
                if not counting:
                    raise
                board.process.wait(60)
                return
            self.assertEqual(state, "ready")
            self.acknowledged[identity] = hashlib.sha256(content).hexdigest()
            number += 1

    def test_plug_is_pulled(self):
        system = partition_hash(self.card, 2)
        token = None
        for number in range(ROUNDS):
            with self.subTest(round=number, seed=SEED):
                board = CardBoard(self.boot, self.card)
                # Before anybody could look: while the kernel, the initramfs or the system start.
                if number % 3 == 2:
                    self.cut_while_starting(board)
                    board = CardBoard(self.boot, self.card)
                board.start()
                try:
                    answered = board.healthy(300)
                    if token is None:
                        board.claim()
                    else:
                        board.token = token
                    token = board.token
                    self.assertRegex(board.report("data"), "^(made|ok|repaired|grown) ")
                    self.look(board)
                    print(f"  round {number}: {board.report('data')}; appliance after {answered:.0f} s, "
                          f"{len(self.acknowledged)} media", flush=True)
                    self.upload_until_the_cut(board, self.random.uniform(1, 20))
                finally:
                    if board.process is not None:
                        board.pull_the_plug()
        # The last one is looked at, too.
        with CardBoard(self.boot, self.card) as board:
            board.healthy(300)
            board.token = token
            self.look(board)
            self.assertGreater(len(self.acknowledged), 0)
            self.assertEqual(board.get("/healthz")["status"], "healthy")
            board.pull_the_plug()
        self.assertEqual(partition_hash(self.card, 2), system)

    def cut_while_starting(self, board):
        moment = self.random.uniform(2, 40)
        print(f"  cut {moment:.1f} s after power on", flush=True)
        board.launch()
        time.sleep(moment)
        board.pull_the_plug()


if __name__ == "__main__":
    unittest.main(verbosity=2)
