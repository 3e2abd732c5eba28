"""A storyboard comes back from its file as it was; any other text is refused in one line."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from voxweave.core.storyboard import Scene, Storyboard, from_toml, to_toml
from voxweave.core.time import Span
from voxweave.errors import InputError

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


@st.composite
def stories(draw: st.DrawFn) -> Storyboard:
    """Any scenes with any words and any pictures' names."""
    cuts = sorted(draw(st.sets(st.integers(1, 12 * 3_600_000 - 1), max_size=12)))
    duration = (cuts[-1] if cuts else 0) + draw(st.integers(1, 100_000))
    spans = pairwise((0, *cuts, duration))
    scenes = (
        Scene(number=number, span=Span(start=a, end=b), text=draw(TEXTS), picture=draw(TEXTS.filter(bool)))
        for number, (a, b) in enumerate(spans, start=1)
    )
    return Storyboard(duration_ms=duration, scenes=tuple(scenes))


@given(stories(), st.text(st.characters(categories=("L", "N", "P", "Zs")), max_size=40))
def test_the_file_brings_the_storyboard_back(story: Storyboard, title: str) -> None:
    """Written and read again: the same scenes, to the millisecond and the letter."""
    assert from_toml(to_toml(story, title), story.duration_ms, name="file") == story


@given(st.text(max_size=200) | st.text(alphabet='[]scene= "start0:.\n', max_size=200))
def test_any_text_is_a_storyboard_or_one_error(text: str) -> None:
    """No text brings more than one line that names the file."""
    try:
        story = from_toml(text, 60_000, name="file.toml")
    except InputError as error:
        assert str(error).startswith("file.toml")
    else:
        assert story.scenes[0].span.start == 0
