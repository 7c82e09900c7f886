"""Uploads by a tus client that nobody here wrote (tuspy), through connections that are cut."""

import hashlib
import os
import random
import socket
import threading
import unittest
import urllib.parse

from support import ApplianceTest, fixtures

try:
    import requests
    from tusclient import client as tus
    from tusclient.exceptions import TusCommunicationError, TusUploadFailed
except ImportError:  # only without the environment that Tests/EndToEnd/run makes
    tus = None

SIZE = 200 << 20
CUTS = 20
CHUNK = 4 << 20


class CuttingProxy:
    """Forwards TCP to a port, and cuts a connection after a number of bytes, as often as it was told."""

    def __init__(self, port, cuts, seed):
        self.target = port
        self.random = random.Random(seed)
        self.cuts_left = cuts
        self.cuts_done = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                incoming, _ = self.listener.accept()
            except OSError:
                return
            outgoing = socket.create_connection(("127.0.0.1", self.target))
            with self.lock:
                limit = self.random.randrange(1 << 20, 9 << 20) if self.cuts_left > 0 else None
            for pair in ((incoming, outgoing, limit), (outgoing, incoming, None)):
                threading.Thread(target=self.pump, args=pair, daemon=True).start()

    def pump(self, source, sink, limit):
        passed = 0
        try:
            while data := source.recv(65536):
                passed += len(data)
                if limit is not None and passed > limit:
                    with self.lock:
                        if self.cuts_left > 0:
                            self.cuts_left -= 1
                            self.cuts_done += 1
                            sink.sendall(data[: len(data) // 2])
                            break
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()


def large_video(path, size):
    """A playable MP4 of this size: what is too much stands in a `free` box, which players skip (ISO 14496-12, 8.1.2)."""
    content = fixtures()["h264.mp4"].read_bytes()
    padding = size - len(content)
    digest = hashlib.sha256()
    source = random.Random(7)
    with open(path, "wb") as file:
        def put(data):
            digest.update(data)
            file.write(data)
        put(content + padding.to_bytes(4, "big") + b"free")
        left = padding - 8
        while left:
            piece = source.randbytes(min(left, 1 << 20))
            put(piece)
            left -= len(piece)
    return digest.hexdigest()


@unittest.skipIf(tus is None, "tuspy is not installed")
class Tus(ApplianceTest):
    def test_a_large_upload_survives_cut_connections(self):
        path = self.appliance.folder / "large.mp4"
        expected = large_video(path, SIZE)
        port = urllib.parse.urlparse(self.appliance.url).port
        proxy = CuttingProxy(port, CUTS, seed=1)
        uploader = tus.TusClient(f"http://127.0.0.1:{proxy.port}/api/v1/uploads").uploader(
            str(path), chunk_size=CHUNK, metadata={"filename": "large.mp4"})
        failures = 0
        while uploader.offset < SIZE or uploader.url is None:
            try:
                uploader.upload_chunk()
            except (TusCommunicationError, TusUploadFailed, requests.exceptions.RequestException, OSError):
                failures += 1
                self.assertLess(failures, 200, "the upload does not get on")
                if uploader.url is not None:
                    uploader.offset = self.offset(uploader)
        self.assertEqual(proxy.cuts_done, CUTS)
        upload = self.appliance.get(urllib.parse.urlparse(uploader.url).path)
        self.assertTrue(upload["complete"])
        item = self.appliance.settled(upload["medium"]["id"])
        self.assertEqual(item["state"], "ready", item)
        digest = hashlib.sha256()
        with open(self.appliance.data / "library" / item["id"] / "original.mp4", "rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        self.assertEqual(digest.hexdigest(), expected)
        self.assertEqual(os.listdir(self.appliance.data / "uploads"), [])
        print(f"  {SIZE >> 20} MB through {CUTS} cuts, {failures} failed requests")

    def offset(self, uploader):
        while True:
            try:
                return uploader.get_offset()
            except (TusCommunicationError, requests.exceptions.RequestException, OSError):
                continue

    def test_an_upload_goes_on_after_the_daemon_was_killed(self):
        path = self.appliance.folder / "large.mp4"
        expected = large_video(path, 24 << 20)
        with open(path, "rb") as file:
            content = file.read()
        location = self.created_location(content)
        self.patch(location, content, 0, 9 << 20)
        self.appliance.kill()
        self.appliance.start()
        offset = int(self.appliance.request("HEAD", location, headers={"Tus-Resumable": "1.0.0"})[0].headers["Upload-Offset"])
        self.assertEqual(offset, 9 << 20, "an acknowledged byte is missing")
        self.patch(location, content, offset, len(content))
        item = self.appliance.settled(self.appliance.get(location)["medium"]["id"])
        self.assertEqual(item["state"], "ready", item)
        stored = (self.appliance.data / "library" / item["id"] / "original.mp4").read_bytes()
        self.assertEqual(hashlib.sha256(stored).hexdigest(), expected)

    def created_location(self, content):
        answer, _ = self.appliance.request("POST", "/api/v1/uploads", headers={
            "Tus-Resumable": "1.0.0", "Upload-Length": str(len(content)), "Upload-Metadata": "filename bGFyZ2UubXA0"})
        return urllib.parse.urlparse(answer.headers["Location"]).path

    def patch(self, location, content, start, end):
        answer, _ = self.appliance.request("PATCH", location, body=content[start:end], headers={
            "Tus-Resumable": "1.0.0", "Upload-Offset": str(start), "Content-Type": "application/offset+octet-stream"})
        self.assertEqual(answer.headers["Upload-Offset"], str(end))
