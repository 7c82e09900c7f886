"""In a control group with less memory than it would like: it plays on, and its cache gives back and fills again."""

import unittest

import pictures
import scarcity
from support import PROGRAMS, fixtures


class Scarcity(unittest.TestCase):
    def setUp(self):
        try:
            scarcity.MemoryGroup(96).remove()
        except scarcity.NoGroups as reason:
            self.skipTest(str(reason))

    def test_720p_plays_on_in_96_megabytes(self):
        clip = fixtures()["photo.jpg"].parent / "scarce.mp4"
        pictures.ffmpeg("-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30", "-t", "5", "-c:v", "libx264",
                        "-preset", "veryfast", "-b:v", "2500k", "-pix_fmt", "yuv420p", clip)
        found = scarcity.play_scarcely(PROGRAMS, clip, 10)
        print(f"  {found['rate']:.1f} frames/s, {found['most'] >> 20} MB at most, limit met {found['refusals']} times")
        self.assertTrue(found["playing"] and found["same"], found)
        self.assertEqual((found["kills"], found["deaths"]), (0, 0), found)
        self.assertGreater(found["rate"], 15)

    def test_the_cache_gives_back_and_fills_again(self):
        found = scarcity.take_and_give_back(PROGRAMS, fixtures()["animation.gif"], 1)[0]
        print(f"  given back {found['given']:.2f} s after the line was crossed, full again after {found['refilled']:.1f} s")
        self.assertLess(found["given"], 10)
