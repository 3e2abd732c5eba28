"""Makes the odd and hostile files our tests are run on: `python tests/data/make_media.py FOLDER`."""

import os
import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

Makers = dict[str, Callable[[Path], None]]

TONE = ("-f", "lavfi", "-i", "sine=440:d=1:r=48000")
PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1")
STILL = ("-f", "lavfi", "-i", "testsrc2=s=320x180:d=0.04", "-frames:v", "1")
TAGS = ("-metadata", "title=A talk", "-metadata", "artist=Ann", "-metadata", "date=2026")
CHAPTERS = ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400\ntitle=First\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=400\nEND=1000\ntitle=Second\n"

HONEST_SOUND = {
    "plain.mp3": (*TONE, "-b:a", "64k", *TAGS),
    "plain.wav": TONE,
    "deep.wav": (*TONE, "-c:a", "pcm_s24le", "-ar", "96000"),
    "surround.wav": ("-f", "lavfi", "-i", "anoisesrc=d=1", "-ac", "6", "-c:a", "pcm_f32le"),
    "plain.w64": TONE,
    "plain.flac": (*TONE, *TAGS),
    "plain.ogg": (*TONE, "-c:a", "libvorbis", *TAGS),
    "plain.opus": (*TONE, "-c:a", "libopus"),
    "plain.aac": TONE,
    "plain.m4a": (*TONE, *TAGS),
    "plain.aiff": TONE,
    "plain.caf": TONE,
    "plain.mka": (*TONE, "-c:a", "aac"),
}
HONEST_FILMS = {
    "plain.mp4": (*PICTURE, *TONE, "-c:a", "aac"),
    "plain.mkv": (*TONE, *PICTURE, "-map", "0", "-map", "1", "-c:a", "aac"),
    "plain.webm": (*PICTURE, *TONE, "-c:v", "libvpx-vp9", "-cpu-used", "8", "-c:a", "libopus"),
    "plain.mov": (*PICTURE, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-r", "30000/1001"),
    "anamorphic.mp4": (
        *PICTURE,
        "-vf",
        "setsar=4/3,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709",
    ),
    "interlaced.mp4": (*PICTURE, "-vf", "interlace", "-flags", "+ildct+ilme", "-x264-params", "tff=1"),
    "hdr.mp4": (
        *(*PICTURE, "-vf", "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc"),
        *("-c:v", "libx265", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1"),
    ),
    "still.png": STILL,
    "still.jpg": STILL,
    "still.webp": STILL,
    "still.bmp": STILL,
    "still.tiff": STILL,
    "moving.gif": PICTURE,
}
"""Arguments that make an ordinary file of each kind."""


def honest(ffmpeg: Path, folder: Path) -> list[Path]:
    """An ordinary file of each kind we read, sound and pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    made = [run(ffmpeg, folder / name, *args) for name, args in (HONEST_SOUND | HONEST_FILMS).items()]
    (folder / "chapters.txt").write_text(CHAPTERS)
    cover = ("-map", "0", "-map", "1", "-c", "copy", "-disposition:v", "attached_pic")
    made += [
        run(ffmpeg, folder / "cover.mp3", "-i", "file:plain.mp3", "-i", "file:still.jpg", *cover),
        run(ffmpeg, folder / "cover.m4a", "-i", "file:plain.m4a", "-i", "file:still.jpg", *cover),
        run(ffmpeg, folder / "chapters.m4a", "-i", "file:plain.m4a", "-i", "chapters.txt", "-c", "copy", "-map_chapters", "1"),
        run(ffmpeg, folder / "turned.mp4", "-display_rotation", "90", "-i", "file:plain.mp4", "-c", "copy"),
        run(ffmpeg, folder / "timecode.mov", "-i", "file:plain.mp4", "-c", "copy", "-timecode", "01:00:00:00"),
        run(ffmpeg, folder / "attachment.mkv", "-i", "file:plain.mkv", "-map", "0", "-c", "copy", *_attached("../../x")),
        run(ffmpeg, folder / "two-voices.mkv", *TONE, *TONE, "-map", "0", "-map", "1", "-c:a", "aac", "-disposition:a:0", "0", "-disposition:a:1", "default"),
    ]  # fmt: skip
    return made


def named(folder: Path, source: Path) -> list[Path]:
    """The same ordinary sound under every name that breaks careless programs."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [
        *(b"it's.mp3", b'say "hi".mp3', b"two\nlines.mp3", b"-y.mp3", b"co:lon.mp3", b"100%d.mp3", b" .mp3"),
        *(b"back\\slash.mp3", b"[a],b;c=d.mp3", b"$(touch x).mp3", b"caf\xe9.mp3", b"\xff\xfe.mp3"),
        *("smörgås-日本.mp3".encode(), b"x" * 251 + b".mp3", "é".encode() * 125 + b".mp3", b"concat:a|b.mp3"),
        b"x',metadata=mode=print:file=pwned.txt,null='.mp3",
    ]
    made = [folder / os.fsdecode(name) for name in names]
    for path in made:
        path.write_bytes(source.read_bytes())
    return made


def lying(ffmpeg: Path, folder: Path) -> list[Path]:
    """Files that hold one second of sound and claim days or years."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        name: run(ffmpeg, folder / name, *TONE) for name in ("xing.mp3", "mvhd.m4a", "4gib.wav", "total.flac")
    }
    _patch(made["xing.mp3"], b"Info", 8, struct.pack(">I", 0xFFFFFFF0))
    _patch(made["mvhd.m4a"], b"mvhd", 20, struct.pack(">I", 0xFFFFFFF0))
    _patch(made["4gib.wav"], b"data", 4, struct.pack("<I", 0xFFFFFFFF))
    _patch(made["total.flac"], b"fLaC", 22, b"\xff" * 4)
    return list(made.values())


def hostile(ffmpeg: Path, folder: Path) -> list[Path]:
    """Everything that is not what its name says, or must not be taken as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    victim = run(ffmpeg, folder / "victim.wav", *TONE)
    (folder / "secret.txt").write_text("root:x:0:0\n")
    made = []
    for name, content in _contents(folder, victim).items():
        path = folder / name
        path.write_bytes(content)
        made.append(path)
    return [*made, *_made_by_ffmpeg(ffmpeg, folder), *_unfiles(folder)]


def _contents(folder: Path, victim: Path) -> dict[str, bytes]:
    rng = random.Random(1)
    sound = victim.read_bytes()
    return {
        **_playlists(folder, victim),
        "zero.mp3": b"",
        "one.mp3": b"\0",
        "zeros.wav": bytes(100_000),
        "random.mp3": rng.randbytes(200_000),
        "random-behind-tag.mp3": b"ID3\x04\0\0\0\0\0\x0a" + rng.randbytes(100_000),
        "tag-alone.mp3": b"ID3\x04\0\0\x7f\x7f\x7f\x7f",
        "page.mp3": b"<!DOCTYPE html><html><body>404</body></html>",
        "answer.mp4": b'{"error": {"message": "no"}}',
        "drawing.png": b'<?xml version="1.0"?><svg width="16000" height="16000"><image href="secret.txt"/></svg>',
        "words.mp3": b"These are only words.\n" * 50,
        "archive.mp3": b"PK\x03\x04" + bytes(100),
        "program.mp3": Path(sys.executable).read_bytes()[:200_000],
        "no-samples.wav": sound[:44].replace(sound[40:44], bytes(4)),
        "rate-1.wav": _wav(1, 1, 32_000),
        "rate-0.wav": _wav(0, 1, 32_000),
        "rate-huge.wav": _wav(0xFFFFFFFF, 1, 32_000),
        "channels-0.wav": _wav(48_000, 0, 32_000),
        "channels-65535.wav": _wav(48_000, 65_535, 32_000),
        "cut.wav": sound[:60],
        "huge-15000.png": flat_png(15_000, 15_000),
        "huge-60000.png": flat_png(60_000, 60_000, rows=1),
        "cut.png": flat_png(64, 64)[:50],
        "only-head.m4a": b"\0\0\0\x20ftypM4A " + bytes(20),
        "box-loop.mp4": b"\0\0\0\x14ftypisom" + bytes(8) + b"\0\0\0\x08moov" * 1000,
    }


def _playlists(folder: Path, victim: Path) -> dict[str, bytes]:
    media = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n"
    master = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{}\n"
    texts = {
        "hls-abs.mp3": media.format(victim.absolute()),
        "hls-rel.mp4": media.format(victim.name),
        "hls-text.mp3": media.format("secret.txt"),
        "hls-self.mp3": media.format("hls-self.mp3"),
        "hls-master-self.mp3": master.format("hls-master-self.mp3"),
        "hls-master-text.mp3": master.format("/etc/passwd"),
        "hls-behind-spaces.mp3": "\n\n  " + media.format(victim.name),
        "concat.mp3": f"ffconcat version 1.0\nfile '{victim.name}'\n",
        "stream.mp4": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=audio 5004 RTP/AVP 0\n",
        "dash.mp4": f'<?xml version="1.0"?><MPD><BaseURL>{victim.name}</BaseURL></MPD>',
    }
    return {name: text.encode() for name, text in texts.items()}


def _made_by_ffmpeg(ffmpeg: Path, folder: Path) -> list[Path]:
    whole = run(ffmpeg, folder / "whole.m4a", *TONE)
    half = folder / "half.m4a"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    cut = run(ffmpeg, folder / "cut-film.mp4", *PICTURE, "-movflags", "+faststart")
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 6 // 10])
    tags = ("-metadata", "title=\x1b[31mred\x07\n[error] gone", "-metadata", "artist=<b>&\u202egnp")
    return [
        *(half, cut),
        run(ffmpeg, folder / "magicyuv.mkv", *PICTURE, "-c:v", "magicyuv"),
        run(ffmpeg, folder / "silent-film.mp4", *PICTURE),
        run(ffmpeg, folder / "tags.mp3", *TONE, *tags),
        run(ffmpeg, folder / "seventeen.mka", *TONE, *("-map", "0") * 17, "-c:a", "aac"),
    ]


def _unfiles(folder: Path) -> list[Path]:
    """What has a name and is no ordinary file."""
    os.mkfifo(folder / "pipe.mp3")
    (folder / "folder.mp3").mkdir()
    for name, target in {
        "dangling.mp3": "nowhere",
        "loop.mp3": "loop.mp3",
        "device.mp3": "/dev/zero",
    }.items():
        (folder / name).symlink_to(target)
    names = ("pipe.mp3", "folder.mp3", "dangling.mp3", "loop.mp3", "device.mp3", "missing.mp3", "n" * 300)
    return [folder / name for name in names]


def flat_png(width: int, height: int, *, rows: int | None = None) -> bytes:
    """A black picture of any size in few bytes; with `rows`, fewer than it claims."""
    packer = zlib.compressobj(1)
    row = bytes(1 + width)
    pixels = b"".join(packer.compress(row) for _ in range(height if rows is None else rows)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    packed = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def _wav(rate: int, channels: int, size: int) -> bytes:
    block = min(channels * 2, 0xFFFF)
    form = struct.pack("<HHIIHH", 1, channels, rate, min(rate * block, 0xFFFFFFFF), block, 16)
    body = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", size) + bytes(size)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def _patch(path: Path, mark: bytes, offset: int, new: bytes) -> None:
    """Overwrite bytes so far behind a mark."""
    content = bytearray(path.read_bytes())
    at = content.index(mark) + offset
    content[at : at + len(new)] = new
    path.write_bytes(content)


def _attached(name: str) -> tuple[str, ...]:
    return (
        "-attach",
        "chapters.txt",
        "-metadata:s:t",
        "mimetype=text/plain",
        "-metadata:s:t",
        f"filename={name}",
    )


def run(ffmpeg: Path, target: Path, *args: str) -> Path:
    """Make one file; its name may be anything."""
    command = [str(ffmpeg), "-nostdin", "-v", "error", "-y", *args, f"file:{target.name}"]
    subprocess.run(command, cwd=target.parent, check=True)
    return target


if __name__ == "__main__":
    from voxweave.media.ffmpeg import find_ffmpeg

    place, program = Path(sys.argv[1]), find_ffmpeg().program
    ordinary = honest(program, place / "honest")
    named(place / "named", ordinary[0])
    lying(program, place / "lying")
    hostile(program, place / "hostile")
