"""One display for many films: counters, percentage, time left, and how it fits a terminal."""

import errno
import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from voxweave.cli.crowd import Board, CrowdEvents, CrowdLines, CrowdQuiet, Row
from voxweave.cli.crowdbar import CrowdBar
from voxweave.core.events import Event
from voxweave.jobs.cards import State, Work, new_card


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def progress(done: float) -> Event:
    """A film is so far."""
    return Event(kind="progress", film="talk.mp3", stage="render", group="rendering", done=done)


def board(*states: State, clock: Clock | None = None) -> Board:
    """A batch of films in these states."""
    rows = [Row(f"ep{number}.mp3", f"{number:08}", state) for number, state in enumerate(states, start=1)]
    return Board("season", rows, now=clock or Clock())


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (["waiting", "waiting"], "waiting"),
        (["done", "running", "failed"], "running"),
        (["done", "done"], "done"),
        (["done", "short"], "partial"),
        (["done", "failed"], "partial"),
        (["failed", "failed"], "failed"),
        (["cancelled", "cancelled"], "cancelled"),
        (["stopped", "waiting"], "cancelled"),
        (["done", "cancelled"], "partial"),
    ],
)
def test_a_batch_is_what_its_films_are(states: list[State], state: str) -> None:
    """Partial is what has some of it; what was stopped whole is cancelled."""
    assert board(*states).state == state


def test_counters_add_up_and_the_percentage_counts_what_is_under_way() -> None:
    """Each film is in one state; one half made counts half."""
    whole = board("done", "running", "waiting", "failed")
    whole.rows[0].up_to_date = True
    whole.rows[1].hear(progress(0.5))

    assert whole.counters == {
        "total": 4,
        "done": 1,
        "running": 1,
        "waiting": 1,
        "failed": 1,
        "short": 0,
        "stopped": 0,
        "cancelled": 0,
        "up_to_date": 1,
    }
    assert whole.percent == 62.5
    assert whole.line() == "1 of 4 done, 1 running, 1 waiting, 1 failed"


def test_a_run_of_several_films_is_one_bar() -> None:
    """Each film of a run with several presets is its part of the whole."""
    row = Row("ep1.mp3", "1", "running", films=2)
    row.hear(progress(0.5))
    assert row.share == 0.25
    row.hear(progress(1.0).model_copy(update={"kind": "done"}))
    assert row.share == 0.5
    row.hear(progress(0.5))
    assert row.share == 0.75


def test_the_time_left_goes_by_what_this_run_made() -> None:
    """Films that were there already say nothing of how fast it goes."""
    clock = Clock()
    whole = board("done", "running", "waiting", clock=clock)
    whole.rows[0].up_to_date = True
    clock.seconds += 10
    assert whole.left_s is None
    whole.rows[1].hear(progress(0.5))

    assert whole.left_s == 30


def test_a_stage_of_another_release_says_nothing(tmp_path: Path) -> None:
    """A worker of tomorrow may have stages that we do not know; its film is at work all the same."""
    row = Row("ep1.mp3", "00000001", "running")
    card = new_card(tmp_path / "ep1.mp3", None, Work((), tmp_path)).begun()

    assert row.follow(card.changed(stage="dreaming", percent=50)) is None
    assert row.last is None
    heard = row.follow(card.changed(stage="render", percent=50))
    assert heard is not None
    assert (heard.stage, row.share) == ("render", 0.5)


def test_lines_tell_each_end_and_the_whole_every_ten_seconds() -> None:
    """What logs and pipes get."""
    clock, log = Clock(), io.StringIO()
    whole = board("running", "waiting", clock=clock)
    lines = CrowdLines(whole, log)
    lines.open()
    lines.begun(whole.rows[0])
    whole.rows[0].hear(progress(0.5))
    clock.seconds += 9
    lines.beat()
    clock.seconds += 1
    lines.beat()
    whole.rows[0].state = "done"
    lines.ended(whole.rows[0], "ep1.mp3: done, ep1.mp4")

    assert log.getvalue().splitlines() == [
        "season: 0 of 2 done, 1 running, 1 waiting",
        "ep1.mp3: begun",
        "season: 25%, 0 of 2 done, 1 running, 1 waiting, 0:10 so far, about 0:30 left; ep1.mp3 50% rendering",
        "ep1.mp3: done, ep1.mp4",
        "season: 50%, 1 of 2 done, 1 waiting, 0:10 so far, about 0:10 left",
    ]


def test_events_carry_the_job_and_how_the_batch_stands() -> None:
    """Every film's event with its job; the batch as a whole at least every two seconds."""
    clock, out = Clock(), io.StringIO()
    whole = board("running", "waiting", clock=clock)
    events = CrowdEvents(whole, out, gone=lambda: None)
    events.open()
    events.told(whole.rows[0], progress(0.5))
    clock.seconds += 1.75
    events.beat()
    whole.rows[0].state = "failed"
    events.ended(whole.rows[0], "ep1.mp3: failed")

    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(one["kind"], one["batch"], one.get("job")) for one in told] == [
        ("batch", "season", None),
        ("progress", "season", "00000001"),
        ("batch", "season", None),
        ("ended", "season", "00000001"),
        ("batch", "season", None),
    ]
    assert told[-1]["counters"]["failed"] == 1


class Closed(io.StringIO):
    """A pipe whose reader has gone."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_reader_that_has_gone_is_told_of_once() -> None:
    """Nobody reading the events ends the batch, once."""
    gone: list[str] = []
    events = CrowdEvents(board("waiting"), Closed(), gone=lambda: gone.append("gone"))
    events.open()
    events.close()

    assert gone == ["gone"]


def shown(width: int, height: int = 12, running: int = 2, encoding: str = "utf-8") -> str:
    """The bars on a terminal of this size."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    console = Console(file=file, width=width, height=height, force_terminal=True, no_color=True)
    clock = Clock()
    states: list[State] = ["done", *["running" for _ in range(running)], "waiting"]  # type: ignore[list-item]
    whole = board(*states, clock=clock)
    whole.rows[1].title = "für-später-" * 9
    for row in whole.rows[1:-1]:
        row.hear(progress(0.42))
    clock.seconds += 65
    console.print(CrowdBar(whole, console))
    file.seek(0)
    return re.sub(r"\x1b\[[0-9;]*m", "", file.read())


def test_the_bars_fit_any_terminal() -> None:
    """The whole, its counters and a line for each film under way; nothing is wrapped."""
    for width in (120, 80, 60, 40, 24):
        lines = shown(width).splitlines()
        assert len(lines) == 4
        assert "46%" in lines[0]
        assert "1 of 4 done" in lines[1]
        assert all("42%" in line for line in lines[2:])
        assert max(map(len, lines)) <= width


def test_a_film_that_another_makes_is_shown_and_waits() -> None:
    """It counts as waiting, has a bar of its own, and is said once where there are lines."""
    whole, file = board("done", "waiting"), io.StringIO()
    whole.rows[1].by_another = True
    whole.rows[1].hear(progress(0.5))
    bars = Console(file=io.StringIO(), width=80, height=24, force_terminal=True, no_color=True)

    assert (whole.counters["waiting"], whole.percent) == (1, 75.0)
    assert whole.line() == "1 of 2 done, 1 waiting (1 made by another)"
    with bars.capture() as caught:
        bars.print(CrowdBar(whole, bars))
    assert "50% made by another" in re.sub(r"\x1b\[[0-9;]*m", "", caught.get())
    lines = CrowdLines(whole, file)
    lines.awaits(whole.rows[1])
    lines.ended(whole.rows[0], "ep1.mp3: done")
    assert file.getvalue().splitlines()[0] == "ep2.mp3: made by another, waiting for it"
    assert file.getvalue().rstrip().endswith("; ep2.mp3 made by another, 50% rendering")


def test_more_films_than_lines_are_counted() -> None:
    """A low terminal shows the first of them, and how many more there are."""
    lines = shown(80, height=8, running=12).splitlines()

    assert len(lines) == 6
    assert lines[-1] == "  and 9 more"


def test_the_bars_keep_to_the_letters_of_the_terminal() -> None:
    """On a terminal that knows only ASCII names in other letters stay on one line."""
    text = shown(100, encoding="ascii")

    assert text.isascii()
    assert text.count("\n") == 4


def test_quiet_tells_only_what_went_wrong() -> None:
    """A film that failed or fell short is a line; one that is done is none."""
    log = io.StringIO()
    crowd = CrowdQuiet(board("done", "failed", "short"), log)
    crowd.open()
    for row in crowd.board.rows:
        crowd.begun(row)
        crowd.told(row, progress(0.5))
        crowd.ended(row, row.title)
    crowd.beat()
    crowd.close()

    assert log.getvalue().splitlines() == ["ep2.mp3", "ep3.mp3"]


class Full(io.StringIO):
    """A disk that takes nothing more."""

    def write(self, _: str, /) -> int:
        raise OSError(errno.ENOSPC, "no room")


class Unread(io.StringIO):
    """A pipe that nobody reads any more."""

    def write(self, _: str, /) -> int:
        raise BrokenPipeError


@pytest.mark.parametrize("stream", [Full, Unread])
def test_a_stream_that_takes_nothing_costs_no_film(stream: type[io.StringIO]) -> None:
    """The displays fall silent; only a program that read the events, and has gone, ends the batch."""
    whole, gone = board("failed", "running"), list[bool]()
    for crowd in (
        CrowdLines(whole, stream()),
        CrowdQuiet(whole, stream()),
        CrowdEvents(whole, stream(), gone=lambda: gone.append(True)),
    ):
        crowd.open()
        crowd.told(whole.rows[1], progress(0.5))
        crowd.ended(whole.rows[0], "ep1.mp3: failed")
        crowd.close()

    assert gone == [True] * (stream is Unread)
