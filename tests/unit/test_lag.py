"""An engine's lag, found out from where the sound changes."""

from itertools import pairwise

import numpy as np
import pytest

from voxweave.core.lag import lag_of, shifted
from voxweave.core.speech import Word
from voxweave.core.time import Span

STARTS = [200 + 310 * n + 10 * (n * 7 % 13) for n in range(90)]


def bands() -> np.ndarray:
    """A voice whose colour changes with each word."""
    rows = np.zeros((STARTS[-1] // 10 + 60, 8), np.uint8)
    chance = np.random.default_rng(3)
    for start in STARTS:
        rows[start // 10 :] = chance.integers(30, 220, 8)
    return rows


@pytest.mark.parametrize("late_ms", [-40, -20, 0, 30])
def test_a_common_lag_is_found(late_ms: int) -> None:
    """Starts that are all early or late by as much are moved back, to 15 ms."""
    assert lag_of([start + late_ms for start in STARTS], bands()) == pytest.approx(-late_ms, abs=15)


def test_a_few_words_prove_nothing() -> None:
    """Too few starts are left where they are."""
    assert 0 == lag_of([start + 50 for start in STARTS[:20]], bands())


def test_a_sound_that_never_changes_moves_nothing() -> None:
    """Without any change there is nothing to go by."""
    assert 0 == lag_of(STARTS, np.full((4000, 8), 99, np.uint8))
    assert 0 == lag_of(STARTS, np.zeros((0, 8), np.uint8))


def test_words_that_begin_with_the_voice_stay() -> None:
    """What was snapped to an onset is right; the others move, and take their neighbours' ends along."""
    starts = [start - 50 for start in STARTS]
    spans = [Span(start=a, end=b) for a, b in zip(starts, [*starts[1:], starts[-1] + 200], strict=True)]
    words = [Word(text="x", span=span) for span in spans]
    found = shifted(words, [Span(start=starts[0], end=starts[-1] + 200)], bands())

    assert starts[0] == found[0].span.start
    assert all(abs(word.span.start - true) <= 15 for word, true in zip(found[1:], STARTS[1:], strict=True))
    assert all(one.span.end == other.span.start for one, other in pairwise(found))
