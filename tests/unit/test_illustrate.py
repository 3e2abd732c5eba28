"""Own media shown by many scenes are read for the first of them."""

import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from tests.conftest import Ffmpeg
from voxweave.core.film import Canvas
from voxweave.core.pictures import Clip, Picture
from voxweave.core.storyboard import Scene, Storyboard
from voxweave.core.time import Span
from voxweave.core.timeline import Shot, assemble
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.desk import open_desk
from voxweave.pipeline.illustrate import Illustration
from voxweave.pipeline.studio import open_studio
from voxweave.settings import Settings

SMALL = Canvas(width=160, height=90, rate=Fraction(24))
SCENES = 12


class Nobody:
    """An artist who is not needed."""

    def illustrate(self, shot: Shot, canvas: Canvas, into: Path) -> Picture:
        raise AssertionError(shot)


def read_bytes() -> int:
    """What this program, and what it ran, have read."""
    lines = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(lines["rchar"])


def test_a_clip_is_read_once_for_all_its_scenes(tmp_path: Path, sounds: Path, ffmpeg: Ffmpeg) -> None:
    """However many scenes show it, also ahead of the others: it goes on from scene to scene all the same."""
    if not Path("/proc/self/io").exists():
        pytest.skip("NO COUNT OF WHAT IS READ: only Linux tells it")
    shutil.copy(sounds / "blip.wav", tmp_path)
    clip = tmp_path / "clip.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x90:r=24:d=6", "-pix_fmt", "yuv420p", clip)
    large = 24 << 20
    with clip.open("ab") as file:  # a box that every reader passes over
        file.write((large - file.tell()).to_bytes(4, "big") + b"free")
        file.truncate(large)
    scenes = (
        Scene(number=n, span=Span(start=500 * n, end=500 * n + 500), picture="clip.mp4")
        for n in range(SCENES)
    )
    timeline = assemble(Storyboard(duration_ms=500 * SCENES, scenes=tuple(scenes)), SMALL, 48 * 500 * SCENES)
    studio = open_studio(Settings(), stop=StopSignal(), tell=lambda _: None)
    with open_desk(tmp_path / "blip.wav", studio, "mp4") as desk:
        illustration = Illustration(desk, SMALL, Nobody(), tmp_path)
        before = read_bytes()
        ahead = illustration.alone(SCENES - 1, timeline, None)
        shown = illustration.pictures(timeline)
        times = (read_bytes() - before) / large

    assert times < 5, f"read {times:.0f} times"
    clips = [picture for picture in (ahead, *shown) if isinstance(picture, Clip)]
    assert [0, *(500 * n for n in range(SCENES))] == [clip.start_ms for clip in clips]
