"""The README's picture: the page on a phone, with computed media."""

import pathlib

import test_media
from visitor import Visitor
from webdriver import Failure, until

LIMIT = 200_000


def take(browser, url, pin, folder: pathlib.Path, target: pathlib.Path):
    visitor = Visitor(browser, url)
    browser.set_size(390, 844, scale=2, touch=True)
    browser.set_scheme("light")
    visitor.claim(pin)
    visitor.ask("PATCH", "/config", {"device.name": "Living room"})
    media = folder / "media"
    media.mkdir()
    for path in test_media.demo(media):
        # One after the other, so that they stand in this order.
        visitor.pick(path)
        until(lambda: visitor.state_of(path.name) == "ready", f"{path.name} is ready", 120)
    browser.reload()
    browser.run("document.querySelector('#play-pause').focus({ focusVisible: false }); document.activeElement.blur()")
    shore = visitor.medium("Fractal shore.jpg")
    visitor.ask("POST", "/player/show", {"id": shore["id"]})
    until(lambda: browser.text("#now-name") == shore["name"], "the page tells what is on")
    until(lambda: visitor.ask("GET", "/status")["player"]["current"]["position_seconds"] > 2.5, "it is well under way")
    until(lambda: all(visitor.is_pictured(each["id"]) for each in visitor.media()[:2]), "the thumbnails are there")
    until(lambda: browser.text("#device-name") == "Living room", "the name is there")
    browser.run("scrollTo(0, 0)")
    raw = folder / "raw.png"
    raw.write_bytes(browser.screenshot())
    # A palette keeps the file small, and dithering would make it large again.
    small = folder / "small.png"
    for colours in (256, 128, 64):
        test_media.ffmpeg(
            "-i", raw, "-vf", f"split[a][b];[a]palettegen=max_colors={colours}:stats_mode=full[p];[b][p]paletteuse=dither=none",
            "-compression_level", 100, "-pred", "mixed", small)
        if small.stat().st_size < LIMIT:
            break
    else:
        raise Failure(f"the picture is larger than {LIMIT} bytes")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(small.read_bytes())
    print(f"{target}: {target.stat().st_size} bytes")
