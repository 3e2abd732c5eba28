"""A cue's words a few at a time."""

import time
from fractions import Fraction
from itertools import pairwise

import pytest

from tests.pace import within
from voxweave.core.film import Canvas
from voxweave.core.looks import Look, look_for
from voxweave.core.speech import Cue, Word
from voxweave.core.time import Span
from voxweave.core.word_groups import grouped
from voxweave.core.word_times import shown_frames
from voxweave.media.fonts import plan_fonts

WIDE = Canvas(width=1920, height=1080, rate=Fraction(30))
TALL = Canvas(width=1080, height=1920, rate=Fraction(30))
LINES = ("Far out in the Sahara there is a lake", "that nobody has ever sailed, not once.")


def groups(most: int, *lines: str, canvas: Canvas = WIDE, size: float = 1.0) -> tuple[Cue, ...]:
    """What is drawn in place of a cue."""
    cue = Cue(span=Span(start=1000, end=5000), lines=lines)
    look = Look(most_words=most, size=size)
    return grouped(cue, canvas, look_for(canvas, plan_fonts(cue.text), look))


def test_most_looks_leave_a_cue_alone() -> None:
    """Without a bound the cue is drawn as it is."""
    (only,) = groups(0, *LINES)

    assert only.lines == LINES


@pytest.mark.parametrize("most", [1, 2, 3, 4, 6])
def test_groups_hold_all_words_in_order_and_all_time(most: int) -> None:
    """Nothing is lost, none has too many words, and each stands until the next one."""
    found = groups(most, *LINES)

    assert " ".join(one.text for one in found) == " ".join(LINES)
    assert all(1 <= len(one.text.split()) <= most for one in found)
    assert (found[0].span.start, found[-1].span.end) == (1000, 5000)
    assert all(one.span.end == two.span.start for one, two in pairwise(found))


def test_groups_end_where_phrases_end() -> None:
    """No group ends with an article where it need not, nor goes on after a comma or a line's end."""
    found = [one.text for one in groups(4, *LINES)]

    assert not any(text.split()[-1] in ("a", "the", "in") for text in found)
    assert "lake" in [text.split()[-1] for text in found]
    assert "sailed," in [text.split()[-1] for text in found]


def test_large_words_are_broken_to_fit_the_frame() -> None:
    """In a narrow frame a group has two lines where it needs them, and fewer words where two are not enough."""
    found = groups(3, "extraordinary underground cables", canvas=TALL, size=2.0)

    assert [one.lines for one in found] == [("extraordinary",), ("underground", "cables")]


def test_letters_without_spaces_count_by_halves() -> None:
    """Of Chinese and Japanese a group holds twice as many letters as words."""
    assert max(len(one.text) for one in groups(3, "遥か遠くの砂漠に湖がある")) <= 6


def test_many_large_letters_are_grouped_at_once() -> None:
    """The most and largest letters a look may ask for take no longer than few and small ones."""
    with within(1, clock=time.process_time):
        found = groups(12, "吾輩は猫である名前はまだ無いどこで生れたかとんと見当", canvas=TALL, size=2.0)

    assert all(len(one.lines) <= 2 for one in found)


@pytest.mark.parametrize("end", [1020, 1200, 1700])
def test_no_two_groups_are_seen_at_once(end: int) -> None:
    """However fast words are said, and if all are said at the cue's end, no frame shows two groups."""
    cue = Cue(
        span=Span(start=1000, end=end),
        lines=LINES,
        words=tuple(Word(text=word, span=Span(start=end, end=end)) for word in " ".join(LINES).split()),
    )
    found = grouped(cue, WIDE, look_for(WIDE, plan_fonts(cue.text), Look(most_words=3)))

    frames = [shown_frames(group, WIDE) for group in found]
    assert " ".join(group.text for group in found) == " ".join(LINES)
    assert frames[0][0] == 30
    assert all(one[1] == two[0] for one, two in pairwise(frames))
    assert frames[-1][1] == shown_frames(cue, WIDE)[1]
