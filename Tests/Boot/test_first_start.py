"""The data partition's first start, and a person's wish to have it erased: the only times a file system is made."""

import unittest

from cards import MEBIBYTE, Table, inside, take_out, tool
from trial import BLOCK, MEDIA, Trial, identity


class FirstStart(Trial):
    def test_new_card_is_grown_and_made_once(self):
        card = self.card("new.img", data_size=16, size=512)
        before = Table(card.path).sector
        first = self.start(card)
        self.assertEqual(first.state, "made", first.console)
        after = Table(card.path)
        place, size = after.place(4)
        self.assertEqual(place + size, 512 * MEBIBYTE, "the entry reaches to the card's end")
        self.assertEqual((before[:506], before[510:]), (after.sector[:506], after.sector[510:]), "nothing else changed")
        self.assertTrue(any(" ext4 rw," in mount and "noatime" in mount for mount in first.mounts), first.mounts)
        # What loads it is of the initramfs, and gone with it.
        self.assertLessEqual(first.times["picture"], first.times["end"], "the screen's driver was waited for")
        self.assertEqual((first.wish, first.remarks), (None, []))
        self.finished(card.path)
        made = identity(take_out(card.path, 4, self.folder / "made.img"))
        second = self.start(card)
        self.assertEqual((second.state, second.machine), ("ok", first.machine))
        self.assertEqual(identity(take_out(card.path, 4, self.folder / "made.img")), made)

    def test_power_cuts_while_it_is_made(self):
        # Repaired: a superblock of which one sector is old and one is new.
        self.try_cuts(self.card("cut.img", data_size=16, size=384), {"made", "ok", "repaired"})

    def test_copied_to_a_larger_card(self):
        card = self.card("larger.img", data=self.library(), size=1024)
        start = self.start(card)
        self.assertEqual((start.state, len(start.files)), ("grown", 2 * MEDIA), start.console)
        place, size = Table(card.path).place(4)
        self.assertEqual(place + size, 1024 * MEBIBYTE)
        shown = tool("dumpe2fs", "-h", inside(take_out(card.path, 4, self.folder / "larger-data.img")))
        self.assertEqual([line.split()[-1] for line in shown.splitlines() if line.startswith("Block count:")],
                         [str(size // BLOCK)])

    def test_one_that_cannot_be_grown_is_used_as_it_is(self):
        data = self.folder / "small.img"
        # Which the kernel does not grow while it is mounted.
        tool("mke2fs", "-q", "-F", "-t", "ext4", "-b", BLOCK, "-O", "sparse_super2", inside(data), "128M")
        start = self.start(self.card("small-card.img", data=data, data_size=128, size=640))
        self.assertEqual((start.state, len(start.remarks)), ("ok", 1), start.console)
        self.assertRegex(start.remarks[0], "^small its data partition of 128 MB could not be grown to [0-9]{3} MB$")
        self.assertTrue(any(" ext4 rw," in mount for mount in start.mounts), start.mounts)

    def test_locked_card_is_shown(self):
        start = self.start(self.card("locked.img", data=self.library()), readonly=True)
        self.assertEqual((start.state, len(start.files)), ("read_only", 2 * MEDIA), start.console)


class Wish(Trial):
    """A file `erase-data` on the FAT partition."""

    def test_granted_once(self):
        for name in ("erase-data", "Erase-Data.txt"):
            with self.subTest(name=name):
                card = self.card("wish.img", data=self.library(), wish=name)
                first = self.start(card)
                self.assertEqual((first.state, first.files), ("erased", {}), first.console)
                self.assertEqual(card.files_on_fat(), set())
                self.assertEqual(self.start(card).state, "ok")

    def test_on_a_locked_card_erases_nothing(self):
        card = self.card("locked.img", data=self.library(), wish="erase-data")
        start = self.start(card, readonly=True)
        self.assertEqual((start.state, len(start.files)), ("read_only", 2 * MEDIA), start.console)
        self.assertEqual(start.wish, "the file erase-data cannot be taken off the card")
        self.assertEqual(self.start(card).state, "erased", "unlocked, it is granted")

    def test_power_cuts_while_it_is_granted(self):
        def look(start):
            self.assertEqual(len(start.files), 0, "never half a library")
        self.try_cuts(self.card("cut.img", data=self.library(), wish="erase-data"), {"erased", "ok", "repaired"}, look)


if __name__ == "__main__":
    unittest.main(verbosity=2)
