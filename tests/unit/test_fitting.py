"""How a clip fills a scene."""

from fractions import Fraction
from pathlib import Path

import pytest

from voxweave.core.film import Canvas
from voxweave.core.fitting import fit_clip
from voxweave.core.pictures import Clip
from voxweave.core.value import MediaFile

CANVAS = Canvas(width=640, height=360, rate=Fraction(30))


def clip(duration_ms: int) -> Clip:
    """A clip so long."""
    media = MediaFile(path=Path("clip.mp4"), sha256="0" * 64)
    return Clip(
        media=media, stream=0, width=640, height=360, frames=duration_ms * 30 // 1000, duration_ms=duration_ms
    )


@pytest.mark.parametrize(
    ("duration_ms", "fit", "slow"),
    [
        (9_000, "trim", 1.0),
        (6_000, "trim", 1.0),
        (5_000, "slow", 1.2),
        (4_800, "slow", 1.25),
        (4_799, "loop", 1.0),
        (3_001, "loop", 1.0),
        (3_000, "boomerang", 1.0),
        (200, "boomerang", 1.0),
    ],
)
def test_a_scene_of_six_seconds(duration_ms: int, fit: str, slow: float) -> None:
    """Long enough: cut; nearly: slowed by a quarter at most; short: turned back; else looped."""
    fitted = fit_clip(clip(duration_ms), CANVAS, frames=180)

    assert (fitted.fit, fitted.slow) == (fit, slow)


def test_a_short_clip_of_a_huge_canvas_is_looped() -> None:
    """Frames played backwards wait in memory, so a large canvas loops instead."""
    assert fit_clip(clip(3_000), Canvas(width=3840, height=2160, rate=Fraction(60)), frames=600).fit == "loop"


@pytest.mark.parametrize(("start_ms", "granted"), [(2_000, 2_000), (3_000, 3_000), (3_001, 0), (99_000, 0)])
def test_a_later_part_is_granted_while_enough_is_left(start_ms: int, granted: int) -> None:
    """Shown again a clip goes on, until it would run out."""
    assert fit_clip(clip(9_000), CANVAS, frames=180, start_ms=start_ms).start_ms == granted
