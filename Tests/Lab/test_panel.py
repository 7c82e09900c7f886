"""An SPI panel's real path on the emulated Zero 2 W: the kernel's spidev and GPIO, which no simulation stands in for."""

import json
import os
import pathlib
import unittest

from board import Zero2W, wait_for

CACHE = pathlib.Path(os.environ.get("VITRINE_CACHE") or pathlib.Path.home() / ".cache/vitrine")
STATISTICS = "/sys/bus/spi/devices/spi0.0/statistics"
SETTINGS = """
[display]
order = ["spi", "headless"]
[spi]
panel = "st7789-240x320"
device = "/dev/spidev0.0"
dc_pin = "GPIO25"
reset_pin = "GPIO27"
backlight_pin = "GPIO18"
"""
COMMAND = "VITRINE_WEB_SOCKET=/run/vitrine/vitrine.sock vitrine"
# 16 bits for each pixel.
PICTURE_BYTES = 240 * 320 * 2


class Panel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.board = Zero2W(CACHE).start()
        cls.addClassCleanup(cls.board.close)
        print(f"Zero 2 W: agent after {cls.board.agent_after:.1f} s", flush=True)
        cls.board.run(f"mkdir -p /etc/vitrine/conf.d && printf '%s' '{SETTINGS}' > /etc/vitrine/conf.d/lab.toml && "
                      "systemctl restart vitrine", 240)

    def status(self):
        return json.loads(self.board.run(f"{COMMAND} status --json"))

    def statistics(self):
        """What the kernel's SPI core counts for this device, by name."""
        lines = self.board.run(f"cd {STATISTICS} && for each in *; do echo $each $(cat $each); done").splitlines()
        return {name: int(value) for name, value in (line.split() for line in lines)}

    def test_is_a_zero_2_w(self):
        self.assertIn("Raspberry Pi Zero 2 W", self.board.run("tr -d '\\0' < /proc/device-tree/model"))
        self.assertEqual(self.board.run("cat /sys/module/spidev/parameters/bufsiz").strip(), "4096")
        self.assertEqual(self.board.run("stat -c '%G %a' /dev/spidev0.0").split(), ["spi", "660"])

    def test_frames_go_through_spidev(self):
        wait_for(lambda: self.status()["display"].get("driver") == "spi", "the panel to be in use", 180, 3)
        display = self.status()["display"]
        self.assertEqual((display["width"], display["height"]), (240, 320))
        before = self.statistics()
        # The welcome screen, at least, went over the wire whole.
        self.assertGreaterEqual(before["bytes_tx"], PICTURE_BYTES)
        self.board.run(f"{COMMAND} display test --seconds 20", 90)
        wait_for(lambda: self.statistics()["bytes_tx"] >= before["bytes_tx"] + PICTURE_BYTES,
                 "frames to go over the wire", 120, 3)
        after = self.statistics()
        print(f"{after['bytes_tx']} bytes in {after['transfers']} transfers", flush=True)
        self.assertEqual((after["errors"], after["timedout"]), (0, 0))
        # spidev's buffer is filled, and never asked for more than it holds.
        self.assertGreater(after["transfer_bytes_histo_4096-8191"], 0)
        longer = [name for name in after if name.startswith("transfer_bytes_histo_")
                  and int(name.removeprefix("transfer_bytes_histo_").split("-")[0].rstrip("+")) >= 8192]
        self.assertGreater(len(longer), 0)
        self.assertEqual([after[name] for name in longer], [0] * len(longer))
        self.assertEqual(self.status()["display"]["driver"], "spi")


if __name__ == "__main__":
    unittest.main(verbosity=2)
