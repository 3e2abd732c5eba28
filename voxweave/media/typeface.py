"""One font file: its family, the letters it has and how wide they are."""

import logging
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError

_BOLD_FROM = 600
_NAMEABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029,{}\\]+")
"""What a family may be called in ASS, where commas and ends of lines part fields, and braces are commands."""
_COLLECTION = b"ttcf"
_MOST_FACES = 64
"""In one collection; Noto's have 10."""
_MS_UNICODE = (3, 1, 0x409)
_MOST_CODES = 400_000
"""Letters that a font may claim in all its tables; the largest honest ones claim half as many."""
_BROKEN = (
    *(TTLibError, OSError, EOFError, struct.error, LookupError, ArithmeticError, ValueError, TypeError),
    *(AttributeError, AssertionError, RuntimeError, MemoryError),
)


@dataclass(frozen=True)
class Typeface:
    """A face as libass will see it; `line_em` is the line height by which ASS sizes it."""

    path: Path
    family: str
    bold: bool
    line_em: float
    descent_em: float
    widths: dict[str, float]
    """Advance of each letter, in em."""

    def lacks(self, text: str) -> str:
        """The letters of the text it does not have."""
        return "".join(char for char in text if char not in self.widths)


@lru_cache(maxsize=64)
def typefaces(path: Path) -> tuple[Typeface, ...]:
    """The faces of a file of ours or of the system's; none when it cannot be read, or not be named in ASS."""
    return read_faces(path)


def read_faces(path: Path) -> tuple[Typeface, ...]:
    """As `typefaces`, each time anew; a file may be made so that this takes any time, and any memory."""
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)  # it would tell of each fault, to our users
    try:
        with path.open("rb") as file:
            kind, _, faces = struct.unpack(">4s2I", file.read(12))
        if kind != _COLLECTION:
            return (_face(path, 0),)
        return tuple(_face(path, number) for number in range(faces)) if faces <= _MOST_FACES else ()
    except _BROKEN:
        return ()  # foreign fonts come broken in every way; the next one will do


def _face(path: Path, number: int) -> Typeface:
    """One face of those in the file; opened anew for each, or all their tables would be in memory at once."""
    with TTFont(path, fontNumber=number, lazy=True) as font:
        return _typeface(path, font)


def _typeface(path: Path, font: TTFont) -> Typeface:
    _refuse_endless(memoryview(font.reader["cmap"]))
    em, os2 = font["head"].unitsPerEm, font["OS/2"]
    rise, fall = os2.usWinAscent, os2.usWinDescent
    if not rise + fall:
        rise, fall = font["hhea"].ascent, -font["hhea"].descent
    advances = font["hmtx"].metrics
    widths = {chr(code): advances[name][0] / em for code, name in font.getBestCmap().items()}
    family = font["name"].getName(1, *_MS_UNICODE) or font["name"].getDebugName(1)
    if not _NAMEABLE.fullmatch(str(family)):
        raise ValueError("its family's name would end a field of a style")
    return Typeface(path, str(family), os2.usWeightClass >= _BOLD_FROM, (rise + fall) / em, fall / em, widths)


def _refuse_endless(table: memoryview) -> None:
    """ValueError when the letters that it claims could never be listed: a few bytes may claim all there are."""
    claimed = 0
    for start in {start for _, _, start in struct.iter_unpack(">HHI", table[4 : 4 + 8 * _u16(table, 2)])}:
        for first, last in _ranges(table[start:]):
            claimed += max(1, last - first + 1)
            if claimed > _MOST_CODES:
                raise ValueError(f"it claims over {_MOST_CODES} letters")


def _ranges(table: memoryview) -> Iterator[tuple[int, int]]:
    """First and last code of each range, in the forms that have ranges."""
    form = _u16(table, 0)
    if form == 4:
        size = _u16(table, 6)
        lasts, firsts = table[14 : 14 + size], table[16 + size : 16 + 2 * size]
        pairs = zip(struct.iter_unpack(">H", firsts), struct.iter_unpack(">H", lasts), strict=True)
        yield from ((first, last) for (first,), (last,) in pairs)
    elif form in (12, 13):
        groups = table[16 : 16 + 12 * struct.unpack_from(">I", table, 12)[0]]
        yield from ((first, last) for first, last, _ in struct.iter_unpack(">III", groups))


def _u16(table: memoryview, at: int) -> int:
    return int(struct.unpack_from(">H", table, at)[0])
