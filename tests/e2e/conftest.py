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
        narration: Path,
        *flags: str | Path,
        status: int = 0,
        name: str = "",
        output: str = "",
        cold: bool = False,
        **beside: str,
    ) -> Made:
        folder = tmp_path_factory.mktemp("film")
        source = folder / (name or narration.name)
        shutil.copy(narration, source)
        for suffix, text in beside.items():
            source.with_suffix(f".{suffix}").write_text(text, encoding="utf-8")
        film = folder / (output or f"{source.stem}.mp4")
        size = () if {"--resolution", "--preset"} & set(map(str, flags)) else SMALL
        told = voxweave("make", source, "-o", film, *size, *flags, cwd=folder, cold=cold)
        assert told.status == status, told.err
        report = json.loads((folder / f"{film.stem}.report.json").read_text())
        return Made(film, told, report, look_at(film))

    return made


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory, ffmpeg: Ffmpeg) -> Path:
    """The first sentences of a sample, as MP3."""
    return first_of(tmp_path_factory.mktemp("spoken"), ffmpeg, "9.8")


def first_of(folder: Path, ffmpeg: Ffmpeg, seconds: str) -> Path:
    """The beginning of a sample."""
    file = folder / "spoken.mp3"
    ffmpeg("-i", SAMPLES / "cables.mp3", "-t", seconds, "-map_metadata", "-1", "-b:a", "96k", file)
    return file


@pytest.fixture(scope="session")
def film(make: Make, spoken: Path) -> Made:
    """An ordinary film: a few scenes, burned captions from a script beside it; by a Python of its own."""
    return make(spoken, "--scene-min-s", "2", "--scene-max-s", "5", cold=True, txt=WORDS)


@pytest.fixture
def room(spoken: Path, tmp_path: Path) -> Room:
    """A fresh one."""
    return room_with(spoken, WORDS, tmp_path)


def room_with(narration: Path, words: str, folder: Path) -> Room:
    """A narration and its script in a folder."""
    shutil.copy(narration, folder / "spoken.mp3")
    (folder / "spoken.txt").write_text(words)
    return Room(folder)


@pytest.fixture(scope="session")
def short(tmp_path_factory: pytest.TempPathFactory, ffmpeg: Ffmpeg) -> Path:
    """A narration of two scenes."""
    return first_of(tmp_path_factory.mktemp("short"), ffmpeg, "7.2")


@pytest.fixture
def small_room(short: Path, tmp_path: Path) -> Room:
    """A fresh one, with two scenes in it."""
    return room_with(short, FEW_WORDS, tmp_path)


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


@pytest.fixture(scope="module")
def speech() -> Iterator[FakeProvider]:
    """A service that takes uploads, and hears what is in them."""
    with FakeProvider("openai", hang_s=20, retry_after_s=0.05) as fake:
        yield fake
        assert [] == fake.truth()["bugs"]


@pytest.fixture
def talk(tmp_path: Path, spoken: Path) -> Path:
    """Ten seconds of speech in a folder of its own."""
    return Path(shutil.copy(spoken, tmp_path / "talk.mp3"))


@pytest.fixture
def set_up(speech: FakeProvider, tmp_path: Path) -> Callable[..., FakeProvider]:
    """The user's file says where the service is, and windows are of about four seconds."""

    def begin(*script: str, free: bool = True, **switches: Any) -> FakeProvider:
        file = tmp_path / ".config" / "voxweave" / "voxweave.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        told = {"base_url": speech.base_url, "most_mb": 0.2, "free": free}
        lines = [f"{key} = {json.dumps(value)}" for key, value in told.items()]
        file.write_text("\n".join(["retry_s = 0.05", "[providers.openai-speech]", *lines]))
        return speech.reset(*script, **switches)

    return begin
