"""Which words of a cue are spoken on which frames."""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from voxweave.core.film import Canvas
from voxweave.core.letters import columns, drawable, pieces, spaceless, unspaced
from voxweave.core.speech import Cue
from voxweave.core.time import frame_at

_PIECE_COLUMNS = 8
_LETTERS = ("L", "N", "M")


@dataclass(frozen=True)
class TimedWord:
    """A word as it is drawn: on which line, after a space (or a line's end that stands for one) or not, lit from frame `first` up to `last`."""

    text: str
    line: int
    spaced: bool
    first: int
    last: int


@dataclass(frozen=True)
class _Part:
    """A stretch of a line that lights up as one, and how many letters of the cue stand before it."""

    text: str
    line: int
    spaced: bool
    letter: int


def timed_words(cue: Cue, canvas: Canvas) -> tuple[TimedWord, ...]:
    """The cue's words in reading order; each is lit until the next one begins, the last to the end.

    Where the cue does not know its words' times, they share its own by their letters.
    """
    starts = _letter_times(cue)
    cuts = _cuts(cue) if cue.words else frozenset()
    parts = list(_parts(cue.lines, cuts))
    if not parts:
        return ()
    low, high = shown_frames(cue, canvas)
    frames = [max(frame_at(_at(starts, part.letter), canvas.rate), low) for part in parts]
    ends = [*accumulate(_in_time(parts, frames, low, high), max), high]
    return tuple(
        TimedWord(part.text, part.line, part.spaced, first, last)
        for part, (first, last) in zip(parts, pairwise(ends), strict=True)
    )


def _in_time(parts: Sequence[_Part], frames: Sequence[int], low: int, high: int) -> list[int]:
    """When the parts light up, each before the cue goes: late ones share what is left from the one before them on."""
    late = next((place for place, frame in enumerate(frames) if frame >= high), len(frames))
    if late == len(frames):
        return list(frames)
    begun = max(late - 1, 0)
    since, before = (frames[begun] if late else low), parts[begun].letter
    letters = parts[-1].letter + max(1, len(_letters(parts[-1].text))) - before
    shared = [since + (high - since) * (part.letter - before) // letters for part in parts[begun:]]
    return [*frames[:begun], *(min(frame, high - 1) for frame in shared)]


def shown_frames(cue: Cue, canvas: Canvas) -> tuple[int, int]:
    """The film's frames a cue is on: the first, and the first without it."""
    first = frame_at(cue.span.start, canvas.rate)
    return first, max(first + 1, frame_at(cue.span.end, canvas.rate))


def _letters(text: str) -> str:
    """What two spellings of one text agree on: no case, no space, no punctuation."""
    return "".join(char for char in text.casefold() if unicodedata.category(char)[0] in _LETTERS)


def _fits(cue: Cue) -> bool:
    """Whether the words are those of the text."""
    said = "".join(_letters(word.text) for word in cue.words)
    return bool(said) and said == "".join(_letters(drawable(line)) for line in cue.lines)


def _letter_times(cue: Cue) -> list[tuple[int, int]]:
    """From which letter on which moment holds: one pair a word, or two for the whole cue."""
    if _fits(cue):
        counts = accumulate((len(_letters(word.text)) for word in cue.words), initial=0)
        return [(at, word.span.start) for at, word in zip(counts, cue.words, strict=False)] + [
            (sum(len(_letters(word.text)) for word in cue.words), cue.words[-1].span.end)
        ]
    total = sum(len(_letters(drawable(line))) for line in cue.lines)
    return [(0, cue.span.start), (max(total, 1), cue.span.end)]


def _at(times: Sequence[tuple[int, int]], letter: int) -> int:
    """When a letter is said: at a word's start, or in between by its place in the word."""
    place = min(bisect_right(times, letter, key=lambda pair: pair[0]), len(times) - 1)
    (before, since), (after, until) = times[max(place - 1, 0)], times[place]
    return since + (until - since) * (letter - before) // max(after - before, 1)


def _cuts(cue: Cue) -> frozenset[int]:
    """At which letters the known words begin."""
    return frozenset(at for at, _ in _letter_times(cue)) if _fits(cue) else frozenset()


def _parts(lines: Sequence[str], cuts: frozenset[int]) -> Iterator[_Part]:
    letter, before = 0, ""
    for number, line in enumerate(lines):
        for place, word in enumerate(drawable(line).split(" ")):
            glued = not place and before and unspaced(before[-1]) and unspaced(word[:1] or " ")
            before = word
            for piece, text in enumerate(_pieces(word, letter, cuts)):
                yield _Part(text, number, bool(place or number) and not piece and not glued, letter)
                letter += len(_letters(text))


def _pieces(word: str, letter: int, cuts: frozenset[int]) -> list[str]:
    """A written word, cut where it is of a script without spaces: at known words.

    Where those are not known, Chinese and Japanese light up letter by letter, Thai and its kin as a whole.
    """
    by_letter, by_syllable = any(map(spaceless, word)), bool(cuts) and any(map(unspaced, word))
    if not by_letter and not by_syllable:
        return [word] if word else []
    found = [""]
    for piece in pieces(word, _PIECE_COLUMNS):
        joins = cuts and letter not in cuts and columns(found[-1]) > 0
        found[-1:] = [found[-1] + piece] if joins or not found[-1] else [found[-1], piece]
        letter += len(_letters(piece))
    return found
