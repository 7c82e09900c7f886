"""What the board says of itself, buttons that cannot be had, and erasing everything: on a machine without any of it."""

import json

from appliance import Refused, wait_for
from support import ApplianceTest, fixtures


class Board(ApplianceTest):
    settings = {"BUTTONS_NEXT": "gpiochip4095:3"}

    def fault(self, word):
        return next((fault for fault in self.appliance.status()["faults"] if word in fault["detail"]), None)

    def configure(self, values):
        self.appliance.request(
            "PATCH", "/api/v1/config", body=json.dumps(values), headers={"Content-Type": "application/json"})

    def test_the_board_is_named(self):
        board = self.appliance.status()["board"]
        self.assertTrue(board["model"])
        self.assertGreater(board["memory_bytes"], 64 << 20)

    def test_a_button_that_cannot_be_had_is_said_until_it_is_not_wanted(self):
        fault = wait_for(lambda: self.fault("gpiochip4095:3"), "the fault of the line")
        self.assertEqual(fault["part"], "buttons")
        # Another line, named while the daemon runs, is asked for at once.
        self.configure({"buttons.pause": '{ line = "gpiochip4095:4", hold_ms = 800 }'})
        wait_for(lambda: self.fault("gpiochip4095:4"), "the fault of the new line")
        self.configure({"buttons.pause": "none"})
        wait_for(lambda: not self.fault("gpiochip4095:4"), "the end of that fault")
        self.assertTrue(self.fault("gpiochip4095:3"))
        # A button that would erase everything at a touch is no setting.
        with self.assertRaises(Refused) as refused:
            self.configure({"buttons.factory_reset": '{ line = "GPIO4", hold_ms = 100 }'})
        self.assertEqual(refused.exception.problem["category"], "validation_error")

    def test_what_a_button_asked_to_erase_is_gone_after_the_next_start(self):
        item = self.appliance.settled(self.appliance.put("photo.png", fixtures()["photo.png"].read_bytes())["id"])
        self.assertEqual(item["state"], "ready", item)
        self.configure({"device.name": "kitchen"})
        (self.appliance.data / "notes.txt").write_text("not of Vitrine's")
        # The wish, as the button leaves it, and the power is cut.
        (self.appliance.data / "erase-requested").touch()
        self.appliance.kill()
        self.appliance.start()
        self.begun_anew()

    def test_what_the_page_asked_to_erase_is_gone_after_the_next_start(self):
        item = self.appliance.settled(self.appliance.put("photo.png", fixtures()["photo.png"].read_bytes())["id"])
        self.assertEqual(item["state"], "ready", item)
        (self.appliance.data / "notes.txt").write_text("not of Vitrine's")
        self.appliance.post("/api/v1/system/erase-data")
        # It ends by itself, and whoever supervises it starts it again.
        self.appliance.ended()
        self.appliance.start()
        self.begun_anew()

    def begun_anew(self):
        self.assertEqual(self.appliance.media(), [])
        self.assertEqual(self.appliance.status()["device"]["name"], "vitrine")
        self.assertEqual(list((self.appliance.data / "library").iterdir()), [])
        self.assertFalse((self.appliance.data / "erase-requested").exists())
        self.assertTrue((self.appliance.data / "notes.txt").exists())
        self.assertIn("no faults", self.appliance.command("index", "check"))
