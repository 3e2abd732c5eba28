"""Makes pictures and clips that want to be too much, or to show another file: for own media, and for providers."""

import struct
import zlib
from pathlib import Path

from tests.data.containers import Mov, box, outside, png
from tests.data.make_hostile import Hostile
from tests.data.make_media import PICTURE, run
from tests.data.make_playlists import playlists

_CLIPS = {
    "tall.mp4": ("-f", "lavfi", "-i", "color=s=16x8192:r=25:d=0.2"),
    "wide.mp4": ("-f", "lavfi", "-i", "color=s=8192x16:r=25:d=0.2"),
    "one-frame.mp4": ("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=0.04"),
    "slow.mp4": ("-f", "lavfi", "-i", "testsrc2=s=64x64:r=1/10:d=20"),
    "fast.mp4": ("-f", "lavfi", "-i", "testsrc2=s=64x64:r=1000:d=1", "-preset", "ultrafast"),
    "silent-sound.mp4": (*PICTURE, "-f", "lavfi", "-i", "anullsrc=d=1", "-c:a", "aac"),
    "late-start.mp4": (*PICTURE, "-output_ts_offset", "100"),
    "data.mov": (*PICTURE, "-timecode", "01:00:00:00"),
    "ten-bit.mp4": (*PICTURE, "-pix_fmt", "yuv444p10le", "-c:v", "libx264"),
}
_REFUSED_CLIPS = {
    "rare.mkv": (*PICTURE, "-c:v", "magicyuv"),
    "raw.avi": (*PICTURE, "-c:v", "rawvideo"),
    "sound-alone.mp4": ("-f", "lavfi", "-i", "sine=d=1"),
    "forty-nine-megapixels.mp4": ("-f", "lavfi", "-i", "color=s=8192x6000:r=1:d=1", "-preset", "ultrafast"),
}


def pictures(folder: Path) -> list[Hostile]:
    """Pictures, most of them refused."""
    folder.mkdir(parents=True, exist_ok=True)
    squeezed = zlib.compress(bytes(100 << 20), 9)
    size = struct.pack("<HH", 65_535, 65_535)
    raws: list[tuple[str, bytes, str]] = [
        ("huge.png", png(15_000, 15_000), "refused"),
        ("claims.png", png(60_000, 60_000, pixels=zlib.compress(b"")), "refused"),
        ("nine-thousand.png", png(9_000, 9_000), "refused"),
        ("profile.png", png(64, 64, (b"iCCP", b"x\0\0" + squeezed)), "either"),
        ("text.png", png(64, 64, (b"zTXt", b"x\0\0" + squeezed)), "either"),
        ("too-much-inside.png", png(64, 64, pixels=squeezed), "either"),
        ("half.png", png(64, 64)[:80], "refused"),
        ("no-size.png", png(0, 0, pixels=b""), "refused"),
        ("huge.gif", b"GIF89a" + size + b"\x80\0\0" + bytes(6) + b"," + bytes(4) + size + b"\0\x02\x02L\x01\0;", "refused"),
        ("huge.bmp", b"BM" + struct.pack("<IHHIIiiHHIIiiII", 60, 0, 0, 54, 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0) + bytes(60), "refused"),
        ("below.bmp", b"BM" + struct.pack("<IHHIIiiHHIIiiII", 60, 0, 0, 54, 40, -5, -5, 1, 24, 0, 0, 0, 0, 0, 0) + bytes(60), "refused"),
        ("huge.tif", b"II*\0\x08\0\0\0\x02\0" + struct.pack("<HHII", 256, 4, 1, 60_000) + struct.pack("<HHII", 257, 4, 1, 60_000) + bytes(4), "refused"),
        ("loop.tif", b"II*\0\x08\0\0\0\x00\0\x08\0\0\0" + bytes(30), "refused"),
        ("huge.webp", b"RIFF\x20\0\0\0WEBPVP8L\x14\0\0\0/\xff\xff\xff\x0f" + bytes(30), "refused"),
        ("drawing.png", b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>', "refused"),
        ("page.jpg", b"<!DOCTYPE html><html></html>", "refused"),
        ("only-start.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0", "refused"),
        ("huge.jpg", b"\xff\xd8\xff\xc0\0\x0b\x08\xff\xdc\xff\xdc\x01\x01\x11\0" + bytes(50), "refused"),
        ("script.gif", b"GIF89a=1;alert(1)//", "refused"),
        ("empty.png", b"", "refused"),
    ]  # fmt: skip
    return _written(folder, raws)


def clips(ffmpeg: Path, folder: Path) -> list[Hostile]:
    """Clips, odd and hostile."""
    folder.mkdir(parents=True, exist_ok=True)
    victim = run(ffmpeg, folder / "victim.mov", *PICTURE, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p")
    raws = [
        (f"{name.replace('.', '-')}.mp4", raw, end)
        for name, raw, end in playlists(victim)
        if name in {"hls.mov", "concat-abs.mp3", "master-passwd.mp3", "dash-abs.mp4"}
    ]
    raws += [
        ("alias.mov", Mov(reference=outside(victim), handler=b"vide", codec=b"jpeg").file(), "refused"),
        ("index-only.mp4", box(b"ftyp", b"isom", bytes(4)) + Mov(handler=b"vide", codec=b"avc1").movie(36), "refused"),
        ("empty-index.mp4", box(b"ftyp", b"isom", bytes(4)) + box(b"moov"), "refused"),
    ]  # fmt: skip
    made = _written(folder, raws)
    made += [Hostile(run(ffmpeg, folder / name, *args), "film") for name, args in _CLIPS.items()]
    made += [Hostile(run(ffmpeg, folder / name, *args), "refused") for name, args in _REFUSED_CLIPS.items()]
    whole = run(ffmpeg, folder / "whole.mp4", *PICTURE, "-movflags", "+faststart").read_bytes()
    for share in (0.1, 0.5, 0.9):
        path = folder / f"cut-{share}.mp4"
        path.write_bytes(whole[: int(len(whole) * share)])
        made.append(Hostile(path, "either"))
    changed = bytearray(whole)
    changed[-3000:-2000] = bytes(1000)
    (folder / "changed.mp4").write_bytes(changed)
    return [*made, Hostile(folder / "changed.mp4", "either")]


def _written(folder: Path, raws: list[tuple[str, bytes, str]]) -> list[Hostile]:
    made = []
    for name, raw, end in raws:
        (folder / name).write_bytes(raw)
        made.append(
            Hostile(folder / name, "film" if end == "film" else "refused" if end == "refused" else "either")
        )
    return made
