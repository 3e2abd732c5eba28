"""What shows only when captions are drawn, and files of ours that hold them."""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from voxweave.core.caption_flaws import drawn_flaws
from voxweave.core.film import Canvas
from voxweave.core.looks import Look, look_for
from voxweave.core.speech import Cue
from voxweave.core.time import Span
from voxweave.errors import InputError
from voxweave.media.fonts import plan_fonts
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.checking import Checked, check_captions
from voxweave.pipeline.studio import Studio, open_studio
from voxweave.settings import Settings

WIDE = Canvas(width=1920, height=1080, rate=Fraction(25))
TALL = Canvas(width=1080, height=1920, rate=Fraction(25))
GOOD = "1\n00:00:01,000 --> 00:00:03,000\nTwo words\n"
BAD = "1\n00:00:01,000 --> 00:00:01,200\nFar too much to read in so short a time, whoever reads it\n"


def flaws(*lines: str, canvas: Canvas = WIDE, look: Look | None = None) -> list[str]:
    """The rules a cue breaks when drawn."""
    cue = Cue(span=Span(start=0, end=2000), lines=lines)
    return [
        flaw.rule
        for flaw in drawn_flaws((cue,), canvas, look_for(canvas, plan_fonts(cue.text), look or Look()))
    ]


def test_ordinary_lines_have_no_flaw() -> None:
    """Lines by the rules fit the safe area, a little smaller where letters are wide."""
    assert flaws("Far out in the Sahara there is a lake", "that nobody has ever sailed.") == []
    assert flaws("that nobody has ever", canvas=TALL) == []


def test_text_too_wide_for_the_safe_area_is_told() -> None:
    """Text that must be made far smaller to stay inside does not fit."""
    assert flaws("Far out in the Sahara there is a lake", canvas=TALL) == ["safe area"]


def test_a_look_that_shows_few_words_fits_where_whole_lines_do_not() -> None:
    """What counts is what is drawn."""
    assert flaws("Far out in the Sahara there is a lake", canvas=TALL, look=Look(most_words=3)) == []


def test_letters_no_font_has_are_named() -> None:
    """With their numbers, for they cannot be shown."""
    cue = Cue(span=Span(start=0, end=2000), lines=("A \U0007ffff here",))
    (found,) = drawn_flaws((cue,), WIDE, look_for(WIDE, plan_fonts(cue.text)))

    assert (found.rule, found.cue, found.at) == ("missing letters", 1, "0:00:00.000")
    assert "U+7FFFF" in str(found.value)


@pytest.fixture(scope="module")
def studio() -> Studio:
    """A studio of default settings."""
    return open_studio(Settings(), stop=StopSignal(), tell=lambda event: None)


def checked(studio: Studio, folder: Path, text: str, name: str = "talk.en.srt") -> Checked:
    """A file of captions, checked."""
    (folder / name).write_text(text)
    return check_captions(folder / name, None, studio)


def test_subtitles_are_checked_by_the_rules(studio: Studio, tmp_path: Path) -> None:
    """A clean file has no flaw; one that cannot be read in time has, with value and limit."""
    clean, bad = checked(studio, tmp_path, GOOD), checked(studio, tmp_path, BAD)

    assert (clean.flaws, clean.exit_code(strict=True), clean.language) == ((), 0, "en")
    assert {"reading speed", "shortest", "line length"} <= {flaw.rule for flaw in bad.flaws}
    assert (bad.exit_code(strict=True), bad.exit_code(strict=False)) == (9, 0)
    speed = next(flaw for flaw in bad.flaws if flaw.rule == "reading speed")
    assert float(speed.value) > float(speed.limit) == 20
    assert speed.at == "0:00:01.000"


def test_what_had_to_be_mended_is_a_flaw_of_the_file(studio: Studio, tmp_path: Path) -> None:
    """A cue that ends before it begins is told with its line."""
    found = checked(studio, tmp_path, GOOD + "\n2\n00:00:09,000 --> 00:00:08,000\nBackwards\n")

    assert any(flaw.rule == "file" and "line" in str(flaw.value) for flaw in found.flaws)


def test_our_own_files_are_read(studio: Studio, tmp_path: Path) -> None:
    """The words' JSON is checked by its cues; a report tells what it found when the film was made."""
    words = {
        "language": "en",
        "words": [{"text": "Two", "start_ms": 1000, "end_ms": 1400}],
        "cues": [{"start_ms": 1000, "end_ms": 1100, "lines": ["Two"]}],
    }
    broken = {"rule": "shortest", "cue": 3, "value": 100, "limit": 833}
    report = {"captions": {"cues": 9, "language": "en", "rules_broken": [broken], "drawn": []}}

    assert "shortest" in {flaw.rule for flaw in checked(studio, tmp_path, json.dumps(words), "a.json").flaws}
    found = checked(studio, tmp_path, json.dumps(report), "b.json")
    assert [(flaw.cue, flaw.rule) for flaw in found.flaws] == [(3, "shortest")]
    assert found.cues == 9


@pytest.mark.parametrize(
    "text", ["{}", '{"cues": 1}', '{"cues": []}', "{", '{"captions": {"rules_broken": [1]}}']
)
def test_json_without_captions_is_refused(studio: Studio, tmp_path: Path, text: str) -> None:
    """One clear line for what is no file of ours."""
    with pytest.raises(InputError, match="captions"):
        checked(studio, tmp_path, text, "x.json")
