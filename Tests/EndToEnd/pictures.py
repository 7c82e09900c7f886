"""Fixtures of every format, made here, and comparison of what the screen shows with references by other programs."""

import math
import pathlib
import re
import subprocess


def run(*command, stderr=False, **options):
    result = subprocess.run([str(part) for part in command], capture_output=True, **options)
    if result.returncode != 0:
        raise AssertionError(f"{command} ended with {result.returncode}: {result.stderr.decode(errors='replace')[-2000:]}")
    return result.stderr if stderr else result.stdout


def raw(path_or_bytes, width, height, *filters):
    """8-bit RGB pixels of a picture file, by ImageMagick."""
    given = isinstance(path_or_bytes, bytes)
    return run("convert", "-" if given else path_or_bytes, *filters, "-depth", "8", "-type", "TrueColor",
               "-size", f"{width}x{height}", "rgb:-", input=path_or_bytes if given else None)


def placed(width, height, screen_width, screen_height):
    """Where `contain` puts a picture: the same arithmetic as docs/architecture.md states."""
    if width * screen_height > screen_width * height:
        w, h = screen_width, max(1, (height * screen_width + width // 2) // width)
    else:
        w, h = max(1, (width * screen_height + height // 2) // height), screen_height
    return w, h, (screen_width - w) // 2, (screen_height - h) // 2


def psnr(ours, reference):
    """Peak signal-to-noise ratio of two strings of bytes, in dB."""
    if len(ours) != len(reference):
        raise AssertionError(f"{len(ours)} bytes against {len(reference)}")
    squares = sum((a - b) * (a - b) for a, b in zip(ours, reference))
    return math.inf if squares == 0 else 10 * math.log10(255 * 255 * len(ours) / squares)


def ffmpeg(*arguments):
    run("ffmpeg", "-hide_banner", "-loglevel", "error", "-y", *arguments)


def reference(path, screen_width, screen_height):
    """A photo as the screen should show it: upright, whole, centred on black, by ImageMagick."""
    if pathlib.Path(path).suffix == ".avif":
        # ImageMagick 6 takes AVIF's full range for a limited one; libavif's own decoder does not.
        decoded = pathlib.Path(path).with_suffix(".decoded.png")
        run("avifdec", path, decoded)
        path = decoded
    size = run("convert", path, "-auto-orient", "-format", "%w %h", "info:").split()
    w, h, x, y = placed(int(size[0]), int(size[1]), screen_width, screen_height)
    # Without +repage, a picture that was transposed keeps the canvas that it had before.
    return raw(path, screen_width, screen_height, "-auto-orient", "+repage", "-colorspace", "sRGB", "-background", "black",
               "-flatten", "-resize", f"{w}x{h}!", "-extent", f"{screen_width}x{screen_height}-{x}-{y}")


def video_references(path, screen_width, screen_height):
    """Every frame of a video as the screen should show it, by ffmpeg: upright, pixel aspect honoured."""
    width, height = upright_size(path)
    w, h, x, y = placed(width, height, screen_width, screen_height)
    chain = f"scale={w}:{h}:flags=bicubic,setsar=1,pad={screen_width}:{screen_height}:{x}:{y}"
    content = run("ffmpeg", "-hide_banner", "-loglevel", "error", "-i", path, "-vf", chain, "-fps_mode", "passthrough",
                  "-pix_fmt", "rgb24", "-f", "rawvideo", "-")
    size = screen_width * screen_height * 3
    return [content[start:start + size] for start in range(0, len(content), size)]


def upright_size(path):
    """Width and height as shown: turned, and the pixel aspect counted into the width."""
    # Printed by the frame's own measures after ffmpeg has turned it.
    told = run("ffmpeg", "-hide_banner", "-i", path, "-frames:v", "1", "-vf", "showinfo", "-f", "null", "-", stderr=True)
    match = re.search(rb" sar:(\d+)/(\d+) s:(\d+)x(\d+)", told)
    numerator, denominator, width, height = (int(group) for group in match.groups())
    if numerator and denominator:
        width = (width * numerator + denominator // 2) // denominator
    return width, height


def best_psnr(ours, references):
    """Against the one that is most alike; found on a sample, then measured whole."""
    nearest = max(references, key=lambda each: psnr(ours[::101], each[::101]))
    return psnr(ours, nearest)


SOURCE = "testsrc2=size=320x240:rate=25"


def make_fixtures(folder):
    """One small file of each format that the product names; {name: path}."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    still = folder / "source.png"
    ffmpeg("-f", "lavfi", "-i", "mandelbrot=size=320x200", "-frames:v", "1", still)
    files = {}

    def photo(name, *command):
        files[name] = folder / name
        run(*command, files[name])

    photo("photo.jpg", "convert", still, "-quality", "92")
    photo("progressive.jpg", "convert", still, "-interlace", "JPEG", "-quality", "92")
    photo("gray.jpg", "convert", still, "-colorspace", "Gray")
    photo("cmyk.jpg", "convert", still, "-colorspace", "CMYK", "-quality", "95")
    photo("photo.png", "convert", still)
    photo("interlaced.png", "convert", still, "-interlace", "PNG")
    photo("deep.png", "convert", still, "-define", "png:bit-depth=16", "-define", "png:color-type=2")
    photo("palette.png", "convert", still, "-colors", "64", "-type", "Palette")
    photo("alpha.png", "convert", still, "-alpha", "set", "-channel", "A", "-evaluate", "set", "60%")
    photo("photo.bmp", "convert", still, "-type", "TrueColor")
    photo("photo.tiff", "convert", still, "-compress", "LZW")
    files["photo.webp"] = folder / "photo.webp"
    run("cwebp", "-quiet", "-q", "92", still, "-o", files["photo.webp"])
    files["photo.heic"] = folder / "photo.heic"
    run("heif-enc", "-q", "90", still, "-o", files["photo.heic"])
    files["photo.avif"] = folder / "photo.avif"
    run("avifenc", "-s", "8", "--min", "10", "--max", "20", still, files["photo.avif"])
    for orientation in range(1, 9):
        name = f"orientation-{orientation}.jpg"
        photo(name, "convert", files["photo.jpg"])
        set_orientation(files[name], orientation)

    short = ["-f", "lavfi", "-i", SOURCE, "-t", "2"]
    videos = {
        "h264.mp4": ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"],
        "h264.mov": ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"],
        "hevc.mkv": ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"],
        "vp8.webm": ["-c:v", "libvpx", "-deadline", "realtime", "-b:v", "1M"],
        "vp9.webm": ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M"],
        "av1.mkv": ["-c:v", "libsvtav1", "-preset", "12", "-loglevel", "quiet"],
        "mpeg4.mp4": ["-c:v", "mpeg4", "-q:v", "3"],
    }
    for name, options in videos.items():
        files[name] = folder / name
        ffmpeg(*short, *options, files[name])
    files["turned.mp4"] = folder / "turned.mp4"
    if b"display_rotation" in run("ffmpeg", "-hide_banner", "-h", "full"):
        ffmpeg("-display_rotation:v", "90", "-i", files["h264.mp4"], "-c", "copy", files["turned.mp4"])
    else:  # before ffmpeg 6
        ffmpeg("-i", files["h264.mp4"], "-c", "copy", "-metadata:s:v", "rotate=90", files["turned.mp4"])
    files["wide-pixels.mp4"] = folder / "wide-pixels.mp4"
    ffmpeg(*short, "-vf", "setsar=2/1", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
           files["wide-pixels.mp4"])
    files["animation.gif"] = folder / "animation.gif"
    ffmpeg("-f", "lavfi", "-i", "testsrc=size=160x120:rate=10", "-t", "1", files["animation.gif"])
    files["animation.apng"] = folder / "animation.apng"
    ffmpeg("-f", "lavfi", "-i", "testsrc=size=160x120:rate=10", "-t", "1", "-plays", "0", "-f", "apng",
           files["animation.apng"])
    frames = []
    for index in range(5):
        frame = folder / f"frame-{index}.png"
        run("convert", "-size", "160x120", f"xc:hsl({index * 72},100%,50%)", frame)
        frames.append(frame)
    files["animation.webp"] = folder / "animation.webp"
    run("img2webp", "-loop", "0", "-d", "100", *frames, "-o", files["animation.webp"])
    return files


def set_orientation(path, orientation):
    """Puts an EXIF block with nothing but the orientation behind a JPEG's SOI."""
    content = pathlib.Path(path).read_bytes()
    tiff = b"MM\0*\0\0\0\x08" + b"\0\x01" + b"\x01\x12\0\x03\0\0\0\x01" + bytes([0, orientation]) + b"\0\0" + b"\0\0\0\0"
    body = b"Exif\0\0" + tiff
    segment = b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body
    pathlib.Path(path).write_bytes(content[:2] + segment + content[2:])
