"""Subtitle files line by line: times by bounded patterns, text without markup, trouble by line number."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from voxweave.core.letters import cleaned

MOST_LETTERS = 500
_MOST_NUMBER = 9
_MOST = 20_000

# Every repeat has a bound, so that no line takes longer than it is long.
_TIME = r"(-?)(?:(\d{1,4}) ?: ?)?(\d{1,3}) ?: ?(\d{1,3})(?: ?[.,:] ?(\d{1,9}))?"
_TIMING = re.compile(rf"[ \t]{{0,20}}{_TIME}[ \t]{{0,20}}-{{1,3}}>[ \t]{{0,20}}{_TIME}(?:[ \t].{{0,500}})?")
_DIALOGUE = re.compile(
    rf"Dialogue:[ \t]{{0,9}}[^,]{{0,20}},[ \t]{{0,4}}{_TIME}[ \t]{{0,4}},[ \t]{{0,4}}{_TIME}[ \t]{{0,4}},.*"
)
_BREAK = re.compile(r"<br[ \t]{0,4}/?>", re.IGNORECASE)
_TAG = re.compile(r"<[/!]?[A-Za-z0-9][^<>]{0,200}>|<[/!]>|\{\\[^{}]{0,500}\}")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#[xX][0-9a-fA-F]{1,5});")
_LANGUAGE = re.compile(r"Language:[ \t]{0,9}([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3})[ \t]{0,9}")
_DRAWING = re.compile(r"\{[^{}]{0,500}\\p[1-9]")
_BLOCKS = ("NOTE", "STYLE", "REGION")
_COMMAS = 9
_FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")


@dataclass
class RawCue:
    """A cue as its file has it: the line its times are on, the times, the text."""

    line: int
    start: int
    end: int
    lines: list[str] = field(default_factory=list)


@dataclass
class Reading:
    """What was read, and what was wrong with the rest."""

    cues: list[RawCue] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    language: str = ""

    def trouble(self, line: int, what: str) -> None:
        """Note what is wrong on a line, counted from 1."""
        self.repairs.append(f"line {line}: {what}")


def read_lines(lines: Sequence[str], *, web: bool) -> Reading:
    """SRT, or WebVTT (`web`), whose notes, styles, regions and cue names are left out."""
    reading = Reading()
    cue: RawCue | None = None
    skipping = web
    for number, line in enumerate(lines, start=1):
        if "->" in line:
            cue, skipping = _begin(line, number, before=cue, reading=reading), False
            if len(reading.cues) > _MOST or len(reading.repairs) > _MOST:
                reading.trouble(number, "too much cannot be read; the rest is left out")
                break
        elif not line.strip():
            cue, skipping = (None if web else cue), False
        elif web and cue is None:
            skipping = skipping or line.startswith(_BLOCKS)
            if not reading.cues and (said := _LANGUAGE.fullmatch(line)):
                reading.language = said[1]
        elif cue is not None and not skipping and len(cue.lines) <= MOST_LETTERS:
            cue.lines += shown(line, web=web)
    return reading


def _begin(line: str, number: int, *, before: RawCue | None, reading: Reading) -> RawCue | None:
    """The cue that a timing line opens; text that only contains an arrow stays text."""
    match = _TIMING.fullmatch(line)
    if match is None and before is not None and "-->" not in line:
        before.lines += shown(line)
        return before
    _without_index(before)
    if match is None:
        reading.trouble(number, "its times cannot be read; the cue is left out")
        return None
    cue = RawCue(number, milliseconds(match.groups()[:5]), milliseconds(match.groups()[5:]))
    reading.cues.append(cue)
    return cue


def _without_index(cue: RawCue | None) -> None:
    """The number above a timing line belongs to that line, not to the text before it."""
    if cue and cue.lines and cue.lines[-1].isdecimal() and len(cue.lines[-1]) <= _MOST_NUMBER:
        cue.lines.pop()


def milliseconds(parts: Sequence[str | None]) -> int:
    """Sign, hours, minutes, seconds and fraction, as they were written, in milliseconds."""
    sign, hour, minute, second, fraction = parts
    whole = int(hour or 0) * 3600 + int(minute or 0) * 60 + int(second or 0)
    moment = whole * 1000 + int((fraction or "0")[:3].ljust(3, "0"))
    return -moment if sign else moment


def shown(line: str, *, web: bool = False) -> list[str]:
    """What of a line is read by people, as one or more lines."""
    bare = _TAG.sub("", _BREAK.sub("\n", line))
    bare = html.unescape(bare) if web else _ENTITY.sub(lambda entity: html.unescape(entity[0]), bare)
    return [part for one in bare.split("\n") if (part := cleaned(one))]


def read_ass(lines: Sequence[str], *, most_columns: int) -> Reading:
    """The dialogue of an ASS or SSA file."""
    reading = Reading()
    fields: Sequence[str] = _FIELDS
    for number, given in enumerate(lines, start=1):
        line = given.strip()
        if line.startswith("Format:") and "text" in line.lower():
            fields = [name.strip().lower() for name in line[7:].split(",")]
        if not line.startswith("Dialogue:"):
            continue
        line = _usual(line, fields)
        if len(line) > most_columns:
            reading.trouble(number, f"{len(line)} letters are too many; the cue is left out")
        elif line.count(",") < _COMMAS or (match := _DIALOGUE.fullmatch(line)) is None:
            reading.trouble(number, "its times cannot be read; the cue is left out")
        elif _DRAWING.search(line) is None:
            cue = RawCue(number, milliseconds(match.groups()[:5]), milliseconds(match.groups()[5:]))
            # Too many are refused by whoever asked, and need not be read for that.
            cue.lines += _drawn(line) if len(reading.cues) < _MOST else ()
            reading.cues.append(cue)
    return reading


def _usual(line: str, fields: Sequence[str]) -> str:
    """A dialogue line with its fields in the usual places, where its file has them elsewhere."""
    if tuple(fields) == _FIELDS:
        return line
    values = dict(zip(fields, line[9:].split(",", len(fields) - 1), strict=False))
    start, end, text = (values.get(name, "").strip() for name in ("start", "end", "text"))
    return f"Dialogue: 0,{start},{end},Default,,0,0,0,,{text}"


def _drawn(line: str) -> list[str]:
    """The text of a dialogue line, as it is shown."""
    text = _TAG.sub("", line.split(",", _COMMAS)[_COMMAS])
    text = text.replace("\\N", "\n").replace("\\n", " ").replace("\\h", " ")
    return [part for part in map(cleaned, text.split("\n")) if part]
