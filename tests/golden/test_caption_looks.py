"""The exact ASS of every look: words lit by their own times, in a scene that cuts two of the cues."""

from fractions import Fraction
from pathlib import Path

import pytest

from voxweave.core.captions import ass_file, ass_text
from voxweave.core.film import Canvas
from voxweave.core.looks import CaptionLook, look_for
from voxweave.core.speech import Cue, Word
from voxweave.core.subtitles import read_subtitles
from voxweave.core.time import Span
from voxweave.media.fonts import plan_fonts
from voxweave.settings.looks import load_look, looks

GOLDEN = Path(__file__).parent / "captions"
CANVAS = Canvas(width=1920, height=1080, rate=Fraction(25))


def spoken(*said: tuple[str, int, int], lines: tuple[str, ...]) -> Cue:
    """A cue of words with their times in milliseconds."""
    words = tuple(Word(text=text, span=Span(start=start, end=end)) for text, start, end in said)
    return Cue(span=Span(start=said[0][1], end=said[-1][2] + 200), lines=lines, words=words)


CUES = (
    spoken(("A", 200, 280), ("lake", 280, 600), ("nobody", 700, 1200), lines=("A lake nobody",)),
    spoken(
        ("has", 1480, 1700),
        ("ever", 1700, 1960),
        ("sailed,", 2040, 2600),
        ("far", 3000, 3300),
        ("away.", 3300, 3800),
        lines=("has ever sailed,", "far away."),
    ),
)


def dressed(name: str) -> CaptionLook:
    """A look with our own fonts."""
    look = load_look(name)
    text = "".join(cue.text for cue in CUES)
    return look_for(CANVAS, plan_fonts(text + text.upper(), look.font, bold=look.bold), look)


@pytest.mark.parametrize("name", looks())
def test_a_look_is_drawn_as_agreed_on(name: str) -> None:
    """A change of what a look draws shows as a change of the file beside this test."""
    text = ass_text(CUES, canvas=CANVAS, look=dressed(name), frames=(20, 60))

    assert text == (GOLDEN / f"look-{name}.ass").read_text("utf-8")


def test_the_ass_beside_a_film_is_plain_text_in_the_looks_letters() -> None:
    """Players get whole cues with their own times; what moves is for the picture alone."""
    text = ass_file(CUES, canvas=CANVAS, look=dressed("hype"))

    assert text == (GOLDEN / "beside.ass").read_text("utf-8")


def test_the_ass_beside_a_long_film_has_all_its_times() -> None:
    """Hours of two figures are written, and read again, as others are."""
    hour = 3_600_000
    cues = tuple(
        Cue(span=Span(start=at * hour, end=at * hour + 1500), lines=(f"At {at}",)) for at in (9, 10, 11)
    )
    text = ass_file(cues, canvas=CANVAS, look=dressed("classic"))

    assert "Dialogue: 0,11:00:00.00,11:00:01.50,Caption," in text
    assert read_subtitles(text.encode(), suffix=".ass").cues == cues
