"""The styles: which there are, and what a film in one of them goes through."""

import itertools
from pathlib import Path

import pytest

from tests.fakes.drawings import drawing
from voxweave.errors import UsageError
from voxweave.providers.art.colour import rgb, tone
from voxweave.providers.art.painter import recipe_of
from voxweave.providers.art.recipes import RECIPES
from voxweave.settings.styles import load_style, styles

PROMISED = {"cyberpunk", "cinematic", "realistic", "anime", "3d", "biotech", "educational", "minimal"}


def test_promised_styles_are_there() -> None:
    """The eight styles the documents name, and at least four more, ship with us."""
    assert set(styles()) >= PROMISED
    assert len(styles()) >= 12


@pytest.mark.parametrize("name", sorted(styles()))
def test_a_style_reads(name: str) -> None:
    """Every style has known recipes, at least three, and a palette from dark to light."""
    style = load_style(name)
    lumas = [tone(rgb(colour))[0] for colour in style.palette]

    assert style.name == name
    assert len(set(style.recipes)) >= 3
    assert set(style.recipes) <= set(RECIPES)
    assert lumas == sorted(lumas)


def test_no_recipe_serves_two_styles() -> None:
    """Styles differ in what they draw, not in colour alone."""
    used = [recipe for name in styles() for recipe in load_style(name).recipes]

    assert len(used) == len(set(used))
    assert set(used) == set(RECIPES)


@pytest.mark.parametrize("name", sorted(styles()))
def test_neighbours_differ(name: str, tmp_path: Path) -> None:
    """No two scenes in a row have the same composition."""
    names = [recipe_of(drawing(tmp_path, name, scene=scene)) for scene in range(12)]

    assert all(first != second for first, second in itertools.pairwise(names))


def test_unknown_style_lists_the_known() -> None:
    """A wrong name is answered with the right ones."""
    with pytest.raises(UsageError) as caught:
        load_style("cyberpink")

    assert "cyberpink" in str(caught.value)
    assert "cyberpunk" in caught.value.hint


def test_a_style_of_ones_own(tmp_path: Path) -> None:
    """A path to a TOML file is as good as a name."""
    path = tmp_path / "mine.toml"
    path.write_text(styles()["minimal"].read_text("utf-8"), "utf-8")

    assert load_style(path).name == "mine"


def test_a_broken_style_says_where(tmp_path: Path) -> None:
    """What is wrong in a style file is named by its key."""
    path = tmp_path / "mine.toml"
    path.write_text(styles()["minimal"].read_text("utf-8").replace('accent = "#', 'accent = "'), "utf-8")

    with pytest.raises(UsageError, match="accent"):
        load_style(path)


def test_an_unknown_recipe_lists_the_known(tmp_path: Path) -> None:
    """A recipe that does not exist is a mistake of the style's author, and said so."""
    wrong = drawing(tmp_path, "minimal")
    wrong = wrong.model_copy(update={"style": wrong.style.model_copy(update={"recipes": ("breth",)})})

    with pytest.raises(UsageError, match="breth"):
        recipe_of(wrong)
