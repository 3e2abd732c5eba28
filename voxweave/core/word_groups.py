"""A cue's words a few at a time, for looks that show them large."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, combinations, pairwise
from math import ceil

from voxweave.core.breaks import COMMA, LEANING, break_cost, glued_break_cost
from voxweave.core.film import Canvas
from voxweave.core.letters import spaceless
from voxweave.core.looks import CaptionLook
from voxweave.core.speech import Cue, Word
from voxweave.core.time import Span, ms_of
from voxweave.core.word_times import TimedWord, shown_frames, timed_words

_UNEVEN = 1.5
"""What a word more or less than the groups' average costs, on the scale of core.breaks."""
_ONE_MORE = 3.0
"""What each group costs."""
_ACROSS = 12.0
"""What a group costs that goes on after a clause or a line has ended."""
_LEAN_EM = 2.0
"""What a line that ends with a small word counts for, in em of width."""
_MOST_LINES = 2
_LETTERS = 2
"""So many letters of a script without spaces count as a word."""


def grouped(cue: Cue, canvas: Canvas, look: CaptionLook) -> tuple[Cue, ...]:
    """The cue as the cues that are drawn in its place, one after the other; itself for most looks."""
    words = timed_words(cue, canvas) if look.look.most_words else ()
    if not words:
        return (cue,)
    cuts = _cut(words, look)
    groups = [words[first:last] for first, last in pairwise(cuts)]
    frames = shown_frames(cue, canvas)
    if len(groups) > frames[1] - frames[0]:  # two would be seen at once, one over the other
        return (cue,)
    starts = _starts([group[0].first for group in groups], *frames)
    begins, ends = cue.span.start, cue.span.end
    later = (min(max(ms_of(start, canvas.rate), begins), ends) for start in starts[1:])
    return tuple(
        _group(group, Span(start=start, end=end), canvas, look)
        for group, (start, end) in zip(groups, pairwise([begins, *later, ends]), strict=True)
    )


def _starts(wanted: Sequence[int], begins: int, ends: int) -> list[int]:
    """On which frames groups begin, so that each has one of its own."""
    starts = list(accumulate(wanted[1:], lambda before, start: max(start, before + 1), initial=begins))
    return [min(start, ends - len(starts) + at) for at, start in enumerate(starts)]


def _group(words: Sequence[TimedWord], span: Span, canvas: Canvas, look: CaptionLook) -> Cue:
    known = tuple(
        Word(
            text=word.text,
            span=Span(start=ms_of(word.first, canvas.rate), end=ms_of(word.last, canvas.rate)),
        )
        for word in words
    )
    return Cue(span=span, lines=_lines(words, look), words=known)


def _cut(words: Sequence[TimedWord], look: CaptionLook) -> list[int]:
    """Where groups begin, and the end: few, even, and at good places to break."""
    weights = [0.0, *accumulate(1 / _LETTERS if spaceless(word.text[0]) else 1.0 for word in words)]
    most = look.look.most_words
    ideal = weights[-1] / max(1, ceil(weights[-1] / most))

    def fits(start: int, end: int) -> bool:
        few = weights[end] - weights[start] <= most
        return few and len(_lines(words[start:end], look)) <= _MOST_LINES

    costs = [0.0, *(_cost(words, end) for end in range(1, len(words) + 1))]
    clauses = [cost <= COMMA for cost in costs]
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [0])}
    for end in range(1, len(words) + 1):
        options = []
        for start in range(max(0, end - _LETTERS * most), end):
            if end - start > 1 and not fits(start, end):
                continue
            cost, cuts = best[start]
            uneven = _UNEVEN * abs(weights[end] - weights[start] - ideal)
            across = _ACROSS * sum(clauses[start + 1 : end])
            options.append((cost + costs[end] + uneven + across + _ONE_MORE, [*cuts, end]))
        best[end] = min(options)
    return best[len(words)][1]


def _cost(words: Sequence[TimedWord], end: int) -> float:
    if end == len(words):
        return 0.0
    word, following = words[end - 1], words[end]
    cost = (break_cost if following.spaced else glued_break_cost)(word.text, following.text)
    return min(cost, COMMA) if following.line > word.line else cost


def _lines(words: Sequence[TimedWord], look: CaptionLook) -> tuple[str, ...]:
    """The words on as few lines as hold them, the widest as narrow as can be; one on each if too many."""
    room = (look.box.width - 2 * look.outline_px) / look.em_px
    for count in range(1, min(len(words), _MOST_LINES + 1)):
        lines = min(_splits(words, count), key=lambda lines: _raggedness(lines, look))
        if max(_wide(line, look) for line in lines) <= room:
            return lines
    return tuple(word.text for word in words)


def _splits(words: Sequence[TimedWord], count: int) -> Iterator[tuple[str, ...]]:
    for cuts in combinations(range(1, len(words)), count - 1):
        edges = [0, *cuts, len(words)]
        yield tuple(line_text(words[first:last]) for first, last in pairwise(edges))


def _raggedness(lines: Sequence[str], look: CaptionLook) -> float:
    bad = sum(break_cost(line.rsplit(maxsplit=1)[-1], "x") >= LEANING for line in lines[:-1])
    return max(_wide(line, look) for line in lines) + _LEAN_EM * bad


def _wide(line: str, look: CaptionLook) -> float:
    shown = line.upper() if look.look.upper else line
    return look.plan.width_em(shown) + look.look.spacing / 100 * len(shown)


def line_text(words: Sequence[TimedWord]) -> str:
    """Words as one line of text."""
    return "".join(f" {word.text}" if word.spaced and at else word.text for at, word in enumerate(words))
