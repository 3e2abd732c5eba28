"""Which font draws which letters, and how wide they are."""

from itertools import groupby
from pathlib import Path

from pydantic import Field

from voxweave.core.letters import columns
from voxweave.core.safe_area import LINE_EM
from voxweave.core.value import Value

CAPTION_FONT = "VoxWeave Sans"
DESCENT_EM = 0.24
"""How far the line reaches below the baseline, in the fonts we ship (scripts/fonts.py)."""
_WIDE_EM, _UPPER_EM, _LOWER_EM, _SPACE_EM = 1.0, 0.72, 0.6, 0.28


class Fallback(Value):
    """A font that stands in for letters; `line_em` is its own line height, by which ASS sizes it."""

    family: str
    letters: str
    line_em: float = LINE_EM
    descent_em: float = DESCENT_EM
    bold: bool = False


class FontPlan(Value):
    """The fonts of one text: a family, those that fill in, and the files libass must see.

    `widths` are the advances in em of the text's letters. `missing` are letters no font has.
    `instead_of` names the family that was asked for and is not here.
    """

    family: str = CAPTION_FONT
    bold: bool = True
    line_em: float = LINE_EM
    descent_em: float = DESCENT_EM
    fallbacks: tuple[Fallback, ...] = ()
    widths: dict[str, float] = Field(default_factory=dict)
    missing: str = ""
    instead_of: str = ""
    files: tuple[Path, ...] = ()

    def width_em(self, text: str) -> float:
        """How wide a line is, in em; an estimate for letters the plan was not made for."""
        return sum(self.widths.get(char, _estimate(char)) for char in text)

    def runs(self, text: str) -> list[tuple[Fallback | None, str]]:
        """The text in stretches of one font; None is the family itself."""
        owners = {char: fallback for fallback in self.fallbacks for char in fallback.letters}
        chosen: list[Fallback | None] = []
        for char in text:
            clings = columns(char) == 0 and chosen
            chosen.append(chosen[-1] if clings else owners.get(char))
        pairs = groupby(zip(chosen, text, strict=True), key=lambda pair: pair[0])
        return [(owner, "".join(char for _, char in group)) for owner, group in pairs]

    def heights_em(self, text: str) -> tuple[float, float]:
        """How far a line with this text reaches above and below its baseline, in em."""
        used = {(run[0].line_em, run[0].descent_em) for run in self.runs(text) if run[0] is not None}
        used.add((self.line_em, self.descent_em))
        return max(line - below for line, below in used), max(below for _, below in used)


def _estimate(char: str) -> float:
    room = columns(char)
    if room != 1:
        return room / 2 * _WIDE_EM
    if char.isspace():
        return _SPACE_EM
    return _UPPER_EM if char.isupper() else _LOWER_EM
