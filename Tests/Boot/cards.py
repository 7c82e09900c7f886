"""Cards as files: the image that ships, taken apart, and small ones of its layout with data partitions to measure."""

import atexit
import fcntl
import functools
import hashlib
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import zlib

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("VITRINE_CACHE") or pathlib.Path.home() / ".cache/vitrine")
FOLDER = CACHE / "boot-test"
MARKER = b"VITRINE-NEW-DATA-PARTITION"
SECTOR = 512
MEBIBYTE = 1 << 20


def image():
    """The image that was made last; VITRINE_IMAGE names another one in the cache folder."""
    named = os.environ.get("VITRINE_IMAGE")
    made = sorted((CACHE / "image").glob("vitrine-zero2w-*.img"), key=os.path.getmtime)
    found = [pathlib.Path(named)] if named else made
    if not found or not found[-1].exists():
        raise AssertionError(f"there is no image in {CACHE / 'image'}: run `make image` first")
    return found[-1]


def inside(path):
    """The same file in the roots of tools, where the cache folder is /cache."""
    return "/cache/" + str(pathlib.Path(path).relative_to(CACHE))


def tool(*command, check=True, given=None):
    """Runs a program of the root that images are made in; its output, or (status, output) when it may fail."""
    result = subprocess.run(
        [str(REPOSITORY / "image/enter"), *map(str, command)], env={**os.environ, "ROOT": "assembly"}, input=given,
        stdin=subprocess.DEVNULL if given is None else None, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=600)
    output = result.stdout.decode(errors="replace")
    if not check:
        return result.returncode, output
    if result.returncode != 0:
        raise AssertionError(f"{command} ended with {result.returncode}: {output[-2000:]}")
    return output


def lock(folder, alone=False):
    """Holds a folder, with others or alone: a descriptor, closed when the program ends. None when others hold it."""
    try:
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
        return held
    except BlockingIOError:
        os.close(held)
        return None


@functools.cache
def parts():
    """A folder for what small cards are put together from; gone with this program."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="parts-", dir=FOLDER))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


class Table:
    """The partition table of a card: for each of the four entries its type, first byte and size in bytes."""

    def __init__(self, card):
        with open(card, "rb") as file:
            self.sector = file.read(SECTOR)
        if self.sector[510:] != b"\x55\xaa":
            raise AssertionError(f"{card} has no partition table")
        self.signature = f"{struct.unpack_from('<I', self.sector, 440)[0]:08x}"
        self.entries = []
        for number in range(4):
            kind, first, count = struct.unpack_from("<4xB3xII", self.sector, 446 + 16 * number)
            self.entries.append((kind, first * SECTOR, count * SECTOR))

    def place(self, number):
        """First byte and size of partition 1 to 4."""
        return self.entries[number - 1][1:]


def copy_sparse(source, target):
    subprocess.run(["cp", "--sparse=always", "--reflink=auto", str(source), str(target)], check=True)
    return target


def splice(card, content, at):
    """Writes a file into a card, and leaves out what is zero there and here."""
    with open(content, "rb") as source, open(card, "r+b") as target:
        while piece := source.read(MEBIBYTE):
            if piece.strip(b"\0"):
                target.seek(at)
                target.write(piece)
            at += len(piece)


def take_out(card, number, target):
    """A partition as a file of its own, sparse where it is zero."""
    first, size = Table(card).place(number)
    with open(card, "rb") as source, open(target, "wb") as copy:
        source.seek(first)
        left = size
        while left > 0:
            piece = source.read(min(MEBIBYTE, left))
            if not piece:
                break
            if piece.strip(b"\0"):
                copy.write(piece)
            else:
                copy.seek(len(piece), os.SEEK_CUR)
            left -= len(piece)
        copy.truncate(size)
    return target


def partition_hash(card, number):
    first, size = Table(card).place(number)
    digest = hashlib.sha256()
    with open(card, "rb") as file:
        file.seek(first)
        while size > 0:
            piece = file.read(min(MEBIBYTE, size))
            digest.update(piece)
            size -= len(piece)
            if not piece:
                break
    return digest.hexdigest()


class BootFiles:
    """What the firmware of a Pi would load from the image's FAT partition: the emulator is handed it instead."""

    def __init__(self, card=None):
        card = card or image()
        self.card = card
        stamp = f"{card.resolve()} {card.stat().st_mtime_ns} {card.stat().st_size}"
        self.folder = FOLDER / f"boot-{zlib.crc32(stamp.encode()):08x}"
        if not self.folder.exists():
            self.take_out()
        # Held as long as this program runs, so that another one with a newer image leaves it alone.
        self.hold = lock(self.folder)
        self.clear_old()
        self.signature = Table(card).signature
        self.settings = self.read_settings()
        prefix = self.settings.get("os_prefix", "")
        self.kernel = self.file(prefix + self.settings["kernel"])
        self.initramfs = self.file(prefix + self.settings["initramfs"])
        self.arguments = self.file(prefix + self.settings.get("cmdline", "cmdline.txt")).read_text().strip()
        self.device_tree = self.file(prefix + "bcm2837-rpi-zero-2-w.dtb")
        self.overlays = self.folder / (prefix + "overlays")

    def take_out(self):
        """Made beside and renamed: several programs may begin with a new image at once, and the first one wins."""
        made = pathlib.Path(tempfile.mkdtemp(prefix="made-", dir=FOLDER))
        try:
            first, _ = Table(self.card).place(1)
            tool("mcopy", "-s", "-n", "-i", f"{inside(self.card)}@@{first}", "::", inside(made))
            made.rename(self.folder)
        except OSError:
            if not self.folder.exists():
                raise
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def clear_old(self):
        """What was taken out of images that are no more, and that nobody uses."""
        for other in FOLDER.glob("boot-" + "[0-9a-f]" * 8):
            if other != self.folder and (held := lock(other, alone=True)) is not None:
                shutil.rmtree(other, ignore_errors=True)
                os.close(held)

    def file(self, name):
        path = self.folder / name
        if not path.exists():
            raise AssertionError(f"the FAT partition has no {name}: {sorted(p.name for p in self.folder.rglob('*'))}")
        return path

    def read_settings(self):
        """The lines of config.txt that say which files are loaded, as a Zero 2 W reads them."""
        settings = {}
        applies = True
        for line in self.file("config.txt").read_text().splitlines():
            line = line.split("#")[0].strip()
            if line.startswith("["):
                applies = line in ("[all]", "[pi02]", "[pi3]")
            elif applies and "=" in line:
                name, value = line.split("=", 1)
                settings.setdefault(name.strip(), value.strip())
            elif applies and line.startswith("initramfs "):
                settings["initramfs"] = line.split()[1]
        return settings


class SmallCard:
    """A card of the image's layout with a few megabytes in each partition. Its system cannot run: the initramfs is what
    is tried. `data` is a file with the content of the data partition; without one it is as new."""

    FAT, SLOT = 64, 2
    DATA_AT = 1 + FAT + 2 * SLOT

    def __init__(self, path, signature, data=None, data_size=128, size=None, wish=None):
        self.path = path
        self.signature = signature
        self.data_size = data_size
        total = (size or self.DATA_AT + data_size) * MEBIBYTE
        table = bytearray(SECTOR)
        struct.pack_into("<I", table, 440, int(signature, 16))
        places = [(0x0C, 1, self.FAT), (0x83, 1 + self.FAT, self.SLOT), (0x83, 1 + self.FAT + self.SLOT, self.SLOT),
                  (0x83, self.DATA_AT, data_size)]
        for number, (kind, first, count) in enumerate(places):
            struct.pack_into("<B3sB3sII", table, 446 + 16 * number, 0, b"\xfe\xff\xff", kind, b"\xfe\xff\xff",
                             first * 2048, count * 2048)
        table[510:] = b"\x55\xaa"
        with open(path, "wb") as file:
            file.truncate(total)
            file.write(table)
            if data is None:
                file.seek(self.DATA_AT * MEBIBYTE)
                file.write(MARKER + b"\n")
        splice(path, self.settings_partition(wish), MEBIBYTE)
        splice(path, self.system_partition(), (1 + self.FAT) * MEBIBYTE)
        if data is not None:
            splice(path, data, self.DATA_AT * MEBIBYTE)

    @classmethod
    def settings_partition(cls, wish):
        path = parts() / f"fat-{wish}.img"
        if not path.exists():
            tool("mformat", "-C", "-i", inside(path), "-T", cls.FAT * 2048, "-v", "VITRINE", "::")
            if wish:
                tool("mcopy", "-i", inside(path), "-", f"::{wish}", given=b"please\r\n")
        return path

    @classmethod
    def system_partition(cls):
        path = parts() / "system.squashfs"
        if not path.exists():
            with tempfile.TemporaryDirectory(dir=FOLDER) as name:
                folder = pathlib.Path(name)
                for each in ("boot/firmware", "data", "dev", "etc", "proc", "run", "sys", "usr/lib/systemd",
                             "var/lib/vitrine"):
                    (folder / each).mkdir(parents=True)
                (folder / "usr/lib/systemd/systemd").write_text("#!/bin/false\n")
                (folder / "etc/machine-id").touch()
                (folder / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\nvitrine:x:990:991::/:/bin/sh\n")
                tool("mksquashfs", inside(folder), inside(path), "-noappend", "-quiet", "-no-progress", "-all-root")
        return path

    def files_on_fat(self):
        listing = tool("mdir", "-b", "-i", f"{inside(self.path)}@@{MEBIBYTE}", "::", check=False)[1]
        return {line.strip().removeprefix("::/") for line in listing.splitlines() if line.startswith("::/")}

    def data(self):
        """First byte and size of the data partition."""
        return Table(self.path).place(4)


class ExistingCard(SmallCard):
    """One that is there already, in a file."""

    def __init__(self, path):
        self.path = path
