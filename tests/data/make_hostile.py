"""Makes narrations that want to do harm, or cannot help it: `python tests/data/make_hostile.py FOLDER`."""

import os
import random
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from tests.data.containers import (
    Mka,
    Mov,
    attachment,
    box,
    chunk,
    compressed_movie,
    cover,
    ebml,
    full,
    id3,
    last_granule,
    outside,
    pcm,
    png,
    riff,
    wav_form,
)
from tests.data.endless import constant, repeated
from tests.data.make_media import HONEST_FILMS, HONEST_SOUND, hostile, lying, named, run
from tests.data.make_playlists import playlists

End = Literal["film", "refused", "either"]
"""A right film; one line and status 3; or whichever of the two is honest."""

Raw = tuple[str, bytes, End]


class Hostile(NamedTuple):
    """A file, how a run on it must end, and the seconds of sound in it where that is known."""

    path: Path
    end: End
    seconds: float | None = None


CUT = ("plain.mp3", "plain.wav", "plain.flac", "plain.ogg", "plain.opus", "plain.aac", "plain.m4a", "plain.aiff", "plain.caf", "plain.mka", "plain.mp4", "plain.webm", "plain.w64")  # fmt: skip
_PLACES = (0.02, 0.2, 0.5, 0.9, 0.999)
_STILL_SOUND = {"tags.mp3": 1.0}


def make(ffmpeg: Path, folder: Path) -> list[Hostile]:
    """Every one of them."""
    folder.mkdir(parents=True, exist_ok=True)
    made = [
        Hostile(path, "film" if path.name in _STILL_SOUND else "refused", _STILL_SOUND.get(path.name))
        for path in hostile(ffmpeg, folder / "old")
    ]
    made += [Hostile(path, "film", 1.0) for path in lying(ffmpeg, folder / "lying")]
    plain = run(ffmpeg, folder / "plain.mp3", *HONEST_SOUND["plain.mp3"])
    made += [Hostile(path, "film", 1.0) for path in named(folder / "named", plain)]
    for kind, files in _written(folder).items():
        place = folder / kind
        place.mkdir(exist_ok=True)
        for name, raw, end in files:
            (place / name).write_bytes(raw)
            made.append(Hostile(place / name, end))
    return [
        *made,
        *_odd(ffmpeg, folder / "odd"),
        *_broken(ffmpeg, folder / "broken"),
        *_links(folder / "links", plain),
    ]


def _written(folder: Path) -> dict[str, Iterator[Raw]]:
    victim = folder / "old" / "victim.wav"
    return {
        "playlists": playlists(victim),
        "outside": _outside(victim),
        "claims": _claims(),
        "bombs": _bombs(),
        "headers": _headers(),
        "tags": _tags(),
    }


def _outside(victim: Path) -> Iterator[Raw]:
    """Containers of sound that say the sound, or more, lies in another file."""
    for name, reference in (
        ("alias", outside(victim)),
        ("url", full(b"url ", str(victim).encode() + b"\0")),
        ("web", full(b"url ", b"http://127.0.0.1:9/a.wav\0")),
        ("other-volume", full(b"rsrc", bytes(20))),
    ):
        yield f"{name}.mov", Mov(reference=reference).file(), "either"
    target = full(b"rdrf", b"url ", struct.pack(">I", len(str(victim))), str(victim).encode())
    yield (
        "reference-movie.mov",
        box(b"ftyp", b"qt  ", bytes(4), b"qt  ") + box(b"moov", box(b"rmra", box(b"rmda", target))),
        "refused",
    )
    linked = ebml(0x3C83AB, b"victim.wav") + ebml(0x3CB923, bytes(16))
    yield "linked.mka", Mka(more=ebml(0x1549A966, linked)).file(), "either"
    for n, name in enumerate(("../../out.txt", "/out.txt", "a\nb", "x" * 300)):
        yield f"attached-{n}.mka", Mka(more=attachment(name, b"root:x")).file(), "film"


def _claims() -> Iterator[Raw]:
    """Lengths that are lies, in each container."""
    for duration in (1, 2**32 - 1, 2**31):
        yield f"movie-{duration}.mov", Mov(duration=duration).file(), "film"
    yield "steps-long.mov", Mov(steps=((48_000, 2**31 - 1),)).file(), "either"
    yield "steps-zero.mov", Mov(steps=((48_000, 0),)).file(), "either"
    yield "steps-many.mov", Mov(steps=((2**32 - 1, 1),)).file(), "either"
    for name, value in {
        "nan": float("nan"),
        "inf": float("inf"),
        "below": -1e9,
        "ages": 1e300,
        "zero": 0.0,
    }.items():
        yield f"{name}.mka", Mka(duration=value).file(), "film"
    yield "unit-0.mka", Mka(unit=0).file(), "either"
    yield "unit-huge.mka", Mka(unit=2**63).file(), "either"
    form, sound = wav_form(), pcm()
    for name, size in (("none", 0), ("all", 0xFFFFFFFF), ("odd", 95_999), ("more", 10**9), ("half", 48_000)):
        yield f"data-{name}.wav", riff(b"WAVE", form + chunk(b"data", sound, size)), "either"
    sizes = struct.pack("<QQQI", 2**63, 2**63, 2**62, 0)
    yield (
        "rf64.wav",
        riff(
            b"WAVE",
            chunk(b"ds64", sizes) + form + chunk(b"data", sound, 2**32 - 1),
            mark=b"RF64",
            size=2**32 - 1,
        ),
        "either",
    )
    fact = chunk(b"fact", struct.pack("<I", 2**32 - 1))
    yield "fact.wav", riff(b"WAVE", form + fact + chunk(b"data", sound)), "film"


def _bombs() -> Iterator[Raw]:
    """Little that wants to be much."""
    yield "samples-16m.mov", Mov(samples=2**24, per_chunk=2**24, steps=((2**24, 1),)).file(), "either"
    yield (
        "frames-8m.mov",
        Mov(samples=2**23, per_chunk=2**23, steps=((2**23, 1),), codec=b"mp4a", sample_size=1).file(),
        "either",
    )
    yield (
        "frames-64m.mov",
        Mov(samples=2**26, per_chunk=2**26, steps=((2**26, 1),), codec=b"mp4a", sample_size=1).file(),
        "refused",
    )
    yield "samples-4g.mov", Mov(samples=2**32 - 1, per_chunk=2**32 - 1).file(), "either"
    yield "tables-4g.mov", Mov(claimed=2**32 - 1).file(), "refused"
    yield "tables-256m.mov", Mov(claimed=2**28 - 1).file(), "refused"
    head = box(b"ftyp", b"qt  ", bytes(4), b"qt  ")
    yield "index-4g.mov", head + compressed_movie(2**32 - 1, bytes(1 << 20)), "refused"
    yield "index-300m.mov", head + compressed_movie(300 << 20, bytes(300 << 20)), "refused"
    yield (
        "index-in-index.mov",
        head + compressed_movie(1 << 20, compressed_movie(1 << 20, bytes(1 << 20))),
        "refused",
    )
    nest = b""
    for _ in range(3000):
        nest = box(b"trak", nest)
    yield "deep.mov", head + box(b"moov", nest), "refused"
    yield "tracks-1000.mov", Mov(more=box(b"trak") * 1000).file(), "either"
    yield "tracks-5000.mka", Mka(tracks=5000).file(), "either"
    yield "tracks-16.mka", Mka(tracks=16).file(), "film"
    yield "tracks-17.mka", Mka(tracks=17).file(), "either"
    yield "repeated-13-hours.mov", repeated(13), "refused"
    yield "constant-13-hours.flac", constant(13), "refused"
    yield "repeated-13-hours-in-no-time.mov", repeated(13, clock=2**31 - 1), "refused"
    deep = b""
    for _ in range(2000):
        deep = ebml(0x1C53BB6B, deep)
    yield "deep.mka", Mka(more=deep).file(), "either"
    yield "packed.mka", Mka(packed=zlib.compress(bytes(100 << 20), 9)).file(), "either"
    yield "packed-garbage.mka", Mka(packed=b"\x78\x9c" + bytes(500)).file(), "either"
    for rate in (1.0, 0.0, -1.0, 3_999.0, 4_000.0, 768_000.0, 768_001.0, 2e9, 1e300, float("nan")):
        yield f"rate-{rate:g}.mka", Mka(rate=rate).file(), "film" if rate == 4_000.0 else "either"
    for channels in (0, 16, 17, 255, 65_535, 2**31):
        yield f"channels-{channels}.mka", Mka(channels=channels).file(), "either"
    for rate, channels in ((3_999, 1), (4_000, 1), (768_000, 16), (192_000, 8)):
        sound = chunk(b"data", pcm(1.0 if rate < 9_999 else 160.0))
        yield (
            f"pcm-{rate}-{channels}.wav",
            riff(b"WAVE", wav_form(rate, channels) + sound),
            "film" if rate > 3_999 else "refused",
        )


def _headers() -> Iterator[Raw]:
    """Headers that are broken, or say what is not there."""
    rng = random.Random(7)
    for name, start in {
        "mp3": b"\xff\xfb\x90\x64", "flac": b"fLaC\0\0\0\x22", "ogg": b"OggS\0\x02", "wav": b"RIFF\xff\xff\xff\xffWAVEfmt ",
        "m4a": b"\0\0\0\x20ftypM4A ", "mka": b"\x1aE\xdf\xa3\x9f", "aiff": b"FORM\0\0\0\x10AIFFCOMM", "caf": b"caff\0\x01\0\0desc",
        "aac": b"\xff\xf1\x50\x80", "w64": b"riff\x2e\x91\xcf\x11",
    }.items():  # fmt: skip
        yield f"only-start.{name}", start, "refused"
        yield f"start-and-noise.{name}", start + rng.randbytes(60_000), "either"
    for code in (0, 0xFFFE, 0x0161, 0x0055, 0xFFFF):
        yield f"code-{code}.wav", riff(b"WAVE", wav_form(code=code) + chunk(b"data", pcm())), "either"
    for bits in (0, 1, 7, 64, 65_535):
        yield f"bits-{bits}.wav", riff(b"WAVE", wav_form(bits=bits) + chunk(b"data", pcm())), "either"
    yield "no-form.wav", riff(b"WAVE", chunk(b"data", pcm())), "refused"
    yield "chunks-forever.wav", riff(b"WAVE", chunk(b"junk", b"") * 100_000), "refused"
    yield "chunk-backwards.wav", riff(b"WAVE", chunk(b"junk", b"", 0xFFFFFFF8) + wav_form()), "refused"
    yield "picture-in-track.mov", Mov(handler=b"vide", codec=b"jpeg").file(), "refused"
    yield "unknown-codec.mov", Mov(codec=b"zzzz").file(), "refused"
    yield "unknown-codec.mka", Mka(codec=b"A_NOBODY").file(), "refused"
    yield "vorbis-without-head.mka", Mka(codec=b"A_VORBIS").file(), "refused"


def _tags() -> Iterator[Raw]:
    """MP3 behind tags that lie, or are larger than the sound."""
    frames = (b"\xff\xfb\x90\x64" + bytes(413)) * 3 + b""
    sound = frames * 20
    yield "claims-256m.mp3", id3(claimed=(1 << 28) - 1) + sound, "refused"
    yield "in-a-row.mp3", id3((b"TIT2", b"\0x")) * 7 + sound, "refused"
    yield "very-many.mp3", id3((b"TIT2", b"\0x")) * 5000 + sound, "refused"
    yield "frame-beyond.mp3", id3((b"TIT2", b"\0x"), claimed=12) + b"TIT2\x7f\xff\xff\xff" + sound, "refused"
    different = [(b"TXXX", b"\0%d\0x" % number) for number in range(20_000)]
    yield "different-20000.mp3", id3(*different) + sound, "refused"
    yield "title-10m.mp3", id3((b"TIT2", b"\0" + b"x" * (10 << 20))) + sound, "refused"
    yield "title-2m.mp3", id3((b"TIT2", b"\0" + b"x" * (2 << 20))) + sound, "refused"
    yield "cover-bomb.mp3", id3(cover(png(15_000, 15_000))) + sound, "refused"
    yield "cover-playlist.mp3", id3(cover(b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n")) + sound, "refused"
    yield "covers-20.mp3", id3(*[cover(png(8, 8))] * 20) + sound, "refused"


def _odd(ffmpeg: Path, folder: Path) -> Iterator[Hostile]:
    """Honest sound in odd company, made by FFmpeg."""
    folder.mkdir(exist_ok=True)
    tone = ("-f", "lavfi", "-i", "sine=440:d=1:r=48000")
    still = run(
        ffmpeg, folder / "still.png", "-f", "lavfi", "-i", "testsrc2=s=320x180:d=0.04", "-frames:v", "1"
    )
    (folder / "huge.png").write_bytes(png(15_000, 15_000))
    (folder / "badly-packed.png").write_bytes(
        png(64, 64, (b"iCCP", b"x\0\0" + zlib.compress(bytes(100 << 20), 9)))
    )
    art = ("-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic")
    for name, picture in (
        ("cover", still.name),
        ("cover-huge", "huge.png"),
        ("cover-packed", "badly-packed.png"),
    ):
        made = run(ffmpeg, folder / f"{name}.mp3", *tone, "-i", f"file:{picture}", *art)
        yield Hostile(made, "film", 1.0)
    for name, more in {
        "silence.wav": ("-af", "volume=0"), "constant.wav": ("-af", "volume=0,dcshift=0.99"), "too-short.wav": ("-t", "0.01"),
        "half-second.wav": ("-t", "0.5"), "eight-bits.wav": ("-c:a", "pcm_u8"), "loud.wav": ("-af", "volume=60dB"),
        "float-nan.wav": ("-af", "aeval=0/0", "-c:a", "pcm_f32le"), "float-huge.wav": ("-af", "aeval=1e30", "-c:a", "pcm_f32le"),
        "ac3.mka": ("-c:a", "ac3"), "wma.mka": ("-c:a", "wmav2"), "g722.mka": ("-c:a", "g722", "-ar", "16000", "-ac", "1"),
        "surround.flac": ("-ac", "8"), "variable.mp3": ("-q:a", "4", "-write_xing", "0"),
    }.items():  # fmt: skip
        either = ("silence", "too-short", "wma", "g722", "float", "constant")
        yield Hostile(
            run(ffmpeg, folder / name, *tone, *more), "either" if name.startswith(either) else "film"
        )
    opus = run(ffmpeg, folder / "ages.opus", *tone, "-c:a", "libopus")
    opus.write_bytes(last_granule(opus.read_bytes(), 48_000 * 10**9))
    yield Hostile(opus, "film", 1.0)
    for name in ("plain.mp4", "plain.mov", "hdr.mp4"):
        yield Hostile(
            run(ffmpeg, folder / name, *HONEST_FILMS[name]), "film" if name == "plain.mp4" else "refused"
        )


def _broken(ffmpeg: Path, folder: Path) -> Iterator[Hostile]:
    """Each container cut at several places, and with bytes changed here and there."""
    folder.mkdir(exist_ok=True)
    rng = random.Random(20)
    for name in CUT:
        whole = run(ffmpeg, folder / name, *(HONEST_SOUND | HONEST_FILMS)[name])
        raw = whole.read_bytes()
        for place in _PLACES:
            cut = folder / f"cut-{place:g}-{name}"
            cut.write_bytes(raw[: max(1, int(len(raw) * place))])
            yield Hostile(cut, "either")
        for number, share in enumerate((0.0005, 0.02)):
            changed = bytearray(raw)
            for _ in range(max(3, int(len(raw) * share))):
                changed[rng.randrange(min(len(raw), 4000 if number else len(raw)))] = rng.randrange(256)
            path = folder / f"changed-{number}-{name}"
            path.write_bytes(bytes(changed))
            yield Hostile(path, "either")


def _links(folder: Path, plain: Path) -> Iterator[Hostile]:
    """Links that lead to the sound, and some that do not."""
    folder.mkdir(exist_ok=True)
    long = os.fsdecode("д".encode() * 125 + b".mp3")
    for name, target in {"good.mp3": plain, "a.mp3": "b.mp3", "b.mp3": "a.mp3", "zero.mp3": "/dev/zero", "stdin.mp3": "/dev/stdin", "memory.mp3": "/proc/self/mem", "up.mp3": "..", long: plain}.items():  # fmt: skip
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)
        yield Hostile(folder / name, "film" if target == plain else "refused")


if __name__ == "__main__":
    from voxweave.media.ffmpeg import find_ffmpeg

    make(find_ffmpeg().program, Path(sys.argv[1]))
