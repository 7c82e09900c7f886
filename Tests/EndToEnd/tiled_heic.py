"""Makes a HEIC of tiles, as phones write them: no tool of Debian 12's does. `tiled_heic.py --help` for its use alone.

Every tile is a picture that x265 has coded for itself; the boxes around them are those of ISO/IEC 23008-12, 6.6.2.3.
"""

import argparse
import pathlib
import struct
import subprocess


def box(name, *contents):
    body = b"".join(contents)
    return struct.pack(">I", len(body) + 8) + name + body


def full(name, version, flags, *contents):
    return box(name, bytes([version]) + flags.to_bytes(3, "big"), *contents)


def units(stream):
    """The NAL units of a stream with start codes (H.265, annex B)."""
    for part in stream.split(b"\0\0\1")[1:]:
        yield part.rstrip(b"\0")


def kind(unit):
    return unit[0] >> 1 & 63


def configuration(parameters):
    """hvcC (ISO/IEC 14496-15, 8.3.3.1) of video, sequence and picture parameters: 8 bits, 4:2:0."""
    sequence = next(unit for unit in parameters if kind(unit) == 33).replace(b"\0\0\3", b"\0\0")
    arrays = b"".join(
        bytes([0x80 | number]) + struct.pack(">H", 1) + struct.pack(">H", len(unit)) + unit
        for number in (32, 33, 34) for unit in [next(unit for unit in parameters if kind(unit) == number)])
    return box(b"hvcC", b"\1", sequence[3:15], bytes.fromhex("f000fcfdf8f800000f03"), arrays)


def tiles(source, columns, rows, quality):
    """Parameter sets, and the coded pictures from left to right and from the top down."""
    command = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-i", str(source), "-vf", f"untile={columns}x{rows}",
               "-pix_fmt", "yuv420p", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
               f"keyint=1:qp={quality}:info=0:repeat-headers=1:aud=0:log-level=none", "-f", "hevc", "-"]
    stream = subprocess.run(command, capture_output=True, check=True).stdout
    found = list(units(stream))
    return [unit for unit in found if 32 <= kind(unit) <= 34][:3], [unit for unit in found if kind(unit) < 32]


def file(parameters, pictures, columns, rows, tile, size, exif=None, turns=0):
    """The bytes of the file.

    tile, size -- width and height: of a tile, and of what is seen of all of them together
    exif -- an EXIF block, from its byte order on
    turns -- quarters of a turn against the clock
    """
    count = len(pictures)
    if count != columns * rows:
        raise ValueError(f"{count} tiles for {columns} columns and {rows} rows")
    grid = count + 1
    items = [(number, b"hvc1", 1) for number in range(1, grid)] + [(grid, b"grid", 0)]
    data = [struct.pack(">I", len(picture)) + picture for picture in pictures]
    references = box(b"dimg", struct.pack(f">HH{count}H", grid, count, *range(1, grid)))
    if exif is not None:
        items.append((grid + 1, b"Exif", 1))
        references += box(b"cdsc", struct.pack(">HHH", grid + 1, 1, grid))
        data.append(struct.pack(">I", 0) + exif)
    names = b"".join(full(b"infe", 2, hidden, struct.pack(">HH", number, 0), name, b"\0") for number, name, hidden in items)
    properties = box(
        b"ipco", configuration(parameters), full(b"ispe", 0, 0, struct.pack(">II", *tile)),
        full(b"ispe", 0, 0, struct.pack(">II", *size)), box(b"irot", bytes([turns])))
    of_grid = bytes([2, 3, 0x84]) if turns else bytes([1, 3])
    associations = b"".join(struct.pack(">HB", number, 2) + bytes([0x81, 2]) for number in range(1, grid))
    associations += struct.pack(">H", grid) + of_grid

    def meta(start):
        places, position = [], start
        for number, picture in enumerate(data, 1):
            # The grid has no bytes of its own in the file: its few lie in `idat`.
            identity = number if number < grid else grid + 1
            places.append(struct.pack(">HHHHII", identity, 0, 0, 1, position, len(picture)))
            position += len(picture)
        places.append(struct.pack(">HHHHII", grid, 1, 0, 1, 0, 12))
        return full(
            b"meta", 0, 0,
            full(b"hdlr", 0, 0, bytes(4) + b"pict" + bytes(13)),
            full(b"pitm", 0, 0, struct.pack(">H", grid)),
            full(b"iloc", 1, 0, struct.pack(">HH", 0x4400, len(places)), *places),
            full(b"iinf", 0, 0, struct.pack(">H", len(items)), names),
            full(b"iref", 0, 0, references),
            box(b"iprp", properties, full(b"ipma", 0, 0, struct.pack(">I", grid), associations)),
            box(b"idat", bytes([0, 1, rows - 1, columns - 1]) + struct.pack(">II", *size)))

    head = box(b"ftyp", b"heic" + bytes(4) + b"mif1heic")
    return head + meta(len(head) + len(meta(0)) + 8) + box(b"mdat", *data)


def make(source, target, columns, rows, tile=(512, 512), size=None, quality=30, **more):
    """A picture of `columns`×`rows` tiles becomes a HEIC. `size`: what is seen of it; all, if it is not given."""
    parameters, pictures = tiles(source, columns, rows, quality)
    size = size or (tile[0] * columns, tile[1] * rows)
    pathlib.Path(target).write_bytes(file(parameters, pictures, columns, rows, tile, size, **more))


def pair(text):
    width, height = text.split("x")
    return int(width), int(height)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Makes a HEIC of tiles.")
    parser.add_argument("source", help="a picture of so many tiles")
    parser.add_argument("target")
    parser.add_argument("--grid", type=pair, required=True, help="columns and rows: 4x3")
    parser.add_argument("--tile", type=pair, required=True, help="width and height of a tile: 128x128")
    parser.add_argument("--size", type=pair, help="what is seen of it")
    parser.add_argument("--turns", type=int, default=0, help="quarters of a turn against the clock")
    parser.add_argument("--exif", help="a file with an EXIF block")
    given = parser.parse_args()
    make(given.source, given.target, *given.grid, tile=given.tile, size=given.size, quality=20, turns=given.turns,
         exif=pathlib.Path(given.exif).read_bytes() if given.exif else None)
