"""Media made on the spot by ffmpeg: nothing to ship, nothing to own."""

import pathlib
import subprocess

# Quarters of the photo, clockwise from the upper left.
QUARTERS = {"upper left": (200, 40, 40), "upper right": (40, 160, 60), "lower right": (40, 60, 200), "lower left": (220, 200, 50)}
LOOP = (190, 30, 170)


def ffmpeg(*arguments):
    subprocess.run(
        ["ffmpeg", "-nostdin", "-y", "-v", "error", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL)


def colour(rgb, size, seconds=1):
    return f"color=c=0x{rgb[0]:02x}{rgb[1]:02x}{rgb[2]:02x}:s={size}:r=10:d={seconds}"


def photo(path: pathlib.Path, noise=14, quality=2):
    """A JPEG of 16:9 in four colours. Noise makes its file large enough for a progress that one can see."""
    inputs = []
    for name in ("upper left", "upper right", "lower left", "lower right"):
        inputs += ["-f", "lavfi", "-i", colour(QUARTERS[name], "1200x676")]
    ffmpeg(
        *inputs, "-filter_complex",
        f"[0][1]hstack[above];[2][3]hstack[below];[above][below]vstack,noise=alls={noise}:allf=u,format=yuvj444p",
        "-frames:v", 1, "-q:v", quality, path)
    return path


def loop(path: pathlib.Path):
    """A GIF of one colour with a small square that wanders."""
    ffmpeg(
        "-f", "lavfi", "-i", colour(LOOP, "320x240", 2), "-f", "lavfi", "-i", colour((250, 250, 250), "24x24", 2),
        "-filter_complex", "[0][1]overlay=x='8+t*100':y=8,split[a][b];[a]palettegen=max_colors=8[p];[b][p]paletteuse=dither=none",
        "-loop", 0, path)
    return path


def clip(path: pathlib.Path):
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=4", "-pix_fmt", "yuv420p", path)
    return path


def no_media(path: pathlib.Path):
    path.write_text("This is a shopping list, whatever its name says.\n" * 40)
    return path


def demo(folder: pathlib.Path):
    """What the README's picture shows: all of it computed."""
    def still(name, source, *more):
        ffmpeg("-f", "lavfi", "-i", source, "-frames:v", 1, *more, folder / name)

    def film(name, source, seconds, *more):
        ffmpeg("-f", "lavfi", "-i", source, "-t", seconds, "-pix_fmt", "yuv420p", *more, folder / name)

    def gradient(size, colours, seed, extra=""):
        named = ":".join(f"c{place}=0x{each}" for place, each in enumerate(colours))
        width, height = size.split("x")
        return f"gradients=s={size}:{named}:nb_colors={len(colours)}:x0=0:y0=0:x1={width}:y1={height}:seed={seed}{extra}"

    still("Warm poster.png", gradient("900x1200", ["f6d365", "fda085"], 3))
    film("Slow colours.mp4", "gradients=s=1280x720:speed=0.02:seed=21:nb_colors=5:r=25", 6)
    ffmpeg(
        "-f", "lavfi", "-i", "life=s=160x120:mold=10:r=8:ratio=0.1:seed=4:death_color=#c83232:life_color=#7fe0c0",
        "-t", 3, "-vf", "scale=640:480:flags=neighbor", folder / "Game of life.gif")
    still("Evening over the bay.jpg", gradient("1600x1067", ["1b2a49", "e8a87c", "c38d9e", "41b3a3"], 7), "-q:v", 2)
    film("Into the fractal.mp4", "mandelbrot=s=960x540:r=25,hue=h=60:s=.5", 5)
    shore = "mandelbrot=s=1600x900:start_scale=0.02:start_x=-0.743643:start_y=0.131826:maxiter=1200"
    calm = "hue=s=.45,colorbalance=rs=-.15:bs=.2:rh=.2:bh=-.1"
    still("Fractal shore.jpg", f"{shore},{calm}", "-q:v", 2)
    return sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
