"""What the appliance takes when there is nothing to do, and for the largest photos. Counts and bytes, never seconds."""

import os
import pathlib
import threading
import time

import pictures
import tiled_heic
from appliance import processor_seconds, pss, switches, wait_for, wakeups
from support import ApplianceTest, fixtures

MEGABYTE = 1 << 20
# A minute by hand (VITRINE_IDLE_SECONDS=60), ten seconds in CI: the count for each second is the same.
IDLE_SECONDS = int(os.environ.get("VITRINE_IDLE_SECONDS", "10"))


class Idle(ApplianceTest):
    settings = {"DISPLAY_HEADLESS_SIZE": "1280x720"}

    def test_a_photo_on_the_screen_costs_nothing(self):
        item = self.appliance.add(fixtures()["photo.jpg"])
        self.appliance.show(item["id"])
        wait_for(lambda: not self.appliance.decoders(), "the decoders to end when they are idle", 60)
        pid = self.appliance.pid
        presents = self.appliance.metric("vitrine_presents_total")
        touched = pss(pid)
        wait_for(lambda: pss(pid) < touched - MEGABYTE, "what the last request touched to be given back")
        before, cpu = switches(pid), processor_seconds(pid)
        time.sleep(IDLE_SECONDS)  # the span that is measured, not a wait for something
        woken = wakeups(before, switches(pid)) / IDLE_SECONDS
        cpu = (processor_seconds(pid) - cpu) / IDLE_SECONDS
        memory = self.appliance.memory()
        print(f"  idle over {IDLE_SECONDS} s: {memory / MEGABYTE:.1f} MB PSS, {woken:.2f} wake-ups/s, {cpu * 100:.2f} % of a core")
        self.assertEqual(self.appliance.metric("vitrine_presents_total"), presents)
        self.assertLess(memory, 48 * MEGABYTE)
        self.assertLess(woken, 5)
        self.assertLess(cpu, 0.01)


class LargePhotos(ApplianceTest):
    settings = {"DISPLAY_HEADLESS_SIZE": "1280x720", "PLAYBACK_PHOTO_SECONDS": "3600"}

    def peak_while(self, work):
        """The most that daemon and decoders took together while `work` ran."""
        peak, done = 0, threading.Event()

        def look():
            nonlocal peak
            while not done.is_set():
                peak = max(peak, self.appliance.memory())
                done.wait(0.02)
        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            result = work()
        finally:
            done.set()
            watcher.join()
        return peak, result

    def plays(self, path, megabytes):
        def work():
            item = self.appliance.add(path)
            self.assertEqual(item["state"], "ready", item)
            self.appliance.show(item["id"])
            return item
        peak, _ = self.peak_while(work)
        print(f"  {path.name}: {path.stat().st_size >> 10} kB, {peak / MEGABYTE:.0f} MB at most")
        self.assertLess(peak, megabytes * MEGABYTE, path.name)

    def make(self, name, *options):
        path = pathlib.Path(self.appliance.folder) / name
        pictures.run("convert", "-limit", "memory", "2GiB", "-size", "12000x9000", "gradient:red-blue", *options, path)
        return path

    def test_a_baseline_jpeg_of_108_megapixels_shows(self):
        self.plays(self.make("large.jpg", "-interlace", "none", "-quality", "80"), 96)

    def test_a_progressive_jpeg_of_108_megapixels_is_refused_politely_or_shows(self):
        path = self.make("progressive.jpg", "-interlace", "JPEG", "-quality", "80")
        peak, item = self.peak_while(lambda: self.appliance.add(path))
        print(f"  {path.name}: {item['state']}, {item.get('reason')}, {peak / MEGABYTE:.0f} MB at most")
        self.assertLess(peak, 160 * MEGABYTE)
        if item["state"] != "ready":
            self.assertEqual(item["state"], "rejected")
            self.assertIn("MB", item["reason"])
            self.assertTrue(item["suggestion"])

    def source(self, width, height):
        path = self.appliance.folder / "source.png"
        pictures.ffmpeg("-f", "lavfi", "-i", f"mandelbrot=size={width}x{height}", "-frames:v", "1", path)
        return path

    def test_a_tiled_heic_of_24_megapixels_shows(self):
        path = self.appliance.folder / "tiled.heic"
        tiled_heic.make(self.source(6144, 4096), path, columns=12, rows=8, size=(6000, 4000))
        self.plays(path, 96)

    def test_a_heic_of_24_megapixels_in_one_piece_shows(self):
        path = self.appliance.folder / "large.heic"
        pictures.run("heif-enc", "-q", "50", "-p", "preset=ultrafast", self.source(6000, 4000), "-o", path)
        self.plays(path, 160)
