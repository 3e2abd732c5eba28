"""How long words take to say, in letters."""

from collections.abc import Sequence

from voxweave.core.speech import Word

_DIGIT, _SIGN = 4.0, 2.5
_SIGNS_FROM = 0x2E80
"""From here on a letter is a syllable or more."""


def weight_of(words: Sequence[Word]) -> float:
    """Letters, a digit counted as a word and a sign of Chinese or Japanese as a syllable."""
    return sum(_weight(char) for word in words for char in word.text if char.isalnum()) + len(words)


def _weight(char: str) -> float:
    if char.isdigit():
        return _DIGIT
    return _SIGN if ord(char) >= _SIGNS_FROM else 1.0
