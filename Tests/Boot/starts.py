"""One start of a card by the initramfs alone: a small emulated board that says what became of the data, and stops."""

import os
import pathlib
import struct
import subprocess
import tempfile
import time

from cards import FOLDER, REPOSITORY, SECTOR, inside


class Start:
    """Starts a card on QEMU's `virt` and reads what the initramfs says on the console. The card keeps what was written.

    state, detail: the line of /run/vitrine-boot/data; remarks: what is to be known beside it; wish: why one was not
    granted; times: seconds by step; files: path to hash of what can be read; mounts: how it is.
    """

    def __init__(self, boot, card, writes=None, readonly=False, seconds=180):
        with tempfile.TemporaryDirectory(prefix="start-", dir=FOLDER) as name:
            console = pathlib.Path(name) / "console"
            disk = f"driver=raw,node-name=card,read-only={'on' if readonly else 'off'}," \
                   f"file.driver=file,file.filename={inside(card)}"
            block = ["-blockdev", disk]
            if writes is not None:
                writes.write_bytes(b"")
                block += ["-blockdev", f"driver=file,node-name=writes,filename={inside(writes)}",
                          "-blockdev", "driver=blklogwrites,node-name=logged,file=card,log=writes"]
            command = ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a53", "-smp", "2", "-m", "512",
                       "-nodefaults", "-display", "none", "-no-reboot",
                       "-kernel", inside(boot.kernel), "-initrd", inside(boot.initramfs),
                       "-append", f"console=ttyAMA0 quiet loglevel=4 root=PARTUUID={boot.signature}-02 vitrine.slot=a "
                                  "vitrine.stop=data panic=-1",
                       *block, "-device", f"virtio-blk-pci,drive={'card' if writes is None else 'logged'}",
                       "-serial", f"file:{inside(console)}"]
            began = time.monotonic()
            process = subprocess.Popen([str(REPOSITORY / "image/enter"), *command], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                       env={**os.environ, "ROOT": "tools"})
            try:
                self.emulator = process.communicate(timeout=seconds)[0].decode(errors="replace")
            except subprocess.TimeoutExpired:
                process.kill()
                self.emulator = process.communicate()[0].decode(errors="replace") + "\n(killed: it did not end)"
            finally:
                process.kill()
            self.seconds = time.monotonic() - began
            self.console = console.read_text(errors="replace") if console.exists() else ""
        said = {}
        for line in self.console.splitlines():
            _, found, rest = line.partition("vitrine-stop ")
            if found:
                key, _, value = rest.strip().partition(" ")
                said.setdefault(key, []).append(value)
        if "end" not in said:
            raise AssertionError(f"the initramfs did not end:\n{self.console[-3000:]}\n{self.emulator[-1000:]}")
        self.state, _, self.detail = said["data"][0].partition(" ")
        self.remarks = said.get("remark", [])
        self.wish = said.get("wish", [None])[0]
        self.machine = said["machine-id"][0]
        self.times = {name: float(seconds) for seconds, name in (line.split() for line in said["time"])}
        self.mounts = said.get("mount", [])
        self.e2fsck = said.get("e2fsck", [])
        self.files = {}
        for line in said.get("file", []):
            digest, _, path = line.partition("  ")
            if len(digest) == 64:
                self.files[path.removeprefix("./")] = digest

    def __str__(self):
        return f"{self.state} ({self.detail}), {len(self.files)} files, {self.seconds:.0f} s"


def recorded(path):
    """What a card was written, in order, out of QEMU's log: (first byte, bytes, was everything before it made safe)."""
    content = path.read_bytes()
    magic, _, count, size = struct.unpack_from("<QQQI", content)
    if magic != 0x6A736677736872:
        raise AssertionError("this is no log of writes")
    at, entries = size, []
    for _ in range(count):
        sector, sectors, flags, _ = struct.unpack_from("<QQQQ", content, at)
        at += size
        length = 0 if flags & 4 else sectors * size
        # 1: a flush came with it, 2: it is itself on the card when it is reported.
        entries.append((sector * size, content[at:at + length], bool(flags & 1), bool(flags & 2)))
        at += length
    return entries


def cut(card, entries, number, random):
    """Does to a card what the first `number` writes do, when the power goes then: of what was not made safe by a flush,
    any part may be missing, sector by sector."""
    safe = max((index for index in range(number) if entries[index][2]), default=0)
    with open(card, "r+b") as file:
        for index in range(number):
            place, content, _, through = entries[index]
            for offset in range(0, len(content), SECTOR):
                if index < safe or through or random.random() < 0.5:
                    file.seek(place + offset)
                    file.write(content[offset:offset + SECTOR])
