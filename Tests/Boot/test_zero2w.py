"""The image that ships, on the emulated Zero 2 W: the board by its name, no screen and no fuss, then an SPI panel."""

import pathlib
import shutil
import tempfile
import unittest

from card_board import CardZero2W, flashed, read_settings, wait_for, write_settings
from cards import FOLDER, BootFiles, partition_hash

STATISTICS = "/sys/bus/spi/devices/spi0.0/statistics"
PANEL = """version = 1

[device]
name = "panel"

[spi]
panel = "st7789-240x320"
dc_pin = "GPIO25"
reset_pin = "GPIO27"
backlight_pin = "GPIO24"
"""
# 16 bits for each pixel.
PICTURE_BYTES = 240 * 320 * 2


class Zero2W(unittest.TestCase):
    """One card, in the order of the tests' names: first as it was flashed, then with a panel in its settings."""

    @classmethod
    def setUpClass(cls):
        FOLDER.mkdir(parents=True, exist_ok=True)
        cls.boot = BootFiles()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="zero2w-", dir=FOLDER))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.card = flashed(cls.boot, cls.folder / "card.img")
        cls.system = partition_hash(cls.card, 2)

    def board(self):
        board = CardZero2W(self.boot, self.card).start()
        self.addCleanup(board.close)
        wait_for(lambda: board.run("systemctl is-active vitrine", check=False).strip() == "active", "the daemon", 240)
        print(f"  {board.report('data')}; overlays {board.overlays()}", flush=True)
        return board

    def test_1_without_a_screen(self):
        board = self.board()
        self.assertRegex(board.report("data"), "^made ")
        self.assertIn("Raspberry Pi Zero 2 W", board.run("tr -d '\\0' </proc/device-tree/model"))
        status = board.call("vitrine status")
        self.assertIn("Raspberry Pi Zero 2 W", status["board"]["model"])
        self.assertEqual(status["display"]["driver"], "headless")
        reasons = {entry["driver"]: entry.get("reason") for entry in status["display"]["chain"]}
        self.assertTrue(reasons["drm"] and reasons["spi"], reasons)
        self.assertEqual(board.run("systemctl --failed --no-legend --plain").strip(), "")
        # The bus is there, and nothing on it: no word of it.
        self.assertEqual(board.run("ls /dev/i2c-1").strip(), "/dev/i2c-1")
        complaints = board.run("journalctl -b -u vitrine -p warning --no-pager -o cat | grep -i i2c; true").strip()
        self.assertEqual(complaints, "")
        # Nobody has a pin of the header that no setting names: the I2C bus its two, a serial port its own.
        board.run("mountpoint -q /sys/kernel/debug || mount -t debugfs none /sys/kernel/debug")
        owned = board.run("grep -h -E '^pin ([4-9]|1[0-36-9]|2[0-7]) ' /sys/kernel/debug/pinctrl/*/pinmux-pins")
        self.assertEqual([line for line in owned.splitlines() if "(MUX UNCLAIMED)" not in line], [])
        self.assertEqual(len(owned.splitlines()), 22)
        board.pull_the_plug()

    def test_2_with_a_panel(self):
        """What a person names in vitrine.toml takes effect by the image's own overlay, after one restart."""
        write_settings(self.card, "vitrine.toml", PANEL)
        board = self.board()
        self.assertEqual(board.report("data").split()[0], "ok")
        self.assertIn("vitrine-spi0-0", board.overlays())
        self.assertEqual(board.run("stat -c '%G %a' /dev/spidev0.0").split(), ["spi", "660"])
        self.assertEqual(board.run("cat /sys/module/spidev/parameters/bufsiz").strip(), "65536")
        wait_for(lambda: board.call("vitrine status")["display"].get("driver") == "spi", "the panel to be used", 240, 3)
        def counted():
            lines = board.run(f"cd {STATISTICS} && for each in *; do echo $each $(cat $each); done").splitlines()
            return {name: int(value) for name, value in map(str.split, lines)}
        wait_for(lambda: counted()["bytes_tx"] >= PICTURE_BYTES, "a whole picture to go over the wire", 120, 3)
        after = counted()
        self.assertEqual(after["errors"], 0)
        # The kernel gives a transfer of 64 KB a fifth of a second, which an emulated board does not always have. The
        # panel is opened anew then.
        print(f"  {after['bytes_tx']} bytes over the wire, {after['timedout']} transfers timed out", flush=True)
        self.assertLess(after["timedout"], after["messages"] / 2)
        self.assertEqual(board.run("cat /proc/sys/kernel/hostname").strip(), "panel")
        board.pull_the_plug()
        self.assertEqual(partition_hash(self.card, 2), self.system)


if __name__ == "__main__":
    unittest.main(verbosity=2)
