"""One font file: its family, the letters it has and how wide they are."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont, TTLibError

_BOLD_FROM = 600
_MS_UNICODE = (3, 1, 0x409)


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
    """The faces of a file, one or a collection; none when it is not a font we can read."""
    try:
        if path.suffix.lower() in (".ttc", ".otc"):
            with TTCollection(path, lazy=True) as collection:
                return tuple(_typeface(path, font) for font in collection.fonts)
        with TTFont(path, lazy=True) as font:
            return (_typeface(path, font),)
    except (TTLibError, OSError, KeyError, ValueError, AssertionError, AttributeError):
        return ()  # foreign fonts come broken in every way; the next one will do


def _typeface(path: Path, font: TTFont) -> Typeface:
    em, os2 = font["head"].unitsPerEm, font["OS/2"]
    rise, fall = os2.usWinAscent, os2.usWinDescent
    if not rise + fall:
        rise, fall = font["hhea"].ascent, -font["hhea"].descent
    advances = font["hmtx"].metrics
    widths = {chr(code): advances[name][0] / em for code, name in font.getBestCmap().items()}
    family = font["name"].getName(1, *_MS_UNICODE) or font["name"].getDebugName(1)
    return Typeface(path, str(family), os2.usWeightClass >= _BOLD_FROM, (rise + fall) / em, fall / em, widths)
