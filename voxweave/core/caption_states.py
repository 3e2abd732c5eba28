"""When what an ASS text of ours draws changes, and between which rows: all else need not be drawn anew."""

import math
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import pysubs2

from voxweave.core.ass import number, written
from voxweave.core.film import Canvas

_POS = re.compile(r"\\pos\((-?[\d.]+),(-?[\d.]+)\)")
_ANCHOR = re.compile(r"\\an(\d)")
_SIZE = re.compile(r"\\fs([\d.]+)")
_HEIGHT = re.compile(r"\\fscy([\d.]+)")
_EDGE = re.compile(r"\\(?:bord|shad|blur)([\d.]+)")
_FADE = re.compile(r"\\fade\(\d+,\d+,\d+,(-?\d+),(-?\d+),(-?\d+),(-?\d+)\)")
_CHANGE = re.compile(r"\\t\((-?\d+),(-?\d+),")
_ALWAYS = re.compile(r"\\k|\\move|\\fad\(|\\t\((?!-?\d+,-?\d+,)")
_DRAWN = re.compile(r"\\p[1-9]")
_NUMBER = re.compile(r"-?[\d.]+")

_OFTEN = 1 / 6
"""The share of frames that change, from which on a picture drawn at every frame costs less than one laid over all."""

_TALL = 0.28
"""The share of the rows from which on laying over takes more memory than it saves time: a title over captions."""

_MOST = 1000
"""So many changes FFmpeg is told of in one argument."""

_AIR = 0.5
"""Of the letters' size: how far they, and what is drawn of them softly, may reach beyond their lines."""
_BLUR = 4
"""How much farther than an edge's own width it may be seen, once blurred."""


class Lettering(NamedTuple):
    """An ASS text for the rows from `top` up to `bottom`, drawn anew at these frames; at every one where none is named."""

    text: str
    top: int
    bottom: int
    changes: tuple[int, ...]


def lettering(
    ass: str, canvas: Canvas, *, frames: int, often: float = _OFTEN, tall: float = _TALL
) -> Lettering:
    """A scene's ASS text as text for as few rows and pictures as show all of it on so many frames.

    Where it changes at a larger share of the frames than is `often`, fills more of the rows than is `tall`, or is
    not told where to stand, it is left as it is.
    """
    file = pysubs2.SSAFile.from_string(ass, format_="ass")
    changed = {at for event in file.events for at in _changes(event, canvas.rate) if 0 < at < frames}
    if len(changed) >= min(frames * often, _MOST) or not all(
        _POS.search(event.text) for event in file.events
    ):
        return Lettering(ass, 0, canvas.height, ())
    reaches = [_reach(event, file.styles[event.style]) for event in file.events]
    top = max(0, min(low for low, _ in reaches)) // 2 * 2
    bottom = max(top + 2, -(-min(canvas.height, max(high for _, high in reaches)) // 2) * 2)
    if bottom - top > canvas.height * tall:
        return Lettering(ass, 0, canvas.height, ())
    return Lettering(_moved(file, up=top, height=bottom - top), top, bottom, (0, *sorted(changed)))


def _moved(file: pysubs2.SSAFile, *, up: int, height: int) -> str:
    """The text on a canvas of this height, whose top is so far down the whole one."""
    file.info["PlayResY"] = str(height)
    for event in file.events:
        event.text = _POS.sub(lambda found: f"\\pos({found[1]},{number(float(found[2]) - up)})", event.text)
    return written(file)


def _changes(event: pysubs2.SSAEvent, rate: Fraction) -> Iterator[int]:
    """The frames on which an event comes, moves and goes."""
    first, last = _frame(event.start, rate), _frame(event.end, rate)
    yield from (first, last)
    for since_ms, until_ms in _moving(event.text, event.end - event.start):
        moving = range(_frame(event.start + since_ms, rate), _frame(event.start + until_ms, rate) + 2)
        yield from (at for at in moving if first <= at <= last)


def _moving(text: str, length_ms: int) -> Iterator[tuple[int, int]]:
    """From when to when, after its start, an event looks different from frame to frame."""
    if _ALWAYS.search(text):
        yield 0, length_ms
    for found in _FADE.finditer(text):
        begins, shown, fades, ends = (int(word) for word in found.groups())
        yield from ((begins, shown), (fades, ends))
    for found in _CHANGE.finditer(text):
        since_ms, until_ms = (int(word) for word in found.groups())
        yield since_ms, until_ms or length_ms  # libass takes 0 for the event's end


def _frame(ms: int, rate: Fraction) -> int:
    """The first frame whose time, which FFmpeg rounds down to milliseconds, has come to this."""
    return math.ceil(ms * rate / 1000)


def _reach(event: pysubs2.SSAEvent, style: pysubs2.SSAStyle) -> tuple[int, int]:
    """The rows an event may touch, rather too many than too few."""
    text = event.text
    place = _POS.findall(text)[0]
    anchor = int(found[1]) if (found := _ANCHOR.search(text)) else int(style.alignment)
    size = max([style.fontsize, *_all(_SIZE, text)])
    if _DRAWN.search(text):
        tall = max(map(float, _NUMBER.findall(text.rpartition("}")[2])[1::2]), default=0.0)
    else:
        tall = size * (text.count("\\N") + 1) * max([100.0, *_all(_HEIGHT, text)]) / 100
    edge = _AIR * size + _BLUR * max([style.outline + style.shadow, *_all(_EDGE, text)])
    above = tall * (1, 0.5, 0)[(anchor - 1) // 3] + edge
    below = tall * (0, 0.5, 1)[(anchor - 1) // 3] + edge
    return math.floor(float(place[1]) - above), math.ceil(float(place[1]) + below)


def _all(pattern: re.Pattern[str], text: str) -> Sequence[float]:
    return [float(word) for word in pattern.findall(text)]
