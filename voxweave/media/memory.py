"""Keeping memory flat while threads draw pictures, without asking the system for it again every frame."""

import ctypes
import sys
from collections.abc import Callable
from functools import cache

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -2, -3, -8
_MAPPED_BYTES = 12 << 20
_KEPT_BYTES = 48 << 20
_GROWTH_BYTES = 8 << 20
_ARENAS = 2


@cache
def give_back_planes() -> None:
    """Have the C library return freed full-size planes to the system at once, and keep what small pictures need.

    By itself glibc learns to keep blocks of up to 32 MB, one heap a thread: measured, a third more memory
    for the same film. With blocks mapped from 4 MB on it would give back every small picture's memory too,
    and fetch it anew: two thousand page faults a frame, a third of the time that drawing takes.
    """
    mallopt = _from_libc("mallopt")
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _MAPPED_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_M_TOP_PAD, _GROWTH_BYTES)
        mallopt(_M_ARENA_MAX, _ARENAS)


def give_back_what_is_free() -> None:
    """Hand the system what a finished piece of work has left behind: painting scenery leaves up to 60 MB."""
    trim = _from_libc("malloc_trim")
    if trim is not None:
        trim(0)


def _from_libc(name: str) -> Callable[..., object] | None:
    """A function of glibc's own; musl and other systems have none."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
