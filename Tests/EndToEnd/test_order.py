"""In what order media play, as their own dates say it; and what the status tells of the board's decoder."""

import pathlib

import pictures
from appliance import wait_for
from support import ApplianceTest


def taken(path, date):
    """Puts an EXIF block with nothing but DateTimeOriginal behind a JPEG's SOI."""
    text = date.encode() + b"\0"
    exif = (b"MM\0*\0\0\0\x08" + b"\0\x01" + b"\x87\x69\0\x04\0\0\0\x01\0\0\0\x1a" + b"\0\0\0\0"
            + b"\0\x01" + b"\x90\x03\0\x02" + len(text).to_bytes(4, "big") + b"\0\0\0\x2c" + b"\0\0\0\0" + text)
    body = b"Exif\0\0" + exif
    content = path.read_bytes()
    path.write_bytes(content[:2] + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + content[2:])


class ByDate(ApplianceTest):
    settings = {"PLAYBACK_ORDER": "date", "PLAYBACK_PHOTO_SECONDS": "1", "PLAYBACK_TRANSITION": "cut"}

    def test_the_oldest_picture_comes_first(self):
        folder = pathlib.Path(self.appliance.folder)
        for name, date in [("third.jpg", "2021:06:01 12:00:00"), ("first.jpg", "1999:12:31 23:59:59")]:
            pictures.run("convert", "-size", "64x64", f"xc:hsl({len(name) * 30},100%,50%)", folder / name)
            taken(folder / name, date)
            self.appliance.add(folder / name)
        film = folder / "second.mp4"
        pictures.ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x64:rate=10", "-t", "1", "-c:v", "mpeg4",
                        "-metadata", "creation_time=2010-05-05T05:05:05Z", film)
        self.appliance.add(film)
        # It has no date of its own, and counts as of today.
        pictures.run("convert", "-size", "64x64", "xc:white", folder / "last.png")
        self.appliance.add(folder / "last.png")

        seen = []

        def round_is_over():
            current = self.appliance.status()["player"].get("current")
            if current and (not seen or seen[-1] != current["name"]):
                seen.append(current["name"])
            return len(seen) >= 9
        wait_for(round_is_over, "two rounds", 90)
        start = seen.index("first.jpg")
        self.assertEqual(seen[start:start + 4], ["first.jpg", "second.mp4", "third.jpg", "last.png"], seen)

    def test_the_status_tells_of_the_boards_decoder(self):
        film = pathlib.Path(self.appliance.folder) / "film.mp4"
        pictures.ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x64:rate=10", "-t", "1", "-c:v", "libx264", film)
        self.appliance.add(film)
        hardware = wait_for(lambda: self.appliance.status()["decoder"].get("hardware"), "a decoder to be asked")
        if not list(pathlib.Path("/dev").glob("video*")):
            self.assertEqual(hardware, {"state": "absent", "detail": "there is no device /dev/video*"})
