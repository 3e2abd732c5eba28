"""The exact text of the files captions become."""

from fractions import Fraction
from pathlib import Path

import pytest

from voxweave.core.captions import ass_text, cues_within, srt_text, vtt_text
from voxweave.core.film import Canvas
from voxweave.core.looks import TitleCard, look_for, title_boxes
from voxweave.core.speech import Cue
from voxweave.core.style import Typography
from voxweave.core.time import Span

GOLDEN = Path(__file__).parent / "captions"
CUES = (
    Cue(
        span=Span(start=0, end=1960),
        lines=("Far out in the Sahara there is a lake", "that nobody has ever sailed."),
    ),
    Cue(span=Span(start=2027, end=4000), lines=(r"Braces {\b1}, <i>tags</i> & C:\new: --> 50%",)),
    Cue(span=Span(start=3_723_400, end=3_725_000), lines=("An hour later…",)),
)
WIDE, TALL = (
    Canvas(width=1920, height=1080, rate=Fraction(30)),
    Canvas(width=1080, height=1920, rate=Fraction(30000, 1001)),
)


def card(canvas: Canvas) -> TitleCard:
    """A title over the first three seconds."""
    return TitleCard(
        title="The dust that feeds a forest",
        subtitle="Signal Path · 2026",
        first=0,
        last=90,
        box=title_boxes(canvas, with_cover=False).text,
        typography=Typography(title_colour="#ffd27f", title_spacing=2.0),
    )


def scene(canvas: Canvas, first: int, last: int) -> str:
    """The ASS text of one scene."""
    look = look_for(canvas)
    return ass_text(CUES, canvas=canvas, look=look, frames=(first, last), titles=[card(canvas)])


TEXTS = {
    "wide-first.ass": lambda: scene(WIDE, 0, 60),
    "wide-second.ass": lambda: scene(WIDE, 60, 150),
    "tall.ass": lambda: scene(TALL, 30, 120),
    "captions.srt": lambda: srt_text(CUES),
    "captions.vtt": lambda: vtt_text(CUES),
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_is_the_one_agreed_on(name: str) -> None:
    """A change of what is written shows as a change of the file beside this test."""
    assert TEXTS[name]() == (GOLDEN / name).read_text("utf-8")


def test_a_scene_without_text_has_no_file() -> None:
    """Nothing to draw is an empty text."""
    assert scene(WIDE, 900, 990) == ""


def test_a_scene_is_written_from_the_cues_it_shows() -> None:
    """Leaving out the cues of other scenes does not change a scene's file."""
    look = look_for(WIDE)
    near = cues_within(CUES, 2000, 5000)

    assert len(near) == 1
    assert scene(WIDE, 90, 150) == ass_text(near, canvas=WIDE, look=look, frames=(90, 150))
