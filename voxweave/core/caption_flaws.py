"""What is wrong with captions, cue by cue: rules broken, and what shows only when they are drawn."""

from collections.abc import Iterable, Iterator, Sequence

from voxweave.core.cue_rules import Finding
from voxweave.core.film import Canvas
from voxweave.core.letters import drawable
from voxweave.core.looks import CaptionLook
from voxweave.core.speech import Cue
from voxweave.core.text import printable
from voxweave.core.time import clock
from voxweave.core.value import Value
from voxweave.core.word_groups import grouped
from voxweave.core.word_layout import Layout
from voxweave.core.word_times import timed_words

SMALLER = 0.8
"""Letters may be drawn that much smaller than usual to stay in the safe area; below, it is a flaw."""
_NAMED = 12


class Flaw(Value):
    """One thing wrong with one cue (counted from 1; 0 is the file): what it is and what may be."""

    cue: int
    at: str
    rule: str
    value: float | str
    limit: float | str
    text: str = ""


def flaw(cues: Sequence[Cue], number: int, rule: str, *, value: float | str, limit: float | str) -> Flaw:
    """A flaw of the cue of that number."""
    cue = cues[number - 1]
    text = printable(cue.text, most=60)
    return Flaw(cue=number, at=clock(cue.span.start), rule=rule, value=value, limit=limit, text=text)


def rule_flaws(cues: Sequence[Cue], findings: Iterable[Finding]) -> tuple[Flaw, ...]:
    """The rules broken, each with its cue's time and words."""
    return tuple(flaw(cues, one.cue, one.rule, value=one.value, limit=one.limit) for one in findings)


def drawn_flaws(cues: Sequence[Cue], canvas: Canvas, look: CaptionLook) -> tuple[Flaw, ...]:
    """Letters no font has, and text that does not fit the safe area of the canvas."""
    found: list[Flaw] = []
    for number, cue in enumerate(cues, start=1):
        letters = _lacking(cue, look)
        if letters:
            found.append(flaw(cues, number, "missing letters", value=letters, limit=""))
        widths = _too_wide(cue, canvas, look)
        if widths is not None:
            width, room = widths
            found.append(flaw(cues, number, "safe area", value=width, limit=room))
    return tuple(found)


def _lacking(cue: Cue, look: CaptionLook) -> str:
    if not look.plan.missing:
        return ""
    shown = drawable(cue.text.upper() if look.look.upper else cue.text)
    letters = [char for char in dict.fromkeys(shown) if char in look.plan.missing]
    return " ".join(f"{char} U+{ord(char):04X}" for char in letters[:_NAMED])


def _too_wide(cue: Cue, canvas: Canvas, look: CaptionLook) -> tuple[float, float] | None:
    """Width at the smallest size we would draw it at and the room there is, where it does not fit."""
    layouts = list(layouts_of(cue, canvas, look))
    if not layouts or (share := min(layout.wanted for layout in layouts)) >= SMALLER:
        return None
    room = look.box.width
    return round(room * SMALLER / share), room


def layouts_of(cue: Cue, canvas: Canvas, look: CaptionLook) -> Iterator[Layout]:
    """What is drawn of a cue: one layout, or several where a look shows a few words at a time."""
    for part in grouped(cue, canvas, look):
        words = timed_words(part, canvas)
        if words:
            yield Layout(words, look, canvas)
