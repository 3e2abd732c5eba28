"""What a batch shows while it works: one display for many films."""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Literal

from voxweave.cli.display import WORDS, span
from voxweave.core.events import GROUPS, WEIGHTS, Event
from voxweave.errors import StorageError
from voxweave.jobs.cards import Card, State

BatchState = Literal["waiting", "running", "done", "partial", "failed", "cancelled"]

_LINE_EVERY_S = 10.0
_SAY_EVERY_S = 1.5
_LEFT_FROM = 0.02
"""Before this share of the work the time left is a guess nobody should see."""
_GOOD: tuple[State, ...] = ("done", "short")
_ENDS: tuple[State, ...] = ("done", "short", "failed", "stopped", "cancelled")


@dataclass
class Row:
    """A film of the batch as it stands now."""

    title: str
    job: str
    state: State = "waiting"
    up_to_date: bool = False
    last: Event | None = None
    begun_at: float = 0.0
    films: int = 1
    """So many films one run makes, one for each preset."""
    made: int = 0
    by_another: bool = False
    """Whether it waits for another run that makes just this film."""

    def hear(self, event: Event) -> None:
        """Take what it says."""
        self.last = event
        self.made += event.kind == "done"

    def follow(self, card: Card) -> Event | None:
        """Take how far its card says it is, if it is at work and says so in words that we know."""
        stage = next((name for name in WEIGHTS if name == card.stage), None)
        if card.state != "running" or stage is None:
            return None
        self.last = Event(
            kind="progress", film=self.title, stage=stage, group=GROUPS[stage], done=card.percent / 100
        )
        return self.last

    @property
    def share(self) -> float:
        """How much of it is made, from 0 to 1; what failed asks for no more time."""
        if self.state in _ENDS and self.state != "stopped":
            return 1.0
        now = self.last.done if self.last and self.last.kind != "done" else 0.0
        return min(1.0, (self.made + now) / self.films)


@dataclass
class Board:
    """All films of a batch, counted."""

    name: str
    rows: Sequence[Row]
    now: Callable[[], float] = time.monotonic
    stopped: bool = False
    """Whether whoever began it asked it to end."""
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.now()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the batch began."""
        return self.now() - self.began

    @property
    def counters(self) -> dict[str, int]:
        """How many films stand where; the sum of the states is the total."""
        counted = Counter(row.state for row in self.rows)
        states: tuple[State, ...] = ("waiting", "running", *_ENDS)
        told: dict[str, int] = {state: counted[state] for state in states}
        return {"total": len(self.rows), **told, "up_to_date": sum(row.up_to_date for row in self.rows)}

    @property
    def percent(self) -> float:
        """How much of the whole is made."""
        return round(100 * sum(row.share for row in self.rows) / max(1, len(self.rows)), 1)

    @property
    def running(self) -> list[Row]:
        """The films under way, here or at another's hands."""
        return [row for row in self.rows if row.state == "running" or row.by_another]

    @property
    def left_s(self) -> float | None:
        """Seconds the rest should take, if it goes on as fast as this run went so far."""
        ours = [row for row in self.rows if not row.up_to_date]
        made = sum(row.share for row in ours)
        if not made or made < _LEFT_FROM * len(ours) or not self.elapsed_s:
            return None
        return (len(ours) - made) / made * self.elapsed_s

    @property
    def state(self) -> BatchState:
        """What the batch as a whole is."""
        states = {row.state for row in self.rows}
        if "running" in states:
            return "running"
        if self.stopped or (states & {"stopped", "cancelled"} and not states & {*_GOOD, "failed"}):
            return "cancelled"
        if "waiting" in states:
            return "waiting"
        if states <= {"done"}:
            return "done"
        return "partial" if states & set(_GOOD) else "failed"

    def line(self) -> str:
        """The counters for people."""
        counted = self.counters
        told = [f"{counted['done']} of {counted['total']} done"]
        others = sum(row.by_another for row in self.rows)
        waiting = f"waiting ({others} made by another)" if others else "waiting"
        words = {"short": "short of what was asked", "waiting": waiting}
        states: tuple[State, ...] = ("short", "running", "waiting", "failed", "stopped", "cancelled")
        told += [f"{counted[state]} {words.get(state, state)}" for state in states if counted[state]]
        return ", ".join(told)


class Crowd:
    """Shows nothing; the other displays build on it. Used from one thread, `beat` is called often."""

    def __init__(self, board: Board) -> None:
        self.board = board

    def open(self) -> None:
        """Called before the first film begins."""

    def close(self) -> None:
        """Called after the last; leaves the terminal as it was. Harmless when called again."""

    def begun(self, row: Row) -> None:
        """A film begins."""

    def awaits(self, row: Row) -> None:
        """Another run makes this film, and its end is waited for."""

    def told(self, row: Row, event: Event) -> None:
        """A film says something."""

    def ended(self, row: Row, line: str) -> None:
        """A film has ended; `line` says how, for people."""

    def beat(self) -> None:
        """Called several times a second."""


class _Voice:
    """A stream that falls silent once it takes nothing: a full disk or a closed pipe costs no film."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream, self._mute = stream, False

    def say(self, text: str) -> bool:
        """Say a line; whether its reader has just gone away."""
        if self._mute:
            return False
        try:
            print(text, file=self._stream, flush=True)
        except (OSError, StorageError) as error:
            self._mute = True
            return isinstance(error, BrokenPipeError)
        return False


class CrowdQuiet(Crowd):
    """Only what went wrong."""

    def __init__(self, board: Board, stream: IO[str]) -> None:
        super().__init__(board)
        self._voice = _Voice(stream)

    def ended(self, row: Row, line: str) -> None:
        if row.state in ("failed", "short"):
            self._voice.say(line)


class CrowdLines(Crowd):
    """A line for each end, and one for all every 10 s, for logs and pipes."""

    def __init__(self, board: Board, stream: IO[str]) -> None:
        super().__init__(board)
        self._voice = _Voice(stream)
        self._said_at = board.now()

    def open(self) -> None:
        self._say(f"{self.board.name}: {self.board.line()}")

    def begun(self, row: Row) -> None:
        self._say(f"{row.title}: begun")

    def awaits(self, row: Row) -> None:
        self._say(f"{row.title}: made by another, waiting for it")

    def ended(self, row: Row, line: str) -> None:
        self._say(line)
        self._whole()

    def beat(self) -> None:
        if self.board.now() - self._said_at >= _LINE_EVERY_S:
            self._whole()

    def _whole(self) -> None:
        board = self.board
        self._said_at = board.now()
        left = board.left_s
        told = f", about {span(left)} left" if left else ""
        under_way = "".join(f"; {row.title} {row_words(row)}" for row in board.running)
        self._say(
            f"{board.name}: {board.percent:.0f}%, {board.line()}, {span(board.elapsed_s)} so far{told}{under_way}"
        )

    def _say(self, text: str) -> None:
        self._voice.say(text)


class CrowdEvents(Crowd):
    """Every event of every film as a line of JSON with its job; and how the batch stands, at least every 2 s."""

    def __init__(self, board: Board, stream: IO[str], *, gone: Callable[[], None]) -> None:
        super().__init__(board)
        self._voice, self._gone = _Voice(stream), gone
        self._said_at = 0.0

    def open(self) -> None:
        self._whole()

    def close(self) -> None:
        self._whole()

    def awaits(self, row: Row) -> None:
        self._write({"kind": "awaited", "job": row.job, "film": row.title, "text": "made by another"})

    def told(self, row: Row, event: Event) -> None:
        self._write({**event.model_dump(), "job": row.job})

    def ended(self, row: Row, line: str) -> None:
        self._write({"kind": "ended", "job": row.job, "film": row.title, "state": row.state, "text": line})
        self._whole()

    def beat(self) -> None:
        if self.board.now() - self._said_at >= _SAY_EVERY_S:
            self._whole()

    def _whole(self) -> None:
        self._said_at = self.board.now()
        self._write({"kind": "batch", **batch_facts(self.board, eta_s=self.board.left_s)})

    def _write(self, told: Mapping[str, object]) -> None:
        if self._voice.say(json.dumps({**told, "batch": self.board.name})):
            self._gone()


def batch_facts(board: Board, **more: object) -> dict[str, object]:
    """How a batch stands, for programs."""
    return {
        "batch": board.name,
        "state": board.state,
        "counters": board.counters,
        "percent": board.percent,
        **more,
    }


def row_words(row: Row) -> str:
    """What a film under way is at."""
    at = f"{row.share:.0%} {WORDS[row.last.stage]}" if row.last else "starting"
    return f"made by another, {at}" if row.by_another else at


def crowd_for(board: Board, *, quiet: bool, events: bool, gone: Callable[[], None]) -> Crowd:
    """The display that suits the flags and the terminal; `gone` is called when nobody reads the events."""
    if events:
        return CrowdEvents(board, sys.stdout, gone=gone)
    if quiet:
        return CrowdQuiet(board, sys.stderr)
    if not sys.stderr.isatty():
        return CrowdLines(board, sys.stderr)
    from voxweave.cli.bar import console_on  # rich costs more than all the rest here
    from voxweave.cli.crowdbar import CrowdBar

    console = console_on(sys.stderr)
    plain = console.is_dumb_terminal or not console.is_terminal
    return CrowdLines(board, sys.stderr) if plain else CrowdBar(board, console)
