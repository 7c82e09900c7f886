"""One medium gives way to the other."""

import pathlib
import shutil
import tempfile

import pictures
from appliance import wait_for
from support import ApplianceTest


class Transitions(ApplianceTest):
    settings = {"PLAYBACK_TRANSITION": "crossfade", "PLAYBACK_TRANSITION_MS": "1000", "PLAYBACK_PHOTO_SECONDS": "2"}

    def test_photos_go_through_each_other(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="vitrine-colours-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        for colour in ("red", "blue"):
            picture = folder / f"{colour}.png"
            pictures.run("convert", "-size", "320x180", f"xc:{colour}", picture)
            self.appliance.add(picture)

        def mixture():
            red, green, blue = pictures.raw(self.appliance.snapshot(), 640, 360)[:3]
            self.assertLessEqual(green, 2)
            return (red, blue) if red > 20 and blue > 20 else None

        red, blue = wait_for(mixture, "a picture of both")
        # What one gives, the other takes.
        self.assertAlmostEqual(red + blue, 255, delta=3)
        before = self.appliance.metric("vitrine_presents_total")
        changes = self.appliance.metric("vitrine_changes_total")
        wait_for(lambda: self.appliance.metric("vitrine_changes_total") >= changes + 2, "two more changes")
        self.assertGreater(self.appliance.metric("vitrine_presents_total"), before + 20)
        # A pause lets it end.
        self.appliance.post("/api/v1/player/pause")
        wait_for(lambda: mixture() is None, "the end of the transition")
