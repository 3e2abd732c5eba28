"""A known text on a measured voice: matching it with words heard, and spreading what was not."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from voxweave.core.speech import Word
from voxweave.core.time import Span
from voxweave.core.windows import within

_GRAM = 3  # words in a row that anchor two texts on each other
_ALIKE = 0.75
_LIKELY = 400  # a gap of more words is not compared word by word with another such gap
_REACH = 90  # words around the expected one that may stand at a pause
_LETTER_MS, _SLACK_MS = 65, 300
_SENTENCE, _PHRASE = ".!?…。！？", ",;:—–、，；："
_CLOSERS = "\"'”’»)]"

Floats = NDArray[np.float64]


def matched(script: Sequence[str], heard: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Pairs of indices of words that are the same, in order; both texts lower-case and plain.

    Runs of words that occur once in each text anchor it; between anchors the longest common blocks
    count, and then words that are spelled much alike.
    """
    pairs: list[tuple[int, int]] = []
    ends = (len(script), len(heard))
    done = (0, 0)
    for anchor in (*_anchors(script, heard), ends):
        pairs += _between(script, heard, done, anchor)
        if anchor != ends:
            pairs += [(anchor[0] + step, anchor[1] + step) for step in range(_GRAM)]
        done = (anchor[0] + _GRAM, anchor[1] + _GRAM)
    return tuple(pairs)


def spread(texts: Sequence[str], speech: Sequence[Span], *, duration_ms: int) -> tuple[Word, ...]:
    """Words laid over the speech by their length; the ends of sentences fall on pauses where they can."""
    if not texts:
        return ()
    spans = [span for span in speech if span.duration > 0] or [Span(start=0, end=max(1, duration_ms))]
    weights = np.array([_weight(text) for text in texts])
    edges = _shares(texts, weights, spans)
    words: list[Word] = []
    for span, (first, past) in zip(spans, pairwise(edges), strict=True):
        words += _laid(texts[first:past], weights[first:past], span)
    return tuple(words)


def placed(
    texts: Sequence[str], known: Mapping[int, Span], speech: Sequence[Span], *, duration_ms: int
) -> tuple[Word, ...]:
    """All words, those of known time where they are, the others spread between their neighbours."""
    words: list[Word] = []
    moment, start = 0, 0
    for index in (*sorted(known), len(texts)):
        end = duration_ms if index == len(texts) else max(moment, known[index].start)
        gap = Span(start=moment, end=end)
        words += _filled(texts[start:index], gap, speech)
        if index < len(texts):
            span = Span(start=end, end=min(max(end, known[index].end), max(end, duration_ms)))
            words.append(Word(text=texts[index], span=span))
            moment, start = span.end, index + 1
    return tuple(words)


def kept_to_speech(words: Sequence[Word], pauses: Sequence[Span]) -> tuple[Word, ...]:
    """The words without the silence at their edges; a word wholly in a pause is left alone."""
    kept: list[Word] = []
    coming = 0
    for word in words:
        while coming < len(pauses) and pauses[coming].end <= word.span.start:
            coming += 1
        start, end = word.span.start, word.span.end
        if coming < len(pauses) and pauses[coming].start <= start and pauses[coming].end < end:
            start = pauses[coming].end
        late = next(
            (pause for pause in pauses[coming : coming + 3] if start < pause.start < end <= pause.end), None
        )
        span = _one_side(
            word.text, Span(start=start, end=late.start if late else end), pauses[coming : coming + 3]
        )
        kept.append(word.model_copy(update={"span": span}))
    return tuple(kept)


def _one_side(text: str, span: Span, pauses: Sequence[Span]) -> Span:
    """A word far too long that runs over a pause is on the side that suits its length."""
    usual_ms = _LETTER_MS * _weight(text)
    if span.duration <= 2 * usual_ms + _SLACK_MS:
        return span
    inside = [pause for pause in pauses if span.start < pause.start and pause.end < span.end]
    if not inside:
        return span
    sides = (Span(start=span.start, end=inside[0].start), Span(start=inside[-1].end, end=span.end))
    return min(sides, key=lambda side: abs(side.duration - usual_ms))


def _anchors(script: Sequence[str], heard: Sequence[str]) -> list[tuple[int, int]]:
    """Places of word runs that occur once in each text, in the same order in both."""
    there = _once(heard)
    both = [(index, there[gram]) for gram, index in _once(script).items() if gram in there]
    anchors: list[tuple[int, int]] = []
    for left, right in _rising(sorted(both)):
        if not anchors or (left >= anchors[-1][0] + _GRAM and right >= anchors[-1][1] + _GRAM):
            anchors.append((left, right))
    return anchors


def _once(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    seen: dict[tuple[str, ...], int] = {}
    for index in range(len(words) - _GRAM + 1):
        gram = tuple(words[index : index + _GRAM])
        seen[gram] = -1 if gram in seen else index
    return {gram: index for gram, index in seen.items() if index >= 0}


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part in which the second number rises too."""
    tails: list[int] = []
    ends: list[int] = []
    before = [-1] * len(pairs)
    for index, (_, right) in enumerate(pairs):
        place = int(np.searchsorted(tails, right))
        before[index] = ends[place - 1] if place else -1
        tails[place : place + 1] = [right]
        ends[place : place + 1] = [index]
    chain = []
    at = ends[-1] if ends else -1
    while at >= 0:
        chain.append(pairs[at])
        at = before[at]
    return chain[::-1]


def _between(
    script: Sequence[str], heard: Sequence[str], done: tuple[int, int], until: tuple[int, int]
) -> list[tuple[int, int]]:
    """Matches in a gap between two anchors."""
    left, right = script[done[0] : until[0]], heard[done[1] : until[1]]
    if not left or not right or min(len(left), len(right)) > _LIKELY:
        return []
    pairs: list[tuple[int, int]] = []
    at = (0, 0)
    for block in SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks():
        pairs += _alike(left, right, at, (block.a, block.b))
        pairs += [(block.a + step, block.b + step) for step in range(block.size)]
        at = (block.a + block.size, block.b + block.size)
    return [(done[0] + one, done[1] + other) for one, other in pairs]


def _alike(
    left: Sequence[str], right: Sequence[str], at: tuple[int, int], until: tuple[int, int]
) -> list[tuple[int, int]]:
    """Words in the same place of a gap that differ in a letter or two."""
    if until[0] - at[0] != until[1] - at[1]:
        return []
    places = zip(range(at[0], until[0]), range(at[1], until[1]), strict=True)
    return [pair for pair in places if SequenceMatcher(None, left[pair[0]], right[pair[1]]).ratio() >= _ALIKE]


def _weight(text: str) -> float:
    """How long a word takes to say, in letters; a digit is said as a word, an ornament not at all."""
    sounds = sum(
        4.0 if char.isdigit() else 2.5 if ord(char) > 0x2E80 else 1.0 for char in text if char.isalnum()
    )
    return sounds + 1.0 if sounds else 0.0


def _shares(texts: Sequence[str], weights: Floats, spans: Sequence[Span]) -> list[int]:
    """Which words fall into which stretch of speech: the index of the first, and one past the last.

    A shortest path over (pause, word that begins after it). A step costs the square of how much longer or
    shorter its words are than its speech, and every pause costs what is wrong with breaking there.
    """
    lengths = np.array([span.duration for span in spans], dtype=np.float64)
    said = np.concatenate(([0.0], weights.cumsum()))
    if said[-1] <= 0:
        return [0, *[len(texts)] * len(spans)]
    time = np.concatenate(([0.0], lengths.cumsum()))
    spoken_ms = said * (time[-1] / said[-1])
    breaks = _break_costs(texts)
    gaps = [later.start - earlier.end for earlier, later in pairwise(spans)]
    states = np.array([0])
    costs = np.array([0.0])
    steps: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
    for index, gap in enumerate(gaps):
        following = _near(spoken_ms, time[index + 1], least=int(states[0]))
        total = costs[:, None] + _misfit(spoken_ms, states, following, lengths[index])
        best = total.argmin(axis=0)
        costs = total[best, np.arange(len(following))] + breaks[following] * min(3.0, gap / 250)
        steps.append((states, best))
        states = following
    at = int((costs + _misfit(spoken_ms, states, np.array([len(texts)]), lengths[-1])[:, 0]).argmin())
    edges = [len(texts), int(states[at])]
    for before, best in reversed(steps):
        at = int(best[at])
        edges.append(int(before[at]))
    return edges[::-1]


def _near(spoken_ms: Floats, moment: float, *, least: int) -> NDArray[np.intp]:
    middle = int(np.searchsorted(spoken_ms, moment))
    first = max(least, middle - _REACH)
    return np.arange(first, max(first + 1, min(len(spoken_ms), middle + _REACH)))


def _misfit(spoken_ms: Floats, starts: NDArray[np.intp], ends: NDArray[np.intp], length: float) -> Floats:
    takes = spoken_ms[ends][None, :] - spoken_ms[starts][:, None]
    cost = (takes - length) ** 2 / (300.0 * (length + 300.0))
    return np.where(ends[None, :] < starts[:, None], np.inf, cost)


def _break_costs(texts: Sequence[str]) -> Floats:
    """What is wrong with a pause before each word, and after the last."""
    costs = [0.0]
    for text in texts:
        last = text.rstrip(_CLOSERS)[-1:]
        costs.append(0.0 if last and last in _SENTENCE else 0.6 if last and last in _PHRASE else 2.0)
    costs[-1] = 0.0
    return np.array(costs)


def _laid(texts: Sequence[str], weights: Floats, span: Span) -> list[Word]:
    """Words over one stretch of speech, each as long as its share."""
    total = float(weights.sum())
    if total <= 0:
        return [Word(text=text, span=Span(start=span.start, end=span.start)) for text in texts]
    edges = span.start + np.concatenate(([0.0], weights.cumsum())) * (span.duration / total)
    moments = [round(float(edge)) for edge in edges]
    return [
        Word(text=text, span=Span(start=start, end=end))
        for text, (start, end) in zip(texts, pairwise(moments), strict=True)
    ]


def _filled(texts: Sequence[str], gap: Span, speech: Sequence[Span]) -> tuple[Word, ...]:
    if not texts:
        return ()
    inside = list(within(speech, gap))
    if sum(span.duration for span in inside) < 20 * len(texts):
        inside = [gap] if gap.duration else []
    if not inside:
        return tuple(Word(text=text, span=Span(start=gap.start, end=gap.start)) for text in texts)
    return spread(texts, inside, duration_ms=gap.end)
