"""A plain Debian 13 for the emulated board, with the kernel of the card: made once, kept in the cache folder.

Its packages are unpacked here and configured on the emulated board itself, by its own programs, which make its
initramfs as well.
"""

import gzip
import hashlib
import pathlib
import struct
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Tests" / "Boot"))

from card_board import CardBoard  # noqa: E402
from cards import CACHE, MEBIBYTE, SECTOR, inside, take_out, tool  # noqa: E402

FOLDER = CACHE / "plain-debian"
# Of the disk, by which the kernel finds its partition.
SIGNATURE = "44454249"
# On a machine whose cores have other work.
CONFIGURED_WITHIN = 3600


class PlainDebian:
    """What a board starts from: kernel, initramfs, the words of the kernel's command line, and the disk."""

    # A screen and a serial console, as a person has them; no message is written on either meanwhile. The console's
    # size is told, because systemd would ask the terminal for it, and wait: there is none that answers.
    arguments = f"root=PARTUUID={SIGNATURE}-01 ro quiet console=tty0 " + " ".join(
        f"systemd.tty.rows.{name}=24 systemd.tty.columns.{name}=80" for name in ("ttyAMA0", "console"))

    def __init__(self, boot):
        self.kernel = boot.kernel
        self.version = release(boot.kernel)
        self.disk = FOLDER / "disk.img"
        self.initramfs = FOLDER / "initrd.img"
        self.packages = FOLDER / "packages"
        self.report = FOLDER / "first-start"
        inputs = hashlib.sha256()
        for name in ("debian-packages", "debian-install", "plain_debian.py"):
            inputs.update((HERE / name).read_bytes())
        inputs.update(boot.kernel.read_bytes())
        key, wanted = FOLDER / "key", inputs.hexdigest()
        if not key.exists() or key.read_text() != wanted:
            key.unlink(missing_ok=True)
            self.make(boot)
            key.write_text(wanted)

    def make(self, boot):
        subprocess.run([str(HERE / "debian-packages"), self.version, SIGNATURE], check=True)
        unfinished = FOLDER / "disk.part"
        write_table(unfinished)
        started = time.monotonic()
        print("configuring its packages on the emulated board: this takes a while", flush=True)
        with_script = FOLDER / "install.img"
        # The card's own initramfs has all it takes to mount a disk; the script comes beside it.
        tool("sh", "-euc", 'cd "$1"; echo debian-install | cpio -o -H newc --quiet -R 0:0 | cat - "$2" >install.img',
             "sh", inside(FOLDER), inside(boot.initramfs))
        self.run(unfinished, with_script, "rdinit=/debian-install", "debian-installed")
        with_script.unlink()
        self.take_boot_files(unfinished, boot)
        self.report.write_text(self.run(unfinished, self.initramfs, self.arguments, "debian-started"))
        unfinished.rename(self.disk)
        print(f"made {self.disk} in {time.monotonic() - started:.0f} s", flush=True)

    def take_boot_files(self, disk, boot):
        """Out of the file system: the initramfs that Debian made, the kernel to compare, and what was installed."""
        partition = take_out(disk, 1, FOLDER / "partition")
        # What is in the journal alone is not found otherwise.
        status, text = tool("e2fsck", "-p", inside(partition), check=False)
        if status > 1:
            raise AssertionError(f"Debian left its disk damaged: {text}")
        for source, target in ((f"/boot/initrd.img-{self.version}", self.initramfs),
                               (f"/boot/vmlinuz-{self.version}", FOLDER / "vmlinuz"),
                               ("/var/lib/dpkg/status", self.packages)):
            tool("debugfs", "-R", f"dump {source} {inside(target)}", inside(partition))
        partition.unlink()
        if unpacked(FOLDER / "vmlinuz") != unpacked(boot.kernel):
            raise AssertionError(f"Debian's kernel {self.version} is not the one of the card any more")

    def run(self, disk, initramfs, arguments, done):
        """One start that ends by itself; what it said on the console."""
        boot = Files(self.kernel, initramfs, arguments)
        board = CardBoard(boot, disk)
        try:
            board.launch()
            board.process.wait(CONFIGURED_WITHIN)
            if done not in board.console():
                raise AssertionError(f"Debian did not finish:\n{board.console()[-5000:]}\n{board.emulator()[-1000:]}")
            return board.console()
        finally:
            board.close()

    def count(self):
        """How many packages it has."""
        return self.packages.read_text().count("\nStatus: install ok installed")


class Files:
    def __init__(self, kernel, initramfs, arguments):
        self.kernel, self.initramfs, self.arguments = kernel, initramfs, arguments


def release(kernel):
    """The kernel's name for itself."""
    content = unpacked(kernel)
    at = content.index(b"Linux version ") + len(b"Linux version ")
    return content[at:content.index(b" ", at)].decode()


def unpacked(kernel):
    content = kernel.read_bytes()
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


def write_table(disk):
    table = bytearray(SECTOR)
    struct.pack_into("<I", table, 440, int(SIGNATURE, 16))
    sectors = disk.stat().st_size // SECTOR
    first = MEBIBYTE // SECTOR
    struct.pack_into("<B3sB3sII", table, 446, 0x80, b"\xfe\xff\xff", 0x83, b"\xfe\xff\xff", first, sectors - first)
    table[510:] = b"\x55\xaa"
    with open(disk, "r+b") as file:
        file.write(table)
