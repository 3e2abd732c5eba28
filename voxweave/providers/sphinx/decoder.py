"""PocketSphinx as we use it: which of these words are said in this stretch of sound, and when."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pocketsphinx import Config, Decoder, Segment

from voxweave.core.pronounce import letters, phones
from voxweave.core.spoken import spoken_words
from voxweave.errors import DependencyError

FRAME_MS = 10
_EXIT = 0.1  # how likely the sound ends after any given word
_OWN = re.compile(r"\((\d+)\)$")
_FILLERS = ("<", "[", "+", "(")
_PARTS = (3, 12)  # letters a part of an unknown compound may have


@dataclass(frozen=True)
class Said:
    """A word of the script: the dictionary's names for it and the phones of the first."""

    names: tuple[str, ...]
    phones: int


@dataclass(frozen=True)
class Hit:
    """A word found: its place in the list given, its frames, the last not in it, and how badly it fits.

    `misfit` is what the best guess of each frame has over this word, on average: about 1 for words that
    are said, about 5 for others (measured on four voices).
    """

    index: int
    start: int
    end: int
    misfit: float


class Aligner:
    """One decoder with its English model; words it does not know are given a pronunciation."""

    def __init__(self) -> None:
        try:
            self._decoder = Decoder(Config(lm=None, bestpath=False, loglevel="FATAL"))
        except RuntimeError as error:
            raise DependencyError(
                "pocketsphinx does not start", hint="pip install --force-reinstall pocketsphinx"
            ) from error
        self._known: dict[str, Said] = {}

    def learn(self, written: Sequence[str]) -> list[Said | None]:
        """What to listen for, word by word; None for what is not spoken, such as a dash."""
        before = len(self._known)
        said = [self._entry(parts) if parts else None for parts in spoken_words(written)]
        if len(self._known) > before:
            self._decoder.add_word(f"={len(self._known)}", "SIL", True)  # one update for all words added
        return said

    def find(self, words: Sequence[Said], sound: bytes, *, begin_anywhere: bool = False) -> list[Hit]:
        """The run of words said in 16 kHz sound; it starts with the first unless it may begin anywhere."""
        grammar = self._decoder.create_fsg(
            "script", 0, len(words) + 1, _arcs(words, begin_anywhere=begin_anywhere)
        )
        self._decoder.add_fsg("script", grammar)
        self._decoder.activate_search("script")
        self._decoder.start_utt()
        self._decoder.process_raw(sound, full_utt=True)
        self._decoder.end_utt()
        found = [seg for seg in self._segments() if _name(seg.word)]
        first = _first([_name(seg.word) for seg in found], words) if begin_anywhere else 0
        return [_hit(first + place, seg) for place, seg in enumerate(found)]

    def _segments(self) -> list[Segment]:
        return list(self._decoder.seg()) if self._decoder.hyp() is not None else []

    def _entry(self, parts: tuple[str, ...]) -> Said:
        key = " ".join(parts)
        if key not in self._known:
            self._known[key] = self._added(parts)
        return self._known[key]

    def _added(self, parts: tuple[str, ...]) -> Said:
        known = self._decoder.lookup_word(parts[0]) if len(parts) == 1 and "." not in parts[0] else None
        if known:
            return Said((parts[0],), len(known.split()))
        name = "=" + "_".join(parts)
        ways = [" ".join(self._phones(part) for part in parts)]
        if len(parts) == 1 and name.endswith("."):  # NASA is said as a word, GPU is not: listen for both
            ways.append(self._phones(parts[0].replace(".", "").lower()))
        names = tuple(f"{name}{'~' * number}" for number in range(len(ways)))
        for own, way in zip(names, ways, strict=True):
            self._decoder.add_word(own, way or "AH", False)
        return Said(names, max(1, len(ways[0].split())))

    def _phones(self, part: str) -> str:
        if part.endswith("."):
            return letters(part)
        if len(part) == 1:
            return letters(part)
        return self._decoder.lookup_word(part) or self._compound(part) or phones(part) or letters(part)

    def _compound(self, part: str) -> str:
        """Phones of an unknown word made of two known ones, such as copyleft."""
        stem, ending = (part[:-2], " Z") if part.endswith("'s") else (part, "")
        if ending and (known := self._decoder.lookup_word(stem)):
            return str(known) + ending
        for cut in sorted(
            range(_PARTS[0], len(stem) - _PARTS[0] + 1), key=lambda cut: abs(len(stem) - 2 * cut)
        ):
            halves = self._decoder.lookup_word(stem[:cut]), self._decoder.lookup_word(stem[cut:])
            if all(halves):
                return " ".join(map(str, halves)) + ending
        return ""


def _arcs(
    words: Sequence[Said], *, begin_anywhere: bool
) -> list[tuple[int, int, float] | tuple[int, int, float, str]]:
    """A line of words that may be left after any of them."""
    last = len(words) + 1
    arcs: list[tuple[int, int, float] | tuple[int, int, float, str]] = []
    for state, word in enumerate(words):
        arcs += [(state, state + 1, 1.0, name) for name in word.names]
        arcs.append((state + 1, last, _EXIT))
        if begin_anywhere and state:
            arcs.append((0, state, _EXIT))
    return arcs


def _hit(index: int, seg: Segment) -> Hit:
    frames = seg.end_frame + 1 - seg.start_frame
    misfit = -1000 * math.log(max(seg.ascore, 1e-300)) / frames  # ascore is a likelihood, not its logarithm
    return Hit(index, seg.start_frame, seg.end_frame + 1, misfit)


def _name(name: str) -> str:
    """The dictionary name without the number of its variant; empty for silence and noise."""
    return "" if name.startswith(_FILLERS) else _OWN.sub("", name)


def _first(names: Sequence[str], words: Sequence[Said]) -> int:
    """Where this run of names stands in the list."""
    for first in range(len(words) - len(names) + 1):
        if all(name in words[first + place].names for place, name in enumerate(names)):
            return first
    return 0
