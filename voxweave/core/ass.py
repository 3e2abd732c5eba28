"""The words of ASS that we use: times that choose frames, text that shows as it is, fonts by run."""

from fractions import Fraction

import pysubs2

from voxweave.core.letters import drawable
from voxweave.core.style import Colour
from voxweave.core.time import clock
from voxweave.core.typefaces import FontPlan

Rect = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels."""

_ROUND = 0.4477  # of a corner's radius: where the curve's handles stand, for a quarter of a circle
_WORD_JOINER = "\u2060"  # no width; after a backslash it keeps the next letter from being a command


def moment_ms(frame: int, rate: Fraction) -> int:
    """A time, in whole centiseconds, from which on exactly this frame and later ones are drawn.

    ASS counts in centiseconds and FFmpeg rounds a frame's time down to milliseconds: half-way to the
    frame before is the place farthest from either.
    """
    return max(0, round(Fraction(2 * frame - 1, 2) * 100 / rate)) * 10


def written(file: pysubs2.SSAFile) -> str:
    """An ASS file's text; its times are ours, for pysubs2 writes none after the tenth hour."""
    head = pysubs2.SSAFile()
    head.info, head.styles = file.info, file.styles
    events = (
        f"Dialogue: {event.layer},{_moment(event.start)},{_moment(event.end)},{event.style},,0,0,0,,{event.text}\n"
        for event in file.events
    )
    return head.to_string("ass", header_notice="") + "".join(events)


def _moment(ms: int) -> str:
    """A time to the nearest centisecond."""
    return clock(max(0, (ms + 5) // 10 * 10))[:-1]


def styled(text: str, plan: FontPlan, em_px: float) -> str:
    """One line of text, shown letter by letter, with another font where the family lacks letters."""
    back = font(plan.family, plan.line_em * em_px, bold=plan.bold)
    parts = []
    for owner, run in plan.runs(drawable(text)):
        shown = run.replace("\\", "\\" + _WORD_JOINER).replace("{", "\\{")
        if owner is not None:
            shown = font(owner.family, owner.line_em * em_px, bold=owner.bold and plan.bold) + shown + back
        parts.append(shown)
    return "".join(parts)


def font(family: str, size: float, *, bold: bool) -> str:
    """The change to a font; ASS sizes a font by its line height."""
    return f"{{\\fn{family}\\fs{number(size)}\\b{int(bold)}}}"


def number(value: float) -> str:
    """A number as short as it goes, to a hundredth."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def bgr(colour: Colour) -> str:
    """`#rrggbb` as ASS writes it in a line."""
    return f"&H{colour[5:7]}{colour[3:5]}{colour[1:3]}&".upper()


def see_through(opacity: float) -> str:
    """An opacity from 0 to 1 as ASS writes it in a line: 00 covers all."""
    return f"&H{alpha_of(opacity):02X}&"


def alpha_of(opacity: float) -> int:
    """An opacity from 0 to 1 as a style's alpha."""
    return round(255 * (1 - opacity))


def rounded(box: Rect, radius: float) -> str:
    """The outline of a rectangle with round corners, in drawing commands."""
    left, top, right, bottom = box
    turn = max(0.0, min(radius, (right - left) / 2, (bottom - top) / 2))
    near = turn * _ROUND
    curves = (
        ((right - turn, top), (right - near, top), (right, top + near), (right, top + turn)),
        ((right, bottom - turn), (right, bottom - near), (right - near, bottom), (right - turn, bottom)),
        ((left + turn, bottom), (left + near, bottom), (left, bottom - near), (left, bottom - turn)),
        ((left, top + turn), (left, top + near), (left + near, top), (left + turn, top)),
    )
    path = [f"m {_point((left + turn, top))}"]
    path += [f"l {_point(start)} b {' '.join(map(_point, rest))}" for start, *rest in curves]
    return " ".join(path)


def _point(place: tuple[float, float]) -> str:
    return f"{number(place[0])} {number(place[1])}"
