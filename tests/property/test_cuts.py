"""Cuts are in order, within the narration, in no word, and within the rules wherever speech allows it."""

from itertools import accumulate, pairwise

from hypothesis import given
from hypothesis import strategies as st

from voxweave.core.cuts import Cut, SceneRules, candidates, cut_moments
from voxweave.core.speech import Transcript, Word
from voxweave.core.storyboard import board
from voxweave.core.time import Span


@st.composite
def rules(draw: st.DrawFn) -> SceneRules:
    """Scene lengths a user may set, the longest at least twice the shortest."""
    shortest = draw(st.integers(1_000, 20_000))
    return SceneRules(shortest_ms=shortest, longest_ms=draw(st.integers(2 * shortest, 60_000)))


@st.composite
def spoken(draw: st.DrawFn) -> tuple[int, Transcript, tuple[Span, ...]]:
    """A narration's length, its words, and pauses that may reach into them."""
    steps = draw(st.lists(st.tuples(st.integers(0, 3_000), st.integers(20, 2_500)), max_size=60))
    texts = st.sampled_from(["word", "clause,", "end.", "end?”", "終。"])
    ends = accumulate(gap + length for gap, length in steps)
    words = tuple(
        Word(text=draw(texts), span=Span(start=end - length, end=end))
        for (_, length), end in zip(steps, ends, strict=True)
    )
    duration = (words[-1].span.end if words else 500) + draw(st.integers(0, 90_000))
    edges = sorted(draw(st.sets(st.integers(0, duration), max_size=20)))
    pauses = tuple(Span(start=a, end=b) for a, b in zip(edges[::2], edges[1::2], strict=False))
    return duration, Transcript(words=words), pauses


@given(spoken(), rules())
def test_scenes_are_contiguous_and_cut_no_word(
    narration: tuple[int, Transcript, tuple[Span, ...]], wanted: SceneRules
) -> None:
    """From the first millisecond to the last, in order, numbered, every word in exactly one scene and none cut."""
    duration, transcript, pauses = narration
    story = board(duration, transcript, pauses=pauses, rules=wanted)
    spans = [scene.span for scene in story.scenes]

    assert (spans[0].start, spans[-1].end) == (0, duration)
    assert all(before.end == after.start for before, after in pairwise(spans))
    assert all(span.duration > 0 for span in spans)
    assert [scene.number for scene in story.scenes] == list(range(1, len(spans) + 1))
    assert " ".join(scene.text for scene in story.scenes if scene.text) == " ".join(
        word.text for word in transcript.words
    )
    for cut in (span.start for span in spans[1:]):
        assert not any(word.span.start < cut < word.span.end for word in transcript.words)


@given(st.integers(1_000, 600_000), rules())
def test_without_words_every_scene_is_within_the_rules(duration: int, wanted: SceneRules) -> None:
    """Where nothing forbids a cut no scene is too long, and none too short but the only one."""
    moments = cut_moments(duration, candidates(Transcript(), (), duration_ms=duration, rules=wanted), wanted)
    lengths = [after - before for before, after in pairwise((0, *moments, duration))]

    assert max(lengths) <= wanted.longest_ms
    assert min(lengths) >= min(wanted.shortest_ms, duration) or len(lengths) == 1


@given(st.integers(2, 200), rules(), st.randoms(use_true_random=False))
def test_with_a_place_every_second_the_rules_are_kept(
    seconds: int, wanted: SceneRules, random: object
) -> None:
    """With a candidate each second, however good or bad, scenes stay within the rules."""
    cuts = [Cut(second * 1_000, random.random() - 0.3) for second in range(1, seconds)]  # type: ignore[attr-defined]
    moments = cut_moments(seconds * 1_000, cuts, wanted)
    lengths = [after - before for before, after in pairwise((0, *moments, seconds * 1_000))]

    assert set(moments) <= {cut.at for cut in cuts}
    assert max(lengths) <= wanted.longest_ms + 1_000
    assert len(lengths) == 1 or min(lengths) >= wanted.shortest_ms
