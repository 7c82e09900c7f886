"""What the screen says over the picture, how the device is reached, and the setting that silences it."""

import json
import unittest

import pictures
from appliance import Appliance, wait_for
from support import PROGRAMS, SCREEN, fixtures

WIDTH, HEIGHT = SCREEN


class Messages(unittest.TestCase):
    def start(self, **settings):
        self.appliance = Appliance(PROGRAMS, PLAYBACK_PHOTO_SECONDS="3600", **settings)
        self.addCleanup(self.appliance.close)
        # In its own file, so that the page may change it.
        del self.appliance.settings["MESSAGES_ON_SCREEN"]
        self.appliance.start()
        item = self.appliance.add(fixtures()["photo.png"])
        self.appliance.show(item["id"])
        self.reference = pictures.reference(fixtures()["photo.png"], *SCREEN)

    def changed(self, top=0, bottom=HEIGHT):
        """How many of these rows are not as the photo alone would be."""
        now = pictures.raw(self.appliance.snapshot(), *SCREEN)
        parts = [slice(3 * WIDTH * y, 3 * WIDTH * (y + 1)) for y in range(top, bottom)]
        return sum(pictures.psnr(now[part], self.reference[part]) < 25 for part in parts)

    def wait_until_plain(self, seconds=10):
        wait_for(lambda: self.changed() == 0, "the photo alone", seconds)

    def test_a_refused_file_is_named_and_the_message_goes(self):
        self.start()
        self.wait_until_plain()
        self.appliance.put("broken.mp4", b"\0\0\0\x18ftypmp42" + bytes(5000))
        wait_for(lambda: self.changed(HEIGHT // 2) > 20, "a message below")
        self.assertEqual(self.changed(0, HEIGHT // 2), 0, "the upper half is left alone")
        self.wait_until_plain(30)

    def test_a_mistake_in_the_settings_is_said_until_a_person_silences_it(self):
        self.start(PLAYBACK_FIT="nonsense")
        wait_for(lambda: self.changed(HEIGHT // 2) > 20, "a message below")
        self.appliance.request(
            "PATCH", "/api/v1/config", body=json.dumps({"messages.on_screen": "none"}),
            headers={"Content-Type": "application/json"})
        self.wait_until_plain()
        # What a person asks for is shown all the same.
        self.appliance.command("info")
        wait_for(lambda: self.changed(0, HEIGHT // 2) > 100, "how the device is reached")
        self.wait_until_plain(30)
