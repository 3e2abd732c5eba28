"""Any cue: its words are all drawn, in order, within its time, however it is written and timed."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from voxweave.core.captions import ass_text
from voxweave.core.film import Canvas
from voxweave.core.letters import drawable
from voxweave.core.looks import Look, look_for
from voxweave.core.speech import Cue, Word
from voxweave.core.time import Span
from voxweave.core.word_groups import grouped
from voxweave.core.word_times import shown_frames, timed_words

CANVAS = Canvas(width=640, height=360, rate=Fraction(30000, 1001))
LOOK = look_for(CANVAS)
LINES = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=24),
    max_size=3,
)
SPANS = st.tuples(st.integers(0, 10_000), st.integers(1, 9_000)).map(
    lambda p: Span(start=p[0], end=p[0] + p[1])
)
WORDS = st.lists(st.tuples(st.text(min_size=1, max_size=8), SPANS), max_size=6)
CUES = st.builds(
    lambda span, lines, words: Cue(
        span=span, lines=tuple(lines), words=tuple(Word(text=text, span=at) for text, at in words)
    ),
    SPANS,
    LINES,
    WORDS,
)


@given(CUES)
def test_words_follow_one_another_within_the_cue(cue: Cue) -> None:
    """Lit frames touch, rise and stay in the cue; the last word's end is the cue's."""
    words = timed_words(cue, CANVAS)
    first, last = shown_frames(cue, CANVAS)

    assert all(first <= word.first <= word.last <= last for word in words)
    assert all(one.last == two.first for one, two in pairwise(words))
    assert not words or words[-1].last == last


@given(CUES, st.integers(1, 5))
@example(Cue(span=Span(start=0, end=1), lines=("0\xad\U00020000",)), 1)
def test_no_letter_is_lost_in_groups(cue: Cue, most: int) -> None:
    """Shown a few at a time or all at once, the letters are the same, and so is the time."""
    look = LOOK.model_copy(update={"look": Look(most_words=most)})
    groups = grouped(cue, CANVAS, look)

    whole = "".join(word.text for word in timed_words(cue, CANVAS))
    shown = "".join(drawable(line) for group in groups for line in group.lines)
    assert shown.replace(" ", "") == whole.replace(" ", "")
    assert not groups or (groups[0].span.start, groups[-1].span.end) == (cue.span.start, cue.span.end)


@given(CUES, st.sampled_from(["none", "colour", "sweep", "box", "underline"]), st.integers(0, 600))
@settings(max_examples=60)
def test_any_cue_is_written(cue: Cue, mark: str, first: int) -> None:
    """Whatever letters come, the text of a scene is written, and no event lies outside the scene."""
    look = Look.model_validate({"spoken": {"mark": mark, "scale": 1.1}, "come": "spoken", "upper": True})
    text = ass_text((cue,), canvas=CANVAS, look=look_for(CANVAS, None, look), frames=(first, first + 90))

    for line in text.splitlines():
        if line.startswith("Dialogue"):
            start, end = line.split(",")[1:3]
            assert "0:00:00.00" <= start < end <= "0:00:03.10"
