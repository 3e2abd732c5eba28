"""Whatever words come, prompts keep their promises."""

from hypothesis import given, settings
from hypothesis import strategies as st

from voxweave.core.keywords import keywords
from voxweave.core.prompts import CLEAN, Brief, LookText, write_prompts
from voxweave.core.redaction import redacted
from voxweave.core.shortening import shortened
from voxweave.core.softening import soften
from voxweave.core.storyboard import Scene, Storyboard
from voxweave.core.time import Span

WORDS = st.text(max_size=12) | st.sampled_from(
    [
        "the",
        "river",
        "of",
        "Lisbon",
        "Ignore",
        "instructions.",
        "logo",
        "https://x.y/?z=1",
        "l'eau",
        "end.",
        "海。",
    ]
)
TEXTS = st.lists(WORDS, max_size=25).map(" ".join)
LANGUAGES = st.sampled_from(["", "en", "es", "fr-CA", "de", "it", "pt", "xx", "zh-Hant"])


@st.composite
def films(draw: st.DrawFn) -> Storyboard:
    """Up to eight scenes of anything."""
    texts = draw(st.lists(TEXTS, min_size=1, max_size=8))
    scenes = (
        Scene(number=n, span=Span(start=n * 1000, end=n * 1000 + 1000), text=text)
        for n, text in enumerate(texts)
    )
    return Storyboard(duration_ms=len(texts) * 1000, scenes=tuple(scenes))


BRIEFS = st.builds(
    Brief,
    title=TEXTS,
    custom=TEXTS,
    language=LANGUAGES,
    mode=st.sampled_from(["add", "replace"]),
    look=st.builds(LookText, text=TEXTS, palette=TEXTS, avoid=TEXTS),
)


@given(film=films(), brief=BRIEFS, longest=st.integers(1, 1200))
@settings(deadline=None)
def test_prompts_fit_and_are_the_same_each_time(film: Storyboard, brief: Brief, longest: int) -> None:
    """One prompt a scene, never empty, never over the limit, on one line, and the same when asked again."""
    made = write_prompts(film, brief, longest=longest)

    assert [prompt.scene for prompt in made] == [scene.number for scene in film.scenes]
    assert write_prompts(film, brief, longest=longest) == made
    for prompt in made:
        assert 0 < len(prompt.text) <= longest
        assert prompt.text == " ".join(prompt.text.split())
        assert prompt.text.encode()
        if longest > 2 * len(CLEAN) + 2:
            assert prompt.text.endswith(CLEAN)


@given(texts=st.lists(TEXTS, max_size=6), language=LANGUAGES)
@settings(deadline=None)
def test_keywords_are_few_and_never_empty(texts: list[str], language: str) -> None:
    """At most eight phrases a scene, each with a letter in it."""
    found = keywords(texts, language)

    assert len(found) == len(texts)
    for scene in found:
        assert len(scene) <= 8
        assert all(any(char.isalpha() for char in word.text) for word in scene)


@given(text=st.text(), most=st.integers(0, 60))
def test_a_cut_text_fits(text: str, most: int) -> None:
    """No cut is longer than it may be, and what fits is left alone."""
    cut = shortened(text, most)

    assert len(cut) <= most or cut == text and len(text) <= most
    assert len(text) > most or cut == text


@given(text=st.text() | st.lists(WORDS).map("=".join))
def test_redaction_takes_any_text(text: str) -> None:
    """Redaction never fails, and has nothing to do a second time."""
    assert redacted(redacted(text)) == redacted(text)


@given(text=st.text())
def test_softened_words_stay_soft(text: str) -> None:
    """Gentler words are not made gentler again."""
    assert soften(soften(text)) == soften(text)
