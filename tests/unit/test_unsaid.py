"""Where script and voice part: told in order, and kept out of the captions."""

from voxweave.core.speech import Transcript, Unspoken, Word
from voxweave.core.time import Span
from voxweave.core.unsaid import closed, parting_notes, said_only, unspoken_in


def spans(*pairs: tuple[int, int]) -> list[Span]:
    """Spans of milliseconds."""
    return [Span(start=start, end=end) for start, end in pairs]


WORDS = tuple(Word(text=text, span=Span(start=n * 100, end=n * 100)) for n, text in enumerate("abcdef"))


def test_runs_of_silent_words_are_one_entry_each() -> None:
    """Indices in a row belong together."""
    assert (Unspoken(first=0, past=2, at_ms=0), Unspoken(first=4, past=5, at_ms=400)) == unspoken_in(
        WORDS, [4, 0, 1]
    )


def test_what_parts_is_told_in_the_order_of_time() -> None:
    """Each place in one line, with its moment."""
    lines = parting_notes(WORDS, [Unspoken(first=4, past=6, at_ms=9000)], spans((2000, 7000)))

    assert lines == (
        "from 0:00:02.000 to 0:00:07.000 the voice does not follow the script",
        "2 words of the script were not heard at 0:00:09.000, from 'e' on",
    )


def test_many_places_are_not_all_told() -> None:
    """Eight lines and how many more."""
    lines = parting_notes(WORDS, [], spans(*((n * 9000, n * 9000 + 3000) for n in range(20))))

    assert 9 == len(lines)
    assert "12 more" in lines[-1]


def test_captions_show_what_is_said() -> None:
    """Silent words go, and a paragraph that began with one begins with the next."""
    transcript = Transcript(
        words=WORDS, paragraphs=(0, 2, 5), unspoken=(Unspoken(first=2, past=4, at_ms=200),)
    )
    words, paragraphs = said_only(transcript)

    assert "abef" == "".join(word.text for word in words)
    assert (0, 2, 3) == tuple(paragraphs)


def test_near_spans_are_one() -> None:
    """Gaps up to the limit are closed."""
    assert tuple(spans((0, 900), (1500, 1600))) == closed(spans((1500, 1600), (0, 300), (400, 900)), 100)
