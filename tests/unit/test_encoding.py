"""Encoders and containers as data."""

from fractions import Fraction

import pytest

from voxweave.core.encoding import (
    AUDIO_ENCODERS,
    CODECS,
    SOFT_CAPTIONS,
    VIDEO_ENCODERS,
    keyframe_distance,
    timescale,
)
from voxweave.core.film import Canvas

RATES = [*map(Fraction, (24, 25, 30, 50, 60)), *(Fraction(n * 1000, 1001) for n in (24, 30, 60))]


def _canvas(rate: Fraction) -> Canvas:
    return Canvas(width=64, height=64, rate=rate)


@pytest.mark.parametrize("rate", RATES)
def test_every_frame_falls_on_a_whole_tick(rate: Fraction) -> None:
    """A frame's length is a whole number of ticks, so that no timestamp is rounded."""
    ticks = timescale(_canvas(rate)) / rate

    assert ticks.denominator == 1
    assert timescale(_canvas(rate)) >= 10_000


@pytest.mark.parametrize(
    ("rate", "frames"), [(Fraction(24), 48), (Fraction(30000, 1001), 60), (Fraction(60), 120)]
)
def test_a_keyframe_every_two_seconds(rate: Fraction, frames: int) -> None:
    """Players seek at once."""
    assert keyframe_distance(_canvas(rate)) == frames


def test_every_container_has_all_it_needs() -> None:
    """Each container names its codecs, its sound and its soft captions."""
    assert set(CODECS) == set(AUDIO_ENCODERS) == set(SOFT_CAPTIONS)
    assert {codec for codecs in CODECS.values() for codec in codecs} <= set(VIDEO_ENCODERS)
