"""Scenes encoded side by side: what fails ends the others, and nothing is begun after it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import pytest

from tests.fakes.drawings import drawing
from tests.pace import within
from voxweave.core.encoders import software
from voxweave.core.film import Canvas
from voxweave.core.pictures import Drawing
from voxweave.errors import MediaError
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.pouring import Kitchen
from voxweave.pipeline.scenes import SceneCut, encode_scenes
from voxweave.providers.base import Paint

TINY = Canvas(width=128, height=72, rate=Fraction(30))


@dataclass
class Painters:
    """An artist whose scenes paint as each is told; which of them were begun."""

    ways: dict[int, Callable[[], None]]
    begun: list[int] = field(default_factory=list)

    def painter(self, picture: Drawing, canvas: Canvas) -> Paint:
        self.begun.append(picture.scene)
        way = self.ways.get(picture.scene, lambda: None)
        return lambda frame, planes: way()


def fails() -> None:
    """A scene that cannot be made."""
    raise MediaError("this scene is broken")


def dawdles() -> None:
    """A scene that takes a minute for its 600 frames."""
    time.sleep(0.1)


def encoded(folder: Path, painters: Painters, workers: int) -> StopSignal:
    """Four scenes encoded by so many, the second of which cannot be made."""
    (folder / "scenes").mkdir()
    cuts = [
        SceneCut(
            canvas=TINY,
            picture=drawing(folder, "ink", n),
            first=600 * n,
            frames=600,
            ass="",
            fonts="",
            encoder=software("h264", "draft"),
        )
        for n in range(4)
    ]
    stop = StopSignal()
    kitchen = Kitchen(find_ffmpeg(), painters, stop, folder, {}, workers)
    with pytest.raises(MediaError, match="this scene is broken"):
        encode_scenes(cuts, kitchen, lambda _: None)
    return stop


def test_nothing_is_begun_after_a_failure(tmp_path: Path) -> None:
    """The worker whose scene failed takes no other, and the signal it was given is as it was."""
    painters = Painters({1: fails})
    stop = encoded(tmp_path, painters, workers=1)

    assert [0, 1] == painters.begun
    assert not stop.is_set()


def test_a_failure_ends_what_is_being_encoded(tmp_path: Path) -> None:
    """Nobody waits a minute for a scene of a film that will not be made, and the failure is what is told."""
    painters = Painters({0: dawdles, 1: fails})
    with within(10):
        encoded(tmp_path, painters, workers=2)

    assert {0, 1} == set(painters.begun)
    assert not list((tmp_path / "scenes").iterdir())
