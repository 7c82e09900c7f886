"""The order write → fsync → rename → fsync of the folder → acknowledge, from a trace of system calls: kills keep the page
cache, so that they cannot show it."""

import re
import shutil
import unittest

from appliance import Appliance
from support import PROGRAMS, fixtures

CALL = re.compile(r"^(\d+)\s+(\w+)\((.*)\)\s+= (-?\d+)")


@unittest.skipUnless(shutil.which("strace"), "strace is not installed")
class DurableOrder(unittest.TestCase):
    def test_adoption_is_on_the_card_before_it_is_acknowledged(self):
        calls, identity = self.trace()
        part = f"uploads/{identity}.part"
        folder = f"library/{identity}"
        written = self.last(calls, lambda c: c.name in ("write", "pwrite64", "writev") and part in c.arguments)
        synced = self.first(calls, lambda c: c.name in ("fsync", "fdatasync") and part in c.arguments, written)
        uploads = self.first(calls, lambda c: c.name == "fsync" and c.arguments.endswith("/uploads>"), synced)
        committed = self.first(calls, lambda c: c.name in ("fsync", "fdatasync") and "index.sqlite-wal" in c.arguments, synced)
        accepted = self.first(calls, lambda c: c.name in ("write", "writev", "sendto", "sendmsg") and "202 Accepted" in c.arguments)
        self.assertLess(max(uploads, committed), accepted, "202 went out before the bytes and the row were safe")

        moved = self.first(calls, lambda c: c.name.startswith("rename") and part in c.arguments and "original." in c.arguments, accepted)
        described = self.first(calls, lambda c: c.name == "fsync" and "meta.json" in c.arguments)
        placed = self.first(calls, lambda c: c.name.startswith("rename") and c.arguments.rstrip('"').endswith(folder), moved)
        inside = self.first(calls, lambda c: c.name == "fsync" and f".{identity}" in c.arguments and "meta.json" not in c.arguments, moved)
        library = self.first(calls, lambda c: c.name == "fsync" and c.arguments.endswith("/library>"), placed)
        ready = self.first(calls, lambda c: c.name in ("fsync", "fdatasync") and "index.sqlite-wal" in c.arguments, library)
        self.assertTrue(described < placed and inside < placed < library < ready)

    class Call:
        def __init__(self, name, arguments):
            self.name, self.arguments = name, arguments

    def trace(self):
        appliance = Appliance(PROGRAMS)
        self.addCleanup(appliance.close)
        output = appliance.folder / "trace"
        appliance.wrapper = ["strace", "-f", "-y", "-s", "64", "-o", str(output), "-e",
                             "trace=write,writev,pwrite64,sendto,sendmsg,fsync,fdatasync,rename,renameat,renameat2"]
        appliance.start()
        item = appliance.add(fixtures()["photo.jpg"])
        self.assertEqual(item["state"], "ready")
        appliance.stop(20)
        return self.parse(output.read_text(errors="replace")), item["id"]

    def parse(self, text):
        """Calls in the order in which they ended; one that was interrupted in the trace is put together again."""
        begun, calls = {}, []
        for line in text.splitlines():
            thread, _, rest = line.partition(" ")
            rest = rest.strip()
            if rest.endswith("<unfinished ...>"):
                begun[thread] = rest.removesuffix("<unfinished ...>").rstrip()
                continue
            resumed = re.match(r"<\.\.\. \w+ resumed>(.*)", rest)
            if resumed:
                rest = begun.pop(thread, "") + resumed[1]
            match = CALL.match(f"{thread} {rest}")
            if match and int(match[4]) >= 0:
                calls.append(self.Call(match[2], match[3]))
        return calls

    def first(self, calls, condition, after=-1):
        for index in range(after + 1, len(calls)):
            if condition(calls[index]):
                return index
        self.fail("a call is missing in the trace behind number " + str(after) + ":\n" + "\n".join(
            f"{c.name}({c.arguments[:160]})" for c in calls if c.name not in ("write", "writev"))[-6000:])

    def last(self, calls, condition):
        found = [index for index, call in enumerate(calls) if condition(call)]
        self.assertTrue(found, "no such call in the trace")
        return found[-1]
