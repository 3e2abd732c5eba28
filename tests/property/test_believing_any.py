"""Whatever an engine claims to have heard, the words come out in order, on the voice, one after the other."""

from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voxweave.core.believing import believed
from voxweave.core.hearing import Phrase
from voxweave.core.speech import Word
from voxweave.core.time import Span

TEXTS = st.one_of(
    st.sampled_from(["the", "and", "lake", "Thanks", "for", "watching!", "you", ",", "—", '"', "'s", "42", "你", "，"]),
    st.text("aZé你ก'\"—,. 9\u200b\x00", max_size=8),
)  # fmt: skip
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
DOUBTS = st.one_of(st.none(), st.floats(-3, 0))


@st.composite
def words(draw: st.DrawFn) -> Word:
    """Any word anywhere in a minute."""
    start = draw(st.integers(0, 60_000))
    return Word(text=draw(TEXTS), span=Span(start=start, end=start + draw(st.integers(0, 4_000))))


@st.composite
def phrases(draw: st.DrawFn) -> Phrase:
    """Any phrase, in any order of time, with any doubts."""
    return Phrase(
        words=tuple(draw(st.lists(words(), max_size=8))),
        confidence=draw(DOUBTS),
        silence=draw(st.one_of(st.none(), st.floats(0, 1))),
        repetition=draw(st.one_of(st.none(), st.floats(0, 5))),
    )


@st.composite
def voices(draw: st.DrawFn) -> tuple[Span, ...]:
    """Stretches of voice with at least 60 ms between them."""
    edges = sorted(set(draw(st.lists(st.integers(0, 600), max_size=24))))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple(Span(start=100 * start, end=100 * end) for start, end in pairs)


@UNHURRIED
@given(st.lists(phrases(), max_size=8), voices(), st.sampled_from(["", "en", "zh", "th"]))
def test_words_stand_on_the_voice_in_order(
    claimed: list[Phrase], voice: tuple[Span, ...], language: str
) -> None:
    """None begins before the one before it ends, and none stands outside the voice."""
    found = believed(claimed, voice, language=language)
    spans = [word.span for word in found.words]

    assert all(one.end <= two.start for one, two in pairwise(spans))
    if spans:
        assert voice
        assert voice[0].start <= spans[0].start
        assert spans[-1].end <= voice[-1].end
    assert all(word.text.strip() == word.text and word.text for word in found.words)


@UNHURRIED
@given(st.lists(phrases(), max_size=8), voices())
def test_every_letter_is_kept_or_told(claimed: list[Phrase], voice: tuple[Span, ...]) -> None:
    """What was said comes out, what was not is listed, and nothing is added."""
    found = believed(claimed, voice, language="en")
    given_letters = letters(word.text for phrase in claimed for word in phrase.words)
    kept = letters(word.text for word in found.words)
    left = letters(one.text for one in found.left_out)
    assert sorted(given_letters) == sorted(kept + left)


def letters(texts: object) -> list[str]:
    """ASCII letters and digits, which no cleaning takes away."""
    return [char for text in texts for char in text if char.isascii() and char.isalnum()]  # type: ignore[attr-defined]
