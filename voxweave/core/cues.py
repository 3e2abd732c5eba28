"""Laying out spoken words as cues: broken by sense, timed by the voice, readable."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from voxweave.core.breaks import STRONG, ends_sentence
from voxweave.core.cue_rules import CueRules, Finding, check, rules_for
from voxweave.core.cue_words import goes_on, refit
from voxweave.core.leaning import likely_language
from voxweave.core.letters import cleaned
from voxweave.core.speech import Cue, Word
from voxweave.core.time import Span, ms_of
from voxweave.core.timing import Spoken, spans_of
from voxweave.core.wrapping import Piece, cost_between, joined, line_cuts, phrased, pieces_of, width

__all__ = ["CueRules", "Finding", "check", "lay_out", "refit", "rules_for"]

# Weights on the scale of core.breaks, chosen by reading many layouts.
_CUE = 2.5
"""What each further cue costs: fewer, fuller cues read better than many crumbs."""
_HURRY = 14.0
"""What a cue gone before it can be read costs, at the worst."""
_BROKEN = 8.0
"""What it costs that a rule of time is not kept, where other cues might keep it."""
_HOPELESS = 0.5
"""So much too fast, the speech itself is: longer cues would not help."""
_NOTICED = 0.003
_NEVER = 2**53
_RUN_ON = 4.5
"""What a sentence's end inside a cue costs."""
_PAUSE_INSIDE = 7.0
_PAUSE_BREAK = 0.5
_BREATH_MS = 250
_BREATH_SAVES = 2.0
_LINE_SHARE = 0.4
"""A line broken badly is a lesser evil than a cue broken badly."""
_CUT = 3.0
"""What text across a cut of the film costs, and what a break there saves."""
_CRUMB = 3.0
_CRUMB_SHARE = 0.33
"""Of a line: shorter text is a crumb."""


@dataclass(frozen=True, slots=True)
class _Token:
    piece: Piece
    start: int
    end: int
    word: Word
    """The spoken word it is of."""
    opens: bool
    """Begins a paragraph."""

    @property
    def middle(self) -> int:
        return (self.start + self.end) // 2


@dataclass(frozen=True)
class _Block:
    """Tokens between two rests, with what breaking before each costs."""

    tokens: Sequence[_Token]
    rules: CueRules
    cuts_ms: Sequence[int]
    until_ms: int
    """When the next cue comes or the film ends."""

    def __post_init__(self) -> None:
        pairs = list(pairwise(self.tokens))
        lines = [0.0, *(cost_between(one.piece, two.piece, self.rules.language) for one, two in pairs), 0.0]
        crossed = [False, *(self._crossed(one, two) for one, two in pairs), False]
        costs, inner = [0.0], [0.0]
        for index, (one, two) in enumerate(pairs, start=1):
            saved = _CUT if crossed[index] else 0.0
            costs.append(max(0.0, _cue_break(one, two, lines[index], self.rules) - saved))
            inner.append(_inner(one, two, self.rules) + saved)
        counted = (not goes_on(token.piece) for token in self.tokens)
        for name, found in (
            ("costs", [*costs, 0.0]),
            ("lines", lines),
            ("inner", list(accumulate(inner))),
            ("rooms", list(accumulate((token.piece.room for token in self.tokens), initial=0))),
            ("counts", list(accumulate(counted, initial=0))),
            ("comes", [*self._comes(), self.until_ms]),
        ):
            object.__setattr__(self, name, found)

    def _comes(self) -> Iterator[int]:
        """When a cue that begins with each token would come: with its voice, or with the shot just before."""
        before = -1
        for token in self.tokens:
            at = bisect_right(self.cuts_ms, token.start) - 1
            near = at >= 0 and token.start - self.cuts_ms[at] < self.rules.snap_ms
            yield self.cuts_ms[at] if near and before <= self.cuts_ms[at] else token.start
            before = token.end

    def _crossed(self, one: _Token, two: _Token) -> bool:
        """Whether the film cuts between two words."""
        return bisect_right(self.cuts_ms, one.middle) < bisect_right(self.cuts_ms, two.middle)

    costs: Sequence[float] = ()
    lines: Sequence[float] = ()
    inner: Sequence[float] = ()
    rooms: Sequence[int] = ()
    counts: Sequence[int] = ()
    comes: Sequence[int] = ()

    def width(self, first: int, last: int) -> int:
        """Columns of tokens `first` up to `last` on one line."""
        return self.rooms[last] - self.rooms[first] - self.tokens[first].piece.spaced

    def reach(self, first: int) -> int:
        """How far one line goes that begins at `first`; at least one token."""
        most = self.rules.chars_per_line + self.rooms[first] + self.tokens[first].piece.spaced
        return max(first + 1, bisect_right(self.rooms, most) - 1)


def lay_out(
    words: Sequence[Word],
    *,
    rules: CueRules,
    paragraphs: Sequence[int] = (),
    cuts: Sequence[int] = (),
    frames: int = 0,
) -> tuple[Cue, ...]:
    """Cues for spoken words, which they keep; `paragraphs` are the words that begin one.

    Every letter is kept, in order. Cues never overlap; a line is longer than the rule only where
    one word is. `cuts` are the frames where the film's later shots begin: cues keep to them; `frames`
    is its length where that is known.
    """
    if not rules.language:
        rules = rules.model_copy(update={"language": likely_language(word.text for word in words)})
    tokens = _tokens(words, rules, frozenset(paragraphs))
    cuts_ms = [ms_of(cut, rules.rate) for cut in sorted(cuts)] if rules.snap_ms else []
    end_ms = ms_of(frames, rules.rate) if frames else _NEVER
    blocks = _blocks(tokens, rules, cuts_ms, end_ms)
    groups = [group for block in blocks for group in _grouped(block)]
    spans = spans_of([_spoken(group) for group in groups], rules, cuts, frames=frames)
    return tuple(_cue(group, span, rules) for group, span in zip(groups, spans, strict=True))


def _tokens(words: Sequence[Word], rules: CueRules, paragraphs: frozenset[int]) -> list[_Token]:
    found: list[_Token] = []
    before, latest, opens = "", 0, False
    for number, word in enumerate(words):
        opens = opens or number in paragraphs
        parts: list[Piece] = []
        for text in cleaned(word.text).split():
            parts += pieces_of(text, before, rules.chars_per_line)
            before = text
        latest = max(word.span.start, latest)
        for part, span in zip(parts, _shares(parts, latest, max(word.span.end, latest)), strict=True):
            found.append(_Token(part, *span, word, opens))
            opens = False
    pieces = phrased([token.piece for token in found], rules.language)
    return [replace(token, piece=piece) for token, piece in zip(found, pieces, strict=True)]


def _spoken(group: Sequence[_Token]) -> Spoken:
    parts = [token.piece for token in group]
    return Spoken(
        start=group[0].start,
        end=max(token.end for token in group),
        columns=width(parts),
        words=1 + sum(part.spaced for part in parts[1:]),
    )


def _shares(parts: Sequence[Piece], start: int, end: int) -> list[tuple[int, int]]:
    """A word's time shared out to its pieces by their width."""
    whole = max(1, sum(part.columns for part in parts))
    passed = list(accumulate((part.columns for part in parts), initial=0))
    moments = [start + (end - start) * columns // whole for columns in passed]
    return list(pairwise(moments))


def _blocks(
    tokens: Sequence[_Token], rules: CueRules, cuts_ms: Sequence[int], end_ms: int
) -> Iterator[_Block]:
    first = 0
    for index in range(1, len(tokens) + 1):
        if (
            index == len(tokens)
            or tokens[index].opens
            or _pause(tokens[index - 1], tokens[index]) >= rules.rest_ms
        ):
            until = tokens[index].start if index < len(tokens) else end_ms + rules.gap_ms
            yield _Block(tokens[first:index], rules, cuts_ms, max(until, tokens[index - 1].end))
            first = index


def _pause(one: _Token, two: _Token) -> int:
    return two.start - one.end


def _cue_break(one: _Token, two: _Token, cost: float, rules: CueRules) -> float:
    pause = _pause(one, two)
    if pause >= rules.pause_ms:
        return min(cost, _PAUSE_BREAK)
    return max(0.0, cost - _BREATH_SAVES) if pause >= _BREATH_MS else cost


def _inner(one: _Token, two: _Token, rules: CueRules) -> float:
    run_on = _RUN_ON if ends_sentence(one.piece.text, two.piece.text) else 0.0
    return run_on + (_PAUSE_INSIDE if _pause(one, two) >= rules.pause_ms else 0.0)


def _grouped(block: _Block) -> list[Sequence[_Token]]:
    """The cheapest way to share a block's tokens among cues."""
    size = len(block.tokens)
    best = [0.0] + [float("inf")] * size
    came = [0] * (size + 1)
    for first in range(size):
        for last, cost in _cues_from(block, first):
            if best[first] + cost < best[last]:
                best[last], came[last] = best[first] + cost, first
    cuts = [size]
    while cuts[-1]:
        cuts.append(came[cuts[-1]])
    return [block.tokens[first:last] for last, first in pairwise(cuts)][::-1]


def _cues_from(block: _Block, first: int) -> Iterator[tuple[int, float]]:
    """Every cue that may begin at `first`: where it ends, and its cost."""
    one_line = furthest = block.reach(first)
    for _ in range(1, block.rules.max_lines):
        furthest = block.reach(furthest) if furthest < len(block.tokens) else furthest
    start, most_words = block.tokens[first].start, block.rules.max_words
    for last in range(first + 1, furthest + 1):
        if last > first + 1 and most_words and block.counts[last] - block.counts[first] > most_words:
            return
        if last > first + 1 and block.tokens[last - 1].end - start > block.rules.longest_ms:
            return
        if block.costs[last] > STRONG and first + 1 < last < furthest:
            continue  # within a phrase: only where nothing else is left
        cost = _CUE + block.costs[last] + block.inner[last - 1] - block.inner[first]
        cost += _haste(block, first, last)
        yield last, cost + (_best_line(block, first, last) if last > one_line else 0.0)


def _haste(block: _Block, first: int, last: int) -> float:
    """What too little time costs, and a crumb of text."""
    rules, tokens = block.rules, block.tokens
    room, words = block.width(first, last), block.counts[last] - block.counts[first]
    start = block.comes[first]
    if first and start == tokens[first].start:
        start -= max(0, min(rules.early_ms, start - rules.gap_ms - tokens[first - 1].end))
    latest = max(tokens[last - 1].end + rules.linger_ms, start + rules.least_ms(words))
    latest = min(latest, block.comes[last] - rules.gap_ms)
    needed = max(rules.least_ms(words), rules.reading_ms(room, words))
    lacking = max(0.0, needed - (latest - start)) / needed
    broken = _BROKEN * max(0.0, 1 - lacking / _HOPELESS) if lacking > _NOTICED else 0.0
    return (
        broken + _HURRY * min(lacking, 1.0) + (_CRUMB if room < rules.chars_per_line * _CRUMB_SHARE else 0.0)
    )


def _best_line(block: _Block, first: int, last: int) -> float:
    """The cheapest break inside a cue of more than one line (exact for two)."""
    most = block.rules.chars_per_line
    end = min(block.reach(first), last - 1)
    options = [block.lines[cut] for cut in range(end, first, -1) if block.width(cut, last) <= most]
    return _LINE_SHARE * min(options or [block.lines[end]])


def _cue(group: Sequence[_Token], span: Span, rules: CueRules) -> Cue:
    parts = [token.piece for token in group]
    cuts = line_cuts(parts, rules.chars_per_line, rules.language)
    lines = [group[first:last] for first, last in pairwise(cuts)]
    return Cue(
        span=span,
        lines=tuple(joined([token.piece for token in line]) for line in lines),
        words=tuple(word for line in lines for word in _words(line)),
    )


def _words(line: Sequence[_Token]) -> Iterator[Word]:
    """The words of one line; pieces of one word, or of one phrase of a script without spaces, are one."""
    first = 0
    for index in range(1, len(line) + 1):
        if index == len(line) or not goes_on(line[index].piece):
            yield _merged(line[first:index])
            first = index


def _merged(tokens: Sequence[_Token]) -> Word:
    sure = [token.word.confidence for token in tokens if token.word.confidence is not None]
    return Word(
        text="".join(token.piece.text for token in tokens),
        span=Span(start=tokens[0].start, end=max(token.end for token in tokens)),
        confidence=min(sure, default=None),
        speaker=tokens[0].word.speaker,
    )
