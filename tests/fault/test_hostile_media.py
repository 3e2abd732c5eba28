"""Odd, lying and hostile files: each ends in facts or in one line, soon, and opens nothing but itself."""

import os
import shutil
import time
from pathlib import Path

import pytest

from tests.data.make_media import HONEST_SOUND, hostile, lying, named, run
from voxweave.core.text import printable
from voxweave.errors import InputError
from voxweave.media.facts import Facts
from voxweave.media.ffmpeg import AUDIO_FORMATS, CLIP_FORMATS, Ffmpeg, find_ffmpeg
from voxweave.media.probe import PICTURE_CODECS, pick_sound, probe
from voxweave.media.stopping import StopSignal

LIMIT_S = 20
ALL_FORMATS = (*AUDIO_FORMATS, *CLIP_FORMATS, *PICTURE_CODECS)
STILL_SOUND = {"tags.mp3", "rate-1.wav", "channels-0.wav", "channels-65535.wav", "seventeen.mka"}
"""Hostile files that have sound in them, or say so; some of it is refused by `pick_sound`."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files lie."""
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module")
def enemies(folder: Path) -> list[Path]:
    """Every hostile file."""
    return hostile(find_ffmpeg().program, folder)


@pytest.fixture(scope="module", params=["bundled", "system"])
def ffmpeg(request: pytest.FixtureRequest) -> Ffmpeg:
    """Both FFmpegs in turn."""
    if request.param == "system" and not shutil.which("ffprobe"):
        pytest.skip("no system FFmpeg here")
    return find_ffmpeg(request.param)


def ending(ffmpeg: Ffmpeg, path: Path, formats: tuple[str, ...] = AUDIO_FORMATS) -> Facts | str:
    """The facts, or the one line; anything else fails the test."""
    begun = time.monotonic()
    try:
        told: Facts | str = probe(ffmpeg, path, StopSignal(), formats=formats)
    except InputError as error:
        told = str(error)
        assert printable(path.name)[:100] in told
        assert "\n" not in told
        assert told.isprintable()
    assert time.monotonic() - begun < LIMIT_S
    return told


def test_each_hostile_file_ends_soon_in_one_line(ffmpeg: Ffmpeg, enemies: list[Path]) -> None:
    """As a narration, every hostile file is refused, or gives sound that was checked."""
    taken = set()
    for path in enemies:
        told = ending(ffmpeg, path)
        if isinstance(told, Facts) and any(stream.kind == "audio" for stream in told.streams):
            taken.add(path.name)
    assert taken <= STILL_SOUND


def test_each_hostile_file_ends_soon_as_a_picture(ffmpeg: Ffmpeg, enemies: list[Path]) -> None:
    """The same holds where pictures and clips are read as well."""
    for path in enemies:
        ending(ffmpeg, path, ALL_FORMATS)


def test_no_playlist_reaches_a_program(ffmpeg: Ffmpeg, enemies: list[Path]) -> None:
    """Playlists, scripts and manifests are told by name, whatever their suffix says."""
    lists = [path for path in enemies if path.name.startswith(("hls", "concat", "stream", "dash"))]
    assert len(lists) >= 10
    for path in lists:
        told = ending(ffmpeg, path, ALL_FORMATS)
        assert isinstance(told, str)
        assert any(
            kind in told for kind in ("playlist", "list of files", "stream description", "manifest")
        ), told


def test_the_programs_refuse_playlists_themselves(ffmpeg: Ffmpeg, folder: Path, enemies: list[Path]) -> None:
    """Behind our own look at it, the allow-list of containers holds: sound behind a playlist's first bytes."""
    path = folder / "polyglot.mp3"
    frames = (b"\xff\xfb\x90\x64" + bytes(413)) * 3
    path.write_bytes(b"ID3\x03\0\0\0\0\0\0" + frames + b"#EXTM3U\n#EXTINF:1,\nvictim.wav\n" * 50)
    told = ending(ffmpeg, path)
    assert isinstance(told, str) or told.format == "mp3"


def test_odd_sound_is_refused(ffmpeg: Ffmpeg, folder: Path, enemies: list[Path]) -> None:
    """Rates and channels outside our bounds are named, never decoded."""
    for name in ("rate-1.wav", "channels-0.wav", "channels-65535.wav"):
        told = ending(ffmpeg, folder / name)
        if isinstance(told, Facts):
            with pytest.raises(InputError, match=name):
                pick_sound(told, folder / name)


def test_tags_are_harmless(ffmpeg: Ffmpeg, folder: Path, enemies: list[Path]) -> None:
    """Escape codes, line ends and text direction in tags do not come through."""
    told = ending(ffmpeg, folder / "tags.mp3")
    assert isinstance(told, Facts)
    assert told.tags.title.isprintable()
    assert "<b>&gnp" == told.tags.artist


def test_lengths_are_only_claims(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    """A file that claims years is read like any other; its length is decoded later."""
    for path in lying(find_ffmpeg().program, tmp_path):
        told = ending(ffmpeg, path)
        assert isinstance(told, Facts)
        assert 48_000 == pick_sound(told, path).sample_rate_hz


def test_names_are_only_names(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    """Quotes, line ends, dashes, percents, protocols and bytes that are no text make no difference."""
    source = run(find_ffmpeg().program, tmp_path / "plain.mp3", *HONEST_SOUND["plain.mp3"])
    place = tmp_path / "named"
    facts = ending(ffmpeg, source)
    for path in named(place, source):
        assert facts == ending(ffmpeg, path), path
    assert len(named(place, source)) == len(os.listdir(place))
