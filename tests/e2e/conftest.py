"""Films made once, and looked at by many tests."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ffmpeg
from tests.e2e.command import Told, voxweave
from tests.e2e.reading import Seen, look_at
from tests.e2e.room import FEW_WORDS, SMALL, WORDS, Room
from tests.fakes.provider import FakeProvider

SAMPLES = Path(__file__).parents[2] / "samples"


@dataclass(frozen=True)
class Made:
    """A film, what the command said of it, and what it holds."""

    film: Path
    told: Told
    report: dict[str, Any]
    seen: Seen


Make = Callable[..., Made]


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes a small film of a narration in a folder of its own; the films' status must be as expected."""

    def made(
        narration: Path, *flags: str | Path, status: int = 0, name: str = "", output: str = "", **beside: str
    ) -> Made:
        folder = tmp_path_factory.mktemp("film")
        source = folder / (name or narration.name)
        shutil.copy(narration, source)
        for suffix, text in beside.items():
            source.with_suffix(f".{suffix}").write_text(text, encoding="utf-8")
        film = folder / (output or f"{source.stem}.mp4")
        size = () if {"--resolution", "--preset"} & set(map(str, flags)) else SMALL
        told = voxweave("make", source, "-o", film, *size, *flags, cwd=folder)
        assert told.status == status, told.err
        report = json.loads((folder / f"{film.stem}.report.json").read_text())
        return Made(film, told, report, look_at(film))

    return made


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory, ffmpeg: Ffmpeg) -> Path:
    """The first sentences of a sample, as MP3."""
    file = tmp_path_factory.mktemp("spoken") / "spoken.mp3"
    ffmpeg("-i", SAMPLES / "cables.mp3", "-t", "9.8", "-map_metadata", "-1", "-b:a", "96k", file)
    return file


@pytest.fixture(scope="session")
def film(make: Make, spoken: Path) -> Made:
    """An ordinary film: a few scenes, burned captions from a script beside it."""
    return make(spoken, "--scene-min-s", "2", "--scene-max-s", "5", txt=WORDS)


@pytest.fixture
def room(spoken: Path, tmp_path: Path) -> Room:
    """A fresh one."""
    shutil.copy(spoken, tmp_path / "spoken.mp3")
    (tmp_path / "spoken.txt").write_text(WORDS)
    return Room(tmp_path)


@pytest.fixture(scope="session")
def short(tmp_path_factory: pytest.TempPathFactory, ffmpeg: Ffmpeg) -> Path:
    """A narration of two scenes."""
    file = tmp_path_factory.mktemp("short") / "spoken.mp3"
    ffmpeg("-i", SAMPLES / "cables.mp3", "-t", "7.2", "-map_metadata", "-1", "-b:a", "64k", file)
    return file


@pytest.fixture
def small_room(short: Path, tmp_path: Path) -> Room:
    """A fresh one, with two scenes in it."""
    shutil.copy(short, tmp_path / "spoken.mp3")
    (tmp_path / "spoken.txt").write_text(FEW_WORDS)
    return Room(tmp_path)


@pytest.fixture(scope="module")
def server(bundled: Path) -> Iterator[FakeProvider]:
    """One server for all; a test gives it its manner."""
    with FakeProvider(ffmpeg=bundled) as fake:
        yield fake
        assert [] == fake.truth()["bugs"]


@pytest.fixture
def fake(server: FakeProvider) -> Callable[..., FakeProvider]:
    """The server in a manner, quick at its work."""

    def begin(flavour: str, *script: str, **switches: Any) -> FakeProvider:
        return server.reset(*script, flavour=flavour, **{"job_seconds": 0.1, **switches})

    return begin
