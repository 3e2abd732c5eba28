"""Clips and stills that are real: made once for each shape, and kept."""

import struct
import subprocess
import tempfile
import threading
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

STUB = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\x00\x00\x10\x08mdat" + bytes(4096)
"""Begins like a clip and is none: for a fake without FFmpeg, where only the wire is looked at."""
_COLOURS = ("slateblue", "seagreen", "orangered", "goldenrod", "teal", "orchid", "sienna", "steelblue")


@dataclass(frozen=True)
class Shape:
    """What a clip is like."""

    width: int
    height: int
    frames: int
    fps: int = 24
    sound: bool = True
    picture: bool = True
    colour: int = 0


class Clips:
    """Makes clips by FFmpeg, each shape once; index first, as services deliver them."""

    def __init__(self, ffmpeg: str = "", given: Path | None = None) -> None:
        self._ffmpeg = ffmpeg
        self._given = given.read_bytes() if given else None
        self._made: dict[Shape, bytes] = {}
        self._lock = threading.Lock()

    def make(self, shape: Shape) -> bytes:
        """The clip of a shape; the file given at the start where there is one."""
        if self._given is not None or not self._ffmpeg:
            return self._given or STUB
        with self._lock:
            if shape not in self._made:
                self._made[shape] = self._encode(shape)
            return self._made[shape]

    def _encode(self, shape: Shape) -> bytes:
        seconds = shape.frames / shape.fps
        colour = _COLOURS[shape.colour % len(_COLOURS)]
        picture = f"color={colour}:size={shape.width}x{shape.height}:rate={shape.fps}"
        moving = "drawbox=x=0:y=ih/3:w=iw/8:h=ih/3:color=white:t=fill,scroll=h=0.005"
        line = [self._ffmpeg, "-nostdin", "-v", "error", "-y"]
        if shape.picture:
            line += ["-f", "lavfi", "-t", f"{seconds:.6f}", "-i", f"{picture},{moving}"]
        if shape.sound or not shape.picture:
            line += ["-f", "lavfi", "-t", f"{seconds:.6f}", "-i", "sine=frequency=440:sample_rate=48000"]
        line += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "clip.mp4"
            subprocess.run([*line, "-movflags", "+faststart", str(path)], check=True, timeout=60)
            return path.read_bytes()


@lru_cache(maxsize=32)
def png(width: int, height: int, shade: int = 0) -> bytes:
    """A picture with a slope of grey from left to right."""
    row = b"\x00" + bytes(value for x in range(width) for value in (x * 255 // width, shade % 256, 128))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(row * height, 1)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def picture_size(raw: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG or JPEG; None for anything else."""
    if raw[:8] == b"\x89PNG\r\n\x1a\n":
        width, height = struct.unpack(">II", raw[16:24])
        return int(width), int(height)
    at = 2 if raw[:2] == b"\xff\xd8" else len(raw)
    while at + 9 < len(raw):
        marker, length = raw[at + 1], int.from_bytes(raw[at + 2 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            return int.from_bytes(raw[at + 7 : at + 9]), int.from_bytes(raw[at + 5 : at + 7])
        at += 2 + length
    return None


@lru_cache(maxsize=1)
def bomb(megabytes: int = 256) -> bytes:
    """A gzip body of noughts: a thousand times its size when unpacked."""
    noughts = bytes(1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(noughts) + packer.flush(zlib.Z_FULL_FLUSH)
    check = 0
    for _ in range(megabytes):
        check = zlib.crc32(noughts, check)
    tail = struct.pack("<II", check, megabytes << 20)
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + packed * megabytes + b"\x03\x00" + tail
