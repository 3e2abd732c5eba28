"""Simple subtitle formats line by line: SBV and SubViewer, LRC, MicroDVD and MPL2."""

import re
from collections.abc import Sequence
from fractions import Fraction

from voxweave.core.timed_lines import RawCue, Reading, milliseconds, shown

_CLOCK = r"(-?)(?:(\d{1,4}):)?(\d{1,3}):(\d{1,3})(?:[.:](\d{1,9}))?"
_SBV = re.compile(rf"[ \t]{{0,9}}{_CLOCK}[ \t]{{0,9}},[ \t]{{0,9}}{_CLOCK}[ \t]{{0,9}}")
_LYRIC = re.compile(r"\[(-?)(?:(\d{1,4}):)?(\d{1,3}):(\d{1,3})(?:[.:](\d{1,9}))?\]")
_LYRIC_LINE = re.compile(r"[ \t]{0,9}(?:\[-?[\d:.]{3,20}\][ \t]{0,9}){1,20}.{0,2000}")
_OFFSET = re.compile(r"\[offset:[ \t]{0,9}([+-]?\d{1,7})[ \t]{0,9}\]", re.IGNORECASE)
_LYRIC_TAG = re.compile(r"\[[A-Za-z#][A-Za-z]{0,19}:.{0,500}\]")
_WORD_TIME = re.compile(r"<\d{1,3}:\d{1,3}(?:[.:]\d{1,9})?>")
_FRAMES = re.compile(r"([{\[])(\d{1,9})[}\]][{\[](\d{0,9})[}\]](.{0,2000})")
_STYLE = re.compile(r"\{[A-Za-z]:[^{}]{0,40}\}")
_RATE = re.compile(r"\d{2,3}(?:[.,]\d{1,3})?")
_USUAL_RATE = Fraction(24000, 1001)
_TENTH = Fraction(10)
_LONGEST_MS = 8_000
"""A line of a song is shown until the next, not through an interlude."""
_MOST = 20_001
"""Nobody reads on once there are too many."""
_READ_CPS, _LEAST_MS = 17, 833


def kind_of(first: str) -> str:
    """Which simple format a file's first line speaks for; empty for none."""
    for kind, pattern in (
        ("frames", _FRAMES),
        ("sbv", _SBV),
        ("lyrics", _LYRIC_LINE),
        ("lyrics", _LYRIC_TAG),
    ):
        if pattern.fullmatch(first):
            return kind
    return ""


def read_simple(lines: Sequence[str], kind: str) -> Reading:
    """A file of one of the kinds `kind_of` tells."""
    return {"frames": _read_frames, "sbv": _read_sbv, "lyrics": _read_lyrics}[kind](lines)


def _read_sbv(lines: Sequence[str]) -> Reading:
    reading = Reading()
    cue: RawCue | None = None
    for number, line in enumerate(lines, start=1):
        match = _SBV.fullmatch(line)
        if match:
            cue = RawCue(number, milliseconds(match.groups()[:5]), milliseconds(match.groups()[5:]))
            reading.cues.append(cue)
        elif cue is not None:
            cue.lines += shown(line.replace("[br]", "<br>"))
    return reading


def _read_lyrics(lines: Sequence[str]) -> Reading:
    """Each line stands until the next one; one with several times is sung again."""
    reading = Reading()
    offset = 0
    found: list[RawCue] = []
    for number, line in enumerate(lines, start=1):
        said = _OFFSET.match(line.strip())
        offset = int(said[1]) if said else offset
        times = [milliseconds(match.groups()) for match in _LYRIC.finditer(line[:400])]
        text = shown(_WORD_TIME.sub("", _LYRIC.sub("", line))) if times else []
        found += [RawCue(number, moment, moment, list(text)) for moment in times]
        if not times and line.strip() and not _LYRIC_TAG.fullmatch(line.strip()):
            reading.trouble(number, "has no time; the line is left out")
        if len(found) > _MOST:
            break
    found.sort(key=lambda cue: cue.start)
    for cue in found:
        cue.start -= offset
    _until_next(found)
    reading.cues = [cue for cue in found if cue.lines]
    return reading


def _until_next(cues: Sequence[RawCue]) -> None:
    """An end for cues in order that have none: where a later one begins, but not past an interlude."""
    coming: int | None = None
    for index in range(len(cues) - 1, -1, -1):
        cue = cues[index]
        if index + 1 < len(cues) and cues[index + 1].start > cue.start:
            coming = cues[index + 1].start
        cue.end = cue.start + _reading_ms(cue) if coming is None else min(coming, cue.start + _LONGEST_MS)


def _reading_ms(cue: RawCue) -> int:
    return max(_LEAST_MS, sum(map(len, cue.lines)) * 1000 // _READ_CPS)


def _read_frames(lines: Sequence[str]) -> Reading:
    """MicroDVD counts frames, MPL2 tenths of a second; lines are parted by a bar."""
    reading = Reading()
    matches = [
        (number, match) for number, line in enumerate(lines, start=1) if (match := _FRAMES.fullmatch(line))
    ]
    rate = _rate_of(matches, reading)
    for number, match in matches:
        bracket, first, last, text = match.groups()
        if bracket == "{" and first in "01" and _RATE.fullmatch(text.strip()):
            continue
        start = round(int(first) * 1000 / rate)
        texts = (_STYLE.sub("", part).removeprefix("/") for part in text.split("|"))
        cue = RawCue(number, start, start, [line for part in texts for line in shown(part)])
        cue.end = round(int(last) * 1000 / rate) if last else start + _reading_ms(cue)
        reading.cues.append(cue)
    return reading


def _rate_of(matches: Sequence[tuple[int, re.Match[str]]], reading: Reading) -> Fraction:
    if matches and matches[0][1][1] == "[":
        return _TENTH
    for _, match in matches[:2]:
        said = _RATE.fullmatch(match[4].strip()) if match[2] in "01" else None
        if said and (rate := Fraction(said[0].replace(",", "."))) > 0:
            return rate
    if matches:
        reading.trouble(matches[0][0], "no frame rate is given; 23.976 frames a second are taken")
    return _USUAL_RATE
