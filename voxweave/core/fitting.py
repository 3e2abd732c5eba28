"""How a clip of one length fills a scene of another."""

from voxweave.core.film import Canvas
from voxweave.core.pictures import Clip

SLOWEST = 1.25
"""Slower than this, movement looks wrong."""

_BOOMERANG_MS = 3_000
_BOOMERANG_BYTES = 300 << 20
"""Frames played backwards wait in memory, so only short clips are."""

CROSSFADE_MS = 500


def fit_clip(clip: Clip, canvas: Canvas, *, frames: int, start_ms: int = 0) -> Clip:
    """The clip as it fills so many frames: trimmed, slowed, or repeated.

    `start_ms` asks for a later part of it, granted while enough is left after it.
    """
    wanted_ms = float(frames * 1000 / canvas.rate)
    start_ms = start_ms if clip.duration_ms - start_ms >= wanted_ms else 0
    if clip.duration_ms >= wanted_ms:
        return clip.model_copy(update={"fit": "trim", "start_ms": start_ms})
    if clip.duration_ms * SLOWEST >= wanted_ms:
        return clip.model_copy(update={"fit": "slow", "slow": round(wanted_ms / clip.duration_ms, 6)})
    return clip.model_copy(update={"fit": "boomerang" if _turns_back(clip, canvas) else "loop"})


def _turns_back(clip: Clip, canvas: Canvas) -> bool:
    frames = float(clip.duration_ms * canvas.rate / 1000)
    small = frames * canvas.width * canvas.height * 1.5 <= _BOOMERANG_BYTES
    return small and clip.duration_ms <= _BOOMERANG_MS
