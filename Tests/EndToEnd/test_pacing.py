"""Frames come once, in order and without a gap, as `benchmarks/pacing` counts them; here for seconds."""

import importlib.machinery
import importlib.util
import json
import pathlib
import subprocess
import tempfile
import unittest

from support import PROGRAMS

SECONDS = 6


def benchmark():
    path = pathlib.Path(__file__).resolve().parents[2] / "benchmarks" / "pacing"
    loader = importlib.machinery.SourceFileLoader("pacing", str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("pacing", loader))
    loader.exec_module(module)
    return module


class Pacing(unittest.TestCase):
    def test_every_frame_comes_once(self):
        pacing = benchmark()
        with tempfile.TemporaryDirectory(prefix="vitrine-pacing-") as folder:
            clip = pathlib.Path(folder) / "numbered.mp4"
            # Two seconds: its end and beginning are among what is counted.
            pacing.make_clip(clip, frames=2 * pacing.RATE)
            found = pacing.measure(PROGRAMS, clip, frames=2 * pacing.RATE, refresh=60, seconds=SECONDS)
        print(f"  {json.dumps(found)}")
        self.assertGreaterEqual(found["frames"], SECONDS * pacing.RATE)
        self.assertEqual(found["twice"], 0)
        # A frame is left out when it is late by more than its own time: so must a bare thread have been then.
        if found["control"]["most"] < 1000 / pacing.RATE:
            self.assertEqual(found["lost"], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
