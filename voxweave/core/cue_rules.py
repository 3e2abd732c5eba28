"""The rules captions keep, and which of them a list of cues breaks."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Literal, NamedTuple

from voxweave.core.film import Canvas
from voxweave.core.letters import columns
from voxweave.core.safe_area import safe_area
from voxweave.core.speech import Cue
from voxweave.core.value import Value

RuleName = Literal[
    "line length", "lines", "reading speed", "shortest", "longest", "gap", "small gap", "overlap", "order"
]


class CueRules(Value):
    """Numbers of the `netflix` profile in captions.md; letters are columns (a Chinese letter has two)."""

    chars_per_line: int = 42
    max_lines: int = 2
    speed_cps: float = 20.0
    shortest_ms: int = 833
    longest_ms: int = 7000
    gap_ms: int = 67
    close_ms: int = 500
    linger_ms: int = 500
    pause_ms: int = 500
    """From here on a silence is a good place to break."""
    rest_ms: int = 1500
    """From here on a silence always breaks."""


class Finding(Value):
    """One rule one cue breaks; cues count from 1."""

    rule: RuleName
    cue: int
    value: float
    limit: float


class _Language(NamedTuple):
    """Columns across a full 16:9 line, and columns a second."""

    letters: int
    speed_cps: float


# Netflix: letters a line (ja 23, zh and ko 16, th 35) and adult reading speeds; wide letters count twice.
_LANGUAGES = {
    "en": _Language(42, 20),
    "ar": _Language(42, 20),
    "hi": _Language(42, 22),
    "th": _Language(35, 17),
    "ja": _Language(42, 8),
    "ko": _Language(32, 24),
    "zh": _Language(32, 18),
    "": _Language(42, 20),
}
_OTHERS = _Language(42, 17)
_GAP_FRAMES = 2
_CLOSE_S = Fraction(1, 2)


def rules_for(canvas: Canvas, language: str = "") -> CueRules:
    """The rules for a canvas and a language (`en`, `pt-BR`; empty when unknown)."""
    area = safe_area(canvas)
    spoken = _LANGUAGES.get(language.lower().replace("_", "-").split("-")[0], _OTHERS)
    return CueRules(
        chars_per_line=min(area.letters, max(12, round(area.letters * spoken.letters / 42))),
        max_lines=area.lines,
        speed_cps=spoken.speed_cps,
        gap_ms=ceil(_GAP_FRAMES * 1000 / canvas.rate),
        close_ms=round(_CLOSE_S * 1000),
    )


def check(cues: Sequence[Cue], rules: CueRules) -> tuple[Finding, ...]:
    """Every rule broken, cue by cue."""
    found: list[Finding] = []
    for index, cue in enumerate(cues, start=1):
        found += [_finding(*broken, cue=index) for broken in _of_one(cue, rules)]
    for index, (cue, following) in enumerate(pairwise(cues), start=1):
        found += [_finding(*broken, cue=index) for broken in _of_two(cue, following, rules)]
    return tuple(sorted(found, key=lambda finding: finding.cue))


_Broken = tuple[RuleName, float, float]


def _finding(rule: RuleName, value: float, limit: float, *, cue: int) -> Finding:
    return Finding(rule=rule, cue=cue, value=round(value, 1), limit=limit)


def _of_one(cue: Cue, rules: CueRules) -> Iterator[_Broken]:
    widest = max((columns(line) for line in cue.lines), default=0)
    shown_ms = cue.span.duration
    speed = columns(cue.text) * 1000 / max(shown_ms, 1)
    if widest > rules.chars_per_line:
        yield "line length", widest, rules.chars_per_line
    if len(cue.lines) > rules.max_lines:
        yield "lines", len(cue.lines), rules.max_lines
    if speed > rules.speed_cps + 0.05:
        yield "reading speed", speed, rules.speed_cps
    if shown_ms < rules.shortest_ms:
        yield "shortest", shown_ms, rules.shortest_ms
    if shown_ms > rules.longest_ms:
        yield "longest", shown_ms, rules.longest_ms


def _of_two(cue: Cue, following: Cue, rules: CueRules) -> Iterator[_Broken]:
    gap = following.span.start - cue.span.end
    if following.span.start < cue.span.start:
        yield "order", following.span.start, cue.span.start
    elif gap < 0:
        yield "overlap", -gap, 0
    elif gap < rules.gap_ms:
        yield "gap", gap, rules.gap_ms
    elif rules.gap_ms < gap <= rules.close_ms and cue.span.duration + gap - rules.gap_ms <= rules.longest_ms:
        yield "small gap", gap, rules.gap_ms
