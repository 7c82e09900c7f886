"""What was compiled for the board runs there: it answers, plays into the browser's screen, and systemd knows it."""

import os
import pathlib
import unittest

from board import Board, wait_for

CACHE = pathlib.Path(os.environ.get("VITRINE_CACHE") or pathlib.Path.home() / ".cache/vitrine")


class Boot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.board = Board(CACHE).start()
        cls.addClassCleanup(cls.board.close)

    def test_answers_and_restarts(self):
        seconds = self.board.healthy()
        print(f"agent after {self.board.agent_after:.1f} s, appliance after {seconds:.1f} s", flush=True)
        width, height, pixels = self.board.screen()
        self.assertEqual((width * height * 3), len(pixels))
        self.assertEqual(self.board.run("uname -m").strip(), "aarch64")
        self.assertEqual(self.board.run("systemctl show -p Type -p FileDescriptorStoreMax --value vitrine").split(),
                         ["notify", "8"])
        first = self.board.daemon
        self.board.run(f"kill -9 {first}")
        wait_for(lambda: self.board.daemon not in (0, first), "systemd to start it again", 30)
        self.board.healthy()


if __name__ == "__main__":
    unittest.main(verbosity=2)
