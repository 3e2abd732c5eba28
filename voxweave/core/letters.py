"""Letters: how much room they take, which may be shown, and where a run of them may be cut."""

import re
import unicodedata
from collections.abc import Iterator

# Controls, direction overrides (they make a line read as something else), invisible formatting, halves of
# surrogate pairs. Not the joiners, direction marks and number signs that words of some scripts need.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u180e\u200b\u202d\u202e\u2060-\u2065\u206a-\u206f"
    "\ud800-\udfff\ufeff\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_MOST_MARKS = 8
"""Accents drawn on one letter; Hebrew with cantillation needs four, towers of accents need none."""

# Scripts written without spaces, where a line may end after almost every letter.
_HAN = "\u2e80-\u2fdf\u3001-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff9f\U00020000-\U0003ffff"
_NOT_FIRST = "\u3001\u3002\u3005\u3009\u300b\u300d\u300f\u3011\u3015\u3017\u30fb\u30fc\uff01\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff5d"
_SMALL_KANA = "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
_NOT_LAST = "\u3008\u300a\u300c\u300e\u3010\u3014\u3016\uff08\uff5b"
_CLOSE = f"[{_NOT_FIRST}{_SMALL_KANA}!?.,:;)\\]}}”’…]"
_GROUP = re.compile(
    f"[{_NOT_LAST}]*(?:[{_HAN}]|[^{_HAN}]+)[\u0300-\u036f\u3099\u309a\ufe00-\ufe0f]*{_CLOSE}*"
)
_ONLY_HAN = re.compile(f"[{_HAN}]")
# Thai, Lao, Burmese and Khmer put spaces between phrases only.
_RUN = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+")
_SYLLABIC = re.compile("[\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff]")
_PRE_VOWELS = "เแโใไເແໂໃໄ"
"""Thai and Lao vowels written before the consonant they follow in speech."""
_AFTER = "ะาำๅฯๆະາຳຽໆ"
"""Thai and Lao vowels and signs written after it."""
_FINAL = re.compile("[\u1000-\u1021\u103f][\u1037\u1038]*\u103a")
"""A Burmese consonant that ends the syllable before it."""


def columns(text: str) -> int:
    """Room in columns: 1 a letter, 2 a Chinese, Japanese or Korean one, 0 an accent or joiner."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(char) for char in text)


def _columns_of(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cleaned(text: str) -> str:
    """Without control, formatting and broken characters (joiners stay), spaces made single."""
    return " ".join(_UNWANTED.sub("", text).split())


def drawable(text: str) -> str:
    """Cleaned, and no letter under a tower of accents."""
    shown = cleaned(text)
    return shown if shown.isascii() else "".join(_few_marks(shown))


def _few_marks(text: str) -> Iterator[str]:
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if marks <= _MOST_MARKS:
            yield char


def unspaced(char: str) -> bool:
    """Whether words of the letter's script touch each other."""
    return spaceless(char) or _RUN.match(char) is not None


def syllabic(char: str) -> bool:
    """Whether the letter belongs to a script without spaces whose words nothing here can tell (Lao, Khmer)."""
    return _SYLLABIC.match(char) is not None


def spaceless(char: str) -> bool:
    """Whether the letter belongs to a script written without spaces (Chinese, Japanese)."""
    return _ONLY_HAN.match(char) is not None


def pieces(word: str, most: int) -> list[str]:
    """A written word cut where a line may end inside it; none wider than about `most` columns.

    Chinese and Japanese are cut after almost each letter, Thai, Lao, Burmese and Khmer after each
    cluster, other words only when much too long.
    """
    if word.isascii():
        return _chunks(word, most)
    groups = _GROUP.findall(word) if _ONLY_HAN.search(word) else _clustered(word)
    if "".join(groups) != word:
        groups = [word]
    return [part for group in groups for part in _chunks(group, most)]


def _clustered(word: str) -> list[str]:
    """Runs of a script without spaces between words as clusters, punctuation kept where it stands."""
    if not _RUN.search(word):
        return [word]
    found: list[str] = []
    for cluster in clusters(word):
        alone = found and _RUN.match(cluster) and _RUN.match(found[-1][-1])
        if alone and not _FINAL.match(cluster):
            found.append(cluster)
        elif found:
            found[-1] += cluster
        else:
            found.append(cluster)
    return found


def _chunks(text: str, most: int) -> list[str]:
    if columns(text) <= most * 3 // 2:
        return [text]
    chunks, chunk = [], ""
    for cluster in clusters(text):
        if chunk and columns(chunk + cluster) > most:
            chunks.append(chunk)
            chunk = ""
        chunk += cluster
    return [*chunks, chunk]


def clusters(text: str) -> list[str]:
    """Letters with what belongs to them: accents, joiners, vowel signs before or after."""
    found: list[str] = []
    for char in text:
        if found and _clings(found[-1][-1], char):
            found[-1] += char
        else:
            found.append(char)
    return found


def _clings(before: str, char: str) -> bool:
    if unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf") or before == "\u200d":
        return True
    return before in _PRE_VOWELS or char in _AFTER or unicodedata.combining(before) == 9
