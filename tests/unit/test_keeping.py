"""The card that a run of `make` keeps of its job."""

import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pace import within
from tests.unit.alone import alone  # noqa: F401  for all tests here
from tests.unit.jobs_here import apart, listed  # noqa: F401  the first for all tests here
from voxweave.cli.jobs_found import run_of
from voxweave.cli.keeping import CANCEL, KeptCard, Line
from voxweave.cli.running import Outcome
from voxweave.core.events import Event
from voxweave.errors import Exit, InputError, RefusedError, Stopped
from voxweave.jobs.cards import Card, card_in
from voxweave.jobs.index import Index, index_file
from voxweave.jobs.job import job_folder, open_job
from voxweave.jobs.log import set_up
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.studio import Studio, open_studio
from voxweave.settings import load

Said = pytest.CaptureFixture[str]


@pytest.fixture
def studio() -> Studio:
    """One with nothing ordered of anybody."""
    settings = load({}, environ={}, job_file=None, user_file=None).settings
    return open_studio(settings, stop=StopSignal(), tell=lambda _: None)


class Clock:
    """One that tests set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def event(stage: str = "render", done: float = 0.4) -> Event:
    """A run is so far."""
    return Event.model_validate(
        {"kind": "progress", "film": "talk", "stage": stage, "group": "rendering", "done": done}
    )


def heard(line: Line, studio: Studio, clock: Clock | None = None) -> tuple[KeptCard, Studio]:
    """A card that is being kept, and the studio that it listens to."""
    kept = KeptCard("talk.mp3", line, now=clock or Clock())
    loaded = load(line.flags, environ=os.environ, job_file=None, user_file=None)
    return kept, kept.heard(replace(studio, settings=loaded.settings), loaded)


def the_card() -> Card | None:
    """The one card there is, or None."""
    with Index() as index:
        cards, _ = index.cards()
    return cards[0] if cards else None


def test_a_run_keeps_its_job_s_card(studio: Studio) -> None:
    """Running from its first sign of life, progress once a second at most, and its end at last."""
    clock = Clock()
    kept, ears = heard(Line({}), studio, clock)
    assert the_card() is None
    ears.tell(event("probe", 0.0))
    assert ("running", os.getpid()) == (the_card().state, the_card().pid)  # type: ignore[union-attr]
    clock.now += 0.5
    ears.tell(event())
    assert 0 == the_card().percent  # type: ignore[union-attr]
    clock.now += 0.6
    ears.tell(event())
    assert ("render", 40) == (the_card().stage, the_card().percent)  # type: ignore[union-attr]

    kept.end([Outcome("talk.mp3", 6, error=RefusedError("no")), Outcome("talk.mp3", 0)])
    card = the_card()
    assert card is not None
    assert ("failed", 6, "refused") == (card.state, card.exit_code, card.error.code if card.error else "")


def test_nothing_is_kept_of_a_run_that_never_began(studio: Studio) -> None:
    """No folder for a narration that is not there; but a job handed to a worker ends with its error."""
    kept, _ = heard(Line({}), studio)
    kept.end([Outcome("talk.mp3", 3, error=InputError("it is missing"))])
    assert [] == list(Path().iterdir())

    with Index() as index:
        index.put(listed().begun(claimed=True))
    kept, _ = heard(Line({"style": "ink"}), studio)
    kept.end([Outcome("talk.mp3", 3, error=InputError("it is missing"))])
    card = the_card()
    assert card is not None
    assert ("failed", "it is missing") == (card.state, card.error.message if card.error else "")
    assert "--style" not in card.arguments


@pytest.mark.parametrize(("meant", "state"), [(True, "cancelled"), (False, "stopped")])
def test_a_stop_is_a_pause_unless_it_was_meant_for_good(meant: bool, state: str, studio: Studio) -> None:
    """`jobs cancel` leaves a word in the folder before it ends the run."""
    kept, ears = heard(Line({}), studio)
    ears.tell(event())
    card = the_card()
    assert card is not None
    if meant:
        (card.folder / CANCEL).touch()
    kept.end([Outcome("talk.mp3", 143, error=Stopped(exit_code=Exit.TERMINATED))])
    assert state == (card_in(card.folder) or card).state


def test_a_card_s_line_makes_the_film_again_from_anywhere(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths are whole, what the environment set is on the line, and the command understands it."""
    monkeypatch.setenv("VOXWEAVE_TITLE", "A talk")
    monkeypatch.setenv("VOXWEAVE_THUMBNAIL", "no")
    monkeypatch.setenv("VOXWEAVE_STYLE", "paper")
    monkeypatch.setenv("VOXWEAVE_WORKERS", "1")
    flags = {"style": "ink", "media": "clips", "progress_line": False, "fps": "24", "cover": None}
    line = Line(flags, output="films/", files={"script": Path("words.txt")}, overwrite=True, priority="low")
    _, ears = heard(line, studio)
    ears.tell(event())

    card = the_card()
    assert card is not None
    here = Path.cwd()
    assert (
        "make",
        f"{here}/talk.mp3",
        "-o",
        f"{here}/films/",
        "--script",
        f"{here}/words.txt",
    ) == card.arguments[:6]
    assert ("--overwrite", "low") == (card.arguments[-1], card.priority)
    rest = " ".join(card.arguments[6:])
    for words in (
        "--style ink",
        f"--media {here}/clips",
        "--no-progress-line",
        "--title A talk",
        "--no-thumbnail",
    ):
        assert words in rest
    assert "workers" not in rest
    assert "paper" not in rest
    again = run_of(card).flags
    assert ("ink", False, "A talk") == (again["style"], again["thumbnail"], again["title"])


def test_a_disk_that_takes_no_card_costs_no_film(tmp_path: Path, studio: Studio, capsys: Said) -> None:
    """It is said once, and the work goes on."""
    set_up()
    (tmp_path / "state").write_text("in the way")
    kept, ears = heard(Line({}), studio)
    for _ in range(3):
        ears.tell(event())
    kept.end([Outcome("talk.mp3", 0)])

    assert 1 == capsys.readouterr().err.count("this job is not listed by voxweave jobs")


def test_a_list_that_somebody_holds_costs_seconds(studio: Studio) -> None:
    """A film waits for the index a moment, not for as long as another's fact may take."""
    with Index():
        pass
    with sqlite3.connect(index_file(), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        kept, ears = heard(Line({}), studio)
        with within(10):
            ears.tell(event())
            kept.end([Outcome("talk.mp3", 0)])
        other.execute("ROLLBACK")
    other.close()
    card = card_in(job_folder(Path("talk.mp3"), None))
    assert card is not None
    assert "done" == card.state


def test_what_others_ask_for_meanwhile_is_kept(studio: Studio) -> None:
    """Urgency and batch of a job at work may be changed; its progress does not write them over."""
    clock = Clock()
    _, ears = heard(Line({}), studio, clock)
    ears.tell(event())
    with Index() as index:
        index.change(index.find("talk.mp3"), lambda now: now.changed(priority="high", batch="spring"))
    clock.now += 2
    ears.tell(event(done=0.7))

    card = the_card()
    assert card is not None
    assert ("high", "spring", 70) == (card.priority, card.batch, card.percent)


def test_a_ledger_that_cannot_be_read_does_not_hide_a_failure(studio: Studio) -> None:
    """What it cost is not known then; the card is ended all the same."""
    kept, ears = heard(Line({}), studio)
    ears.tell(event())
    folder = job_folder(Path("talk.mp3"), None)
    (folder / "orders.sqlite3").write_bytes(b"no database " * 400)
    kept.end([Outcome("talk.mp3", 6, error=RefusedError("no"))])

    card = card_in(folder)
    assert card is not None
    assert ("failed", None) == (card.state, card.cost_usd)


def test_a_narration_that_is_a_link_to_itself_is_told_about_by_others(studio: Studio) -> None:
    """The card's keeper is no place to find out."""
    Path("talk.mp3").symlink_to("talk.mp3")
    kept, _ = heard(Line({}), studio)
    kept.end([Outcome("talk.mp3", 3, error=InputError("it is a link that leads back to itself"))])

    assert the_card() is None


def test_a_second_run_leaves_the_first_one_s_card_alone(studio: Studio) -> None:
    """Whoever does not get the job tells nothing about it."""
    with open_job(Path("talk.mp3"), None, identity="x"):
        first, ears = heard(Line({}), studio)
        ears.tell(event())
        second, _ = heard(Line({"style": "ink"}), studio)
        second.end([Outcome("talk.mp3", 8, error=RefusedError("held"))])
        card = the_card()
        assert card is not None
        assert ("running", True) == (card.state, "--style" not in card.arguments)
    first.end([Outcome("talk.mp3", 0)])
    assert "done" == (card_in(card.folder) or card).state
