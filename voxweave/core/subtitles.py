"""Subtitles given to us, in any common format: any bytes become orderly cues, or one InputError."""

import heapq
from collections.abc import Sequence
from itertools import pairwise

from voxweave.core.cue_words import until
from voxweave.core.decoding import decoded
from voxweave.core.simple_formats import kind_of, read_simple
from voxweave.core.speech import Cue
from voxweave.core.text import counted
from voxweave.core.time import Span, clock
from voxweave.core.timed_lines import MOST_LETTERS, RawCue, Reading, read_ass, read_lines
from voxweave.core.value import Value
from voxweave.errors import InputError

MOST_BYTES = 5_000_000
MOST_COLUMNS = 2_000
MOST_CUES = 20_000
MOST_AT_ONCE = 8
_MOST_LINES = 400_000
_MOST_REPAIRS = 20
_ASS_HEADS = ("[script info]", "[events]", "[v4+ styles]", "[v4 styles]")
_HEAD_LINES = 40
_LEAST_MS = 300
"""A cue that the next one would leave less than this is shown together with it: two voices."""
_READING_CPS = 17
_LEAST_READING_MS = 833


class Subtitles(Value):
    """The cues of a subtitle file, in order, none overlapping; `repairs` says what had to be mended."""

    cues: tuple[Cue, ...]
    language: str = ""
    repairs: tuple[str, ...] = ()


def read_subtitles(raw: bytes, *, suffix: str, name: str = "the subtitle file") -> Subtitles:
    """Read a subtitle file by what is in it; `suffix` only decides where that leaves a doubt."""
    text, note = decoded(raw, name, most_bytes=MOST_BYTES)
    if text.count("\n") > _MOST_LINES:
        raise InputError(f"{name} has more than {_MOST_LINES:,} lines")
    reading = _read(text.split("\n"), suffix.lower(), name)
    if len(reading.cues) > MOST_CUES:
        raise InputError(f"{name} has {len(reading.cues):,} cues (at most {MOST_CUES:,})")
    cues = _orderly(_few_at_once(_mended(reading), reading), reading)
    if not cues:
        raise InputError(
            f"{name} has no cues{_because(reading)}",
            hint="give SRT, WebVTT, ASS, SBV, LRC or MicroDVD with times and text",
        )
    return Subtitles(cues=tuple(cues), language=reading.language, repairs=_told([note, *reading.repairs]))


def clip_cues(cues: Sequence[Cue], duration_ms: int) -> tuple[tuple[Cue, ...], tuple[str, ...]]:
    """The cues that fall within the narration, and what to say of the others."""
    kept = [cue for cue in cues if cue.span.start < duration_ms]
    late = [cue for cue in kept if cue.span.end > duration_ms]
    clipped = tuple(until(cue, duration_ms) for cue in kept)
    notes = []
    if len(kept) < len(cues):
        gone = len(cues) - len(kept)
        notes.append(
            f"{gone} of {len(cues)} cues begin after the narration's end ({clock(duration_ms)}); left out"
        )
    if late and late[-1].span.end > duration_ms + 500:
        notes.append(f"the cue at {clock(late[-1].span.start)} ran on past the narration's end; cut there")
    return clipped, tuple(notes)


def _read(lines: Sequence[str], suffix: str, name: str) -> Reading:
    first = next((line.strip() for line in lines if line.strip()), "")
    head = lines[:_HEAD_LINES]
    if not any("-->" in line for line in head) and any(line.strip().lower() in _ASS_HEADS for line in head):
        return read_ass(lines, most_columns=MOST_COLUMNS)
    for number, line in enumerate(lines, start=1):
        if len(line) > MOST_COLUMNS:
            raise InputError(f"{name}: line {number} has {len(line):,} letters (at most {MOST_COLUMNS:,})")
    if kind := kind_of(first):
        return read_simple(lines, kind)
    return read_lines(lines, web=first.startswith("WEBVTT") or suffix == ".vtt")


def _mended(reading: Reading) -> list[RawCue]:
    """Cues with text and times that can be; what was wrong is noted."""
    return [
        cue
        for cue in reading.cues
        if cue.lines and _times_mended(cue, reading) and _text_mended(cue, reading)
    ]


def _times_mended(cue: RawCue, reading: Reading) -> bool:
    if cue.end <= cue.start:
        letters = sum(map(len, cue.lines))
        shown = max(_LEAST_READING_MS, letters * 1000 // _READING_CPS)
        reading.trouble(cue.line, f"ends before it begins; shown for {shown / 1000:.1f} s")
        cue.end = cue.start + shown
    if cue.end <= 0:
        reading.trouble(cue.line, "lies before the narration; the cue is left out")
        return False
    if cue.start < 0:
        reading.trouble(cue.line, "begins before the narration; begins with it instead")
        cue.start = 0
    return True


def _text_mended(cue: RawCue, reading: Reading) -> bool:
    kept, room = [], MOST_LETTERS
    for line in cue.lines:
        if room > 0:
            kept.append(line[:room])
        room -= len(line)
    if room < 0:
        reading.trouble(cue.line, f"more than {MOST_LETTERS} letters; the rest is left out")
    cue.lines = kept
    return True


def _few_at_once(cues: Sequence[RawCue], reading: Reading) -> list[RawCue]:
    """Cues in order of time, without those that begin while eight others stand."""
    kept: list[RawCue] = []
    standing: list[int] = []
    early = sum(two.start < one.start for one, two in pairwise(cues))
    if early:
        reading.repairs.append(f"{counted(early, 'cue')} out of order; put in order of time")
    for cue in sorted(cues, key=lambda cue: (cue.start, cue.line)):
        while standing and standing[0] <= cue.start:
            heapq.heappop(standing)
        if len(standing) < MOST_AT_ONCE:
            heapq.heappush(standing, cue.end)
            kept.append(cue)
        else:
            reading.trouble(cue.line, f"more than {MOST_AT_ONCE} cues at once; the cue is left out")
    return kept


def _orderly(cues: Sequence[RawCue], reading: Reading) -> list[Cue]:
    """No two at once: what begins together is shown together, else the earlier makes way."""
    placed: list[RawCue] = []
    shortened = together = 0
    for cue in cues:
        before = placed[-1] if placed else None
        if before is None or before.end <= cue.start:
            placed.append(cue)
        elif cue.start - before.start < _LEAST_MS:
            together += _join(before, cue, reading)
        else:
            shortened += 1
            before.end = cue.start
            placed.append(cue)
    if shortened:
        reading.repairs.append(f"{counted(shortened, 'cue')} overlapping the next; cut where that begins")
    if together:
        reading.repairs.append(f"{counted(together, 'cue')} at the time of another; shown together")
    return [Cue(span=Span(start=cue.start, end=cue.end), lines=tuple(cue.lines)) for cue in placed]


def _join(before: RawCue, cue: RawCue, reading: Reading) -> bool:
    """Show a cue with another; whether that one has more text now."""
    more = [] if cue.lines == before.lines else cue.lines  # styled ASS draws the same words in layers
    if sum(map(len, [*before.lines, *more])) > MOST_LETTERS:
        reading.trouble(cue.line, f"more than {MOST_LETTERS} letters at once; the cue is left out")
        return False
    before.end = max(before.end, cue.end)
    before.lines = [*before.lines, *more]
    return bool(more)


def _because(reading: Reading) -> str:
    return f" ({reading.repairs[0]})" if reading.repairs else ""


def _told(repairs: Sequence[str]) -> tuple[str, ...]:
    told = [repair for repair in repairs if repair]
    more = len(told) - _MOST_REPAIRS
    return tuple(told[:_MOST_REPAIRS]) + ((f"and {more} more such lines",) if more > 0 else ())
