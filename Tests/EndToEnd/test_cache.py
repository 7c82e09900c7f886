"""Frames that are kept: a loop that fits needs no decoder, and what memory wants back it gets."""

import time

from appliance import wait_for
from support import ApplianceTest, fixtures


class Cache(ApplianceTest):
    settings = {"DEBUG_ENABLED": "true"}

    def memory(self):
        return self.appliance.status()["memory"]

    def cache(self):
        return self.memory()["cache"]

    def want(self, available):
        self.appliance.post("/api/v1/debug/memory", {"available_bytes": available, "seconds": 3600})

    def test_a_loop_needs_no_decoder_and_memory_comes_first(self):
        item = self.appliance.add(fixtures()["animation.gif"])
        self.appliance.show(item["id"])
        wait_for(lambda: self.cache()["hits"] > 0, "the loop to play from memory")
        wait_for(lambda: not self.appliance.decoders(), "the decoders to end when they are idle", 60)
        cache = self.cache()
        self.assertGreater(cache["frames"], 1)
        self.assertGreater(cache["used_bytes"], 0)
        self.assertLessEqual(cache["used_bytes"], cache["budget_bytes"])
        shown = self.appliance.metric("vitrine_presents_total")
        wait_for(lambda: self.appliance.metric("vitrine_presents_total") > shown + 10, "it to play on without one")

        begin = time.monotonic()
        self.want(10 << 20)
        wait_for(lambda: self.cache()["frames"] == 0, "the cache to give back", 5)
        print(f"  given back {time.monotonic() - begin:.2f} s after memory was wanted")
        self.assertEqual(self.memory()["level"], "critical")
        wait_for(self.appliance.decoders, "a decoder instead")
        shown = self.appliance.metric("vitrine_presents_total")
        wait_for(lambda: self.appliance.metric("vitrine_presents_total") > shown + 10, "it to play on with one")
        self.assertGreater(self.cache()["evictions"], 0)

        self.appliance.post("/api/v1/debug/memory", {})
        wait_for(lambda: self.cache()["frames"] == cache["frames"], "the cache to fill again", 30)
        self.assertEqual(self.memory()["level"], "normal")

    def test_photos_are_decoded_once(self):
        first, second = (self.appliance.add(fixtures()[name]) for name in ("photo.jpg", "photo.png"))
        for item in (first, second, first, second):
            self.appliance.show(item["id"])
        wait_for(lambda: self.cache()["hits"] >= 2, "the photos to come from memory")
        wait_for(lambda: self.cache()["frames"] == 2, "both to be kept")
        self.appliance.request("DELETE", f"/api/v1/media/{first['id']}")
        wait_for(lambda: self.cache()["frames"] == 1, "a deleted photo to go from memory, too")
