"""Where each word of a cue stands, measured by the fonts' own widths."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from voxweave.core.film import Canvas
from voxweave.core.looks import CaptionLook
from voxweave.core.safe_area import LINE_EM, LOOSEST_EM
from voxweave.core.word_times import TimedWord

_TALLEST = 0.42
"""Of the frame: text with too many lines is made smaller rather than cover more."""
SMALLEST = 0.35
_DEEPEST_EM = 0.42
_SAME = 1.01
# Scripts whose letters stand beside one another as they are: the sum of their widths is the line's.
_PLAIN = frozenset(
    {"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "GEORGIAN", "CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA"}
    | {"KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO", "FULLWIDTH", "HALFWIDTH"}
)


@dataclass(frozen=True)
class Placed:
    """A word with its left edge and width in pixels, and how high and low its line reaches."""

    word: TimedWord
    left: float
    width: float
    baseline: float

    @property
    def middle(self) -> float:
        """The middle of the word, across."""
        return self.left + self.width / 2


@dataclass(frozen=True)
class Layout:
    """A cue's words on the canvas, in a look; `em_px` is the letters' size after making them fit."""

    words: Sequence[TimedWord]
    look: CaptionLook
    canvas: Canvas

    @cached_property
    def lines(self) -> list[list[TimedWord]]:
        """The words line by line."""
        return [list(group) for _, group in groupby(self.words, key=lambda word: word.line)]

    @cached_property
    def texts(self) -> list[str]:
        """The lines as they are drawn."""
        return ["".join(self._drawn(word, at) for at, word in enumerate(line)) for line in self.lines]

    @cached_property
    def share(self) -> float:
        """1, or the share of the usual size at which the cue fits its box."""
        return round(max(self.wanted, SMALLEST), 3)

    @cached_property
    def wanted(self) -> float:
        """The share at which all would fit, however small."""
        look, edge = self.look, 2 * self.look.outline_px
        if look.look.box:
            edge += 2 * look.look.box.pad * look.em_px
        widest = max(self.width_em(text) for text in self.texts) * look.em_px
        tall = len(self.texts) * LINE_EM * look.em_px
        room = max(look.box.height, _TALLEST * self.canvas.height)
        return min(1.0, (look.box.width - edge) / max(widest, 1.0), room / tall)

    @property
    def em_px(self) -> float:
        """Size of the letters."""
        return self.share * self.look.em_px

    @cached_property
    def pitch(self) -> float:
        """From one baseline to the next."""
        tallest = max(sum(self._heights(text)) for text in self.texts)
        return min(LOOSEST_EM, max(LINE_EM, tallest)) * self.em_px

    @cached_property
    def below(self) -> float:
        """How far the block reaches below its last baseline."""
        return min(_DEEPEST_EM, max(self._heights(text)[1] for text in self.texts)) * self.em_px

    def width_em(self, text: str) -> float:
        """Width of drawn text, letter spacing included."""
        return self.look.plan.width_em(text) + self.look.look.spacing / 100 * len(text)

    def baseline(self, line: int) -> float:
        """Where a line stands."""
        box, tall = self.look.box, len(self.lines) * self.pitch
        bottoms = {
            "bottom": box.y + box.height,
            "middle": box.y + (box.height + tall) / 2,
            "top": box.y + tall,
        }
        return bottoms[self.look.position] - self.below - (len(self.lines) - 1 - line) * self.pitch

    @cached_property
    def placed(self) -> list[Placed]:
        """Every word where it stands."""
        found = []
        for number, line in enumerate(self.lines):
            at = self.centre - self.width_em(self.texts[number]) * self.em_px / 2
            for place, word in enumerate(line):
                gap = self.width_em(" ") * self.em_px if word.spaced and place else 0.0
                width = self.width_em(self.shown(word)) * self.em_px
                found.append(Placed(word, at + gap, width, self.baseline(number)))
                at += gap + width
        return found

    def _heights(self, text: str) -> tuple[float, float]:
        return self.look.plan.heights_em(text)

    @property
    def even(self) -> bool:
        """Whether all lines are as high as those of our own fonts."""
        return self.pitch <= _SAME * LINE_EM * self.em_px

    @property
    def centre(self) -> float:
        """The middle of the lines, across."""
        return self.look.box.x + self.look.box.width / 2

    def shown(self, word: TimedWord) -> str:
        """A word's letters as they are drawn."""
        return word.text.upper() if self.look.look.upper else word.text

    def _drawn(self, word: TimedWord, place: int) -> str:
        return (" " if word.spaced and place else "") + self.shown(word)

    @cached_property
    def plain(self) -> bool:
        """Whether the words may be drawn one by one: no script that joins, reorders or reads leftwards."""
        return all(map(_is_plain, "".join(self.texts)))


def _is_plain(char: str) -> bool:
    kind = unicodedata.category(char)
    if kind[0] == "L":
        return unicodedata.name(char, "").split(" ")[0] in _PLAIN
    return kind[0] != "M" and kind != "Cf" and unicodedata.bidirectional(char) not in ("R", "AL", "AN")
