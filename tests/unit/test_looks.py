"""Looks as TOML: ours, one's own, what is wrong in them, and the quick changes."""

from fractions import Fraction
from pathlib import Path

import pytest

from voxweave.core.film import Box, Canvas
from voxweave.core.looks import Look, caption_box, look_for, lowered
from voxweave.errors import UsageError
from voxweave.media.fonts import families
from voxweave.settings import Settings, load
from voxweave.settings.looks import BY_PROFILE, chosen_look, load_look, looks

SHAPES = tuple(
    Canvas(width=wide, height=high, rate=Fraction(30))
    for wide, high in ((1920, 1080), (1080, 1080), (1080, 1920))
)
KNOWN = ("boxed", "classic", "highlight", "hype", "karaoke", "minimal", "neon", "pop", "underline")


def test_the_looks_people_know_are_there() -> None:
    """Nine looks, each with a sentence and letters of our own."""
    assert tuple(looks()) == KNOWN
    for name in KNOWN:
        look = load_look(name)
        assert (look.name, look.font in families()) == (name, True)
        assert len(look.summary) > 20


def test_classic_is_what_films_look_like_without_a_word() -> None:
    """The default TOML changes nothing but its name and sentence."""
    assert load_look("classic").model_copy(update={"summary": ""}) == Look()


@pytest.mark.parametrize("profile", BY_PROFILE)
def test_each_profile_has_its_look(profile: str) -> None:
    """A profile brings its look; a look that is named beats it."""
    assert chosen_look(Settings(caption_profile=profile)).name == BY_PROFILE[profile]
    assert chosen_look(Settings(caption_profile=profile, caption_look="neon")).name == "neon"


@pytest.mark.parametrize(
    ("body", "said", "hint"),
    [
        ('color = "#ffffff"', "color is not part of a look", "did you mean colour?"),
        ('[spoken]\nmarc = "box"', "spoken.marc is not part of a look", "did you mean mark?"),
        (
            '[glow]\nwidht = 0.1\ncolour = "#000000"',
            "glow.widht is not part of a look",
            "did you mean width?",
        ),
        ('colour = "yellow"', "colour: not a colour such as #ffd400", "prints one"),
        ("size = 9", "size: input should be less than or equal to 3", "prints one"),
        ('[tall]\nposition = "left"', "tall.position: input should be 'bottom', 'middle' or 'top'", "prints"),
        ("size = ", "is not TOML", "quotes"),
    ],
)
def test_what_is_wrong_in_a_look_is_said(tmp_path: Path, body: str, said: str, hint: str) -> None:
    """The error names the place, and what was perhaps meant."""
    file = tmp_path / "mine.toml"
    file.write_text(body)

    with pytest.raises(UsageError) as told:
        load_look(str(file))

    assert said in str(told.value)
    assert hint in told.value.hint


@pytest.mark.parametrize(("name", "hint"), [("nenon", "did you mean neon?"), ("xyz", "boxed, classic")])
def test_a_look_that_is_not_there_is_said(name: str, hint: str) -> None:
    """The error offers what there is."""
    with pytest.raises(UsageError) as told:
        load_look(name)

    assert hint in told.value.hint


def test_a_look_of_ones_own_is_read_by_its_path(tmp_path: Path) -> None:
    """Capital letters in a colour are fine, and the file's name is the look's."""
    file = tmp_path / "mine.toml"
    file.write_text('colour = "#FFD400"\n[spoken]\nmark = "underline"\nmark_colour = "#AA00FF"\n')

    look = load_look(str(file))

    assert (look.name, look.colour, look.spoken.mark_colour) == ("mine", "#ffd400", "#aa00ff")


def test_a_path_in_a_file_of_settings_is_meant_from_its_folder(tmp_path: Path) -> None:
    """Looks and fonts named by a file are found beside the voxweave.toml that names them; names stay names."""
    file = tmp_path / "voxweave.toml"
    file.write_text('caption_look = "mine.toml"\nfont = "mine.ttf"\n')
    found = load({}, environ={}, job_file=None, user_file=file).settings
    file.write_text('caption_look = "neon"\nfont = "Noto Sans"\n')
    named = load({}, environ={}, job_file=None, user_file=file).settings

    assert (found.caption_look, found.font) == (str(tmp_path / "mine.toml"), str(tmp_path / "mine.ttf"))
    assert (named.caption_look, named.font) == ("neon", "Noto Sans")


def test_quick_changes_change_what_they_name() -> None:
    """Colour, highlight, size and position stand above the look."""
    settings = Settings(
        caption_color="#FD0",
        caption_highlight="#123456",
        caption_size=1.5,
        caption_position="top",
        caption_look="classic",
    )

    look = chosen_look(settings)

    assert (look.colour, look.size, look.tall.position, look.wide.position) == ("#ffdd00", 1.5, "top", "top")
    assert (look.spoken.mark, look.spoken.colour) == ("colour", "#123456")


@pytest.mark.parametrize(("name", "part"), [("highlight", "mark_colour"), ("pop", "colour")])
def test_the_highlight_colours_what_stands_out(name: str, part: str) -> None:
    """The box behind a word where there is one, else its letters."""
    look = chosen_look(Settings(caption_look=name, caption_highlight="#010203"))

    assert getattr(look.spoken, part) == "#010203"


@pytest.mark.parametrize("canvas", SHAPES, ids=lambda canvas: f"{canvas.width}x{canvas.height}")
@pytest.mark.parametrize("position", ["bottom", "middle", "top"])
def test_captions_stand_where_they_are_put(canvas: Canvas, position: str) -> None:
    """Bottom, middle and top are in that order from below, inside the frame, off the controls of 9:16."""
    look = chosen_look(Settings(caption_position=position))
    resolved = look_for(canvas, None, look)
    box = caption_box(canvas, resolved)
    share = (resolved.box.y + resolved.box.height / 2) / canvas.height

    assert inside(box, canvas)
    assert {"bottom": share > 0.55, "middle": 0.3 < share < 0.6, "top": share < 0.25}[position]
    if canvas.portrait:
        assert resolved.box.x >= 120
        assert resolved.box.x + resolved.box.width <= 780
        assert 288 <= resolved.box.y
        assert resolved.box.y + resolved.box.height <= 1248
    assert lowered(resolved, canvas).position == "bottom"


def inside(box: Box, canvas: Canvas) -> bool:
    """Whether a box lies in the frame."""
    return (
        box.x >= 0
        and box.y >= 0
        and box.x + box.width <= canvas.width
        and box.y + box.height <= canvas.height
    )
