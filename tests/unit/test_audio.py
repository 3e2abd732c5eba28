"""One decode of a narration: its exact length, its loudness, and what is refused."""

import os
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.data.endless import constant, repeated
from voxweave.errors import InputError, MediaError, Stopped
from voxweave.media.audio import Heard, Source, decode_options, listen, loudness_of, master_chain
from voxweave.media.ffmpeg import Ffmpeg, find_ffmpeg
from voxweave.media.stopping import StopSignal

VOICE = "sine=f=180:d=2.5,volume='0.2+0.8*between(mod(t,1),0.1,0.7)':eval=frame"

Made = Callable[..., Path]


@pytest.fixture(params=["bundled", "system"])
def ffmpeg(request: pytest.FixtureRequest) -> Ffmpeg:
    """Both programs we promise to work with."""
    if request.param == "system" and shutil.which("ffmpeg") is None:
        pytest.skip("no FFmpeg is installed on this system")
    return find_ffmpeg(request.param)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Makes a sound file from a lavfi source and encoder options."""
    program = find_ffmpeg("bundled").program

    def make(name: str, *options: str, source: str = VOICE) -> Path:
        path = tmp_path / name
        command: list[str | Path] = [program, "-v", "error", "-f", "lavfi", "-i", source, *options, path]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        return path

    return make


@pytest.fixture
def hear(tmp_path: Path) -> Iterator[Callable[..., Heard]]:
    """Listens to a file."""
    opened: list[int] = []

    def run(ffmpeg: Ffmpeg, path: Path, channels: int = 1, stop: StopSignal | None = None) -> Heard:
        opened.append(os.open(path, os.O_RDONLY))
        source = Source(opened[-1], 0, channels, path.name)
        return listen(ffmpeg, source, folder=tmp_path, stop=stop or StopSignal())

    yield run
    for fd in opened:
        os.close(fd)


@pytest.mark.parametrize(
    ("name", "options", "channels"),
    [
        ("a.wav", ("-ar", "8000"), 1),
        ("b.wav", ("-ar", "192000", "-c:a", "pcm_s24le"), 1),
        ("c.flac", ("-ac", "6"), 6),
        ("d.flac", ("-ac", "8"), 8),
        ("e.mp3", ("-b:a", "64k"), 1),
        ("f.m4a", (), 1),
        ("g.mkv", ("-c:a", "aac", "-ac", "2"), 2),
        ("h.opus", ("-c:a", "libopus"), 1),
        ("i.aac", ("-f", "adts"), 1),
    ],
)
def test_every_decode_has_the_same_samples(
    ffmpeg: Ffmpeg, made: Made, hear: Callable[..., Heard], name: str, options: tuple[str, ...], channels: int
) -> None:
    """The length counted is the length the film's sound will have, whatever container, rate or layout."""
    path = made(name, *options)
    heard = hear(ffmpeg, path, channels)

    fd = os.open(path, os.O_RDONLY)
    chain = master_chain(Source(fd, 0, channels, name)) + "[out]"
    options_in = decode_options(Source(fd, 0, channels, name))
    again = subprocess.run(
        [ffmpeg.program, "-v", "error", *options_in, "-filter_complex", chain, "-map", "[out]", "-f", "f32le", "-"],
        check=True, pass_fds=[fd], capture_output=True,
    ).stdout  # fmt: skip
    os.close(fd)

    assert heard.samples == len(again) // 8
    assert abs(heard.samples - 120_000) < 4_000


def test_what_listening_leaves(made: Made, hear: Callable[..., Heard], ffmpeg: Ffmpeg) -> None:
    """The 16 kHz sound and the features are as long as the narration, and nothing else is left."""
    heard = hear(ffmpeg, made("a.wav"))

    assert heard.samples // 3 * 2 + 44 == heard.speech.stat().st_size
    assert 250 == len(np.load(heard.voice))
    assert {"a.wav", "speech.wav", "voice.npy"} == {file.name for file in heard.voice.parent.iterdir()}


def test_mono_is_heard_as_loud_as_the_same_sound_in_both_ears(
    made: Made, hear: Callable[..., Heard], ffmpeg: Ffmpeg
) -> None:
    """A mono file keeps its level in both channels of the film."""
    tone = "aevalsrc=0.1*sin(2*PI*997*t):d=2"
    mono = hear(ffmpeg, made("a.wav", source=tone), 1).loudness
    stereo = hear(ffmpeg, made("b.wav", source=tone.replace(":d", "|0.1*sin(2*PI*997*t):d")), 2).loudness

    assert mono.integrated_lufs == stereo.integrated_lufs == pytest.approx(-20, abs=0.2)
    assert mono.true_peak_dbtp == pytest.approx(-20, abs=0.2)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [("anullsrc=d=2", "silent"), ("sine=d=0.3", "lasts only 0.30 s"), ("sine=d=2,volume=-70dB", "silent")],
)
def test_what_no_film_can_be_made_of(
    made: Made, hear: Callable[..., Heard], ffmpeg: Ffmpeg, source: str, complaint: str
) -> None:
    """Silence and scraps are refused with their reason."""
    with pytest.raises(InputError, match=complaint):
        hear(ffmpeg, made("a.wav", source=source))


@pytest.mark.parametrize("content", [b"", b"\x00", b"#EXTM3U\na.wav\n", b"<html>", os.urandom(3000)])
def test_what_is_no_sound(tmp_path: Path, hear: Callable[..., Heard], ffmpeg: Ffmpeg, content: bytes) -> None:
    """Files that are not sound, playlists above all, are refused as bad input."""
    (tmp_path / "talk.mp3").write_bytes(content)

    with pytest.raises(InputError, match=r"talk\.mp3"):
        hear(ffmpeg, tmp_path / "talk.mp3")


def test_a_playlist_does_not_open_its_neighbour(
    made: Made, tmp_path: Path, hear: Callable[..., Heard], ffmpeg: Ffmpeg
) -> None:
    """A concat script under a media name is not followed to another file."""
    made("other.wav")
    (tmp_path / "talk.mp3").write_text("ffconcat version 1.0\nfile other.wav\n")

    with pytest.raises(InputError):
        hear(ffmpeg, tmp_path / "talk.mp3")


def test_a_full_scale_offset_is_survived(made: Made, hear: Callable[..., Heard], ffmpeg: Ffmpeg) -> None:
    """Direct current has no loudness to speak of, and yet gives figures."""
    heard = hear(ffmpeg, made("a.wav", source="aevalsrc=1:d=2"))

    assert -70 <= heard.loudness.integrated_lufs < 0


def test_a_stop_is_heeded(made: Made, hear: Callable[..., Heard], ffmpeg: Ffmpeg) -> None:
    """Once asked to end, listening does not start."""
    stop = StopSignal()
    stop.set()

    with pytest.raises(Stopped):
        hear(ffmpeg, made("a.wav"), 1, stop)


def test_figures_are_read_from_the_summary() -> None:
    """The summary's own lines count; infinite peaks become a figure, and no summary is an error."""
    said = [
        "    I:         -70.0 LUFS",
        "    Threshold: 0.0 LUFS",
        "    LRA:         0.0 LU",
        "    Peak:       -inf dBFS",
    ]

    assert (-70.0, 0.0, -144.0) == tuple(loudness_of(said).model_dump().values())
    with pytest.raises(MediaError):
        loudness_of(["nothing"])


def _sparse(path: Path, hours: float) -> Path:
    """Silence of any length that takes no room on the disk."""
    size = int(hours * 3600 * 4000) * 2
    form = struct.pack("<HHIIHH", 1, 1, 4000, 8000, 2, 16)
    head = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", size)
    with path.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", len(head) + size) + head)
        file.truncate(file.tell() + size)
    return path


@pytest.mark.parametrize(
    ("hours", "words"), [(12.1, "lasts over 12 hours"), (0.2, "in its first 10 minutes")]
)
def test_little_that_would_take_minutes_is_refused_soon(tmp_path: Path, hours: float, words: str) -> None:
    """Hours of silence are not heard to their end: packets are counted first, and nobody begins so late."""
    with _sparse(tmp_path / "long.wav", hours).open("rb") as file, pytest.raises(InputError, match=words):
        listen(find_ffmpeg(), Source(file.fileno(), 0, 1, "long.wav"), folder=tmp_path, stop=StopSignal())
    assert not (tmp_path / "voice.npy").exists() and not (tmp_path / "voice.scratch").exists()


def test_opposite_channels_are_not_taken_for_silence(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    """The sum of a voice and its opposite is nothing, and yet it is heard."""
    file = tmp_path / "opposite.wav"
    args = ["-f", "lavfi", "-i", "sine=440:d=1:r=48000", "-af", "pan=stereo|c0=c0|c1=-1*c0", f"file:{file}"]
    subprocess.run([ffmpeg.program, "-v", "error", "-y", *args], check=True)
    with file.open("rb") as stream:
        heard = listen(ffmpeg, Source(stream.fileno(), 0, 2, file.name), folder=tmp_path, stop=StopSignal())

    assert heard.samples == 48_000


def test_much_in_little_is_counted_before_it_is_decoded(
    ffmpeg: Ffmpeg, hear: Callable[..., Heard], tmp_path: Path
) -> None:
    """However small a file is, it is refused for its length before its sound is written anywhere."""
    path = tmp_path / "small"
    path.write_bytes(constant(13))
    assert path.stat().st_size < 60_000
    with pytest.raises(InputError, match="small lasts over 12 hours"):
        hear(ffmpeg, path)
    assert not (tmp_path / "speech.wav").exists()


def test_a_count_that_takes_too_long_is_no_voices(tmp_path: Path, hear: Callable[..., Heard]) -> None:
    """Where counting was ended at its limit, a few bytes that have come to be much sound are refused undecoded."""
    counts = tmp_path / "ffmpeg"
    counts.write_text("#!/bin/sh\nprintf 'out_time_us=7200000000\\nprogress=continue\\n'; kill -9 $$\n")
    counts.chmod(0o755)
    (tmp_path / "small").write_bytes(bytes(50_000))

    with pytest.raises(InputError, match="small holds more than 120 minutes of sound in too few bytes"):
        hear(Ffmpeg(counts, None, (9,), "counts", bundled=False), tmp_path / "small")


def test_more_than_a_file_says_is_not_heard(hear: Callable[..., Heard], tmp_path: Path) -> None:
    """A file whose packets are said to last no time, and that goes on for minutes, is not heard to its end."""
    path = tmp_path / "slow.mov"
    path.write_bytes(repeated(700 / 3600, clock=2**31 - 1))
    with pytest.raises(InputError, match=r"slow\.mov holds far more sound than it says"):
        hear(find_ffmpeg("bundled"), path)


def test_a_link_in_its_folder_is_not_written_through(
    ffmpeg: Ffmpeg, made: Made, hear: Callable[..., Heard], tmp_path: Path
) -> None:
    """What a program laid where our own files go is taken away; what it points at stays as it is."""
    (tmp_path / "precious").write_text("precious")
    for name in ("voice.scratch", "voice.npy", "speech.wav"):
        (tmp_path / name).symlink_to("precious")
    heard = hear(ffmpeg, made("plain.wav"))
    assert (tmp_path / "precious").read_text() == "precious"
    assert not heard.voice.is_symlink() and not heard.speech.is_symlink()


@pytest.mark.parametrize("when", ["first", "last"])
def test_a_link_laid_while_it_is_heard_is_not_followed(
    made: Made, hear: Callable[..., Heard], tmp_path: Path, when: str
) -> None:
    """An FFmpeg that was taken over leaves a link in its sound's place: nothing is read by it, nothing written."""
    path, program = made("plain.wav"), find_ffmpeg("bundled")
    (tmp_path / "precious").write_bytes(b"precious" * 999)
    real = f'"{program.program}" "$@" || exit; ' if when == "last" else "printf 12345678; "
    evil = tmp_path / "ffmpeg"
    lay = "rm -f speech.wav voice.npy; ln -s precious speech.wav; ln -s precious voice.npy"
    evil.write_text(f'#!/bin/sh\ncase "$*" in *framecrc*) exit 1;; esac\n{real}{lay}\n')
    evil.chmod(0o755)

    with pytest.raises(InputError, match=r"speech\.wav is not the file it should be"):
        hear(Ffmpeg(evil, None, (9,), "evil", bundled=False), path)
    assert (tmp_path / "precious").read_bytes() == b"precious" * 999
