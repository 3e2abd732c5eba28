"""`voxweave jobs`, on cards written here."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from io import StringIO
from pathlib import Path
from typing import Any

import click
import pytest
from rich.console import Console

from tests.unit.alone import alone  # noqa: F401  for all tests here
from tests.unit.jobs_here import apart, listed  # noqa: F401  the first for all tests here
from voxweave.cli import run
from voxweave.cli import voxweave as command
from voxweave.cli.jobs_watch import _rows
from voxweave.errors import InputError
from voxweave.jobs.cards import STATES, card_in, error_of, keep_card
from voxweave.jobs.index import Index
from voxweave.jobs.living import started

Said = pytest.CaptureFixture[str]


def told(*words: str, capsys: Said) -> Any:
    """What `jobs … --json` says."""
    assert run(["jobs", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_jobs_are_listed_in_pages(capsys: Said) -> None:
    """Twenty of twenty-five, and how to see the rest; the total is in the JSON too."""
    for number in range(25):
        listed(f"talk-{number:02}")

    assert run(["jobs", "list"]) == 0
    said = capsys.readouterr()
    assert 20 == len(said.out.splitlines())
    assert "1 to 20 of 25 jobs; the next with --offset 20" in said.err
    rest = told("list", "--offset", "20", capsys=capsys)
    assert (25, 5) == (rest["total"], len(rest["jobs"]))


def test_jobs_are_chosen_by_state(capsys: Said) -> None:
    """By our words and by those of others; a state nobody knows is a mistake of usage."""
    listed("one", state="done")
    listed("two", state="short", priority="high")
    listed("three")

    assert 2 == told("list", "--status", "completed,partial", capsys=capsys)["total"]
    assert (
        1
        == told("list", "--status", "pending", "--status", "short", "--priority", "high", capsys=capsys)[
            "total"
        ]
    )
    assert run(["jobs", "list", "--status", "sleeping"]) == 2
    assert "'sleeping' is no state" in capsys.readouterr().err


def test_a_job_is_shown_with_what_went_wrong(capsys: Said) -> None:
    """State, exit status, code, message and hint; names that are not text are escaped."""
    name = os.fsdecode(b"t\xffalk")
    card = listed(name).begun().ended(3, error_of(InputError("no sound", hint="give mp3")))
    with Index() as index:
        index.put(card)

    assert run(["jobs", "show", card.id]) == 0
    said = capsys.readouterr().out
    assert "failed, exit status 3, input" in said
    assert ("no sound", "give mp3") == tuple(re.findall(r"^(?:error|hint) +(.*)$", said, re.MULTILINE))
    assert "t\\xffalk.mp3" in said
    assert "input" == told("show", f"{name}.mp3", capsys=capsys)["error"]["code"]


@pytest.mark.parametrize("name", ["show", "log", "watch", "retry", "resume", "cancel", "sync", "clean"])
def test_a_job_nobody_knows_is_named(name: str, capsys: Said) -> None:
    """In one line, with where to look."""
    assert run(["jobs", name, "nothing"]) == 2
    assert "no job is called nothing; voxweave jobs list names them\n" in capsys.readouterr().err


def test_urgency_is_changed(capsys: Said) -> None:
    """On disk and in the list."""
    card = listed()
    assert run(["jobs", "priority", card.id, "high"]) == 0

    assert "high" == told("show", card.id, capsys=capsys)["priority"]
    assert "high" == (card_in(card.folder) or card).priority
    assert run(["jobs", "priority", card.id, "utmost"]) == 2


@pytest.mark.parametrize(
    ("state", "verb", "words"),
    [
        ("done", "cancel", "is already completed"),
        ("failed", "cancel", "is already completed"),
        ("done", "retry", "is already completed"),
        ("waiting", "retry", "waits already; voxweave jobs resume runs it now"),
        ("cancelled", "resume", "was cancelled; voxweave jobs retry"),
        ("done", "resume", "is already completed"),
    ],
)
def test_what_cannot_be_is_refused_politely(state: str, verb: str, words: str, capsys: Said) -> None:
    """With status 2, the reason, and what to do instead."""
    card = listed(state=state)

    assert run(["jobs", verb, card.id]) == 2
    assert words in capsys.readouterr().err
    assert state == (card_in(card.folder) or card).state


def test_what_waits_is_cancelled(capsys: Said) -> None:
    """It is taken by no worker any more; doing so again changes nothing."""
    card = listed()
    for _ in range(2):
        assert run(["jobs", "cancel", card.id]) == 0

    with Index() as index:
        assert index.claim() is None
    assert "cancelled" == told("show", card.id, capsys=capsys)["state"]


def test_a_whole_batch_is_cancelled(capsys: Said) -> None:
    """What waits of it, and nothing else; a batch nobody knows, and no name at all, are mistakes of usage."""
    waiting = [listed(name, batch="autumn") for name in ("one", "two")]
    done, other = listed("three", batch="autumn", state="done"), listed("four")

    assert run(["jobs", "cancel", "--batch", "autumn"]) == 0
    states = [(card_in(card.folder) or card).state for card in (*waiting, done, other)]
    assert ["cancelled", "cancelled", "done", "waiting"] == states
    assert run(["jobs", "cancel", "--batch", "winter"]) == 2
    assert run(["jobs", "cancel"]) == 2
    assert "no batch 'winter'" in capsys.readouterr().err


def test_whoever_works_on_a_cancelled_job_is_ended(capsys: Said) -> None:
    """Its process gets SIGTERM and is waited for; a job that it left as it was is cancelled all the same."""
    card = listed()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as worker:
        began = card.begun()
        keep_card(began.changed(pid=worker.pid, pid_started=started(worker.pid)))
        with Index() as index:
            index.note(began)
        reaper = threading.Thread(target=worker.wait)
        reaper.start()
        assert run(["jobs", "cancel", card.id]) == 0
        reaper.join()
        assert -signal.SIGTERM == worker.returncode
    assert ["card.json"] == [name for name in os.listdir(card.folder) if name != "lock"]
    assert "cancelled" == told("show", card.id, capsys=capsys)["state"]


def test_a_retry_that_never_begins_says_why_in_the_end(capsys: Said) -> None:
    """The narration is gone: its error takes the place of the old one, and the others are tried."""
    jobs = [listed(name, state="failed", line=("make", str(Path(f"{name}.mp3").absolute()))) for name in "ab"]

    assert run(["jobs", "retry", *(card.id for card in jobs)]) == 3
    assert 2 == capsys.readouterr().err.count("is missing")
    for card in jobs:
        now = told("show", card.id, capsys=capsys)
        assert ("failed", 3, "input") == (now["state"], now["exit_code"], now["error"]["code"])


def test_a_line_that_is_not_understood_any_more_fails(capsys: Said) -> None:
    """A card of another release may have options we lack; it is left as failed, not as running."""
    card = listed(state="stopped", line=("make", "x.mp3", "--sparkle", "9"))

    assert run(["jobs", "resume", card.id]) == 2
    assert ("failed", 2) == tuple(told("show", card.id, capsys=capsys)[key] for key in ("state", "exit_code"))


def test_watching_ends_with_the_job_s_own_status(capsys: Said) -> None:
    """Followed while it changes, told in lines, and its exit status and film handed on."""
    card = listed()
    keep_card(running := card.begun().changed(stage="render", percent=40))

    def goes_on() -> None:
        time.sleep(0.6)
        keep_card(running.changed(stage="join", percent=93))
        time.sleep(0.6)
        keep_card(running.ended(9, films=(Path("/films/talk.mp4"),)))

    other = threading.Thread(target=goes_on)
    other.start()
    assert run(["jobs", "watch", card.id]) == 9
    other.join()
    said = capsys.readouterr()
    assert "/films/talk.mp4\n" == said.out
    assert "talk.mp3: 40% rendering\ntalk.mp3: 93% joining\n" in said.err
    assert run(["jobs", "watch"]) == 0
    assert "no job waits or runs" in capsys.readouterr().err


def test_a_screen_has_room_for_what_is_at_work() -> None:
    """A row for each job; where there are too many, those that are over make way."""
    waits, over, runs = listed("waits"), listed("over").begun().ended(0), listed("runs").begun()
    screen = StringIO()
    Console(file=screen, width=80).print(
        _rows([waits, over, runs.changed(stage="render", percent=40)], most=2)
    )

    rows = screen.getvalue().splitlines()
    assert [["waits.mp3", "waiting", "0%"], ["runs.mp3", "rendering", "40%"]] == [
        [word for word in row.split() if word.isascii()] for row in rows
    ]


def test_the_log_is_shown_in_words(capsys: Said) -> None:
    """When, what, and the facts; a bug's traceback stands beneath; lines of another program are shown as they are."""
    card = listed()
    lines = [
        {
            "at": "2026-11-20T11:00:00.000+00:00",
            "level": "info",
            "from": "x",
            "job": "talk",
            "event": "a",
            "status": 3,
        },
        {"at": "2026-11-20T11:00:01.000+00:00", "event": "b", "trace": "Traceback\n  File x"},
    ]
    (card.folder / "log").mkdir()
    text = "\n".join(json.dumps(line) for line in lines) + "\nodd\n" + '{"cut'
    (card.folder / "log" / "voxweave.jsonl").write_text(text)

    assert run(["jobs", "log", card.id]) == 0
    said = capsys.readouterr().out.splitlines()
    assert (5, "odd") == (len(said), said[-1])
    assert said[0].endswith(" a status=3")
    assert ["  Traceback", "  File x"] == said[2:4]
    assert run(["jobs", "log", card.id, "-n", "1", "--json"]) == 0
    assert "odd\n" == capsys.readouterr().out


def test_work_is_thrown_away_by_state_and_age(capsys: Said) -> None:
    """Only what is meant goes, never what runs; without a word nothing does."""
    old, new = listed("old", state="done", updated_at="2020-01-01T00:00:00.000Z"), listed("new", state="done")
    long_ago = "2020-01-01T00:00:00.000Z"
    with Index() as index:
        running = index.put(listed("running", updated_at=long_ago).begun())
    listed("waiting", updated_at=long_ago)
    assert run(["jobs", "clean"]) == 2
    assert run(["jobs", "clean", "--older-than", "99999w"]) == 2
    assert run(["jobs", "clean", "--older-than", "soon"]) == 2
    assert run(["jobs", "clean", "--older-than", "30d", "--dry-run"]) == 0
    assert f"would go: {old.folder}" in capsys.readouterr().err

    assert run(["jobs", "clean", "--older-than", "30d"]) == 0
    assert [False, True, True] == [card.folder.exists() for card in (old, new, running)]
    assert run(["jobs", "clean", running.id]) == 2
    assert "is at work" in capsys.readouterr().err
    assert run(["clean", "new.mp3"]) == 0
    left = told("list", "--sort", "name", capsys=capsys)["jobs"]
    assert ["running.mp3", "waiting.mp3"] == [Path(card["narration"]).name for card in left]


def test_the_list_is_written_anew(tmp_path: Path, capsys: Said) -> None:
    """From all that lies beneath a folder; one that is none is named."""
    card = listed()
    (tmp_path / "state" / "voxweave" / "jobs.sqlite3").unlink()
    assert run(["jobs", "rebuild", str(tmp_path)]) == 0

    assert "1 job found" in capsys.readouterr().err
    assert card.id == told("show", "talk.mp3", capsys=capsys)["id"]
    assert run(["jobs", "rebuild", "nowhere"]) == 2


def test_the_page_on_jobs_keeps_its_word() -> None:
    """Each command it shows has the names and options the program knows; the states are ours."""
    page = (Path(__file__).parents[2] / "docs" / "jobs.md").read_text("utf-8")
    lines = [line for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        name, found, rest = command.resolve_command(click.Context(command), words)
        while isinstance(found, click.Group):
            name, found, rest = found.resolve_command(click.Context(found), rest)
        assert found is not None
        assert found.make_context(name, rest).params
    assert set(STATES) == set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
