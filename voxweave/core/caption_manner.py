"""How letters are painted: the glow around them, then themselves, said, lit or still to come."""

from collections.abc import Iterator
from dataclasses import dataclass

from voxweave.core.ass import bgr, number, see_through
from voxweave.core.looks import Edge, Look
from voxweave.core.style import Colour
from voxweave.core.word_layout import Layout

_LIGHT = 1200  # of 2040, as bright as an azure sky
SAID, LIT, COMING = -1, 0, 1
"""A word's state, by when it is spoken."""


@dataclass(frozen=True)
class Manner:
    """Tags for a whole text, and for a word by its state; `swept` when the colour runs through words."""

    head: str
    words: tuple[str, str, str]
    swept: bool = False

    def word(self, state: int) -> str:
        """The tags of a word."""
        return self.words[state + 1]


def manners(layout: Layout) -> Iterator[Manner]:
    """The layers of a text, the lowest first."""
    look = layout.look.look
    if look.glow:
        yield _glow(look.glow, layout)
    swept = layout.plain and look.spoken.mark == "sweep"
    blur = number(look.outline.blur * layout.look.em_px)
    run = f"\\1c{bgr(look.spoken.colour)}\\2c{bgr(look.colour)}" if swept else ""
    yield Manner(f"\\blur{blur}{run}", _words(look, plain=layout.plain), swept)


def _glow(edge: Edge, layout: Layout) -> Manner:
    em, seen = layout.look.em_px, f"\\3a{see_through(edge.opacity)}"
    wide, soft = number(edge.width * em), number(edge.blur * em)
    head = f"\\1a&HFF&\\3c{bgr(edge.colour)}{seen}\\bord{wide}\\shad0\\blur{soft}"
    hidden = "\\3a&HFF&" if layout.look.look.come == "spoken" else ""
    return Manner(head, (seen, seen, hidden) if hidden else ("", "", ""))


def _words(look: Look, *, plain: bool) -> tuple[str, str, str]:
    spoken = look.spoken
    if spoken.mark == "none":
        lit = look.colour
    else:  # letters that nothing can be painted behind take the mark's own colour
        lit = spoken.colour if plain or spoken.mark in ("colour", "sweep") else _light(spoken.mark_colour)
    said = lit if spoken.stays or spoken.mark == "sweep" else look.colour
    if look.come == "together":
        return f"\\1c{bgr(said)}", f"\\1c{bgr(lit)}", f"\\1c{bgr(look.colour)}"
    seen = f"\\1a&H00&\\3a{see_through(look.outline.opacity)}\\4a{see_through(look.shadow.opacity)}"
    return f"\\1c{bgr(said)}{seen}", f"\\1c{bgr(lit)}{seen}", "\\alpha&HFF&"


def _light(colour: Colour) -> Colour:
    """The colour, mixed with white until it can be read with a dark edge."""
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    while 2 * parts[0] + 5 * parts[1] + parts[2] < _LIGHT:
        parts = [part + (255 - part) // 4 + 1 for part in parts]
    return "#" + "".join(f"{min(part, 255):02x}" for part in parts)
