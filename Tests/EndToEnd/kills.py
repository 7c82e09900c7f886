"""Kills at random moments: nothing that was acknowledged is missing afterwards, and nothing is half there.

A model holds what the appliance has acknowledged. Each round lets some work begin, kills, starts again, and compares.
"""

import hashlib
import http.client
import os
import random
import signal
import subprocess
import threading
import time
import urllib.parse

from appliance import Refused, wait_for

GONE = (OSError, http.client.HTTPException)


class Kills:
    def __init__(self, appliance, seed):
        self.appliance = appliance
        self.random = random.Random(seed)
        self.number = 0
        self.kept = {}  # id → SHA-256 of what was acknowledged
        self.deleted = set()  # ids whose deletion was acknowledged
        self.doubtful = set()  # ids whose deletion was begun and not acknowledged
        self.partial = {}  # location → (content, acknowledged offset)
        self.lock = threading.Lock()
        self.counts = {}

    def content(self, size=None):
        """A picture that nobody has seen yet: a BMP of random bytes."""
        width = self.random.randrange(16, 200) if size is None else self.random.randrange(300, 1200)
        height = self.random.randrange(16, 200) if size is None else size // (width * 3)
        row = (width * 3 + 3) // 4 * 4
        pixels = self.random.randbytes(row * height)
        header = b"BM" + (54 + len(pixels)).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
        info = (40).to_bytes(4, "little") + width.to_bytes(4, "little") + height.to_bytes(4, "little")
        return header + info + (1).to_bytes(2, "little") + (24).to_bytes(2, "little") + bytes(24) + pixels

    # Work that a kill interrupts. Each notes what was acknowledged, and only that.

    def put(self):
        content = self.content()
        with self.lock:
            self.number += 1
            name = f"picture {self.number}.bmp"
        try:
            item = self.appliance.put(name, content)
        except (*GONE, Refused):
            return
        with self.lock:
            self.kept[item["id"]] = hashlib.sha256(content).hexdigest()

    def tus(self):
        content = self.content(size=self.random.randrange(200_000, 3_000_000))
        headers = {"Tus-Resumable": "1.0.0"}
        try:
            answer, _ = self.appliance.request("POST", "/api/v1/uploads", headers=headers | {
                "Upload-Length": str(len(content)), "Upload-Metadata": "filename dHVzLmJtcA=="})
            location = urllib.parse.urlparse(answer.headers["Location"]).path
            with self.lock:
                self.partial[location] = (content, 0)
            self.go_on(location)
        except (*GONE, Refused):
            return

    def offset(self, location):
        """Where an upload stands, in a tuple since 0 is an answer; None while another request still ends (423)."""
        try:
            answer, _ = self.appliance.request("HEAD", location, headers={"Tus-Resumable": "1.0.0"})
        except Refused as refusal:
            if refusal.status == 423:
                return None
            raise
        return (int(answer.headers["Upload-Offset"]),)

    def go_on(self, location):
        content, offset = self.partial[location]
        headers = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
        there, = wait_for(lambda: self.offset(location), f"{location} to be free", 60)
        if there < offset:
            raise AssertionError(f"{location}: {offset} bytes were acknowledged and {there} are there")
        while there < len(content):
            end = min(len(content), there + 300_000)
            answer, _ = self.appliance.request(
                "PATCH", location, body=content[there:end], headers=headers | {"Upload-Offset": str(there)})
            there = int(answer.headers["Upload-Offset"])
            with self.lock:
                self.partial[location] = (content, there)
        medium = self.appliance.get(location)["medium"]["id"]
        with self.lock:
            self.kept[medium] = hashlib.sha256(content).hexdigest()
            self.partial.pop(location, None)

    def delete(self):
        with self.lock:
            if not self.kept:
                return
            identity = self.random.choice(sorted(self.kept))
            digest = self.kept.pop(identity)
            self.doubtful.add((identity, digest))
        try:
            self.appliance.request("DELETE", f"/api/v1/media/{identity}")
        except (*GONE, Refused):
            return
        with self.lock:
            self.doubtful.discard((identity, digest))
            self.deleted.add(identity)

    def rebuild(self):
        try:
            self.appliance.post("/api/v1/system/rebuild-index")
        except (*GONE, Refused):
            pass

    # A round.

    def round(self):
        kind = self.random.choice(["upload", "adoption", "deletion", "rebuild", "decoder"])
        self.counts[kind] = self.counts.get(kind, 0) + 1
        work = {
            "upload": [self.tus, self.tus, self.put], "adoption": [self.put] * 3,
            "deletion": [self.put, self.delete, self.delete, self.delete],
            "rebuild": [self.put, self.rebuild, self.delete], "decoder": [self.put, self.put],
        }[kind]
        if kind == "deletion" and len(self.kept) < 4:
            for _ in range(6):
                self.put()
        threads = [threading.Thread(target=each) for each in work]
        for thread in threads:
            thread.start()
        time.sleep(self.random.random() * 0.25)
        if kind == "decoder":
            for pid in self.appliance.decoders():
                try:
                    os.kill(pid, self.random.choice([signal.SIGKILL, signal.SIGTERM]))
                except ProcessLookupError:
                    pass
        else:
            self.appliance.kill()
        for thread in threads:
            thread.join(60)
        if kind != "decoder":
            self.appliance.start()
        self.verify()

    def verify(self):
        for location in list(self.partial):
            if self.random.random() < 0.5:
                self.go_on(location)
        for identity in sorted(self.kept):
            item = self.appliance.settled(identity)
            if item["state"] != "ready":
                raise AssertionError(f"acknowledged medium {identity} is {item}")
        wait_for(lambda: all(item["state"] != "processing" for item in self.appliance.media()), "all checks to end", 60)
        there = {item["id"] for item in self.appliance.media()}
        for identity, digest in list(self.doubtful):
            self.doubtful.discard((identity, digest))
            if identity in there:
                self.kept[identity] = digest
        if there & self.deleted:
            raise AssertionError(f"deleted media are there again: {there & self.deleted}")
        folders = {entry.name for entry in (self.appliance.data / "library").iterdir()}
        if folders != {item["id"] for item in self.appliance.media()}:
            raise AssertionError(f"library and index differ: {folders ^ there}")
        for identity, digest in self.kept.items():
            original = next((self.appliance.data / "library" / identity).glob("original.*"))
            if hashlib.sha256(original.read_bytes()).hexdigest() != digest:
                raise AssertionError(f"{identity} has other bytes than were acknowledged")
        uploads = {entry.name.split(".")[0] for entry in (self.appliance.data / "uploads").iterdir()}
        known = {location.rsplit("/", 1)[1] for location in self.partial}
        for left in uploads - known:
            # An upload whose creation was never acknowledged may be there until it expires; it is whole all the same.
            self.appliance.request("HEAD", f"/api/v1/uploads/{left}", headers={"Tus-Resumable": "1.0.0"})
        checked = subprocess.run(
            [str(self.appliance.programs / "vitrine"), "index", "check"], env=self.appliance.environment,
            capture_output=True, text=True, timeout=60)
        if checked.returncode != 0:
            raise AssertionError(f"index check: {checked.stdout}{checked.stderr}")
        if len(self.kept) > 40:
            for identity in sorted(self.kept)[:25]:
                self.appliance.request("DELETE", f"/api/v1/media/{identity}")
                self.kept.pop(identity)
                self.deleted.add(identity)
