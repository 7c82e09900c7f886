"""Emulated boards that start from a card: the laboratory's, with the image's own kernel, initramfs and command line.

The image has nowhere to log in. A word on the kernel's command line, which is the emulator's to give, makes its
initramfs add a shell on a port that only the test has.
"""

import json
import pathlib
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Lab"))

from board import Board, Refused, wait_for  # noqa: E402, F401
from cards import CACHE, FOLDER, MEBIBYTE, Table, copy_sparse, inside, tool  # noqa: E402

# Turns the shell into what `Board.run` talks to: `NUMBER BASE64` in, `NUMBER STATUS BASE64` out.
AGENT = ("stty raw -echo; echo '0 0'; while read -r n c; do echo \"$c\" | base64 -d >/run/agent; "
         "o=$(sh /run/agent 2>&1 </dev/null); s=$?; echo \"$n $s $(printf %s \"$o\" | base64 -w 0)\"; done\n")
# A size that emulated SD cards can have.
CARD_SIZE = 4096 * MEBIBYTE


def flashed(boot, target, settings=None):
    """A card with the image on it, and perhaps a person's `vitrine.toml`."""
    copy_sparse(boot.card, target)
    with open(target, "r+b") as file:
        file.truncate(CARD_SIZE)
    if settings is not None:
        write_settings(target, "vitrine.toml", settings)
    return target


def write_settings(card, name, content):
    """A file on the FAT partition, as somebody's computer writes it."""
    tool("mcopy", "-o", "-i", f"{inside(card)}@@{first_byte(card)}", "-", f"::{name}", given=content.encode())


def read_settings(card, name):
    """A file of the FAT partition; None when there is none."""
    status, text = tool("mtype", "-i", f"{inside(card)}@@{first_byte(card)}", f"::{name}", check=False)
    return text if status == 0 else None


def first_byte(card):
    return Table(card).place(1)[0]


class Restarting(Exception):
    """The board starts anew, as the card asks for when its settings name a device."""


class CardBoard(Board):
    """QEMU's `virt` with a graphics card, started from a card that keeps what is written to it."""

    place = FOLDER.name

    def __init__(self, boot, card, size=(640, 360), arguments="", locked=False, writes=None):
        super().__init__(CACHE, size, arguments)
        self.boot = boot
        self.card = card
        # Its little switch, or a card that has had enough: writes are refused.
        self.locked = locked
        # A file for QEMU's log of what the card was written, in order: `starts.recorded` reads it.
        self.writes = writes
        self.token = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.shell_port = free.getsockname()[1]

    def command_line(self):
        width, height = self.size
        return [
            "qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a53", "-smp", "2", "-m", "512", "-nodefaults",
            "-display", "none", "-kernel", inside(self.boot.kernel), "-initrd", inside(self.boot.initramfs),
            "-append", f"{self.boot.arguments} console=ttyAMA0 vitrine.shell=hvc0 {self.arguments}",
            *self.disk(),
            "-device", f"virtio-gpu-pci,xres={width},yres={height}",
            "-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{self.port}-10.0.2.15:80,"
                       f"hostfwd=tcp:127.0.0.1:{self.shell_port}-10.0.2.15:22",
            "-device", "virtio-net-pci,netdev=net,romfile=",
            "-device", "virtio-serial-pci", "-chardev", f"socket,id=agent,path={self.inside}/agent,server=on,wait=off",
            "-device", "virtconsole,chardev=agent",
            "-qmp", f"unix:{self.inside}/monitor,server=on,wait=off", "-serial", f"file:{self.inside}/console",
            "-no-reboot",
        ]

    def disk(self):
        if self.writes is None:
            locked = "on" if self.locked else "off"
            return ["-drive", f"file={inside(self.card)},format=raw,if=virtio,readonly={locked}"]
        self.writes.write_bytes(b"")
        return ["-blockdev", f"driver=raw,node-name=card,file.driver=file,file.filename={inside(self.card)}",
                "-blockdev", f"driver=file,node-name=writes,filename={inside(self.writes)}",
                "-blockdev", "driver=blklogwrites,node-name=logged,file=card,log=writes",
                "-device", "virtio-blk-pci,drive=logged"]

    def secure_shell(self):
        """What answers at port 22: the first line that it says, or nothing."""
        with socket.create_connection(("127.0.0.1", self.shell_port), timeout=10) as connection:
            try:
                return connection.recv(100).decode(errors="replace").strip()
            except OSError:
                # QEMU takes every connection, and ends those that nobody inside wants.
                return ""

    def await_agent(self, deadline):
        """Asks again and again, in few words, whether the shell is there: of what is written earlier, any part may be
        lost. It echoes what it is told, and its prompt may stand before an answer."""
        self.ask("echo there\n", "there", 5, deadline)
        self.ask(AGENT, "0 0", 30, deadline)

    def ask(self, text, answer, pause, deadline):
        while True:
            self.watch_for_restart()
            try:
                self.agent.send(text)
                while True:
                    line = self.agent.line(min(deadline, time.monotonic() + pause))
                    if line.removeprefix("# ") == answer:
                        return
            except OSError:
                self.watch_for_restart()
                if time.monotonic() >= deadline:
                    raise

    def start(self):
        """Once more, when the card asks for it: the emulator ends then, and what the firmware does is done anew."""
        if self.start_once():
            print("  started again, as the card asked", flush=True)
            if self.start_once():
                self.close()
                raise AssertionError("the card asks for one restart after the other")
        return self

    def start_once(self):
        """Whether it started anew, of its own accord."""
        try:
            super().start()
            # Until the card's settings are applied.
            wait_for(lambda: self.asked("systemctl show -p ActiveState --value vitrine-card") in ("active", "failed"),
                     "the card's settings to be applied", self.boots_within, 1)
            if self.asked("test ! -e /run/vitrine-system/restart; echo $?") != "1":
                return False
        except Restarting:
            pass
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            self.close()
            raise
        self.await_restart()
        return True

    def asked(self, command):
        """The answer of a board that may start anew at any moment."""
        self.watch_for_restart()
        try:
            return self.run(command, 20, check=False).strip()
        except OSError:
            self.watch_for_restart()
            raise

    def watch_for_restart(self):
        if self.has_ended():
            raise Restarting

    def has_ended(self):
        """Where nothing is emulated that could restart the board, the kernel halts after its last word."""
        return self.process.poll() is not None or "reboot: Restarting system" in self.console()

    def await_restart(self, seconds=180):
        """Waits until the system has ended to start anew."""
        wait_for(self.has_ended, "the board to start anew", seconds, 1)
        self.process.kill()
        self.process.wait(20)

    def pull_the_plug(self):
        """No goodbye: whatever the emulator was doing ends here. The card is left as it is."""
        self.process.kill()
        self.process.wait(20)
        self.process = None
        self.close()

    # The appliance, by the way that a phone goes.

    def claim(self):
        pin = self.run("vitrine pin", 60).strip()
        answer = super().request("POST", "/api/v1/claim", json.dumps({"pin": pin, "label": "test", "token": True}),
                                 {"Content-Type": "application/json"})
        self.token = json.loads(answer)["token"]

    def request(self, method, path, body=None, headers=None, timeout=60):
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return super().request(method, path, body, headers, timeout)

    def report(self, name):
        """What the initramfs said of this start."""
        return self.run(f"cat /run/vitrine-boot/{name}").strip()

    def settled(self, identity):
        """Waits until a medium was checked."""
        def look():
            medium = self.get(f"/api/v1/media/{identity}")
            return medium if medium["state"] != "processing" else None
        return wait_for(look, f"{identity} to be checked", 180)


class CardZero2W(CardBoard):
    """QEMU's Raspberry Pi 3A+ with the device tree of a Zero 2 W, started from a card. It has no screen and no network.

    The firmware's part is done here: the overlays that the card's settings name are merged, out of the image's files.
    """

    boots_within = 400

    def command_line(self):
        return [
            "qemu-system-aarch64", "-M", "raspi3ap", "-nodefaults", "-display", "none",
            "-kernel", inside(self.boot.kernel), "-initrd", inside(self.boot.initramfs),
            "-dtb", inside(self.device_tree()),
            # Its power manager is not emulated, so the kernel must leave that alone.
            "-append", f"{self.boot.arguments} console=ttyS1,115200 vitrine.shell=ttyAMA0 "
                       f"initcall_blacklist=bcm2835_pm_driver_init {self.arguments}",
            "-drive", f"file={inside(self.card)},format=raw,if=sd", "-no-reboot",
            "-chardev", f"socket,id=agent,path={self.inside}/agent,server=on,wait=off", "-serial", "chardev:agent",
            "-serial", f"file:{self.inside}/console",
            "-qmp", f"unix:{self.inside}/monitor,server=on,wait=off",
        ]

    def overlays(self):
        """The names on the card's lines for the firmware: those of the image, then those of the settings."""
        lines = self.boot.file("config.txt").read_text().splitlines()
        lines += (read_settings(self.card, "vitrine-generated.txt") or "").splitlines()
        return [line.strip().split("=", 1)[1] for line in lines if line.startswith("dtoverlay=")]

    def device_tree(self):
        tree = self.folder / "board.dtb"
        merged = [inside(self.boot.overlays / f"{name}.dtbo") for name in self.overlays()]
        if merged:
            tool("fdtoverlay", "-i", inside(self.boot.device_tree), "-o", inside(tree), *merged)
        else:
            copy_sparse(self.boot.device_tree, tree)
        tool("sh", "-eu", "-c", EMULATED, "sh", inside(tree))
        return tree

    def call(self, command):
        """The appliance's own command line, inside."""
        return json.loads(self.run(f"{command} --json", 120))


# What the emulator lacks of the board is taken out of its device tree: DMA for SPI, where a transfer would hang; the
# second SD controller, which is the WiFi chip's; and the Bluetooth chip, whose serial port is the shell's.
EMULATED = """
spi=$(fdtget -t s "$1" /__symbols__ spi)
for property in dmas dma-names; do fdtput -d "$1" "$spi" $property; done
for bus in mmcnr sdhci; do
    node=$(fdtget -t s "$1" /__symbols__ $bus 2>/dev/null) || continue
    fdtput -t s "$1" "$node" status disabled
done
fdtput -r "$1" "$(fdtget -t s "$1" /__symbols__ uart0)/bluetooth"
"""
