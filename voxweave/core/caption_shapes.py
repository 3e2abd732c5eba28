"""What is painted behind captions: a panel around the lines, a box or a bar at the spoken word."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from voxweave.core.ass import Rect, bgr, number, rounded, see_through
from voxweave.core.letters import columns, spaceless
from voxweave.core.looks import Panel
from voxweave.core.style import Colour
from voxweave.core.word_layout import Layout, Placed

_MIDDLE_EM = 0.34
"""From the baseline up to the middle of the letters."""
_UPRIGHT = 0.45
"""Of a panel's padding: what stands above and below, for the lines have air of their own there."""
_WORD = (0.13, 0.62, 0.2)
"""A box around a word, in em: padding at the sides, half its height, its corners' radius."""
_WORD_MIDDLE_EM = (0.31, 0.38)
"""From the baseline up to a box's middle: for letters that reach below it, for square ones."""
_TIGHT = 0.2
"""Of the padding, where no space parts a word from its neighbours."""
_BAR = (0.14, 0.13, 0.045)
"""The line under a word, in em: from the baseline, how thick, and the edge that parts it from the picture."""


def panel(layout: Layout, look: Panel) -> str:
    """One panel around all lines, each as wide as its text; nearly equal ones share a width."""
    em = layout.em_px
    pad, radius = look.pad * em, look.radius * em
    half = layout.pitch / 2
    rects: list[Rect] = []
    for index, width in enumerate(_even(_widths(layout), 3 * radius)):
        middle = layout.baseline(index) - _MIDDLE_EM * em
        across = width / 2 + pad
        rects.append((layout.centre - across, middle - half, layout.centre + across, middle + half))
    outer = _UPRIGHT * pad - (half - 0.6 * em)
    return _filled(_joined(rects, outer, radius), radius, look.colour, opacity=look.opacity)


def word_box(placed: Placed, layout: Layout, colour: Colour) -> str:
    """A box behind a word."""
    side, half, radius = (share * layout.em_px for share in _WORD)
    side *= _TIGHT if spaceless(placed.word.text[0]) else 1
    upright = _WORD_MIDDLE_EM[columns(placed.word.text[0]) == 2]
    middle = placed.baseline - upright * layout.em_px
    rect = (placed.left - side, middle - half, placed.left + placed.width + side, middle + half)
    return _filled([rect], radius, colour)


def word_bar(placed: Placed, layout: Layout, colour: Colour) -> str:
    """A line under a word."""
    gap, thick, edge = (share * layout.em_px for share in _BAR)
    top = placed.baseline + gap
    rect = (placed.left, top, placed.left + placed.width, top + thick)
    return _filled([rect], thick / 2, colour, edge=edge)


def _widths(layout: Layout) -> list[float]:
    return [layout.width_em(text) * layout.em_px for text in layout.texts]


def _even(widths: Sequence[float], close: float) -> list[float]:
    """Neighbours that differ by less than `close` are given the wider one's width."""
    even = list(widths)
    for _ in even:
        for at in range(len(even) - 1):
            if abs(even[at] - even[at + 1]) < close:
                even[at] = even[at + 1] = max(even[at], even[at + 1])
    return even


def _joined(rects: list[Rect], outer: float, radius: float) -> list[Rect]:
    """The first and the last moved outwards; of neighbours the narrower reaches into the wider."""
    found = [list(rect) for rect in rects]
    found[0][1] -= outer
    found[-1][3] += outer
    for above, below in pairwise(found):
        if above[2] - above[0] <= below[2] - below[0]:
            above[3] += radius
        if below[2] - below[0] <= above[2] - above[0]:
            below[1] -= radius
    return [(left, top, right, bottom) for left, top, right, bottom in found]


def _filled(
    rects: Sequence[Rect], radius: float, colour: Colour, *, opacity: float = 1.0, edge: float = 0.0
) -> str:
    """Rectangles as one drawing, placed by the upper left corner of them all."""
    left, top = min(rect[0] for rect in rects), min(rect[1] for rect in rects)
    place = f"\\an7\\pos({number(left)},{number(top)})\\bord{number(edge)}\\shad0\\blur0.6\\p1"
    paint = f"\\1c{bgr(colour)}\\1a{see_through(opacity)}"
    return f"{place}{paint}}}{' '.join(_paths(rects, radius, left, top))}"


def _paths(rects: Sequence[Rect], radius: float, left: float, top: float) -> Iterator[str]:
    for rect in rects:
        moved = (rect[0] - left, rect[1] - top, rect[2] - left, rect[3] - top)
        yield rounded(moved, radius)
