"""Breaking text into lines: by syntax first, then balance, the lower line the longer."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from voxweave.core.breaks import FREE, break_cost, glued_break_cost
from voxweave.core.letters import columns, pieces, spaceless
from voxweave.core.speech import Cue

_BALANCE = 14.0
"""What a line empty against its neighbour costs, on the scale of core.breaks."""
_TOP_HEAVY = 1.5


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that stays on one line; `spaced` when a space goes before it."""

    text: str
    columns: int
    spaced: bool

    @property
    def room(self) -> int:
        """Columns it adds to a line it does not begin."""
        return self.columns + self.spaced


def pieces_of(word: str, before: str, most: int) -> list[Piece]:
    """A written word as pieces; `before` is the word it follows."""
    cut = pieces(word, most)
    glued = bool(before) and spaceless(before[-1]) and spaceless(word[0])
    return [Piece(text, columns(text), n == 0 and bool(before) and not glued) for n, text in enumerate(cut)]


def split_text(text: str, most: int) -> list[Piece]:
    """Written text as pieces in order."""
    found: list[Piece] = []
    before = ""
    for word in text.split():
        found += pieces_of(word, before, most)
        before = word
    return found


def joined(parts: Sequence[Piece]) -> str:
    """Pieces as one line of text."""
    if not parts:
        return ""
    return parts[0].text + "".join(f" {part.text}" if part.spaced else part.text for part in parts[1:])


def width(parts: Sequence[Piece]) -> int:
    """Columns of pieces on one line."""
    return sum(part.room for part in parts) - (parts[0].spaced if parts else 0)


def costs_of(parts: Sequence[Piece]) -> list[float]:
    """What a break before each piece costs; nothing before the first."""
    costs = [FREE]
    costs += [cost_between(part, following) for part, following in pairwise(parts)]
    return costs


def cost_between(part: Piece, following: Piece) -> float:
    """What a break between two neighbouring pieces costs."""
    cost_of = break_cost if following.spaced else glued_break_cost
    return cost_of(part.text, following.text)


def wrap(parts: Sequence[Piece], most: int, costs: Sequence[float] | None = None) -> tuple[str, ...]:
    """The best lines of at most `most` columns, as few as it takes; a longer piece has its own line."""
    if not parts or width(parts) <= most:
        return (joined(parts),) if parts else ()
    cuts = _best_cuts(parts, most, costs_of(parts) if costs is None else costs)
    return tuple(joined(parts[first:last]) for first, last in pairwise(cuts))


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


def refit(cue: Cue, most: int) -> Cue:
    """The cue with its lines broken anew where one is too long for the frame; else as it is."""
    if all(columns(line) <= most for line in cue.lines):
        return cue
    spoken = _turns(cue)
    return cue.model_copy(
        update={"lines": tuple(line for turn in spoken for line in wrap(split_text(turn, most), most))}
    )


def _turns(cue: Cue) -> list[str]:
    """The text as whole lines, one for each speaker where dashes mark them."""
    if len(cue.lines) > 1 and all(line.startswith(("-", "–", "—")) for line in cue.lines):
        return list(cue.lines)
    return [cue.text]
