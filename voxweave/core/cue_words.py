"""The words behind a cue's text, kept in step with its lines and its time."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from voxweave.core.letters import columns, syllabic
from voxweave.core.speech import Cue, Word
from voxweave.core.time import Span
from voxweave.core.wrapping import Piece, split_text, wrap


def worded(cue: Cue, language: str = "") -> Cue:
    """The cue with words where it has none: its time shared out among them by their length."""
    if cue.words or not cue.text:
        return cue
    most = max(1, columns(cue.text))
    texts = [text for line in cue.lines for text in shown_words(split_text(line, most, language))]
    return cue.model_copy(update={"words": tuple(_spread(texts, cue.span))})


def shown_words(parts: Sequence[Piece]) -> Iterator[str]:
    """The words of one line as the eye takes them: between spaces, or phrases where there are none."""
    word = ""
    for part in parts:
        if word and not goes_on(part):
            yield word
            word = ""
        word += part.text
    if word:
        yield word


def goes_on(part: Piece) -> bool:
    """Whether a piece belongs to the word before it."""
    return not part.spaced and (part.within or syllabic(part.text[0]))


def _spread(texts: Sequence[str], span: Span) -> Iterator[Word]:
    whole = max(1, sum(1 + columns(text) for text in texts))
    passed = accumulate((1 + columns(text) for text in texts), initial=0)
    moments = [span.start + span.duration * room // whole for room in passed]
    for text, (start, end) in zip(texts, pairwise(moments), strict=True):
        yield Word(text=text, span=Span(start=start, end=end))


def refit(cue: Cue, most: int, language: str = "") -> Cue:
    """The cue with its lines broken anew where one is too long for the frame; else as it is."""
    if all(columns(line) <= most for line in cue.lines):
        return cue
    parts = (split_text(turn, most, language) for turn in turns(cue))
    return cue.model_copy(
        update={"lines": tuple(line for turn in parts for line in wrap(turn, most, language))}
    )


def turns(cue: Cue) -> list[str]:
    """The text as whole lines, one for each speaker where dashes mark them."""
    if len(cue.lines) > 1 and all(line.startswith(("-", "–", "—")) for line in cue.lines):
        return list(cue.lines)
    return [cue.text]


def until(cue: Cue, end: int) -> Cue:
    """The cue and its words cut at a moment; no word is lost, those after it stand at its end."""
    if cue.span.end <= end:
        return cue
    words = tuple(
        word.model_copy(update={"span": Span(start=min(word.span.start, end), end=min(word.span.end, end))})
        for word in cue.words
    )
    return cue.model_copy(update={"span": Span(start=min(cue.span.start, end), end=end), "words": words})


def agree(cue: Cue) -> bool:
    """Whether the words say what the lines say, but for spaces."""
    return not cue.words or _bare(word.text for word in cue.words) == _bare(cue.lines)


def _bare(texts: Iterator[str] | Sequence[str]) -> str:
    return "".join("".join(text.split()) for text in texts)
