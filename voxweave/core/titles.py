"""Title cards as ASS: as large as the box allows, lines of even length, a gentle fade."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pysubs2

from voxweave.core.ass import bgr, font, moment_ms, number, styled
from voxweave.core.breaks import LEANING
from voxweave.core.film import Box, Canvas
from voxweave.core.letters import drawable
from voxweave.core.looks import TitleCard
from voxweave.core.safe_area import LINE_EM
from voxweave.core.time import ms_of
from voxweave.core.typefaces import FontPlan
from voxweave.core.wrapping import Piece, cost_between, joined, split_text

_MOST_LETTERS = 160
_MOST_COLUMNS = 40
"""In one word: a longer one is broken."""
_MOST_LINES = 5
_LARGEST = 0.105
"""Of the shorter side of the frame: larger shouts."""
_LEADING = 1.12
_FEWER_LINES = 0.85
"""A line more must make the letters this much larger to be worth it."""
_SMALL = 0.40
_SMALL_LEAST = 0.034
"""The line under the title: of the title's size, but not under this share of the shorter side."""
_SMALL_MOST = 0.7
_GAP_EM = 0.45
_EDGE_EM, _SOFT_EM = 0.045, 0.07
_LATER_MS = 150
_SUBTITLE_COLOUR = "#dfe5ee"


@dataclass(frozen=True)
class _Line:
    """One line to draw: where its upper edge stands, its size and letter spacing in pixels."""

    text: str
    plan: FontPlan
    em_px: float
    top: float
    colour: str
    spacing_px: float = 0.0
    later_ms: int = 0


def title_events(card: TitleCard, canvas: Canvas, *, first: int, last: int) -> Iterator[pysubs2.SSAEvent]:
    """The events of a card seen from frame `first` of the film up to `last`, in that scene's time."""
    if card.first >= last or card.last <= first:
        return
    start = moment_ms(max(card.first - first, 0), canvas.rate)
    end = moment_ms(min(card.last, last) - first, canvas.rate)
    for line in _lines(card, canvas):
        fade = _fade(card, canvas, scene=first, since_ms=start, later_ms=line.later_ms)
        text = font(line.plan.family, line.plan.line_em * line.em_px, bold=line.plan.bold)
        text += styled(line.text, line.plan, line.em_px)
        for layer, manner in enumerate((_glow(line), _manner(line)), start=1):
            place = f"{{{_place(card)}{number(line.top)}){fade}{manner}}}"
            yield pysubs2.SSAEvent(start=start, end=end, text=place + text, style="Title", layer=layer)


def _place(card: TitleCard) -> str:
    if card.centred:
        return f"\\an8\\pos({number(card.box.x + card.box.width / 2)},"
    return f"\\an7\\pos({card.box.x},"


def _glow(line: _Line) -> str:
    """A soft dark edge under the letters, for pictures that are not ours to darken."""
    edge, soft = number(_EDGE_EM * line.em_px), number(_SOFT_EM * line.em_px)
    return f"{_manner(line)}\\bord{edge}\\blur{soft}"


def _manner(line: _Line) -> str:
    spacing = f"\\fsp{number(line.spacing_px)}" if line.spacing_px else ""
    return f"\\1c{bgr(line.colour)}{spacing}"


def _fade(card: TitleCard, canvas: Canvas, *, scene: int, since_ms: int, later_ms: int) -> str:
    """The fade counted from the card's own start, though the event may begin at a later scene's."""
    begins = ms_of(card.first - scene, canvas.rate) - since_ms + later_ms
    ends = ms_of(card.last - scene, canvas.rate) - since_ms
    fade = min(card.fade_ms, max(1, (ends - begins) // 3))
    return f"\\fade(255,0,255,{begins},{begins + fade},{ends - fade},{ends})"


def _lines(card: TitleCard, canvas: Canvas) -> list[_Line]:
    side = min(canvas.width, canvas.height)
    title = _shortened(card.title.upper() if card.typography.title_upper else card.title)
    small = _small_line(card, side)
    under = (LINE_EM + _GAP_EM) * small.em_px if small else 0.0
    room = Box(x=0, y=0, width=card.box.width, height=max(1, round(card.box.height - under)))
    texts, em = _fitted(title, card, room, largest=_LARGEST * side)
    top = card.box.y + (card.box.height - len(texts) * _LEADING * em - under) / 2
    spacing = _spacing_em(card) * em
    small = small and replace(small, em_px=min(small.em_px, _SMALL_MOST * em))
    placed = [
        _Line(text, card.title_plan, em, top + n * _LEADING * em, card.typography.title_colour, spacing)
        for n, text in enumerate(texts)
    ]
    if small:
        at = top + len(texts) * _LEADING * em + _GAP_EM * small.em_px
        placed.append(_Line(small.text, small.plan, small.em_px, at, _SUBTITLE_COLOUR, later_ms=_LATER_MS))
    return placed


def _small_line(card: TitleCard, side: int) -> _Line | None:
    """The line under the title, made smaller where it would not fit the width."""
    text = _shortened(card.subtitle)
    if not text:
        return None
    usual = max(_SMALL_LEAST, _SMALL * _LARGEST) * side
    em = min(usual, card.box.width / (card.subtitle_plan.width_em(text) + 2 * _EDGE_EM))
    return _Line(text, card.subtitle_plan, em, 0.0, _SUBTITLE_COLOUR)


def _shortened(text: str) -> str:
    shown = drawable(text)
    return shown if len(shown) <= _MOST_LETTERS else shown[: _MOST_LETTERS - 1].rstrip() + "…"


def _fitted(title: str, card: TitleCard, room: Box, *, largest: float) -> tuple[list[str], float]:
    """The title's lines and letter size: the largest, but fewer lines where it is nearly as large."""
    best: tuple[list[str], float] = ([], 0.0)
    parts = split_text(title, _MOST_COLUMNS)
    widths = _line_widths(parts, card)
    for count in range(1, min(_MOST_LINES, len(parts)) + 1):
        cuts = _narrowest(widths, count)
        texts = [joined(parts[a:b]) for a, b in pairwise(cuts)]
        widest = max(_width_em(text, card) for text in texts)
        em = min(largest, room.width / (widest + 2 * _EDGE_EM), room.height / (count * _LEADING))
        if em * _FEWER_LINES > best[1]:
            best = (texts, em)
    return best


def _width_em(text: str, card: TitleCard) -> float:
    return card.title_plan.width_em(text) + _spacing_em(card) * len(text)


def _spacing_em(card: TitleCard) -> float:
    """Space between the title's letters; a style counts it in hundredths of an em."""
    return card.typography.title_spacing / 100


def _line_widths(parts: Sequence[Piece], card: TitleCard) -> list[list[float]]:
    """How wide the line from each piece up to each other is; a bad place to break makes it count for more."""
    bad = [1.0, *(1 + cost_between(*pair) / LEANING / 8 for pair in pairwise(parts)), 1.0]
    rows = []
    for start in range(len(parts)):
        lines = (joined(parts[start:end]) for end in range(start + 1, len(parts) + 1))
        widths = [_width_em(line, card) * bad[end] for end, line in enumerate(lines, start=start + 1)]
        rows.append([0.0] * (start + 1) + widths)
    return rows


def _narrowest(widths: Sequence[Sequence[float]], count: int) -> list[int]:
    """Where lines begin, and the end, so that the widest line is narrowest."""
    size = len(widths)
    best = {size: (0.0, [size])}
    for _ in range(count):
        best = {
            start: min(
                (max(widths[start][end], rest), [start, *cuts])
                for end, (rest, cuts) in best.items()
                if end > start
            )
            for start in range(size)
            if any(end > start for end in best)
        }
    return best[0][1]
