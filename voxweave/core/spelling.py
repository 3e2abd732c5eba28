"""Words as engines cut them, made words as people write them: punctuation attached, no gaps where none belong."""

from collections.abc import Sequence

from voxweave.core.letters import cleaned
from voxweave.core.speech import Word
from voxweave.core.time import Span

_JOINED = {"th", "lo", "km", "my", "bo", "dz"}
"""Languages written without spaces, whose words line breaking takes in runs."""
_BREATH_MS = 200
_OPENERS = frozenset("¿¡([{«„“‘「『（【《〈")
_QUOTES = frozenset("\"'")
_RESTS, _CLOSERS = frozenset(".,;:!?…。，、！？；："), "\"'”’»)]"
_TAILS = frozenset(f"{mark}{tail}" for mark in "'’" for tail in ("s", "t", "re", "ve", "ll", "m", "d")) | {
    "n't",
    "n’t",
}


def ends_clause(text: str) -> bool:
    """Whether a mark at the end of a word says that the voice rests after it."""
    return text.rstrip(_CLOSERS)[-1:] in _RESTS


def spelled(words: Sequence[Word], language: str) -> tuple[Word, ...]:
    """The words of one phrase; none is empty, and none is a mark alone unless the phrase is."""
    shown = [word.model_copy(update={"text": cleaned(word.text)}) for word in words]
    firm = _attached([word for word in shown if word.text])
    return tuple(_runs(firm) if language.lower().split("-")[0] in _JOINED else firm)


def _attached(words: Sequence[Word]) -> list[Word]:
    """Marks go to the word before them, opening ones to the word after."""
    firm: list[Word] = []
    opening: Word | None = None
    quoted = False
    for word in words:
        alone = _is_mark(word.text)
        if alone and (not firm or opening or _opens(word.text, quoted=quoted)):
            opening = word if opening is None else _glued(opening, word)
        elif firm and opening is None and (alone or word.text.lower() in _TAILS):
            firm[-1] = _glued(firm[-1], word)
        else:
            firm.append(word if opening is None else _glued(opening, word))
            opening = None
        quoted ^= alone and word.text[0] in _QUOTES
    if opening is not None:
        firm[-1:] = [_glued(firm[-1], opening)] if firm else [opening]
    return firm


def _opens(text: str, *, quoted: bool) -> bool:
    return text[0] in _OPENERS or (text in _QUOTES and not quoted)


def _is_mark(text: str) -> bool:
    return not any(char.isalnum() for char in text)


def _glued(one: Word, two: Word) -> Word:
    """One word of two; marks take no time of their own."""
    base = two if _is_mark(one.text) else one
    span = base.span
    if not _is_mark(one.text) and not _is_mark(two.text):
        span = Span(start=one.span.start, end=max(one.span.end, two.span.end))
    return base.model_copy(update={"text": one.text + two.text, "span": span})


def _runs(words: Sequence[Word]) -> list[Word]:
    """Words of a breath as one, since a space between them would be a mistake."""
    runs: list[Word] = []
    for word in words:
        near = bool(runs) and word.span.start - runs[-1].span.end < _BREATH_MS
        if near and not word.text[0].isascii() and not runs[-1].text[-1].isascii():
            runs[-1] = _glued(runs[-1], word)
        else:
            runs.append(word)
    return runs
