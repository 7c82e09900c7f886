"""Every format that the product names goes in over HTTP, and is on the screen as other programs show it."""

import unittest

import pictures
from appliance import wait_for
from support import SCREEN, ApplianceTest, extra_media, fixtures

ENOUGH = 30  # dB


class Formats(ApplianceTest):
    settings = {"PLAYBACK_PHOTO_SECONDS": "3600"}

    def screen(self):
        return pictures.raw(self.appliance.snapshot(), *SCREEN)

    def reaches(self, measure, name, item):
        best = -1

        def look():
            nonlocal best
            # A clip of seconds is over before a busy machine has looked at it.
            if self.appliance.status()["player"].get("current", {}).get("id") != item["id"]:
                self.appliance.show(item["id"])
            best = max(best, measure(self.screen()))
            return best >= ENOUGH

        try:
            wait_for(look, name, 20)
        except AssertionError:
            self.fail(f"{name}: {best:.1f} dB at best")
        return best

    def check(self, name, path, reference_path=None):
        item = self.appliance.add(path)
        self.assertEqual(item["state"], "ready", f"{name}: {item}")
        self.appliance.show(item["id"])
        if item["kind"] == "image":
            reference = pictures.reference(reference_path or path, *SCREEN)
            best = self.reaches(lambda ours: pictures.psnr(ours, reference), name, item)
        else:
            frames = pictures.video_references(reference_path or path, *SCREEN)
            best = self.reaches(lambda ours: pictures.best_psnr(ours, frames), name, item)
        print(f"  {name}: {item['kind']} {item['width']}×{item['height']}, {best:.1f} dB", flush=True)
        return item

    def test_every_format_plays_upright(self):
        for name, path in fixtures().items():
            with self.subTest(name):
                # ffmpeg does not read animated WebP: its frames are flat colours, compared as a GIF of the same.
                self.check(name, path, animated_webp_reference(path) if name == "animation.webp" else None)

    def test_sizes_are_told_upright_and_with_square_pixels(self):
        files = fixtures()
        sizes = {"orientation-6.jpg": (200, 320), "turned.mp4": (240, 320), "wide-pixels.mp4": (640, 240)}
        for name, size in sizes.items():
            item = self.appliance.add(files[name])
            self.assertEqual((item["width"], item["height"]), size, name)

    @unittest.skipUnless(extra_media(), "VITRINE_EXTRA_MEDIA names no folder with more files")
    def test_other_files_play_upright(self):
        for path in extra_media():
            with self.subTest(path.name):
                self.check(path.name, path)


def animated_webp_reference(path):
    target = path.with_suffix(".reference.gif")
    frames = [path.parent / f"frame-{index}.png" for index in range(5)]
    pictures.run("convert", "-delay", "10", *frames, target)
    return target
