"""How early or late an engine puts its words, found out from the voice itself.

Recognisers are off by -70 to +100 ms, each model and language in its own way. Sound changes most where a
word begins, so the shift under which all the starts together meet the greatest change is put right.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from voxweave.core.speech import Word
from voxweave.core.time import Span

ROW_MS = 10
_REACH_MS, _LIKELY_MS = 120, 45
_FEWEST = 30
"""Fewer words prove nothing."""
_ONSET_MS = 5
_LEAST_MS = 20

Bands = NDArray[np.uint8]
"""The voice's energy in bands of pitch, a row each 10 ms."""


def lag_of(starts: Sequence[int], bands: Bands) -> int:
    """By how many milliseconds these starts are to be moved; none of them was snapped to an onset."""
    change = _change(bands)
    if len(starts) < _FEWEST or not len(change):
        return 0
    shifts = np.arange(-_REACH_MS, _REACH_MS + ROW_MS, ROW_MS)
    rows = (np.asarray(starts)[None, :] + shifts[:, None]) // ROW_MS
    met = change[np.clip(rows, 0, len(change) - 1)].mean(axis=1)
    smooth = np.convolve(np.pad(met, 2, mode="edge"), [0.1, 0.25, 0.3, 0.25, 0.1], "valid")
    scaled = (smooth - smooth.min()) / max(float(np.ptp(smooth)), 1e-9)
    return int(shifts[int((scaled - 0.5 * (shifts / _LIKELY_MS) ** 2).argmax())])


def shifted(words: Sequence[Word], speech: Sequence[Span], bands: Bands) -> tuple[Word, ...]:
    """The words with the lag of their engine put right; those that begin with the voice stay."""
    onsets = {
        moment for span in speech for moment in range(span.start - _ONSET_MS, span.start + _ONSET_MS + 1)
    }
    inner = [n for n, word in enumerate(words) if word.span.duration and word.span.start not in onsets]
    lag_ms = lag_of([words[n].span.start for n in inner], bands)
    spans = [word.span for word in words]
    for n in inner if lag_ms else ():
        _shift(spans, n, lag_ms)
    return tuple(word.model_copy(update={"span": span}) for word, span in zip(words, spans, strict=True))


def _change(bands: Bands) -> NDArray[np.float64]:
    """How much the sound's colour changes over 30 ms around each row."""
    if len(bands) < 4:
        return np.zeros(0)
    wide = bands.astype(np.float64)
    return np.pad(np.abs(wide[3:] - wide[:-3]).mean(axis=1), (2, 1))


def _shift(spans: list[Span], n: int, lag_ms: int) -> None:
    """One start moved as far as it has room; a word before that touched it, or is in its way, ends there."""
    old = spans[n]
    least = spans[n - 1].start + min(_LEAST_MS, spans[n - 1].duration) if n else 0
    start = max(least, min(old.start + lag_ms, old.end - min(_LEAST_MS, old.duration)))
    start = min(start, old.end)
    if n and (spans[n - 1].end == old.start or spans[n - 1].end > start):
        spans[n - 1] = Span(start=spans[n - 1].start, end=max(spans[n - 1].start, start))
    spans[n] = Span(start=start, end=old.end)
