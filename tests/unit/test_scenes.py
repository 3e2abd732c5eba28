"""Scenes encoded side by side: what fails ends the others, and their names tell all that made them."""

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
from voxweave.jobs.cluster import version_of
from voxweave.jobs.fingerprints import code_identity, source_identity
from voxweave.media.ffmpeg import Ffmpeg, find_ffmpeg
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.pouring import Kitchen
from voxweave.pipeline.scenes import SceneCut, encode_scenes, scene_file
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


def one_of(folder: Path, place: int) -> SceneCut:
    """A scene of twenty seconds."""
    return SceneCut(
        canvas=TINY,
        picture=drawing(folder, "ink", place),
        first=600 * place,
        frames=600,
        ass="",
        fonts="",
        encoder=software("h264", "draft"),
    )


def encoded(folder: Path, painters: Painters, workers: int) -> StopSignal:
    """Four scenes encoded by so many, the second of which cannot be made."""
    (folder / "scenes").mkdir()
    cuts = [one_of(folder, n) for n in range(4)]
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


def names(tmp_path: Path, ffmpeg: Ffmpeg) -> tuple[str, str]:
    """What a scene is called here, and the version of the work that this machine takes."""
    code_identity.cache_clear()
    cut = one_of(tmp_path, 0)
    kitchen = Kitchen(ffmpeg, Painters({}), StopSignal(), tmp_path, {}, 1)
    return scene_file(cut, kitchen).name, version_of(ffmpeg.build)


def test_another_build_of_one_version_makes_other_scenes(tmp_path: Path) -> None:
    """What an FFmpeg was built with tells it from another of its version, though people see one line of it."""
    told = "ffmpeg version 7.1 Copyright (c) 2000-2024\nconfiguration: --enable-gpl"
    made = []
    for n, text in enumerate((told, f"{told} --enable-libass")):
        program = tmp_path / f"ffmpeg-{n}"
        program.write_text(f"#!/bin/sh\necho '{text}'\n")
        program.chmod(0o755)
        made.append(find_ffmpeg(str(program), "off"))

    assert made[0].title == made[1].title == told.partition("\n")[0]
    assert not set(names(tmp_path, made[0])) & set(names(tmp_path, made[1]))


@pytest.mark.parametrize("library", ["opencv-python-headless", "numpy", "pysubs2"])
def test_another_release_of_what_draws_makes_other_scenes(
    tmp_path: Path, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scene is named by the releases of what painted and lettered it; a worker is known by its source all the same."""
    before = names(tmp_path, find_ffmpeg())
    release = tmp_path / f"{library.replace('-', '_')}-99.1.dist-info"
    release.mkdir()
    (release / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {library}\nVersion: 99.1\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    assert code_identity.__wrapped__() != code_identity()  # as a worker sees that it was updated
    after = names(tmp_path, find_ffmpeg())
    code_identity.cache_clear()

    assert not set(before) & set(after)
    assert before[1].partition("-")[0] == after[1].partition("-")[0] == source_identity()
