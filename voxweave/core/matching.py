"""A known script matched with recognised words: the script keeps its words and takes their times.

Both texts are cut into units (spoken words, or signs where there are no spaces), those that are the same
anchor the script, and what lies between two anchors is compared by how much each side has to say: about
as much is the same, heard wrongly; much less voice than text is text nobody said; voice without text is
speech the script does not have.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

from voxweave.core.alignment import kept_to_speech, matched, placed
from voxweave.core.lettering import lined_up
from voxweave.core.normal import Unit, units
from voxweave.core.speech import Unspoken, Word
from voxweave.core.time import Span
from voxweave.core.unsaid import closed, unspoken_in
from voxweave.core.value import Value
from voxweave.core.windows import within

WRONG = 0.3
"""A script of which less is heard belongs to another narration: others had 0 to 16 %, poorly heard ones 48 % and more."""
_USUAL_MS = 65.0
"""What a letter takes, until this voice has told."""
_ALIKE, _MUCH = 0.4, 2.5
"""Two texts between one and the other times each other's length may be the same text."""
_FEW_UNSPOKEN, _FEW_OFFSCRIPT = 4, 3
_OFFSCRIPT_MS = 1_000
_NUMBER_UNITS = 12
_MANY, _FOREIGN = 12, 0.15
"""So many units that share so few of their letters are two texts, not one heard wrongly."""


class Match(Value):
    """Every word of the script with its time; `share` is how much of it was heard, from 0 to 1."""

    words: tuple[Word, ...]
    share: float
    unspoken: tuple[Unspoken, ...] = ()
    offscript: tuple[Span, ...] = ()


@dataclass(frozen=True)
class _Gap:
    """What lies between two anchors: script units, heard units, and the time there is."""

    script: range
    heard: range
    room: Span


def match(
    script: Sequence[str],
    heard: Sequence[Word],
    speech: Sequence[Span],
    *,
    duration_ms: int,
    language: str = "",
) -> Match:
    """The script's words at the times they were heard; `speech` is where the voice speaks."""
    ours, theirs = units(script, language), units([word.text for word in heard], language)
    times = _times(theirs, heard)
    pairs = matched([unit.text for unit in ours], [unit.text for unit in theirs])
    lining = _Lining(ours, theirs, times, dict(pairs), speech=speech, duration_ms=duration_ms)
    for gap in lining.gaps(pairs):
        lining.close(gap)
    known = _known(ours, lining.found, script, lining.unspoken)
    words = placed(script, known, speech, duration_ms=duration_ms)
    pauses = [Span(start=one.end, end=other.start) for one, other in pairwise(speech)]
    return Match(
        words=kept_to_speech(words, pauses),
        share=_share(ours, pairs, lining.alike),
        unspoken=unspoken_in(words, lining.unspoken),
        offscript=closed(lining.offscript, _OFFSCRIPT_MS),
    )


class _Lining:
    """The times of the script's units, as far as they are known."""

    def __init__(
        self,
        ours: Sequence[Unit],
        theirs: Sequence[Unit],
        times: Sequence[Span],
        pairs: Mapping[int, int],
        *,
        speech: Sequence[Span],
        duration_ms: int,
    ) -> None:
        self.ours, self.theirs, self.times, self.speech = ours, theirs, times, speech
        self.duration_ms = duration_ms
        self.found = {one: times[other] for one, other in pairs.items()}
        self.unspoken: set[int] = set()
        self.offscript: list[Span] = []
        self.alike = 0
        paces = [times[other].duration / ours[one].weight for one, other in pairs.items()]
        self.pace_ms = min(max(median(paces), 30.0), 200.0) if paces else _USUAL_MS

    def gaps(self, pairs: Sequence[tuple[int, int]]) -> Iterator[_Gap]:
        """What is left between the anchors, where anything is."""
        edges = [(-1, -1), *pairs, (len(self.ours), len(self.theirs))]
        for (one, other), (next_one, next_other) in pairwise(edges):
            if next_one - one > 1 or next_other - other > 1:
                start = self.times[other].end if other >= 0 else 0
                end = self.times[next_other].start if next_other < len(self.times) else self.duration_ms
                yield _Gap(
                    range(one + 1, next_one),
                    range(other + 1, next_other),
                    Span(start=start, end=max(start, end)),
                )

    def close(self, gap: _Gap) -> None:
        """Give a gap's units their times, or say that nobody spoke them, or what else was said."""
        text = sum(self.ours[index].weight for index in gap.script)
        said = sum(self.theirs[index].weight for index in gap.heard)
        if text and said and (self._figures(gap) or _ALIKE <= said / text <= _MUCH):
            self._share_out(gap)
        elif text and self._voice_ms(gap.room) < _ALIKE * text * self.pace_ms:
            self._skip(gap)
        elif said > _MUCH * text:
            self._leave_out(gap)

    def _figures(self, gap: _Gap) -> bool:
        """Whether a number stands in a short gap: in figures it may be far shorter than in words."""
        short = max(len(gap.script), len(gap.heard)) <= _NUMBER_UNITS
        both = (*(self.ours[index] for index in gap.script), *(self.theirs[index] for index in gap.heard))
        return short and any(unit.numeric for unit in both)

    def _share_out(self, gap: _Gap) -> None:
        """The script's units over the time of the words heard in their place, letter by letter."""
        heard = [self.times[index] for index in gap.heard]
        ours = [self.ours[index].text for index in gap.script]
        starts, ends, same = lined_up(ours, [self.theirs[index].text for index in gap.heard], heard)
        if len(ours) >= _MANY and same < _FOREIGN * sum(map(len, ours)):
            self._leave_out(gap)
            return
        for index, start, end in zip(gap.script, starts, ends, strict=True):
            self.found[index] = Span(start=start, end=max(start, end))
        self.alike += same

    def _skip(self, gap: _Gap) -> None:
        """Nobody said these words; one whose other half was heard is not among them."""
        beside = (gap.script.start - 1, gap.script.stop)
        heard = {self.ours[index].word for index in beside if 0 <= index < len(self.ours)}
        words = {self.ours[index].word for index in gap.script} - heard
        if len(words) >= _FEW_UNSPOKEN:
            self.unspoken.update(words)

    def _leave_out(self, gap: _Gap) -> None:
        """Other words were said here: they are told with their time, and the script's were not."""
        words = {self.theirs[index].word for index in gap.heard}
        span = Span(start=self.times[gap.heard[0]].start, end=self.times[gap.heard[-1]].end)
        if len(words) >= _FEW_OFFSCRIPT and span.duration >= _OFFSCRIPT_MS:
            self.offscript.append(span)
            self._skip(gap)

    def _voice_ms(self, room: Span) -> int:
        return sum(span.duration for span in within(self.speech, room))


def _times(theirs: Sequence[Unit], heard: Sequence[Word]) -> list[Span]:
    """Each heard unit's part of its word's time, by its weight."""
    times: list[Span] = []
    for index, parts in groupby(theirs, key=lambda unit: unit.word):
        times += _dealt([unit.weight for unit in parts], [heard[index].span])
    return times


def _dealt(weights: Sequence[float], spans: Sequence[Span]) -> list[Span]:
    """Spans in a row, dealt out by weight; the silence between them belongs to nobody."""
    whole = sum(span.duration for span in spans)
    moments = [0.0]
    for weight in weights:
        moments.append(moments[-1] + whole * weight / sum(weights))
    starts = [_moment(spans, round(moment), late=True) for moment in moments[:-1]]
    ends = [_moment(spans, round(moment), late=False) for moment in moments[1:]]
    return [Span(start=start, end=max(start, end)) for start, end in zip(starts, ends, strict=True)]


def _moment(spans: Sequence[Span], passed_ms: int, *, late: bool) -> int:
    """The moment after so much of the spans has passed; on an edge, the next span's start if `late`."""
    for span in spans[:-1]:
        if passed_ms < span.duration or (passed_ms == span.duration and not late):
            return span.start + passed_ms
        passed_ms -= span.duration
    return min(spans[-1].start + passed_ms, spans[-1].end)


def _known(
    ours: Sequence[Unit], found: Mapping[int, Span], script: Sequence[str], unspoken: set[int]
) -> dict[int, Span]:
    """The words' times from those of their units; a word nobody said lasts no time."""
    known: dict[int, Span] = {}
    moment = 0
    place = 0
    groups = {
        word: list(parts) for word, parts in groupby(range(len(ours)), key=lambda index: ours[index].word)
    }
    for word in range(len(script)):
        parts = groups.get(word, [])
        place += len(parts)
        spans = [found[index] for index in parts if index in found]
        if word in unspoken:
            known[word] = Span(start=moment, end=moment)
        elif spans and (parts[0] in found or len(spans) * 2 >= len(parts)):
            start = max(moment, spans[0].start)
            known[word] = Span(start=start, end=max(start, spans[-1].end))
            moment = known[word].end
    return known


def _share(ours: Sequence[Unit], pairs: Sequence[tuple[int, int]], alike: int) -> float:
    """How much of the script was heard; a word alone among others proves nothing, for all texts share some."""
    there = set(pairs)
    sure = [
        one
        for one, other in pairs
        if (one - 1, other - 1) in there or (one + 1, other + 1) in there or len(ours) == 1
    ]
    letters = sum(len(unit.text) for unit in ours)
    return min(1.0, (sum(len(ours[index].text) for index in sure) + alike) / letters) if letters else 1.0
