"""What holds of every alignment: all words, in order, inside the narration."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from voxweave.core.alignment import kept_to_speech, matched, placed, spread
from voxweave.core.pronounce import phones
from voxweave.core.speech import Word
from voxweave.core.spoken import spoken_words
from voxweave.core.time import Span

LENGTH_MS = 60_000

texts = st.lists(st.text(alphabet="aeinst.,!?0123—'漢字", min_size=1, max_size=9), max_size=60)
edges = st.lists(st.integers(0, LENGTH_MS), max_size=24, unique=True).map(sorted)
spans = edges.map(lambda all_: [Span(start=a, end=b) for a, b in zip(all_[::2], all_[1::2], strict=False)])


def in_order(words: tuple[Word, ...]) -> bool:
    """Each word ends before the next begins, within the narration."""
    inside = all(0 <= word.span.start <= word.span.end <= LENGTH_MS for word in words)
    return inside and all(one.span.end <= other.span.start for one, other in pairwise(words))


@given(texts, spans)
def test_spread_words_are_all_there_in_order(written: list[str], speech: list[Span]) -> None:
    """Spreading loses no word, overlaps none and stays inside the narration."""
    words = spread(written, speech, duration_ms=LENGTH_MS)

    assert written == [word.text for word in words]
    assert in_order(words)


@given(texts, spans, st.data())
def test_placed_words_are_all_there_in_order(
    written: list[str], speech: list[Span], data: st.DataObject
) -> None:
    """Whatever is known, every word has a place, in order; silence is cut off without disorder."""
    size = min(len(written), len(speech))
    indices = sorted(data.draw(st.sets(st.integers(0, max(0, len(written) - 1)), max_size=size)))[:size]
    known = dict(zip(indices, speech, strict=False))
    pauses = [Span(start=a.end, end=b.start) for a, b in pairwise(speech)]

    words = placed(written, known, speech, duration_ms=LENGTH_MS)

    assert written == [word.text for word in words]
    assert in_order(words)
    assert in_order(kept_to_speech(words, pauses))


@given(st.lists(st.sampled_from("abcdefg"), max_size=40), st.lists(st.sampled_from("abcdefg"), max_size=40))
def test_matches_rise_on_both_sides(script: list[str], heard: list[str]) -> None:
    """Matched pairs are in order in both texts and name words that exist."""
    pairs = matched(script, heard)

    assert all(a < c and b < d for (a, b), (c, d) in pairwise(pairs))
    assert all(script[a] == heard[b] for a, b in pairs)


@given(st.lists(st.text(max_size=12), max_size=8))
@settings(max_examples=300)
def test_anything_can_be_spoken(written: list[str]) -> None:
    """Any written words give as many answers, in plain lower case or initials, that have phones."""
    said = spoken_words(written)

    assert len(written) == len(said)
    for word in (word for words in said for word in words):
        assert word == word.strip() != ""
        assert phones(word) or not any("a" <= char <= "z" for char in word.lower())
