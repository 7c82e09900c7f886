"""Damaged data partitions: none is formatted, each is mended or mounted read-only, and it is said which."""

import collections
import os
import random
import re
import shutil
import unittest

from cards import inside, partition_hash, take_out, tool
from trial import BLOCK, DATA_SIZE, MEDIA, SEED, Trial, identity

DAMAGED = int(os.environ.get("VITRINE_DAMAGED", "20"))


class Damage(Trial):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        healthy = cls.library()
        cls.identity = identity(healthy)
        shown = tool("dumpe2fs", inside(healthy))
        # With flex_bg, what describes the files lies together, at the beginning.
        cls.described = max(int(last) for last in re.findall(r"Inode table at \d+-(\d+)", shown))
        blocks = tool("debugfs", "-R", "blocks <8>", inside(healthy)).split()
        cls.journal = [int(block) for block in blocks if block.isdigit()]

    # Kinds of damage. Each leaves a file system that a check complains about.

    def superblock(self, data, source):
        """The first superblock, and perhaps what follows it: descriptors of groups, and their copies' first."""
        blocks = source.choice([1, 1, 2, 8])
        start = 1024 if source.random() < 0.7 else 0
        self.overwrite(data, start, blocks * BLOCK - start, source)
        return f"superblock and {blocks - 1} blocks behind it"

    def journal_blocks(self, data, source):
        """A journal that was to be replayed, with holes in it."""
        block = data.with_suffix(".block")
        with open(data, "rb") as file:
            file.seek(self.described * BLOCK)
            block.write_bytes(file.read(BLOCK))
        tool("debugfs", "-w", "-f", "-", inside(data),
             given=f"jo\njw -b {self.described} {inside(block)}\njc\n".encode())
        # Its own superblock always: what is broken behind that counts as never written, and is no damage.
        hit = [self.journal[0]] + source.sample(self.journal[1:8], source.randrange(0, 5))
        for each in hit:
            self.overwrite(data, each * BLOCK, BLOCK, source)
        return f"blocks {sorted(hit)} of the journal"

    def any_blocks(self, data, source):
        """Some of what describes the files, and some anywhere."""
        hit = source.sample(range(1, self.described + 1), source.randrange(1, 9))
        hit += source.sample(range(1, DATA_SIZE * 256), source.randrange(1, 25))
        for each in hit:
            self.overwrite(data, each * BLOCK, BLOCK, source)
        return f"blocks {sorted(hit)}"

    @staticmethod
    def overwrite(data, place, length, source):
        with open(data, "r+b") as file:
            file.seek(place)
            file.write(source.choice([source.randbytes, bytes, lambda count: b"\xff" * count])(length))

    # Tests.

    def test_damaged_partitions(self):
        healthy = self.start(self.card("healthy.img", data=self.library()))
        self.assertEqual((healthy.state, len(healthy.files)), ("ok", 2 * MEDIA), healthy.console)
        said = collections.Counter()
        for number in range(DAMAGED):
            seed = SEED * 1000 + number
            kind = (self.superblock, self.journal_blocks, self.any_blocks)[number % 3]
            with self.subTest(seed=seed, kind=kind.__name__):
                source = random.Random(seed)
                data = self.folder / "damaged.img"
                shutil.copyfile(self.library(), data)
                what = kind(data, source)
                while kind == self.any_blocks and tool("e2fsck", "-f", "-n", inside(data), check=False)[0] == 0:
                    # All of them were blocks that nobody uses.
                    what += "; " + kind(data, source)
                print(f"seed {seed}: {what}", flush=True)
                card = self.card("damaged-card.img", data=data)
                start = self.start(card)
                said[start.state] += 1
                self.assertIn(start.state, ("repaired", "read_only"), f"{start.console}\n{start.e2fsck}")
                after = take_out(card.path, 4, self.folder / "after.img")
                self.assertEqual(identity(after), self.identity, "it was formatted")
                wrong = {path for path, digest in start.files.items() if healthy.files.get(path, digest) != digest}
                if kind != self.any_blocks:
                    self.assertEqual((set(healthy.files) - set(start.files), wrong), (set(), set()), "files were lost")
                self.assertGreater(len(start.files), MEDIA // 2)
                if start.state == "repaired":
                    status, text = tool("e2fsck", "-f", "-n", inside(after), check=False)
                    self.assertEqual(status, 0, text)
                    self.assertTrue(any(" ext4 rw," in mount for mount in start.mounts), start.mounts)
        print(f"  of {DAMAGED}: {dict(said)}", flush=True)

    def test_pieces_without_a_name_are_told(self):
        data = self.folder / "nameless.img"
        shutil.copyfile(self.library(), data)
        tool("debugfs", "-w", "-R", "unlink vitrine/library/0001/original.jpg", inside(data))
        start = self.start(self.card("nameless-card.img", data=data))
        self.assertEqual((start.state, start.remarks), ("repaired", ["lost pieces without a name in lost+found: 1"]),
                         f"{start.console}\n{start.e2fsck}")

    def test_nothing_left_to_read_is_left_alone(self):
        """Every superblock is gone. What is there is not touched, for somebody may know better; a wish begins anew."""
        data = self.folder / "lost.img"
        shutil.copyfile(self.library(), data)
        source = random.Random(SEED)
        for group in (0, 1, 3):
            self.overwrite(data, group * 32768 * BLOCK, 64 * BLOCK, source)
        card = self.card("lost-card.img", data=data)
        before = partition_hash(card.path, 4)
        start = self.start(card)
        self.assertEqual(start.state, "absent", start.console)
        self.assertIn("nothing of it can be read", start.detail)
        self.assertEqual(partition_hash(card.path, 4), before)
        self.assertTrue(any(" tmpfs ro," in mount for mount in start.mounts), start.mounts)
        wished = self.card("lost-card.img", data=data, wish="erase-data")
        self.assertEqual(self.start(wished).state, "erased")


if __name__ == "__main__":
    unittest.main(verbosity=2)
