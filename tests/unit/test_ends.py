"""How a film's run in a program of its own is judged, and what the user's own program is told."""

import json
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from tests.unit.test_talks import talk
from voxweave.cli import run
from voxweave.cli.announce import announce, words_of
from voxweave.cli.batch_run import NOT_AGREED, Entry, exit_status
from voxweave.cli.crowd import Row
from voxweave.cli.wanted import Wanted
from voxweave.core.quotes import Quote
from voxweave.errors import RefusedError, UsageError
from voxweave.fleet.crew import Ended, Errand, crew_size, free_mb
from voxweave.fleet.ends import cut_short, verdict
from voxweave.jobs.cards import CardError, State
from voxweave.pipeline.consent import agreed
from voxweave.pipeline.studio import Studio
from voxweave.settings import Settings

ERRAND = Errand(Path("job"), "talk.mp3", ("make", "talk.mp3"), Path())


@pytest.mark.parametrize(
    ("status", "errors", "said"),
    [
        (0, ["talk.mp4: 3 scenes"], (0, None)),
        (9, ["short"], (9, None)),
        (
            3,
            ["a note", "voxweave: talk.mp3 is missing; check the path"],
            (3, CardError(code="input", message="talk.mp3 is missing", hint="check the path")),
        ),
        (
            1,
            ["Traceback", "ValueError: no", "voxweave: this is a bug; please report it"],
            (1, CardError(code="bug", message="ValueError: no")),
        ),
        (8, [], (8, CardError(code="storage", message="it said nothing"))),
        (-signal.SIGTERM, [], (143, None)),
        (-signal.SIGINT, [], (130, None)),
    ],
)
def test_a_status_and_the_last_words_tell_how_it_ended(
    status: int, errors: list[str], said: tuple[int, CardError | None]
) -> None:
    """An expected failure is its own line, a bug its last line, a signal that asks to stop a stop."""
    assert verdict(Ended(ERRAND, status, tuple(errors))) == said


def test_a_run_that_was_killed_may_be_tried_again() -> None:
    """Any other signal is told, and its status is what shells make of it."""
    status, error = verdict(Ended(ERRAND, -signal.SIGKILL, ()))

    assert (status, error and (error.message, error.retryable)) == (
        137,
        ("its run was ended by signal 9", True),
    )


def test_what_a_run_tells_of_its_failure_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Among its events it says whether another try may help; words that do not fit its status are not its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert run(["make", "none.mp3", "--events"]) == 3
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["kind"], told["film"]) == ("failed", "none.mp3")
    said = CardError.model_validate(told["error"])
    away = CardError(code="storage", message="it is away", hint="wait", retryable=True)

    assert said.code == "input" and "none.mp3" in said.message
    assert verdict(Ended(ERRAND, 8, ("voxweave: it is away; wait",), away)) == (8, away)
    assert verdict(Ended(ERRAND, 3, ("voxweave: no",), away)) == (3, CardError(code="input", message="no"))


@pytest.mark.parametrize(
    ("status", "code", "retryable", "cut"),
    [
        (8, "storage", True, "away"),
        (8, "storage", False, ""),
        (137, "killed", True, "killed"),
        (7, "media", True, "killed"),
        (5, "provider", True, ""),
        (6, "refused", True, ""),
        (143, "", False, "killed"),
        (9, "partial", True, ""),
        (0, "", False, ""),
    ],
)
def test_what_only_cost_time_is_told_from_what_lasts(
    status: int, code: str, retryable: bool, cut: str
) -> None:
    """What all machines share comes back, and a kill may be chance; a provider was asked often enough."""
    error = CardError(code=code, message="no", retryable=retryable) if code else None

    assert cut_short(talk().card.begun().ended(status, error)) == cut


@pytest.mark.parametrize(
    ("films", "status"),
    [
        ([("done", 0), ("done", 0)], 0),
        ([("done", 0), ("short", 9)], 9),
        ([("failed", 3), ("done", 0)], 9),
        ([("failed", 6), ("failed", 3)], 6),
        ([("cancelled", 143), ("failed", 3)], 143),
    ],
)
def test_the_status_of_a_batch(films: list[tuple[State, int]], status: int) -> None:
    """All done, something there, or the first failure's."""
    wanted = Wanted("line 1", Path("a.mp3"), (), (), ())
    entries = [Entry(wanted, Row("a.mp3", "1", state), status=code) for state, code in films]

    assert exit_status(entries) == status


def test_what_nobody_agreed_to_is_known_by_its_words() -> None:
    """A batch does not begin films that would be refused for the same reason; it goes by what the run says."""
    studio = SimpleNamespace(settings=Settings(), consent=None)
    with pytest.raises(RefusedError, match=NOT_AGREED):
        agreed(Quote(shares=(), scenes=1, orders=1, new_usd=5.0), cast("Studio", studio))


def test_films_at_once_go_by_cores_and_memory() -> None:
    """At least one; whoever says how many is believed, and the cores are shared out."""
    films, workers = crew_size(None)

    assert 1 <= films <= 8
    assert workers >= 1
    assert crew_size(64) == (64, 1)
    assert free_mb() > 0


@pytest.mark.parametrize(
    ("command", "said"), [("", "is empty"), ("'", "cannot be read"), ("no-such-xyz a", "there is no")]
)
def test_a_program_that_cannot_be_run_is_refused_before_the_work(command: str, said: str) -> None:
    """A slip in --on-complete does not wait for the end to be told."""
    with pytest.raises(UsageError, match=said):
        words_of(command)


def test_facts_reach_the_program_as_variables_and_no_shell_reads_them(tmp_path: Path) -> None:
    """A title full of shell's signs is a value like any other."""
    code = "import os, pathlib; pathlib.Path('told').write_text(os.environ['VW_FILMS'])"
    evil = "$(touch evil); `touch evil`"
    announce(f'"{sys.executable}" -c "{code}"', {"films": [evil, "b"]}, cwd=tmp_path)

    assert (tmp_path / "told").read_text() == f"{evil}\nb"
    assert not (tmp_path / "evil").exists()


def test_a_program_that_fails_changes_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """Its status is told, and no more."""
    announce("false", {})

    assert capfd.readouterr().err == "voxweave: --on-complete ended with status 1\n"
