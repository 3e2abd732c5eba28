"""Where a script and its reading part: words nobody says, and speech that is not in the script."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from voxweave.core.speech import Transcript, Unspoken, Word
from voxweave.core.text import printable
from voxweave.core.time import Span, clock

_MOST_NOTES = 8
_WORTH_MS = 1_000


def runs(indices: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Numbers that follow on each other, as the first and one past the last."""
    for _, run in groupby(enumerate(sorted(indices)), key=lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in run]
        yield numbers[0], numbers[-1] + 1


def unspoken_in(words: Sequence[Word], indices: Iterable[int]) -> tuple[Unspoken, ...]:
    """The runs of words that nobody says, and where they would have been said."""
    return tuple(
        Unspoken(first=first, past=past, at_ms=words[first].span.start) for first, past in runs(indices)
    )


def closed(spans: Iterable[Span], gap_ms: int) -> tuple[Span, ...]:
    """Spans in order, those nearer to each other than this made one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if found and span.start - found[-1].end <= gap_ms:
            found[-1] = Span(start=found[-1].start, end=max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)


def parting_notes(
    words: Sequence[Word], unspoken: Sequence[Unspoken], offscript: Sequence[Span]
) -> tuple[str, ...]:
    """A line for each place where the voice and the script part, in the order of their times."""
    lines = [(one.at_ms, _unspoken(words, one)) for one in unspoken]
    lines += [(span.start, _offscript(span)) for span in offscript if span.duration >= _WORTH_MS]
    told = [line for _, line in sorted(lines)]
    more = (
        [f"and {len(told) - _MOST_NOTES} more such places, in the report"] if len(told) > _MOST_NOTES else []
    )
    return (*told[:_MOST_NOTES], *more)


def said_only(transcript: Transcript) -> tuple[Sequence[Word], Sequence[int]]:
    """The words somebody says, and which of them begin a paragraph: what captions show."""
    silent = {index for one in transcript.unspoken for index in range(one.first, one.past)}
    if not silent:
        return transcript.words, transcript.paragraphs
    kept = [index for index in range(len(transcript.words)) if index not in silent]
    places = {_next(index, silent) for index in transcript.paragraphs}
    return (
        tuple(transcript.words[index] for index in kept),
        tuple(place for place, index in enumerate(kept) if index in places),
    )


def _next(index: int, silent: Collection[int]) -> int:
    while index in silent:
        index += 1
    return index


def _unspoken(words: Sequence[Word], one: Unspoken) -> str:
    count = one.past - one.first
    counted = (
        f"{count} word{'' if count == 1 else 's'} of the script {'was' if count == 1 else 'were'} not heard"
    )
    return f"{counted} at {clock(one.at_ms)}, from {printable(words[one.first].text)!r} on"


def _offscript(span: Span) -> str:
    return f"from {clock(span.start)} to {clock(span.end)} the voice does not follow the script"
