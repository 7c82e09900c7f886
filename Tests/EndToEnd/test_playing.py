"""What is on the screen goes on, whatever happens to the decoder, and stops when told."""

import os
import signal
import time

import pictures
from appliance import Refused, wait_for
from support import ApplianceTest, fixtures


class Playing(ApplianceTest):
    settings = {"SUPERVISION_RESTART_DELAY_SECONDS": "0", "DEBUG_ENABLED": "true"}

    def setUp(self):
        super().setUp()
        # Enough memory for everything but the cache: what plays keeps its decoder.
        self.appliance.post("/api/v1/debug/memory", {"available_bytes": 170 << 20, "seconds": 3600})

    def presented(self):
        return self.appliance.metric("vitrine_presents_total")

    def test_a_killed_decoder_costs_a_moment(self):
        item = self.appliance.add(fixtures()["h264.mp4"])
        self.appliance.show(item["id"])
        for _ in range(3):
            decoders = wait_for(self.appliance.decoders, "a decoder")
            for pid in decoders:
                os.kill(pid, signal.SIGKILL)
            before = self.presented()
            wait_for(lambda: self.presented() > before + 10, "frames after the decoder was killed")
        status = self.appliance.status()
        self.assertEqual(status["player"]["state"], "playing")
        self.assertGreaterEqual(status["decoder"]["restarts"], 3)
        self.assertEqual(self.appliance.medium(item["id"])["state"], "ready", "a kill from outside is no strike")

    def test_a_crashing_decoder_is_the_files_fault(self):
        item = self.appliance.add(fixtures()["h264.mp4"])
        other = self.appliance.add(fixtures()["photo.png"])
        self.appliance.show(item["id"])

        def set_aside():
            for pid in self.appliance.decoders():
                try:
                    os.kill(pid, signal.SIGSEGV)
                except ProcessLookupError:
                    pass
            return self.appliance.medium(item["id"])["state"] == "set_aside"

        wait_for(set_aside, "the file to be set aside")
        self.assertTrue(self.appliance.medium(item["id"])["reason"])
        wait_for(lambda: (self.appliance.status()["player"].get("current") or {}).get("id") == other["id"],
                 "the programme to go on with the other file")
        retried = self.appliance.post(f"/api/v1/media/{item['id']}/retry")
        self.assertEqual(retried["state"], "ready")

    def test_pause_holds_and_resume_goes_on(self):
        item = self.appliance.add(fixtures()["vp9.webm"])
        self.appliance.show(item["id"])
        shown = self.presented()
        wait_for(lambda: self.presented() > shown + 5, "the video to play")
        self.assertEqual(self.appliance.post("/api/v1/player/pause")["state"], "paused")
        wait_for(lambda: self.appliance.status()["player"]["state"] == "paused", "the pause")
        count = self.presented()
        time.sleep(0.5)  # a span in which 12 frames would come; the one that was on its way may
        self.assertLessEqual(self.presented(), count + 1)
        held = self.appliance.snapshot()
        count = self.presented()
        self.assertEqual(pictures.raw(self.appliance.snapshot(), 640, 360), pictures.raw(held, 640, 360))
        self.assertEqual(self.presented(), count)
        self.appliance.post("/api/v1/player/resume")
        wait_for(lambda: self.presented() > count + 5, "frames after the pause")

    def test_next_and_previous_walk_through_all_media(self):
        files = fixtures()
        items = [self.appliance.add(files[name]) for name in ("photo.png", "photo.jpg", "animation.gif")]
        self.appliance.show(items[0]["id"])
        seen = []
        for _ in range(3):
            seen.append(self.after("next"))
        self.assertEqual(seen, [items[1]["id"], items[2]["id"], items[0]["id"]])
        self.assertEqual(self.after("previous"), items[2]["id"])

    def after(self, verb):
        """What is on the screen once it has changed."""
        before = self.current()
        self.appliance.post(f"/api/v1/player/{verb}")
        wait_for(lambda: self.current() not in (None, before), f"the picture after {verb}")
        return self.current()

    def current(self):
        return (self.appliance.status()["player"].get("current") or {}).get("id")

    def test_the_end_is_clean_and_quick(self):
        item = self.appliance.add(fixtures()["h264.mp4"])
        self.appliance.show(item["id"])
        decoders = self.appliance.decoders()
        self.assertTrue(decoders)
        self.appliance.stop(5)
        for pid in decoders:
            wait_for(lambda: not os.path.exists(f"/proc/{pid}"), "the decoder to end", 2)
        self.assertFalse(os.path.exists(self.appliance.socket))

    def test_an_empty_appliance_welcomes(self):
        status = self.appliance.status()
        self.assertEqual(status["player"]["rule"], "welcome")
        self.assertEqual((status["display"]["driver"], status["display"]["width"], status["display"]["height"]),
                         ("headless", 640, 360))
        url = self.appliance.url + "/"

        def code_is_there():
            try:
                return pictures.run("zbarimg", "-q", "--raw", "-", input=self.appliance.snapshot()).decode().split() == [url]
            except (Refused, AssertionError):  # no picture yet, or no code in it
                return False

        wait_for(code_is_there, "the welcome screen with the address as a QR code")
        self.assertIn("headless", self.appliance.command("status"))
