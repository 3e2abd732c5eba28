"""What a run shows while it works: a bar, plain lines, JSON lines, or nothing."""

import json
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Self

from voxweave.core.events import Event, Stage
from voxweave.core.text import printable

WORDS: dict[Stage, str] = {
    "probe": "listening",
    "transcribe": "placing words",
    "plan": "planning scenes",
    "illustrate": "choosing pictures",
    "sound": "levelling sound",
    "render": "rendering",
    "join": "joining",
    "verify": "checking",
}
"""Stages in people's words."""

_LINE_EVERY_S = 10.0
_EVENT_EVERY_S = 1.5  # a watcher that hears nothing for 2 s may think we hang


class Display:
    """Shows nothing, and keeps the notices; the other displays build on it.

    `tell` may be called from any thread. A beat comes four times a second, so that a display can
    show that the work is alive when no event comes.
    """

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self.notices: list[str] = []
        self._now = now
        self._begun = now()
        self._last: Event | None = None
        self._heard_at = self._begun
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._beats = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self.open()
        self._beats.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._beats.join(timeout=1)
        self.close()

    def tell(self, event: Event) -> None:
        """Take an event."""
        with self._lock:
            if event.kind == "notice":
                self.notices.append(printable(event.text, most=500))
            else:
                self._last, self._heard_at = event, self._now()
            self.show(event)

    def beat(self) -> None:
        """Called often, whether or not something happened."""

    def show(self, event: Event) -> None:
        """Called for each event."""

    def open(self) -> None:
        """Called before the first event."""

    def close(self) -> None:
        """Called after the last; leaves the terminal as it was. Harmless when called again."""

    @property
    def elapsed_s(self) -> float:
        """Seconds since the work began."""
        return self._now() - self._begun

    @property
    def left_s(self) -> float | None:
        """Seconds the work should still take, counted down from the last event."""
        if self._last is None or self._last.eta_s is None:
            return None
        return max(0.0, self._last.eta_s - (self._now() - self._heard_at))

    def _run(self) -> None:
        while not self._over.wait(0.25):
            with self._lock:
                self.beat()


class Lines(Display):
    """A line for each stage and each notice, and one every 10 s, for logs and pipes."""

    def __init__(self, stream: IO[str], *, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(now=now)
        self._stream = stream
        self._stage = ""
        self._said_at = self._begun

    def show(self, event: Event) -> None:
        if event.kind == "notice":
            self._say(event, self.notices[-1])
        elif event.kind == "progress" and (event.stage != self._stage or self._due):
            self._stage = event.stage
            self._progress(event)

    def beat(self) -> None:
        if self._last is not None and self._last.kind == "progress" and self._due:
            self._progress(self._last)

    @property
    def _due(self) -> bool:
        return self._now() - self._said_at >= _LINE_EVERY_S

    def _progress(self, event: Event) -> None:
        self._said_at = self._now()
        left = f", about {span(self.left_s)} left" if self.left_s is not None else ""
        self._say(event, f"{event.done:.0%} {WORDS[event.stage]}, {span(self.elapsed_s)} so far{left}")

    def _say(self, event: Event, text: str) -> None:
        print(f"{film_name(event)}: {text}", file=self._stream, flush=True)


class JsonLines(Display):
    """Every event as one line of JSON; the last is told again when nothing new comes."""

    def __init__(
        self, stream: IO[str], *, gone: Callable[[], None], now: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(now=now)
        self._stream, self._gone = stream, gone
        self._said_at = self._begun
        self._mute = False

    def show(self, event: Event) -> None:
        self._write(event)

    def beat(self) -> None:
        event = self._last
        if event and event.kind == "progress" and self._now() - self._said_at >= _EVENT_EVERY_S:
            self._write(event.model_copy(update={"eta_s": self.left_s}))

    def _write(self, event: Event) -> None:
        self._said_at = self._now()
        if self._mute:
            return
        try:
            # json escapes the bytes of names that are not UTF-8; pydantic's own writer refuses them
            print(json.dumps(event.model_dump()), file=self._stream, flush=True)
        except BrokenPipeError:
            self._mute = True
            self._gone()


def display_for(*, quiet: bool, events: bool, gone: Callable[[], None]) -> Display:
    """The display that suits the flags and the terminal; `gone` is called when nobody reads the events."""
    if events:
        return JsonLines(sys.stdout, gone=gone)
    if quiet:
        return Display()
    if not sys.stderr.isatty():
        return Lines(sys.stderr)
    from voxweave.cli.bar import Bar, console_on  # rich costs more than all the rest here

    console = console_on(sys.stderr)
    return Lines(sys.stderr) if console.is_dumb_terminal or not console.is_terminal else Bar(console)


def film_name(event: Event) -> str:
    """The film an event is about, short enough for a line."""
    return printable(event.film.rpartition("/")[2] or event.film, most=60)


def span(seconds: float | None) -> str:
    """A length of time as `1:02` or `3:01:02`."""
    whole = round(seconds or 0)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
