"""Many films on one terminal: a bar for the whole, and one for each film under way."""

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Column, Table
from rich.text import Text

from voxweave.cli.crowd import Board, Crowd, Row
from voxweave.cli.display import WORDS, span

_TIMES_FROM, _LEFT_FROM = 72, 56
"""Columns of the terminal from which there is room for what has passed, and for what is left."""
_ECHO = 3
"""Room for the ^C that the terminal writes; on the next line it would leave a piece of the bars behind."""
_BESIDE = 4
"""Lines of the terminal that stay free for others."""
_COLOURS = {"done": "green", "short": "yellow", "failed": "red", "stopped": "yellow", "cancelled": "yellow"}


class CrowdBar(Crowd):
    """The whole with its counters, the films under way below; ends scroll by above."""

    def __init__(self, board: Board, console: Console) -> None:
        super().__init__(board)
        self._console = console
        self._spinner = Spinner("line" if console.options.ascii_only else "dots", style="cyan")
        self._live = Live(
            get_renderable=lambda: self, console=console, auto_refresh=False, transient=True,
            redirect_stdout=False, redirect_stderr=False,
        )  # fmt: skip

    def open(self) -> None:
        self._live.start(refresh=True)

    def close(self) -> None:
        self._live.stop()

    def ended(self, row: Row, line: str) -> None:
        self._console.print(Text(self._safe(line), style=_COLOURS.get(row.state, "")))

    def awaits(self, row: Row) -> None:
        self._console.print(Text(self._safe(f"{row.title}: made by another, waiting for it"), style="dim"))

    def beat(self) -> None:
        self._live.refresh()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        width = options.max_width - _ECHO
        yield self._whole(width)
        yield Text(f"  {self.board.line()}", style="dim", no_wrap=True, overflow="ellipsis")
        running = self.board.running
        room = max(1, options.size.height - _BESIDE)
        shown = running if len(running) <= room else running[: room - 1]
        for row in shown:
            yield self._film(row, width)
        if len(shown) < len(running):
            yield Text(f"  and {len(running) - len(shown)} more", style="dim")

    def _whole(self, width: int) -> Table:
        board = self.board
        parts: list[tuple[Column, RenderableType]] = [
            (Column(width=1), self._spinner),
            (Column(no_wrap=True, width=_name_width(width)), self._name(board.name, "bold")),
            (Column(ratio=1, min_width=6), ProgressBar(total=100.0, completed=board.percent)),
            (Column(no_wrap=True, width=4, justify="right"), Text(f"{int(board.percent)}%")),
        ]
        if width >= _TIMES_FROM:
            parts.append(
                (Column(no_wrap=True, min_width=5, justify="right"), Text(span(board.elapsed_s), style="dim"))
            )
        if width >= _LEFT_FROM:
            left = f"{span(board.left_s)} left" if board.left_s else ""
            parts.append((Column(no_wrap=True, width=13, justify="right"), Text(left, style="cyan")))
        return _line(parts, width)

    def _film(self, row: Row, width: int) -> Table:
        done = row.share
        parts: list[tuple[Column, RenderableType]] = [
            (Column(width=1), Text("")),
            (Column(no_wrap=True, width=_name_width(width)), self._name(row.title, "")),
            (Column(ratio=1, min_width=6), ProgressBar(total=1.0, completed=done)),
            (Column(no_wrap=True, width=4, justify="right"), Text(f"{int(done * 100)}%")),
        ]
        if width >= _LEFT_FROM:
            stage = WORDS[row.last.stage] if row.last else "starting"
            stage = "made by another" if row.by_another else stage
            parts.append(
                (Column(no_wrap=True, width=19 if width >= _TIMES_FROM else 13), Text(stage, style="dim"))
            )
        return _line(parts, width)

    def _name(self, name: str, style: str) -> Text:
        overflow = "crop" if self._console.options.ascii_only else "ellipsis"
        return Text(self._safe(name), style=style, overflow=overflow)  # type: ignore[arg-type]

    def _safe(self, text: str) -> str:
        """In letters the terminal can show; escapes would push the bars off their lines."""
        return text.encode(self._console.encoding, "replace").decode(self._console.encoding)


def _name_width(width: int) -> int:
    return min(28, max(8, width // 4))


def _line(parts: list[tuple[Column, RenderableType]], width: int) -> Table:
    grid = Table.grid(*(column for column, _ in parts), padding=(0, 1), expand=True)
    grid.width = width
    grid.add_row(*(part for _, part in parts))
    return grid
