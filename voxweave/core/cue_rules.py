"""The rules captions keep, and which of them a list of cues breaks."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Literal

from voxweave.core.breaks import leans
from voxweave.core.cue_words import agree
from voxweave.core.film import Canvas
from voxweave.core.leaning import likely_language
from voxweave.core.letters import columns
from voxweave.core.profiles import (
    BY_LETTERS,
    GAP_FRAMES,
    LANGUAGES,
    OTHERS,
    TALL_COLUMNS,
    TALL_LINES,
    Profile,
    number_of,
)
from voxweave.core.safe_area import safe_area
from voxweave.core.speech import Cue
from voxweave.core.time import Rate
from voxweave.core.value import Value

RuleName = Literal[
    "line length", "lines", "words", "reading speed", "words a minute", "shortest", "longest",
    "gap", "small gap", "overlap", "order", "line end", "shot change", "text",
]  # fmt: skip

_TALL_ASPECT = 0.65
_NARROWEST = 12
_ROUNDED_MS = 1
"""Times are whole milliseconds, frames are not."""


class CueRules(Value):
    """The numbers cues are laid out by, those of `netflix` at first; zero is no rule.

    Letters are columns (a Chinese letter has two). Times fall on frames of `rate`.
    """

    profile: Profile = "netflix"
    language: str = ""
    rate: Rate = Fraction(1000)
    chars_per_line: int = 42
    max_lines: int = 2
    max_words: int = 0
    speed_cps: float = 20.0
    words_a_minute: float = 0.0
    shortest_ms: int = 833
    shortest_word_ms: int = 0
    """For each word of the cue."""
    longest_ms: int = 7000
    gap_ms: int = 67
    close_ms: int = 500
    """A gap of up to so much is closed."""
    linger_ms: int = 500
    lead_ms: int = 0
    """So long before its voice a cue comes, where there is silence."""
    early_ms: int = 0
    """So long before its voice a cue may come, into silence, where there is too little time to read it."""
    snap_ms: int = 500
    """Times so near to a cut of the film move to it."""
    pause_ms: int = 500
    """From here on a silence is a good place to break."""
    rest_ms: int = 1500
    """From here on a silence always breaks."""

    def frames(self, ms: float) -> int:
        """The frame nearest to a moment, or a length in frames."""
        return round(Fraction(ms) * self.rate / 1000)

    def frames_needed(self, ms: float) -> int:
        """So many whole frames that they are no shorter."""
        return ceil(Fraction(ms) * self.rate / 1000)

    def reading_ms(self, columns: int, words: int) -> float:
        """How long it takes to read a text."""
        by_letters = columns * 1000 / self.speed_cps if self.speed_cps else 0.0
        by_words = words * 60_000 / self.words_a_minute if self.words_a_minute else 0.0
        return max(by_letters, by_words)

    def least_ms(self, words: int) -> int:
        """The shortest a cue of so many words may be."""
        return max(self.shortest_ms, words * self.shortest_word_ms)


class Finding(Value):
    """One rule one cue breaks; cues count from 1."""

    rule: RuleName
    cue: int
    value: float
    limit: float


def rules_for(canvas: Canvas, language: str = "", *, profile: Profile = "netflix") -> CueRules:
    """The rules of a profile for a canvas and a language (`en`, `pt-BR`; empty when unknown)."""
    primary = language.lower().replace("_", "-").split("-")[0]
    spoken = LANGUAGES.get(primary, OTHERS)
    by_words = number_of(profile, "words_a_minute") if primary not in BY_LETTERS else 0
    whole = {
        name: int(number_of(profile, name, CueRules.model_fields[name].default if name in _USUAL else 0))
        for name in (*_USUAL, "max_words", "lead_ms", "early_ms", "snap_ms")
    }
    return CueRules(
        profile=profile,
        language=language,
        rate=canvas.rate,
        chars_per_line=_columns(canvas, profile, spoken.columns),
        max_lines=_lines(canvas, profile),
        speed_cps=0 if by_words else number_of(profile, "speed_cps", spoken.speed_cps),
        words_a_minute=by_words,
        shortest_word_ms=int(number_of(profile, "shortest_word_ms")) if by_words else 0,
        gap_ms=floor(GAP_FRAMES[profile].value * 1000 / canvas.rate),
        **whole,
    )


_USUAL = ("shortest_ms", "longest_ms", "close_ms", "linger_ms", "pause_ms", "rest_ms")


def _columns(canvas: Canvas, profile: Profile, spoken: int) -> int:
    letters = safe_area(canvas).letters
    most = TALL_COLUMNS.value if profile == "bbc" and _tall(canvas) else number_of(profile, "columns")
    return min(letters, int(most), max(_NARROWEST, round(letters * spoken / 42)))


def _lines(canvas: Canvas, profile: Profile) -> int:
    lines = int(number_of(profile, "max_lines"))
    return int(TALL_LINES.value) if profile == "bbc" and _tall(canvas) else lines


def _tall(canvas: Canvas) -> bool:
    return canvas.width < _TALL_ASPECT * canvas.height


def check(cues: Sequence[Cue], rules: CueRules, cuts: Sequence[int] = ()) -> tuple[Finding, ...]:
    """Every rule broken, cue by cue; `cuts` are the first frames of the film's later shots."""
    language = rules.language or likely_language(word for cue in cues for word in cue.text.split())
    found: list[Finding] = []
    for index, cue in enumerate(cues, start=1):
        broken = [*_of_text(cue, rules), *_of_time(cue, rules)]
        following = cues[index] if index < len(cues) else None
        broken += _of_breaks(cue, following, rules, language)
        found += [_finding(*one, cue=index) for one in broken]
    for index, (cue, following) in enumerate(pairwise(cues), start=1):
        found += [_finding(*one, cue=index) for one in _of_two(cue, following, rules, cuts)]
    for index, one in _of_cuts(cues, rules, sorted(cuts)):
        found.append(_finding(*one, cue=index))
    return tuple(sorted(found, key=lambda finding: finding.cue))


_Broken = tuple[RuleName, float, float]


def _finding(rule: RuleName, value: float, limit: float, *, cue: int) -> Finding:
    return Finding(rule=rule, cue=cue, value=round(value, 1), limit=limit)


def _of_text(cue: Cue, rules: CueRules) -> Iterator[_Broken]:
    widest = max((columns(line) for line in cue.lines), default=0)
    words = len(cue.words) or len(cue.text.split())
    if widest > rules.chars_per_line:
        yield "line length", widest, rules.chars_per_line
    if len(cue.lines) > rules.max_lines:
        yield "lines", len(cue.lines), rules.max_lines
    if rules.max_words and words > rules.max_words:
        yield "words", words, rules.max_words
    if not agree(cue):
        yield "text", abs(sum(len(word.text) for word in cue.words) - len(cue.text)), 0


def _of_time(cue: Cue, rules: CueRules) -> Iterator[_Broken]:
    shown_ms = max(cue.span.duration, 1)
    words = len(cue.text.split())
    speed, pace = columns(cue.text) * 1000 / shown_ms, words * 60_000 / shown_ms
    if rules.speed_cps and speed > rules.speed_cps + 0.05:
        yield "reading speed", speed, rules.speed_cps
    if rules.words_a_minute and pace > rules.words_a_minute + 0.5:
        yield "words a minute", pace, rules.words_a_minute
    if cue.span.duration + _ROUNDED_MS < rules.least_ms(words):
        yield "shortest", cue.span.duration, rules.least_ms(words)
    if cue.span.duration > rules.longest_ms:
        yield "longest", cue.span.duration, rules.longest_ms


def _of_breaks(cue: Cue, following: Cue | None, rules: CueRules, language: str) -> Iterator[_Broken]:
    """Lines that end with a small word; the last one only where the voice goes on."""
    goes_on = following is not None and following.span.start - cue.span.end <= rules.close_ms
    lines = cue.lines if goes_on else cue.lines[:-1]
    bad = sum(leans(line.rsplit(maxsplit=1)[-1], language) for line in lines if line.strip())
    if bad and rules.profile in ("netflix", "bbc"):
        yield "line end", bad, 0


def _of_two(cue: Cue, following: Cue, rules: CueRules, cuts: Sequence[int]) -> Iterator[_Broken]:
    gap = following.span.start - cue.span.end
    least, frames = rules.frames(rules.gap_ms), rules.frames(gap)
    if following.span.start < cue.span.start:
        yield "order", following.span.start, cue.span.start
    elif gap < 0:
        yield "overlap", -gap, 0
    elif frames < least:
        yield "gap", gap, rules.gap_ms
    elif least < frames and _to_be_closed(cue, gap, rules) and not _parted(cue, following, rules, cuts):
        yield "small gap", gap, rules.gap_ms


def _to_be_closed(cue: Cue, gap: int, rules: CueRules) -> bool:
    return gap <= rules.close_ms and cue.span.duration + gap - rules.gap_ms <= rules.longest_ms


def _parted(cue: Cue, following: Cue, rules: CueRules, cuts: Sequence[int]) -> bool:
    """Whether a cut of the film lies in the gap: text leaves with its shot."""
    first, last = rules.frames(cue.span.end), rules.frames(following.span.start)
    return bool(rules.snap_ms) and any(first <= cut <= last for cut in cuts)


def _of_cuts(cues: Sequence[Cue], rules: CueRules, cuts: Sequence[int]) -> Iterator[tuple[int, _Broken]]:
    """Text that comes or goes within half a second of a cut, not on it, unless the voice crosses the cut."""
    if not cuts or not rules.snap_ms:
        return
    gap = rules.frames(rules.gap_ms)
    for index, cue in enumerate(cues, start=1):
        first, last = rules.frames(cue.span.start), rules.frames(cue.span.end)
        before = cues[index - 2] if index > 1 else None
        after = cues[index] if index < len(cues) else None
        said = rules.frames(_voiced_ms(before)) if before else 0
        off = [away for cut, away in _off(cuts, first, rules) if said <= cut]
        if after is None or rules.frames(after.span.start) - last > gap:
            off += [away for _, away in _off(cuts, last + gap, rules, shown=last)]
        for away in off[:1]:
            yield index, ("shot change", float(away * 1000 / rules.rate), rules.snap_ms)


def _voiced_ms(cue: Cue) -> int:
    """When the voice of a cue ends; without times of words, when its text does, so that nothing is alleged."""
    return cue.words[-1].span.end if cue.words else cue.span.end


def _off(
    cuts: Sequence[int], wanted: int, rules: CueRules, *, shown: int | None = None
) -> list[tuple[int, int]]:
    """The cuts near a moment and how far they are; none when the moment wanted is a cut's."""
    moment = wanted if shown is None else shown
    near = _near(cuts, moment, rules.frames(rules.snap_ms))
    return [] if wanted in near else [(cut, abs(moment - cut)) for cut in near]


def _near(cuts: Sequence[int], moment: int, half: int) -> Sequence[int]:
    """The cuts less than half a second away."""
    return cuts[bisect_left(cuts, moment - half + 1) : bisect_left(cuts, moment + half)]
