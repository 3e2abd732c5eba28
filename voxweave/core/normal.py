"""Written and recognised words brought to one form, so that they can be compared in any language."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from voxweave.core.letters import clusters, spaceless
from voxweave.core.numerals import spelled_number
from voxweave.core.spoken import spoken_words

_ACCENTED = ("LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC")
"""Scripts whose marks may be left out or put differently; elsewhere a mark is a vowel."""
_JOINED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
"""Thai, Lao, Burmese, Khmer: written without spaces, heard in runs of any length."""
_NUMBER = re.compile(r"\d+(?:[.,'\u00a0\u202f]\d{3})*(?!\d)|\d+")
_MOST_DIGITS = 18
"""More than any number is said by; Python itself turns no more than 4,300 digits into one."""
_INNER = re.compile(r"[-\u2010-\u2015/'\u2019]")
"""Where recognisers and writers part words differently: hyphens, and the French apostrophe."""
_KATAKANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_DIGIT, _SIGN = 4.0, 2.5
_MOST_LOOKED_AT = 2_000


@dataclass(frozen=True)
class Unit:
    """The smallest thing compared: a spoken word, or one sign of a script without spaces.

    `word` is the written word it belongs to, `weight` how long it takes to say, in letters.
    """

    text: str
    word: int
    weight: float

    @property
    def numeric(self) -> bool:
        """Whether it is a figure, whose words we do not know in this language."""
        return self.text.isdigit()


def units(words: Sequence[str], language: str) -> list[Unit]:
    """What is compared of these words, in order; marks and ornaments give none."""
    if language.lower().split("-")[0] == "en":
        said = [[part.replace(".", "") for part in parts] for parts in spoken_words(words)]
    else:
        said = [_said(word, language) for word in words]
    return [
        Unit(text, index, _weight(text))
        for index, parts in enumerate(said)
        for part in parts
        for text in _cut(folded(part))
    ]


def folded(text: str) -> str:
    """Small letters without marks of punctuation, accents gone where they are safe to lose."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(char for char in plain if not _loose(char))
    composed = unicodedata.normalize("NFC", kept).translate(_KATAKANA)
    return "".join(char for char in composed if char.isalnum() or unicodedata.category(char)[0] == "M")


def comparable(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether two texts are written in the same letters, as Hindi and Urdu are not."""
    known, heard = _writings(ours), _writings(theirs)
    shared = sum(count for one, count in heard.items() if one in known)
    return not known or 2 * shared >= sum(heard.values())


def _writings(words: Sequence[str]) -> Counter[str]:
    """How many letters of each writing system; those of Chinese and Japanese are one."""
    return Counter(
        "CJK" if spaceless(char) else unicodedata.name(char, "?").split()[0]
        for word in words[:_MOST_LOOKED_AT]
        for char in word
        if char.isalpha()
    )


def _loose(char: str) -> bool:
    """An accent; the marks that voice Japanese kana stay, as Indian vowels do."""
    if not unicodedata.combining(char):
        return False
    name = unicodedata.name(char, "")
    return name.startswith("COMBINING ") and "KATAKANA" not in name or name.startswith(_ACCENTED)


def _said(word: str, language: str) -> list[str]:
    """A word's parts: its figures as words where we know them, compounds at their hyphens."""
    parts: list[str] = []
    for piece in _INNER.split(unicodedata.normalize("NFKC", word)):
        at = 0
        for found in _NUMBER.finditer(piece):
            parts += [piece[at : found.start()], *_figures(found[0], language)]
            at = found.end()
        parts.append(piece[at:])
    return [part for part in parts if part]


def _figures(text: str, language: str) -> list[str]:
    digits = re.sub(r"\D", "", text)
    if len(digits) > _MOST_DIGITS:
        return [digits]
    number = int(digits)
    return spelled_number(number, language).split() or [str(number)]


def _cut(text: str) -> list[str]:
    if not any(spaceless(char) or _JOINED.match(char) for char in text):
        return [text] if text else []
    cut: list[str] = []
    for cluster in clusters(text):
        alone = spaceless(cluster[0]) or _JOINED.match(cluster[0])
        if cut and not alone and not spaceless(cut[-1][0]) and not _JOINED.match(cut[-1][0]):
            cut[-1] += cluster
        else:
            cut.append(cluster)
    return cut


def _weight(text: str) -> float:
    signs = sum(_DIGIT if char.isdigit() else _SIGN if spaceless(char) else 1.0 for char in text)
    return signs if spaceless(text[0]) else signs + 1.0
