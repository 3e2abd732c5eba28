"""Where a narration may be cut into scenes, and the best way to do it."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from pydantic import Field

from voxweave.core.speech import Transcript, Word
from voxweave.core.time import Span
from voxweave.core.value import Value

_SENTENCE_END = tuple(".!?…。！？۔।")
_CLAUSE_END = tuple(",;:—–、，；،")
_CLOSING = "\"'”’»)]"
_APART_MS = 120
_NO_PLACE = -0.6
"""Worth of a cut where nothing speaks for one: only taken to keep a scene from growing too long."""


class SceneRules(Value):
    """How long a scene may be; a narration shorter than one scene is one scene."""

    shortest_ms: int = Field(default=4_000, ge=500)
    longest_ms: int = Field(default=20_000, ge=1_000)


class Cut(NamedTuple):
    """A moment where a scene may end, and how well it parts two ideas, up to about 1."""

    at: int
    worth: float


def candidates(
    transcript: Transcript, pauses: Sequence[Span], *, duration_ms: int, rules: SceneRules
) -> list[Cut]:
    """Moments a cut may fall on, in order: pauses free of words, and the joints between words."""
    free = free_of_words(pauses, transcript.words)
    cuts = [Cut((pause.start + pause.end) // 2, _pause_worth(pause.duration)) for pause in free]
    cuts += _joints(transcript)
    inside = [cut for cut in _thinned(sorted(cuts)) if 0 < cut.at < duration_ms]
    return sorted([*inside, *_stopgaps(inside, transcript.words, duration_ms, rules)])


def free_of_words(pauses: Sequence[Span], words: Sequence[Word]) -> list[Span]:
    """The parts of the pauses in which no word is being spoken; both in order."""
    kept: list[Span] = []
    first = 0
    for pause in pauses:
        while first < len(words) and words[first].span.end <= pause.start:
            first += 1
        start, at = pause.start, first
        while at < len(words) and words[at].span.start < pause.end:
            if words[at].span.start > start:
                kept.append(Span(start=start, end=words[at].span.start))
            start = max(start, words[at].span.end)
            at += 1
        if start < pause.end:
            kept.append(Span(start=start, end=pause.end))
    return kept


def _joints(transcript: Transcript) -> Iterator[Cut]:
    """The moments between two words, worth what their punctuation says."""
    words = transcript.words
    paragraphs = set(transcript.paragraphs)
    for index, (before, after) in enumerate(pairwise(words), start=1):
        if after.span.start < before.span.end:
            continue
        gap = after.span.start - before.span.end
        worth = _mark_worth(before.text) + (0.3 if index in paragraphs else 0.0) + _pause_worth(gap) / 2
        yield Cut((before.span.end + after.span.start) // 2, worth or _NO_PLACE / 2)


def _pause_worth(duration_ms: int) -> float:
    """Longer pauses part ideas; over a second none is better than another."""
    return min(duration_ms, 1_000) / 1_000


def _mark_worth(text: str) -> float:
    bare = text.rstrip(_CLOSING)
    if bare.endswith(_SENTENCE_END):
        return 0.6
    return 0.25 if bare.endswith(_CLAUSE_END) else 0.0


def _thinned(cuts: Sequence[Cut]) -> list[Cut]:
    """Of cuts a moment apart only the best."""
    kept: list[Cut] = []
    for cut in cuts:
        if kept and cut.at - kept[-1].at < _APART_MS:
            kept[-1] = max(kept[-1], cut, key=lambda one: one.worth)
        else:
            kept.append(cut)
    return kept


def _stopgaps(
    cuts: Sequence[Cut], words: Sequence[Word], duration_ms: int, rules: SceneRules
) -> Iterator[Cut]:
    """Even places in stretches without any, such as speech over music; never inside a known word."""
    at = 0
    for start, end in pairwise((0, *(cut.at for cut in cuts), duration_ms)):
        parts = math.ceil((end - start) / rules.longest_ms)
        for part in range(1, parts):
            moment = start + (end - start) * part // parts
            while at < len(words) and words[at].span.end <= moment:
                at += 1
            if at == len(words) or words[at].span.start >= moment:
                yield Cut(moment, _NO_PLACE)


def cut_moments(duration_ms: int, cuts: Sequence[Cut], rules: SceneRules) -> tuple[int, ...]:
    """The chain of cuts worth most in sum, with scenes kept within the rules where speech allows it.

    Dynamic programming over the candidates: each place looks back over one longest scene.
    """
    places = [Cut(0, 0.0), *cuts, Cut(duration_ms, 0.0)]
    best, chosen = [0.0], [0]
    earliest = 0
    for here in range(1, len(places)):
        while earliest < here - 1 and places[here].at - places[earliest].at > rules.longest_ms:
            earliest += 1
        # One place further back: a scene a little too long may be better than one far too short.
        backs = range(max(0, earliest - 1), here)
        worth, back = max((best[b] + _scene_worth(places[here].at - places[b].at, rules), -b) for b in backs)
        best.append(worth + places[here].worth)
        chosen.append(-back)
    return _chain(places, chosen)


def _scene_worth(duration_ms: int, rules: SceneRules) -> float:
    """Each scene costs a little, so that only good cuts are made; outside the rules it costs dearly."""
    if duration_ms < rules.shortest_ms:
        return -20.0 - 20.0 * (rules.shortest_ms - duration_ms) / rules.shortest_ms
    if duration_ms > rules.longest_ms:
        return -10.0 * duration_ms / rules.longest_ms
    wanted = math.sqrt(rules.shortest_ms * rules.longest_ms)
    return -0.35 - 0.5 * abs(math.log(duration_ms / wanted))


def _chain(places: Sequence[Cut], chosen: Sequence[int]) -> tuple[int, ...]:
    moments: list[int] = []
    at = chosen[-1]
    while at > 0:
        moments.append(places[at].at)
        at = chosen[at]
    return tuple(reversed(moments))
