"""Breaking text into lines: by syntax first, then balance, the lower line the longer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from voxweave.core.breaks import FREE, break_cost, glued_break_cost
from voxweave.core.letters import columns, pieces, spaceless, unspaced
from voxweave.core.phrases import phrase_starts

_BALANCE = 14.0
"""What a line empty against its neighbour costs, on the scale of core.breaks."""
_TOP_HEAVY = 1.5


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that stays on one line; `spaced` when a space goes before it.

    `within` when it goes on with a phrase of a script without spaces, or with a word cut for its length.
    """

    text: str
    columns: int
    spaced: bool
    within: bool = False

    @property
    def room(self) -> int:
        """Columns it adds to a line it does not begin."""
        return self.columns + self.spaced


def pieces_of(word: str, before: str, most: int) -> list[Piece]:
    """A written word as pieces; `before` is the word it follows."""
    cut = pieces(word, most)
    glued = bool(before) and spaceless(before[-1]) and spaceless(word[0])
    return [
        Piece(text, columns(text), n == 0 and bool(before) and not glued, n > 0 and not unspaced(text[0]))
        for n, text in enumerate(cut)
    ]


def split_text(text: str, most: int, language: str = "") -> list[Piece]:
    """Written text as pieces in order."""
    found: list[Piece] = []
    before = ""
    for word in text.split():
        found += pieces_of(word, before, most)
        before = word
    return phrased(found, language)


def phrased(parts: Sequence[Piece], language: str = "") -> list[Piece]:
    """The pieces, told which of them stand within a phrase of a script without spaces."""
    found: list[Piece] = []
    for run in _runs(parts):
        text = "".join(part.text for part in run)
        starts = phrase_starts(text, language) if len(run) > 1 and not text.isascii() else None
        if starts is None:
            found += run
            continue
        at = accumulate((len(part.text) for part in run), initial=0)
        found += [
            replace(part, within=bool(n) and place not in starts)
            for n, (part, place) in enumerate(zip(run, at, strict=False))
        ]
    return found


def _runs(parts: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """Pieces that follow each other without a space."""
    first = 0
    for index in range(1, len(parts) + 1):
        if index == len(parts) or parts[index].spaced:
            yield parts[first:index]
            first = index


def joined(parts: Sequence[Piece]) -> str:
    """Pieces as one line of text."""
    if not parts:
        return ""
    return parts[0].text + "".join(f" {part.text}" if part.spaced else part.text for part in parts[1:])


def width(parts: Sequence[Piece]) -> int:
    """Columns of pieces on one line."""
    return sum(part.room for part in parts) - (parts[0].spaced if parts else 0)


def costs_of(parts: Sequence[Piece], language: str = "") -> list[float]:
    """What a break before each piece costs; nothing before the first."""
    costs = [FREE]
    costs += [cost_between(part, following, language) for part, following in pairwise(parts)]
    return costs


def cost_between(part: Piece, following: Piece, language: str = "") -> float:
    """What a break between two neighbouring pieces costs."""
    if following.spaced:
        return break_cost(part.text, following.text, language)
    return glued_break_cost(part.text, following.text, within=following.within)


def wrap(parts: Sequence[Piece], most: int, language: str = "") -> tuple[str, ...]:
    """The best lines of at most `most` columns, as few as it takes; a longer piece has its own line."""
    cuts = line_cuts(parts, most, language)
    return tuple(joined(parts[first:last]) for first, last in pairwise(cuts))


def line_cuts(parts: Sequence[Piece], most: int, language: str = "") -> list[int]:
    """Where the best lines begin, and the end."""
    if not parts or width(parts) <= most:
        return [0, len(parts)] if parts else [0]
    return _best_cuts(parts, most, costs_of(parts, language))


def _best_cuts(parts: Sequence[Piece], most: int, costs: Sequence[float]) -> list[int]:
    """Where lines begin, and the end, by dynamic programming from the last line up."""
    count = _fewest(parts, most)
    ideal = width(parts) / count
    size = len(parts)
    best: list[dict[int, tuple[float, int]]] = [{} for _ in range(count + 1)]
    best[0][size] = (0.0, size)
    for left in range(1, count + 1):
        for start in range(size):
            options = _lines_from(parts, start, most)
            ranked = [
                (best[left - 1][end][0] + costs[start] + _uneven(room, ideal, last=end == size), end)
                for end, room in options
                if end in best[left - 1]
            ]
            if ranked:
                best[left][start] = min(ranked)
    return _traced(best, count)


def _traced(best: list[dict[int, tuple[float, int]]], count: int) -> list[int]:
    cuts = [0]
    for left in range(count, 0, -1):
        cuts.append(best[left][cuts[-1]][1])
    return cuts


def _uneven(room: int, ideal: float, *, last: bool) -> float:
    lean = _TOP_HEAVY if room > ideal and not last else 0.0
    return _BALANCE * (abs(room - ideal) / ideal) ** 2 + lean


def _lines_from(parts: Sequence[Piece], start: int, most: int) -> list[tuple[int, int]]:
    """Every line that may begin at `start`, as its end and its columns."""
    room = parts[start].columns
    found = [(start + 1, room)]
    for end in range(start + 1, len(parts)):
        room += parts[end].room
        if room > most:
            break
        found.append((end + 1, room))
    return found


def _fewest(parts: Sequence[Piece], most: int) -> int:
    count, start = 0, 0
    while start < len(parts):
        start = _lines_from(parts, start, most)[-1][0]
        count += 1
    return count
