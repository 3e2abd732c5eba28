"""A clip fills any scene without being stretched beyond what looks right."""

from fractions import Fraction
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from voxweave.core.film import Canvas
from voxweave.core.fitting import SLOWEST, fit_clip
from voxweave.core.pictures import Clip
from voxweave.core.value import MediaFile

CLIP = Clip(
    media=MediaFile(path=Path("clip.mp4"), sha256="0" * 64),
    stream=0,
    width=64,
    height=64,
    frames=1,
    duration_ms=1,
)


@given(
    st.integers(1, 300_000),
    st.integers(1, 8_000),
    st.integers(0, 400_000),
    st.sampled_from([Fraction(24), Fraction(30000, 1001), Fraction(60)]),
)
def test_the_scene_is_filled(duration_ms: int, frames: int, start_ms: int, rate: Fraction) -> None:
    """Cut clips are long enough from where they begin, slowed ones fit exactly, others repeat."""
    canvas = Canvas(width=64, height=64, rate=rate)
    fitted = fit_clip(
        CLIP.model_copy(update={"duration_ms": duration_ms}), canvas, frames=frames, start_ms=start_ms
    )
    wanted_ms = float(frames * 1000 / rate)

    if fitted.fit == "trim":
        assert fitted.start_ms in (0, start_ms)
        assert duration_ms - fitted.start_ms >= wanted_ms
        assert fitted.slow == 1
    elif fitted.fit == "slow":
        assert 1 < fitted.slow <= SLOWEST
        assert abs(duration_ms * fitted.slow - wanted_ms) <= 0.001 * duration_ms
    else:
        assert duration_ms * SLOWEST < wanted_ms
        assert (fitted.start_ms, fitted.slow) == (0, 1)
