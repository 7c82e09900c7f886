"""Small parts on I2C: found, told of in the status, and no trouble where there are none."""

import json
import unittest

from appliance import Appliance, wait_for
from support import PROGRAMS


class Parts(unittest.TestCase):
    def start(self, **settings):
        appliance = Appliance(PROGRAMS, **settings)
        self.addCleanup(appliance.close)
        return appliance.start()

    def part(self, appliance, kind):
        return next((part for part in appliance.status()["board"]["i2c"] if part["kind"] == kind), {})

    def test_simulated_parts_are_found_and_used_at_once(self):
        appliance = self.start(I2C_BUS="simulated")
        oled = wait_for(lambda: self.part(appliance, "oled"), "an OLED")
        self.assertEqual((oled["state"], oled["address"]), ("working", "0x3C"))
        light = wait_for(lambda: self.part(appliance, "light"), "a light sensor")
        self.assertEqual((light["state"], light["title"]), ("unused", "BH1750"))
        change = json.dumps({"display.auto_brightness": True})
        appliance.request("PATCH", "/api/v1/config", body=change, headers={"Content-Type": "application/json"})
        wait_for(lambda: self.part(appliance, "light")["detail"] == "120 lx", "a measurement")
        change = json.dumps({"display.auto_brightness": False})
        appliance.request("PATCH", "/api/v1/config", body=change, headers={"Content-Type": "application/json"})
        wait_for(lambda: self.part(appliance, "light")["state"] == "unused", "a sensor that is left alone")
        appliance.stop()
        self.assertEqual(appliance.log().count("status OLED"), 1)

    def test_no_parts_are_no_fault(self):
        appliance = self.start(I2C_BUS="none")
        status = appliance.status()
        self.assertEqual(status["board"]["i2c"], [])
        self.assertEqual([fault for fault in status["faults"] if "i2c" in fault["detail"].lower()], [])
        self.assertNotIn("i2c", appliance.log())

    def test_a_bus_that_is_not_there_is_said(self):
        appliance = self.start(I2C_BUS="/dev/i2c-99")
        part = wait_for(lambda: self.part(appliance, "oled"), "what is wrong")
        self.assertEqual((part["state"], part["bus"]), ("failed", "/dev/i2c-99"))
        self.assertEqual(appliance.get("/healthz")["status"], "healthy")


if __name__ == "__main__":
    unittest.main()
