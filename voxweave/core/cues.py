"""Laying out spoken words as cues: broken by sense, timed by the voice, readable."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from voxweave.core.breaks import ends_sentence
from voxweave.core.cue_rules import CueRules, Finding, check, rules_for
from voxweave.core.letters import cleaned
from voxweave.core.speech import Cue, Word
from voxweave.core.time import Span
from voxweave.core.wrapping import Piece, cost_between, pieces_of, refit, wrap

__all__ = ["CueRules", "Finding", "check", "lay_out", "refit", "rules_for"]

# Weights on the scale of core.breaks, chosen by reading many layouts.
_CUE = 2.5
"""What each further cue costs: fewer, fuller cues read better than many crumbs."""
_HURRY = 14.0
"""What a cue gone before it can be read costs, at the worst."""
_RUN_ON = 4.5
"""What a sentence's end inside a cue costs."""
_PAUSE_INSIDE = 7.0
_PAUSE_BREAK = 0.5
_BREATH_MS = 250
_BREATH_SAVES = 2.0
_LINE_SHARE = 0.4
"""A line broken badly is a lesser evil than a cue broken badly."""
_CRUMB = 3.0
_CRUMB_COLUMNS = 12


@dataclass(frozen=True, slots=True)
class _Token:
    piece: Piece
    start: int
    end: int
    opens: bool
    """Begins a paragraph."""


@dataclass(frozen=True)
class _Block:
    """Tokens between two rests, with what breaking before each costs."""

    tokens: Sequence[_Token]
    rules: CueRules

    def __post_init__(self) -> None:
        pairs = list(pairwise(self.tokens))
        costs = [0.0, *(_cue_break(one, two, self.rules) for one, two in pairs), 0.0]
        inner = [0.0, *(_inner(one, two, self.rules) for one, two in pairs)]
        lines = [0.0, *(cost_between(one.piece, two.piece) for one, two in pairs)]
        rooms = accumulate((token.piece.room for token in self.tokens), initial=0)
        for name, found in (
            ("costs", costs),
            ("lines", lines),
            ("inner", list(accumulate(inner))),
            ("rooms", list(rooms)),
        ):
            object.__setattr__(self, name, found)

    costs: Sequence[float] = ()
    lines: Sequence[float] = ()
    inner: Sequence[float] = ()
    rooms: Sequence[int] = ()

    def width(self, first: int, last: int) -> int:
        """Columns of tokens `first` up to `last` on one line."""
        return self.rooms[last] - self.rooms[first] - self.tokens[first].piece.spaced

    def reach(self, first: int) -> int:
        """How far one line goes that begins at `first`; at least one token."""
        most = self.rules.chars_per_line + self.rooms[first] + self.tokens[first].piece.spaced
        return max(first + 1, bisect_right(self.rooms, most) - 1)


def lay_out(words: Sequence[Word], *, rules: CueRules, paragraphs: Sequence[int] = ()) -> tuple[Cue, ...]:
    """Cues for spoken words; `paragraphs` are the words that begin one.

    Every letter is kept, in order. Cues never overlap; a line is longer than the rule only where
    one word is.
    """
    tokens = list(_tokens(words, rules, frozenset(paragraphs)))
    groups = [group for block in _blocks(tokens, rules) for group in _grouped(block)]
    return tuple(_timed(groups, rules))


def _tokens(words: Sequence[Word], rules: CueRules, paragraphs: frozenset[int]) -> Iterator[_Token]:
    before, latest, opens = "", 0, False
    for number, word in enumerate(words):
        opens = opens or number in paragraphs
        for text in cleaned(word.text).split():
            start = max(word.span.start, latest)
            parts = pieces_of(text, before, rules.chars_per_line)
            for part, span in zip(parts, _shares(parts, start, max(word.span.end, start)), strict=True):
                yield _Token(part, *span, opens)
                opens = False
            before, latest = text, start


def _shares(parts: Sequence[Piece], start: int, end: int) -> list[tuple[int, int]]:
    """A word's time shared out to its pieces by their width."""
    whole = max(1, sum(part.columns for part in parts))
    passed = list(accumulate((part.columns for part in parts), initial=0))
    moments = [start + (end - start) * columns // whole for columns in passed]
    return list(pairwise(moments))


def _blocks(tokens: Sequence[_Token], rules: CueRules) -> Iterator[_Block]:
    first = 0
    for index in range(1, len(tokens) + 1):
        if (
            index == len(tokens)
            or tokens[index].opens
            or _pause(tokens[index - 1], tokens[index]) >= rules.rest_ms
        ):
            yield _Block(tokens[first:index], rules)
            first = index


def _pause(one: _Token, two: _Token) -> int:
    return two.start - one.end


def _cue_break(one: _Token, two: _Token, rules: CueRules) -> float:
    cost = cost_between(one.piece, two.piece)
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
    start = block.tokens[first].start
    for last in range(first + 1, furthest + 1):
        if last > first + 1 and block.tokens[last - 1].end - start > block.rules.longest_ms:
            return
        cost = _CUE + block.costs[last] + block.inner[last - 1] - block.inner[first]
        cost += _haste(block, first, last)
        yield last, cost + (_best_line(block, first, last) if last > one_line else 0.0)


def _haste(block: _Block, first: int, last: int) -> float:
    """What too little time costs, and a crumb of text."""
    rules, tokens = block.rules, block.tokens
    room = block.width(first, last)
    latest = tokens[last - 1].end + rules.linger_ms
    if last < len(tokens):
        latest = min(latest, tokens[last].start - rules.gap_ms)
    needed = max(rules.shortest_ms, room * 1000 / rules.speed_cps)
    lacking = max(0.0, needed - (latest - tokens[first].start)) / needed
    return _HURRY * min(lacking, 1.0) + (_CRUMB if room < _CRUMB_COLUMNS else 0.0)


def _best_line(block: _Block, first: int, last: int) -> float:
    """The cheapest break inside a cue of more than one line (exact for two)."""
    most = block.rules.chars_per_line
    end = min(block.reach(first), last - 1)
    options = [block.lines[cut] for cut in range(end, first, -1) if block.width(cut, last) <= most]
    return _LINE_SHARE * min(options or [block.lines[end]])


def _timed(groups: Sequence[Sequence[_Token]], rules: CueRules) -> Iterator[Cue]:
    free_from = 0
    for index, group in enumerate(groups):
        start = max(group[0].start, free_from)
        following = groups[index + 1][0].start if index + 1 < len(groups) else None
        end = _out_time(start, group, following=following, rules=rules)
        yield Cue(
            span=Span(start=start, end=end),
            lines=wrap([token.piece for token in group], rules.chars_per_line),
        )
        free_from = end + rules.gap_ms


def _out_time(start: int, group: Sequence[_Token], *, following: int | None, rules: CueRules) -> int:
    """When a cue leaves: after speech and reading, before the next one, small gaps closed."""
    spoken_until = max(group[-1].end, start)
    room = sum(token.piece.room for token in group)
    readable = start + max(rules.shortest_ms, room * 1000 // max(1, round(rules.speed_cps)))
    end = min(max(spoken_until, readable), spoken_until + rules.linger_ms)
    if following is not None:
        limit = following - rules.gap_ms
        end = limit if limit - end <= rules.close_ms - rules.gap_ms else end
    return max(min(end, start + rules.longest_ms), start + rules.gap_ms, start + 1)
