"""Gentler words for prompts that filters trip over."""

import pytest

from voxweave.core.softening import harsh, soften


@pytest.mark.parametrize(
    ("prompt", "gentler"),
    [
        ("Blood on the snow", "Red dye on the snow"),
        ("a soldier with a rifle", "a soldier with a tool"),
        ("ein Mord im Nebel", "ein Tragödie im Nebel"),
        ("dead bodies by the road", "empty coats by the road"),
        ("a skilful gunsmith", "a skilful gunsmith"),
        ("", ""),
    ],
)
def test_harsh_words_become_gentle(prompt: str, gentler: str) -> None:
    """Whole words only, capitals kept, everything else as it was."""
    assert soften(prompt) == gentler


def test_categories_are_named_once() -> None:
    """What kind of harshness is in a prompt, in the order met."""
    assert harsh("Blood and a bomb, blood again") == ("gore", "violence")
    assert harsh(soften("Blood and a bomb")) == ()
