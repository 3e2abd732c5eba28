"""Memory that a finished piece of work leaves behind."""

import sys
from pathlib import Path

import pytest

from voxweave.media.memory import give_back_what_is_free

_BLOCK, _COUNT = 10_000, 4_000


def _held_kb() -> int:
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of other systems has no such call")
def test_what_is_free_between_what_is_used_is_given_back() -> None:
    """Most of forty megabytes goes back to the system, though blocks beyond them are still in use."""
    blocks = [bytearray(_BLOCK) for _ in range(_COUNT)]
    used = blocks[::400]
    held = _held_kb()
    del blocks
    give_back_what_is_free()

    assert len(used) == _COUNT // 400
    assert held - _held_kb() > _BLOCK * _COUNT // 1024 // 2
