"""A font named by its file."""

import os
from fractions import Fraction
from pathlib import Path

import pytest

from voxweave.core.film import Canvas
from voxweave.core.speech import Cue
from voxweave.core.time import Span
from voxweave.errors import InputError
from voxweave.media.font_file import checked_font, names_a_file
from voxweave.media.fonts import fonts_folder, lay_fonts
from voxweave.pipeline.dressing import Dress, dress_of, dressed
from voxweave.settings import Settings

SERIF = fonts_folder() / "VoxWeaveSerif-Bold.ttf"
CANVAS = Canvas(width=640, height=360, rate=Fraction(25))
CUES = (Cue(span=Span(start=0, end=1000), lines=("Words, θέ",)),)


@pytest.mark.parametrize(
    ("font", "is_file"),
    [("Noto Sans", False), ("", False), ("mine.ttf", True), ("MINE.OTF", True), ("fonts/mine", True)],
)
def test_files_and_families_are_told_apart(font: str, *, is_file: bool) -> None:
    """An ending of fonts, or a folder, makes it a file."""
    assert names_a_file(font) == is_file


def test_a_named_file_is_drawn_with_and_laid_out(tmp_path: Path) -> None:
    """Its family heads the plan, ours fill in, and libass is given the file."""
    mine = tmp_path / "mine.ttf"
    mine.write_bytes(SERIF.read_bytes())

    look = dressed(CUES, CANVAS, dress_of(Settings(font=str(mine))))
    lay_fonts([look.plan], tmp_path / "job")

    assert look.plan.family == "VoxWeave Serif"
    assert look.plan.files[0] == mine.resolve()
    assert [set(fallback.letters) for fallback in look.plan.fallbacks] == [set("θέ")]
    laid = [file.read_bytes() for file in (tmp_path / "job" / "fonts").glob("*.ttf")]
    assert SERIF.read_bytes() in laid


def test_another_font_of_the_same_name_is_another_dress(tmp_path: Path) -> None:
    """What a file holds is part of what captions are made of."""
    mine = tmp_path / "mine.ttf"
    mine.write_bytes(SERIF.read_bytes())
    before = dress_of(Settings(font=str(mine)))
    mine.write_bytes((fonts_folder() / "VoxWeaveHand-Bold.ttf").read_bytes())

    assert dress_of(Settings(font=str(mine))) != before


def test_a_family_takes_the_looks_place() -> None:
    """A name is looked for as a family; without one the look's own stays."""
    assert dress_of(Settings(font="VoxWeave Hand")).look.font == "VoxWeave Hand"
    assert dress_of(Settings(caption_look="neon")) == Dress(look=dress_of(Settings(caption_look="neon")).look)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"GIF89a not a font", "is not a font"),
        (b"wOF2" + bytes(40), "is a font for web pages"),
        (b"\x00\x01\x00\x00" + bytes(60), "is a damaged font"),
        (SERIF.read_bytes()[:4000], "is a damaged font"),
        (b"", "is empty"),
    ],
)
def test_what_is_no_font_is_refused(tmp_path: Path, raw: bytes, said: str) -> None:
    """The first bytes decide, not the name; the error is one line."""
    file = tmp_path / "mine.ttf"
    file.write_bytes(raw)

    with pytest.raises(InputError, match=said):
        checked_font(file)


def test_a_pipe_or_nothing_is_refused(tmp_path: Path) -> None:
    """A name that is no ordinary file never makes us wait."""
    os.mkfifo(tmp_path / "pipe.ttf")
    for name in ("pipe.ttf", "gone.ttf"):
        with pytest.raises(InputError):
            checked_font(tmp_path / name)
