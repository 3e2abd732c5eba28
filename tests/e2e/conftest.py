"""Films made once, and looked at by many tests."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ffmpeg
from tests.e2e.command import Told, voxweave
from tests.e2e.reading import Seen, look_at

SAMPLES = Path(__file__).parents[2] / "samples"
SMALL = ("--resolution", "320x180")
WORDS = (
    "Hey, welcome back to Signal Path, the show that takes the cover off everyday machines and looks inside! "
    "I'm so glad you're here, because today we are going underwater."
)
"""What is said in the first 9.8 s of samples/cables.mp3."""


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
