"""One overall bar on a terminal, wide or narrow."""

import time
from collections.abc import Callable, Iterator
from typing import IO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Column, Table
from rich.text import Text

from voxweave.cli.display import WORDS, Display, film_name, span
from voxweave.core.events import Event

# Columns of the terminal from which there is room for each part beside stage, bar and percent.
_LEFT_FROM, _ELAPSED_FROM, _FILM_FROM = 56, 72, 96
# Room for the ^C that the terminal writes; on the next line it would leave a piece of the bar behind.
_ECHO = 3


class Bar(Display):
    """Stage, bar, percent, elapsed, time left; notices scroll by above and the bar leaves no trace."""

    def __init__(self, console: Console, *, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(now=now)
        self._console = console
        self._spinner = Spinner("line" if console.options.ascii_only else "dots", style="cyan")
        self._live = Live(
            get_renderable=lambda: self, console=console, refresh_per_second=4, transient=True,
            redirect_stdout=False, redirect_stderr=False,
        )  # fmt: skip

    def open(self) -> None:
        self._live.start()

    def close(self) -> None:
        self._live.stop()

    def show(self, event: Event) -> None:
        if event.kind == "notice":
            self._console.print(Text.assemble(("note: ", "yellow"), self.notices[-1]))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        parts = list(self._parts(options.max_width))
        grid = Table.grid(*(column for column, _ in parts), padding=(0, 1), expand=True)
        grid.width = options.max_width - _ECHO
        grid.add_row(*(part for _, part in parts))
        yield grid

    def _parts(self, width: int) -> Iterator[tuple[Column, RenderableType]]:
        event = self._last
        done = event.done if event else 0.0
        yield Column(width=1), self._spinner
        if event and width >= _FILM_FROM:
            yield Column(no_wrap=True, max_width=28), self._name(film_name(event))
        yield Column(no_wrap=True, width=17), Text(WORDS[event.stage] if event else "starting")
        yield Column(ratio=1, min_width=6), ProgressBar(total=1.0, completed=done)
        yield Column(no_wrap=True, width=4, justify="right"), Text(f"{int(done * 100)}%")
        if width >= _ELAPSED_FROM:
            yield Column(no_wrap=True, min_width=5, justify="right"), Text(span(self.elapsed_s), style="dim")
        if width >= _LEFT_FROM:
            left = f"{span(self.left_s)} left" if self.left_s is not None else ""
            yield Column(no_wrap=True, min_width=10, justify="right"), Text(left, style="cyan")

    def _name(self, name: str) -> Text:
        """The film's name in letters the terminal can show; escapes would push the bar off its line."""
        shown = name.encode(self._console.encoding, "replace").decode(self._console.encoding)
        return Text(shown, style="bold", overflow="crop" if self._console.options.ascii_only else "ellipsis")


def console_on(stream: IO[str]) -> Console:
    """A console that guesses nothing from our text: no markup, no emoji, no highlighting."""
    return Console(file=stream, markup=False, emoji=False, highlight=False)
