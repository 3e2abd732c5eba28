"""A few words heard wrongly, lined up with what was said letter by letter."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import accumulate

import numpy as np

from voxweave.core.letters import spaceless
from voxweave.core.time import Span

_MOST = 600
"""Letters on one side; more are shared out by their number alone."""
_RUN = 3
"""So many letters in a row are no chance; of signs that are syllables, one fewer."""


def lined_up(
    ours: Sequence[str], theirs: Sequence[str], times: Sequence[Span]
) -> tuple[list[int], list[int], int]:
    """Start and end of each of our words, and how many of our letters are the same as theirs.

    Runs of the same letters tie the two texts to each other, between them time goes by letters.
    """
    script, heard = "".join(ours), "".join(theirs)
    ties = _ties(script, heard)
    places, moments = _clock(theirs, times)
    edges = np.array([0, *accumulate(map(len, ours))], dtype=float)
    ours_at, theirs_at = zip(*_line(ties, len(script), len(heard)), strict=True)
    across = np.interp(edges, ours_at, theirs_at)
    starts = np.interp(across[:-1] + 1e-6, places, moments)
    ends = np.interp(across[1:] - 1e-6, places, moments)
    same = sum(size for _, _, size in ties)
    return [round(float(one)) for one in starts], [round(float(one)) for one in ends], same


def _ties(script: str, heard: str) -> list[tuple[int, int, int]]:
    if max(len(script), len(heard)) > _MOST:
        return []
    blocks = SequenceMatcher(None, script, heard, autojunk=False).get_matching_blocks()
    return [
        (block.a, block.b, block.size)
        for block in blocks
        if block.size >= _RUN - (block.size > 1 and spaceless(script[block.a]))
    ]


def _line(ties: Sequence[tuple[int, int, int]], ours: int, theirs: int) -> list[tuple[float, float]]:
    """Corners of the line on which the texts walk together, never standing still on our side."""
    corners = [(0.0, 0.0)]
    for one, other, size in ties:
        corners += [(float(one), float(other)), (float(one + size), float(other + size))]
    corners.append((float(ours), float(theirs)))
    return [corner for n, corner in enumerate(corners) if not n or corner[0] > corners[n - 1][0]]


def _clock(theirs: Sequence[str], times: Sequence[Span]) -> tuple[list[float], list[float]]:
    """Letters passed and the moments they are passed at; a silence between words is a jump."""
    places: list[float] = []
    moments: list[float] = []
    passed = 0
    for text, span in zip(theirs, times, strict=True):
        places += [passed, passed + len(text) - 1e-9]
        moments += [span.start, span.end]
        passed += len(text)
    return places, moments
