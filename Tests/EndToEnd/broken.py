"""Files that are not what they say: each is refused with a reason, or plays; and the daemon stays as small as it was."""

import random
import zlib

from appliance import Refused, own_memory


class BrokenFiles:
    def __init__(self, appliance, fixtures, seed):
        self.appliance = appliance
        self.random = random.Random(seed)
        self.sources = [path for path in fixtures.values()]
        self.outcomes = {}

    def make(self):
        """A name, and bytes that are wrong in one of several ways."""
        kind = self.random.choice(
            ["truncated", "flipped", "flipped", "extension", "empty", "huge header", "text", "noise", "spliced"])
        source = self.random.choice(self.sources)
        content = bytearray(source.read_bytes())
        name = source.name
        if kind == "truncated":
            content = content[: self.random.randrange(1, len(content))]
        elif kind == "flipped":
            for _ in range(self.random.randrange(1, 64)):
                content[self.random.randrange(len(content))] ^= 1 << self.random.randrange(8)
        elif kind == "extension":
            name = "wrong" + self.random.choice([".mp4", ".jpg", ".gif", ".heic", ".txt", ""])
        elif kind == "empty":
            content = bytearray()
        elif kind == "huge header":
            name, content = "huge.png", bytearray(huge_png(60_000 + self.random.randrange(100), 60_000))
        elif kind == "text":
            name, content = "text.mp4", bytearray(b"This is no video. " * self.random.randrange(1, 500))
        elif kind == "noise":
            content[16:] = self.random.randbytes(len(content) - 16)
        elif kind == "spliced":
            other = self.random.choice(self.sources).read_bytes()
            cut = self.random.randrange(len(content))
            content = content[:cut] + other[self.random.randrange(len(other)):]
        # Never the same content twice: that is kept once, and would not be checked again.
        if kind not in ("empty", "text", "huge header"):
            content += self.random.randbytes(4)
        return kind, name, bytes(content)

    def round(self):
        kind, name, content = self.make()
        try:
            item = self.appliance.settled(self.appliance.put(name, content)["id"], 90)
        except Refused as refused:
            problem = refused.problem
            if not (problem.get("detail") and problem.get("suggestion") and 400 <= refused.status < 500):
                raise AssertionError(f"{kind} {name}: refused without words: {refused}") from refused
            return self.count(kind, "refused at once")
        if item["state"] == "rejected":
            if not (item.get("reason") and item.get("suggestion")):
                raise AssertionError(f"{kind} {name}: rejected without words: {item}")
        elif item["state"] == "ready":
            self.appliance.show(item["id"])
        else:
            raise AssertionError(f"{kind} {name}: {item}")
        self.appliance.request("DELETE", f"/api/v1/media/{item['id']}")
        self.count(kind, item["state"])

    def count(self, kind, outcome):
        key = f"{kind}: {outcome}"
        self.outcomes[key] = self.outcomes.get(key, 0) + 1

    def daemon_memory(self):
        return own_memory(self.appliance.pid)


def huge_png(width, height):
    def chunk(name, data):
        body = name + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
