"""What the tests of the data partition share: a folder for cards, a library to lose, and power that goes."""

import os
import pathlib
import random
import shutil
import tempfile
import unittest

from cards import FOLDER, MEBIBYTE, SECTOR, BootFiles, ExistingCard, SmallCard, Table, inside, take_out, tool
from starts import Start, cut, recorded

ROUNDS = int(os.environ.get("VITRINE_ROUNDS", "1"))
SEED = int(os.environ.get("VITRINE_SEED", "1"))
# In megabytes; several groups of blocks, for the first has no copy of its superblock in itself.
DATA_SIZE = 512
MEDIA = 60
BLOCK = 4096


class Trial(unittest.TestCase):
    """Starts of small cards by the image's own kernel and initramfs."""

    @classmethod
    def setUpClass(cls):
        FOLDER.mkdir(parents=True, exist_ok=True)
        cls.boot = BootFiles()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="cards-", dir=FOLDER))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)

    def card(self, name, **options):
        return SmallCard(self.folder / name, self.boot.signature, **{"data_size": DATA_SIZE, **options})

    def start(self, card, **options):
        start = Start(self.boot, card.path, **options)
        print(f"  {start}", flush=True)
        return start

    @classmethod
    def library(cls):
        """A data partition with media in it, made with the options that the initramfs takes."""
        path = cls.folder / "library.img"
        if not path.exists():
            content = cls.folder / "content"
            source = random.Random(SEED)
            for number in range(MEDIA):
                medium = content / f"vitrine/library/{number:04}"
                medium.mkdir(parents=True)
                (medium / "original.jpg").write_bytes(source.randbytes(source.randrange(1000, 2 * MEBIBYTE)))
                (medium / "meta.json").write_text(f'{{"name": "photo {number}"}}\n')
            (content / "system").mkdir()
            tool("mke2fs", "-q", "-F", "-t", "ext4", "-b", BLOCK, "-I", 256, "-i", 65536, "-m", 1, "-J", "size=8",
                 "-d", inside(content), inside(path), f"{DATA_SIZE}M")
            shutil.rmtree(content)
        return path

    def try_cuts(self, card, expected, look=lambda start: None):
        """Records what a start writes, and starts again from cards whose power went in the middle of it: right after
        each write to the partition table, the gap behind it and the start of the data, and VITRINE_ROUNDS others."""
        whole, writes = card.path.with_suffix(".whole"), card.path.with_suffix(".writes")
        shutil.copyfile(card.path, whole)
        self.start(ExistingCard(whole), writes=writes)
        entries = recorded(writes)
        place, _ = card.data()
        points = {index + 1 for index, (at, content, _, _) in enumerate(entries)
                  if content and (at < MEBIBYTE or at == place)}
        self.assertGreater(len(points), 1)
        points |= {random.Random(SEED + number).randrange(1, len(entries)) for number in range(ROUNDS)}
        print(f"  {len(entries)} writes; cuts after {sorted(points)}", flush=True)
        for point in sorted(points):
            with self.subTest(writes=point, seed=SEED):
                trial = card.path.with_suffix(".trial")
                shutil.copyfile(card.path, trial)
                cut(trial, entries, point, random.Random(SEED * 1000 + point))
                start = self.start(ExistingCard(trial))
                self.assertIn(start.state, expected, f"{start.console}\n{start.e2fsck}")
                self.assertTrue(any(" ext4 rw," in mount for mount in start.mounts), start.mounts)
                look(start)
                self.finished(trial)

    def finished(self, card):
        """Nothing on a card says that its data partition still has to be made, and a check finds nothing there."""
        place, _ = Table(card).place(4)
        with open(card, "rb") as file:
            for at, length in ((64 * SECTOR, SECTOR), (place, 2 * SECTOR)):
                file.seek(at)
                self.assertEqual(file.read(length), bytes(length))
        status, text = tool("e2fsck", "-f", "-n", inside(take_out(card, 4, self.folder / "finished.img")), check=False)
        self.assertEqual(status, 0, text)


def identity(data):
    """What another file system would have differently; read from a copy of the superblock when need be."""
    for options in ([], ["-o", "superblock=32768", "-o", f"blocksize={BLOCK}"]):
        status, text = tool("dumpe2fs", "-h", *options, inside(data), check=False)
        lines = [line for line in text.splitlines() if line.startswith(("Filesystem UUID", "Filesystem created"))]
        if status == 0 and len(lines) == 2:
            return lines
    raise AssertionError(f"no superblock: {text[-500:]}")
