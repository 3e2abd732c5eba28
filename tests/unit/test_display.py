"""What a run shows: a bar, lines, JSON lines or nothing."""

import io
import json

from rich.console import Console

from voxweave.cli.bar import Bar
from voxweave.cli.display import Display, JsonLines, Lines, display_for, span
from voxweave.core.events import Event, Stage


class Clock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def progress(stage: Stage, done: float, eta_s: float | None = None) -> Event:
    """A stage so far on."""
    return Event(
        kind="progress", film="shows/talk.mp3", stage=stage, group="rendering", done=done, eta_s=eta_s
    )


def notice(text: str) -> Event:
    """A line for the user."""
    return Event(kind="notice", film="talk.mp3", stage="plan", group="initializing", done=0.1, text=text)


def test_lines_tell_each_stage_once_and_then_every_ten_seconds() -> None:
    """A log gets a line per stage, and no more than one in ten seconds within a stage."""
    clock, log = Clock(), io.StringIO()
    lines = Lines(log, now=clock)

    for second in range(25):
        clock.seconds = 100.0 + second
        lines.tell(progress("render", second / 25, eta_s=25.0 - second))
    lines.tell(progress("join", 0.99))

    assert log.getvalue().splitlines() == [
        "talk.mp3: 0% rendering, 0:00 so far, about 0:25 left",
        "talk.mp3: 40% rendering, 0:10 so far, about 0:15 left",
        "talk.mp3: 80% rendering, 0:20 so far, about 0:05 left",
        "talk.mp3: 99% joining, 0:24 so far",
    ]


def test_lines_go_on_when_nothing_is_heard() -> None:
    """Work that tells nothing for ten seconds still shows a sign of life, with the time left counted down."""
    clock, log = Clock(), io.StringIO()
    lines = Lines(log, now=clock)
    lines.tell(progress("render", 0.5, eta_s=30.0))

    clock.seconds += 12
    lines.beat()

    assert log.getvalue().splitlines()[-1] == "talk.mp3: 50% rendering, 0:12 so far, about 0:18 left"


def test_a_notice_is_shown_harmless_and_kept() -> None:
    """A notice with control characters is one plain line, and is remembered for the end."""
    log = io.StringIO()
    lines = Lines(log)

    lines.tell(notice("no words\x1b[2J\nwere given"))

    assert log.getvalue() == "talk.mp3: no words [2J were given\n"
    assert lines.notices == ["no words [2J were given"]


def test_json_lines_repeat_the_last_event_within_two_seconds() -> None:
    """A watcher of events hears something at least every two seconds, and nothing after the end."""
    clock, out = Clock(), io.StringIO()
    lines = JsonLines(out, gone=lambda: None, now=clock)
    lines.tell(progress("render", 0.5, eta_s=30.0))

    clock.seconds += 1
    lines.beat()
    clock.seconds += 0.75
    lines.beat()
    lines.tell(
        Event(kind="done", film="talk.mp3", stage="verify", group="encoding", done=1.0, text="talk.mp4")
    )
    clock.seconds += 5
    lines.beat()

    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(event["kind"], event["done"], event["eta_s"]) for event in told] == [
        ("progress", 0.5, 30.0),
        ("progress", 0.5, 28.25),
        ("done", 1.0, None),
    ]


def test_json_lines_take_names_that_are_not_utf_8() -> None:
    """A film whose name has a byte that is no UTF-8 is told of all the same."""
    out = io.StringIO()

    JsonLines(out, gone=lambda: None).tell(notice("x").model_copy(update={"film": "talk\udcff.mp3"}))

    assert json.loads(out.getvalue())["film"] == "talk\udcff.mp3"


class Closed(io.StringIO):
    """A pipe whose reader has gone."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_reader_that_has_gone_is_told_of_once() -> None:
    """Nobody reading the events is reported once, and further events are dropped."""
    gone: list[str] = []
    lines = JsonLines(Closed(), gone=lambda: gone.append("gone"))

    lines.tell(progress("render", 0.1))
    lines.tell(progress("render", 0.2))

    assert gone == ["gone"]


def shown(width: int, event: Event, *, encoding: str = "utf-8") -> str:
    """The bar's own line on a terminal so wide."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    console = Console(file=file, width=width, height=5, force_terminal=True, no_color=True)
    clock = Clock()
    bar = Bar(console, now=clock)
    clock.seconds += 65
    bar.tell(event)
    console.print(bar)
    file.seek(0)
    return file.read()


def test_the_bar_fits_any_terminal() -> None:
    """Stage and percent are always there; film, elapsed and time left as far as there is room."""
    event = progress("render", 0.426, eta_s=125.0)
    lines = {width: shown(width, event) for width in (120, 80, 60, 40, 24)}

    assert all(line.count("\n") == 1 and "rendering" in line and "42%" in line for line in lines.values())
    assert {width for width, line in lines.items() if "talk.mp3" in line} == {120}
    assert {width for width, line in lines.items() if "1:05" in line} == {120, 80}
    assert {width for width, line in lines.items() if "2:05 left" in line} == {120, 80, 60}


def test_the_bar_keeps_to_the_letters_of_the_terminal() -> None:
    """On a terminal that knows only ASCII the bar and a name in other letters stay on one line."""
    event = progress("render", 0.5).model_copy(update={"film": "talk-für-später-" * 8})

    line = shown(100, event, encoding="ascii")

    assert line.isascii() and line.count("\n") == 1


def test_quiet_shows_nothing_but_keeps_the_notices() -> None:
    """--quiet leaves a display that only remembers."""
    with display_for(quiet=True, events=False, gone=lambda: None) as display:
        display.tell(notice("no captions"))

    assert type(display) is Display
    assert display.notices == ["no captions"]


def test_a_length_of_time_reads_like_a_clock() -> None:
    """Seconds are shown as minutes, and as hours where there are any."""
    assert [span(0), span(59.6), span(3661)] == ["0:00", "1:00", "1:01:01"]
