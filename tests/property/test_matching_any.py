"""What holds of every matching: all words once, in order, inside the narration, whatever was heard."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from voxweave.core.lag import shifted
from voxweave.core.matching import match
from voxweave.core.normal import folded, units
from voxweave.core.numerals import spelled_number
from voxweave.core.speech import Word
from voxweave.core.time import Span

LENGTH_MS = 60_000

LANGUAGES = st.sampled_from(["", "en", "de", "es-MX", "fr", "ja", "zh", "th", "ru"])
KNOWN = ["one", "lake", "Lake,", "1984", "20", "см", "湖", "水", "に", "น้ำ", "—", "l'eau", "don't", "GPU"]
texts = st.lists(
    st.sampled_from(KNOWN) | st.text(min_size=1, max_size=6).filter(lambda text: bool(text.strip())),
    max_size=40,
)
edges = st.lists(st.integers(0, LENGTH_MS), max_size=40, unique=True).map(sorted)
spans = edges.map(lambda all_: [Span(start=a, end=b) for a, b in zip(all_[::2], all_[1::2], strict=False)])


def heard_of(written: list[str], times: list[Span]) -> list[Word]:
    """As many heard words as there are times for."""
    return [Word(text=text, span=span) for text, span in zip(written, times, strict=False)]


def in_order(words: tuple[Word, ...]) -> bool:
    """Each word ends before the next begins, within the narration."""
    inside = all(0 <= word.span.start <= word.span.end <= LENGTH_MS for word in words)
    return inside and all(one.span.end <= other.span.start for one, other in pairwise(words))


@given(texts, texts, spans, spans, LANGUAGES)
@settings(max_examples=250, deadline=None)
def test_every_word_is_placed_once_and_in_order(
    script: list[str], other: list[str], times: list[Span], speech: list[Span], language: str
) -> None:
    """Any script on any heard words: nothing lost, nothing moved past its neighbour, nothing outside."""
    found = match(script, heard_of(other, times), speech, duration_ms=LENGTH_MS, language=language)

    assert script == [word.text for word in found.words]
    assert in_order(found.words)
    assert 0 <= found.share <= 1
    assert all(0 <= one.first < one.past <= len(script) for one in found.unspoken)
    assert all(one.past <= other.first for one, other in pairwise(found.unspoken))


@given(texts, spans, LANGUAGES)
@settings(max_examples=100, deadline=None)
def test_what_is_heard_as_written_keeps_its_times(
    script: list[str], times: list[Span], language: str
) -> None:
    """A script heard word for word begins each word where it was heard, and nothing is missing."""
    heard = heard_of(script, times)
    script = [word.text for word in heard]
    found = match(script, heard, times, duration_ms=LENGTH_MS, language=language)

    assert not found.unspoken
    assert not found.offscript
    for word, one in zip(found.words, heard, strict=True):
        assert word.span.start == one.span.start or not units([one.text], language)


@given(spans, st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_putting_a_lag_right_keeps_the_order(times: list[Span], seed: int) -> None:
    """Shifted words are the same words in the same order, none overlapping."""
    words = heard_of([str(n) for n in range(len(times))], times)
    bands = np.random.default_rng(seed).integers(0, 256, (LENGTH_MS // 10, 8)).astype(np.uint8)
    found = shifted(words, (), bands)

    assert [word.text for word in words] == [word.text for word in found]
    assert in_order(found)


@given(st.text(max_size=20))
def test_folding_twice_changes_nothing(text: str) -> None:
    """A folded text is folded."""
    assert folded(text) == folded(folded(text))


@given(st.integers(0, 999_999), st.sampled_from(["de", "es", "fr", "it", "pt"]))
def test_numbers_have_words_of_letters_only(number: int, language: str) -> None:
    """Every whole number below a million is spelled, and two numbers never alike."""
    said = spelled_number(number, language)

    assert said.replace(" ", "").isalpha()
    assert said != spelled_number(number + 1, language)
