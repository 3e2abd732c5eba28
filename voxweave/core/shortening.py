"""Text made to fit a limit of characters: cut where a phrase ends, the least important part first."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from voxweave.core.stopwords import JOINING

_PHRASE_END = re.compile(r"[.,;:!?…。、，；！？](?=\s|\Z)|[。、，；！？]")
_TRAILING = " \t,;:–—-、，；：(["
_SMALL = "a an and or but in on at to from by with as for into over under its his her un una et o"
_LEANING = JOINING | set(_SMALL.split())
_LEAST_CHARS = 16
"""What is left of a cut part must still say something."""

_LEAST_SHARE = 0.5
"""A phrase end earlier than this in the room there is wastes it; a word's end is taken then."""


class Part(NamedTuple):
    """A sentence of a text; a lower rank matters more, and what is `whole` is never cut."""

    rank: int
    text: str
    whole: bool = False


def fitted(parts: Sequence[Part], longest: int) -> str:
    """The parts in their order as one text; the most important get their room first."""
    kept: dict[int, str] = {}
    room = longest
    for index in sorted(range(len(parts)), key=lambda index: parts[index].rank):
        part, gap = parts[index], 1 if kept else 0
        text = part.text if len(part.text) + gap <= room else ""
        if not text and not part.whole and (not kept or room - gap >= 2 * _LEAST_CHARS):
            text = shortened(part.text, room - gap)
        if text:
            kept[index] = text
            room -= len(text) + gap
    return " ".join(kept[index] for index in sorted(kept))


def shortened(text: str, most: int) -> str:
    """At most so many characters, cut where a phrase ends if one does, else a word; closed by a full stop."""
    if len(text) <= most:
        return text
    if most < 2:
        return text[: max(0, most)].strip()
    head = text[: most - 1]
    ends = [found.start() for found in _PHRASE_END.finditer(text, 0, most) if found.start() <= len(head)]
    if ends and ends[-1] >= _LEAST_SHARE * most:
        return _closed(head[: ends[-1]])
    whole = text[most - 1].isspace() or not head.strip()  # the cut falls between words
    words = head if whole else head.rsplit(maxsplit=1)[0]
    return _closed(_without_leaning(words)) or _closed(head)


def _without_leaning(text: str) -> str:
    words = text.split()
    while len(words) > 1 and words[-1].lower() in _LEANING:
        words.pop()
    return " ".join(words)


def _closed(text: str) -> str:
    bare = text.rstrip(_TRAILING)
    return bare if not bare or bare[-1] in ".!?…。！？" else bare + "."
