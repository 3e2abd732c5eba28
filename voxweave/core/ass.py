"""The words of ASS that we use: times that choose frames, text that shows as it is, fonts by run."""

from fractions import Fraction

from voxweave.core.letters import drawable
from voxweave.core.safe_area import LINE_EM
from voxweave.core.style import Colour
from voxweave.core.typefaces import FontPlan

_WORD_JOINER = "\u2060"  # no width; after a backslash it keeps the next letter from being a command


def moment_ms(frame: int, rate: Fraction) -> int:
    """A time, in whole centiseconds, from which on exactly this frame and later ones are drawn.

    ASS counts in centiseconds and FFmpeg rounds a frame's time down to milliseconds: half-way to the
    frame before is the place farthest from either.
    """
    return max(0, round(Fraction(2 * frame - 1, 2) * 100 / rate)) * 10


def styled(text: str, plan: FontPlan, em_px: float) -> str:
    """One line of text, shown letter by letter, with another font where the family lacks letters."""
    back = font(plan.family, LINE_EM * em_px, bold=plan.bold)
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
