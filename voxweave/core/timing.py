"""When cues come and go: by the voice and the reader, on frames, in step with the film's cuts."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from voxweave.core.cue_rules import CueRules
from voxweave.core.time import Span, ms_of

_NEVER = 2**53
_LATE_SHARE = Fraction(7, 12)
"""Of the half second before a cut: speech that begins no further from the cut waits for it (Netflix)."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a cue says: from when to when in milliseconds, its columns, its words."""

    start: int
    end: int
    columns: int
    words: int


def spans_of(
    spoken: Sequence[Spoken], rules: CueRules, cuts: Sequence[int] = (), *, frames: int = 0
) -> list[Span]:
    """When each cue is on screen; they never overlap.

    `cuts` are frames where the film's later shots begin, `frames` is its length where that is known.
    """
    clock = _Clock(rules, tuple(sorted(cuts)) if rules.snap_ms else (), frames or _NEVER)
    starts: list[int] = []
    for index in range(len(spoken)):
        starts.append(clock.in_time(spoken, index, starts))
    spans, free_from = [], 0
    for index, (start, one) in enumerate(zip(starts, spoken, strict=True)):
        first = max(start, free_from)
        following = max(starts[index + 1], first + 1) if index + 1 < len(spoken) else None
        last = clock.out_time(first, one, following)
        if following is None:
            last = max(min(last, clock.frames), first + 1)
        spans.append(Span(start=ms_of(first, rules.rate), end=ms_of(last, rules.rate)))
        free_from = last + clock.gap
    return spans


class _Clock:
    """Counts in frames of the film."""

    def __init__(self, rules: CueRules, cuts: Sequence[int], frames: int) -> None:
        self.rules, self.cuts, self.frames = rules, cuts, frames
        self.gap = rules.frames(rules.gap_ms)
        self.half = rules.frames(rules.snap_ms)

    def in_time(self, spoken: Sequence[Spoken], index: int, starts: Sequence[int]) -> int:
        """The frame a cue comes on: the first of its voice, or the cut near it, or a little before."""
        one, rules = spoken[index], self.rules
        start, limit = rules.frames(one.start), self._limit(spoken, index)
        cut = self._nearest(start)
        wanted = self._moved(start, cut) if cut is not None else start
        if wanted < start and (not index or self._room_for(spoken[index - 1], starts[-1], wanted - self.gap)):
            return wanted
        if wanted > start and self._room_for(one, wanted, limit):
            return wanted
        early = min(self._needed(one) - (limit - start), rules.frames(rules.early_ms))
        early = max(early, rules.frames(rules.lead_ms))
        return self._early(start, early, self._silence(spoken, index, starts))

    def _early(self, start: int, early: int, silence: int) -> int:
        """A start moved into the silence before it, but not to just after a cut: then onto the cut."""
        moved = start - max(0, min(early, silence))
        cut = self._nearest(moved)
        if moved == start or cut is None:
            return moved
        return cut if cut < start and start - cut <= silence else start

    def _silence(self, spoken: Sequence[Spoken], index: int, starts: Sequence[int]) -> int:
        """The frames before a cue's voice that the cue before needs neither to be said nor to be read."""
        start = self.rules.frames(spoken[index].start)
        if not index:
            return start
        before = spoken[index - 1]
        busy = max(self.rules.frames_needed(before.end), starts[-1] + self._needed(before))
        return start - self.gap - busy

    def _limit(self, spoken: Sequence[Spoken], index: int) -> int:
        """The last frame a cue may stay for: it lingers, till the next voice or the film's end."""
        lingered = self.rules.frames(spoken[index].end + self.rules.linger_ms)
        if index + 1 == len(spoken):
            return min(lingered, self.frames)
        following = self.rules.frames(spoken[index + 1].start)
        cut = self._nearest(following)
        if cut is not None and self.rules.frames(spoken[index].end) <= cut < following:
            following = cut
        return min(lingered, following - self.gap)

    def _moved(self, start: int, cut: int) -> int:
        """Where Netflix wants text that begins within half a second of a cut."""
        if cut - start > _LATE_SHARE * self.half:
            return max(0, cut - self.half)
        return cut

    def _room_for(self, one: Spoken, start: int, end: int) -> bool:
        """Whether a cue can be said and read from one frame to another."""
        return end >= self.rules.frames(one.end) - self.gap and end - start >= self._needed(one)

    def _needed(self, one: Spoken) -> int:
        rules = self.rules
        reading = rules.reading_ms(one.columns, one.words)
        return rules.frames_needed(max(reading, rules.least_ms(one.words)))

    def out_time(self, start: int, one: Spoken, following: int | None) -> int:
        """The frame it goes: after speech and reading, before the next one, small gaps closed."""
        rules = self.rules
        voice_end = max(rules.frames_needed(one.end), start + 1)
        least = start + rules.frames_needed(rules.least_ms(one.words))
        read = start + self._needed(one)
        end = max(least, min(max(voice_end, read), voice_end + rules.frames(rules.linger_ms)))
        limit = following - self.gap if following is not None else end + self.half + 1
        end = self._at_cut(min(end, limit), voice_end=voice_end, read=read, limit=limit)
        if following is not None and limit - end <= rules.frames(rules.close_ms) - self.gap:
            end = end if self._leaves_with_shot(end) and limit > end else limit
        longest = start + int(Fraction(rules.longest_ms) * rules.rate / 1000)
        return max(min(end, longest), start + max(self.gap, 1))

    def _leaves_with_shot(self, end: int) -> bool:
        return bool(self.cuts) and self._nearest(end + self.gap) == end + self.gap

    def _at_cut(self, end: int, *, voice_end: int, read: int, limit: int) -> int:
        """The out-time moved to a cut near it; past the cut only where voice or reader go on past it."""
        cut = self._nearest(end)
        if cut is None:
            return end
        if voice_end <= cut + self.gap and cut - self.gap >= min(end, read):
            return min(cut - self.gap, limit)
        return min(max(end, cut + self.half), limit)

    def _nearest(self, frame: int) -> int | None:
        """The cut less than half a second away."""
        at = bisect_left(self.cuts, frame)
        near = [cut for cut in self.cuts[max(0, at - 1) : at + 1] if abs(cut - frame) < self.half]
        return min(near, key=lambda cut: abs(cut - frame)) if near else None
