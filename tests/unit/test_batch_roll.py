"""How a batch stands, as its roll and the jobs' cards tell it, and how it is asked after."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.fakes.postgres import Postgres
from voxweave import places
from voxweave.cli import run
from voxweave.cli.batch_found import Here
from voxweave.cli.batch_others import is_same
from voxweave.cli.batch_roll import board_of, enrol, note_end, roll_of, stands
from voxweave.cli.batch_run import Entry
from voxweave.cli.crowd import Row
from voxweave.cli.keeping import Line
from voxweave.cli.wanted import Common, batch_name, film_of, films_of
from voxweave.errors import Exit
from voxweave.jobs.cards import Card, Work, new_card
from voxweave.jobs.index import Index
from voxweave.jobs.talks import Talk, Talks


@pytest.fixture(autouse=True)
def season(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of three narrations, and a user of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    (tmp_path / "season").mkdir()
    for name in ("a", "b", "c"):
        (tmp_path / "season" / f"{name}.mp3").write_bytes(b"sound")
    return tmp_path / "season"


def entries(folder: Path, **flags: object) -> list[Entry]:
    """The films of the folder."""
    return [Entry(wanted, Row(wanted.title, "")) for wanted in films_of(folder, Common(flags))]


def at_work(entry: Entry, batch: str) -> Card:
    """The film's card as of a run of this process."""
    wanted = entry.wanted
    with Index() as index:
        return index.put(new_card(wanted.narration, None, Work(wanted.arguments, Path.cwd(), batch)).begun())


def test_a_film_stands_as_its_card_says_unless_that_is_of_something_else(season: Path) -> None:
    """Not begun is waiting, whatever an earlier run or another line made of it; a later run counts again."""
    a, b, c = entries(season)
    for earlier in (c, entries(season, style="ink")[1]):
        with Index() as index:
            index.put(at_work(earlier, "other").ended(0))
    time.sleep(0.002)  # cards tell the time in thousandths
    enrol("s", [a, b, c], here=True)
    with Index() as index:
        index.put(at_work(a, "s").changed(stage="render", percent=40))
    roll = roll_of("s")
    assert roll is not None

    board = board_of("s", stands(roll))
    assert [row.state for row in board.rows] == ["running", "waiting", "waiting"]
    assert (board.state, board.rows[0].share) == ("running", 0.4)

    c.row.state, c.status = "failed", Exit.INPUT
    note_end("s", 2, c)
    with Index() as index:
        index.put(at_work(c, "s").ended(0))
    after = roll_of("s")
    assert after is not None
    assert stands(after)[2].state == "done"


def test_a_batch_whose_program_is_gone_is_cancelled(season: Path) -> None:
    """What was never begun waits for nobody."""
    enrol("s", entries(season), here=True)
    roll = roll_of("s")
    assert roll is not None
    assert board_of("s", stands(roll)).state == "waiting"

    assert board_of("s", stands(roll), given_up=True).state == "cancelled"


def test_a_batch_is_found_by_its_name_its_folder_or_the_cards(
    season: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a roll the jobs' cards tell of it; a word that is no batch is refused."""
    enrol(batch_name(season), entries(season), here=False)
    at_work(entries(season)[0], "older")

    assert run(["batch", "status", "season", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["batch"], told["counters"]["total"]) == (batch_name(season), 3)
    assert run(["batch", "status", "older"]) == 0
    assert capsys.readouterr().out.startswith("older: 0%, 0 of 1 done, 1 running\n  a.mp3")
    assert run(["batch", "status"]) == 0
    assert {line.partition(":")[0] for line in capsys.readouterr().out.splitlines()} == {
        "older",
        batch_name(season),
    }
    assert run(["batch", "status", "nothing"]) == 2
    assert "there is no batch 'nothing'" in capsys.readouterr().err
    assert [one.name for one in Here().all()][-1] == batch_name(season)


def test_a_folder_called_as_a_command_is_given_with_its_path(
    season: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`batch status` asks; `batch ./status` and `batch run status` make, and so does whatever is no command."""
    season.rename("status")
    for words in (["./status"], ["run", "status"], ["--dry-run", "status"]):
        assert run(["batch", *words, "--dry-run"]) == 0
        assert "3 of 3 films would be made" in capsys.readouterr().err
    assert run(["batch", "status"]) == 0
    assert capsys.readouterr().err == "no batches\n"
    assert run(["batch"]) == 2


def test_a_batch_that_is_over_is_not_cancelled(season: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is refused with the counters; what waits for a worker is cancelled, all of it."""
    films = entries(season)
    enrol("s", films, here=False)
    with Index() as index:
        for one in films:
            index.put(new_card(one.wanted.narration, None, Work(one.wanted.arguments, Path.cwd(), "s")))

    assert run(["batch", "cancel", "s"]) == 0
    assert capsys.readouterr().err.splitlines()[-1] == "s: 100%, 0 of 3 done, 3 cancelled"
    assert run(["batch", "cancel", "s"]) == 2
    assert "already completed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "same"),
    [
        (("--style", "ink"), True),
        (("--style=ink", "--max-cost", "3", "--workers", "1"), True),
        (("--style", "paper"), False),
        (("--style", "ink", "-o", "{0}/season/elsewhere.mp4"), False),
        (("--no-such-flag",), False),
    ],
)
def test_the_same_film_is_known_by_what_it_comes_to(
    season: Path, tmp_path: Path, flags: tuple[str, ...], *, same: bool
) -> None:
    """However its line is spelled, whatever it may cost and however it is worked at."""
    (season / "voxweave.toml").write_text("seed = 7\n")
    wanted = entries(season, style="ink")[0].wanted
    line = ("make", str(season / "a.mp3"), *(word.format(tmp_path) for word in flags))
    card = new_card(season / "a.mp3", None, Work(line, Path.cwd()))

    assert is_same(wanted, card) is same


@pytest.mark.parametrize(
    ("flag", "file", "same"),
    [("--script", "w.txt", True), ("--storyboard", "w.txt", False), ("--subtitles", "gone.srt", False)],
)
def test_the_same_file_in_another_part_is_another_film(
    season: Path, flag: str, file: str, *, same: bool
) -> None:
    """As is a file that is missing beside none at all; the disk alone does not tell them apart."""
    (season / "w.txt").write_text("words")
    files = {} if file == "gone.srt" else {"script": season / "w.txt"}
    wanted = film_of(str(season / "a.mp3"), Line({}, files=files))
    work = Work(("make", str(season / "a.mp3"), "--yes", flag, str(season / file)), Path.cwd())

    assert is_same(wanted, new_card(season / "a.mp3", None, work)) is same


def test_what_is_no_roll_is_passed_over(season: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A link to nothing, or a roll that is deleted just now, does not end `batch status`."""
    enrol("s", entries(season), here=False)
    (places.state_folder() / "batches" / "gone.jsonl").symlink_to("nothing")

    assert run(["batch", "status"]) == 0
    assert capsys.readouterr().out.startswith("s: 0%")


def test_a_detached_batch_counts_on_no_run_that_its_roll_cannot_know(
    season: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A film made under other words by nobody of ours is refused as any job at work, and so the batch ends."""
    (a, *_) = entries(season)
    line = (*a.wanted.arguments, "--style=ink")
    with Index() as index:
        index.put(new_card(season / "a.mp3", None, Work(line, Path.cwd(), "other")).begun())
    (season / "b.mp3").unlink()
    (season / "c.mp3").unlink()

    assert run(["batch", "season", "--style", "ink", "--detach"]) == 8
    assert "is being worked on by another run" in capsys.readouterr().err
    assert Here().all()[0].board.state == "failed"


def test_a_batch_on_a_queue_that_nobody_keeps_is_not_waited_for(season: Path) -> None:
    """Its first question is the one that soon gives up, whatever is asked about it."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(20)
        url = f"postgresql://me@127.0.0.1:{door.getsockname()[1]}/films?sslmode=disable&gssencmode=disable"
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(run, ["batch", "status", "--queue", url])
            caller, _ = door.accept()
            with caller:
                said = caller.recv(4096)
                told = b"SFATAL\0C28P01\0Mpassword authentication failed\0\0"
                caller.sendall(b"E" + (len(told) + 4).to_bytes(4, "big") + told)
            assert asked.result(20) == 8
    assert b"application_name\0voxweave first\0" in said


def test_a_batch_on_a_queue_is_counted_and_ended_alike(
    season: Path, postgres: Postgres, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its name or its folder; all batches there without one."""
    with Talks(postgres.url) as talks:
        postgres.ask("TRUNCATE voxweave.talks, voxweave.workers")
        for entry in entries(season):
            card = new_card(entry.wanted.narration, None, Work((), Path.cwd(), batch_name(season)))
            talks.put(Talk(card, 1, "v1", "{}"))
        talks.begin(card.id, 1, "one")

    assert run(["batch", "status", "season", "--queue", postgres.url, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["counters"]["running"], told["counters"]["waiting"]) == ("running", 1, 2)
    assert run(["batch", "status", "--queue", postgres.url]) == 0
    assert capsys.readouterr().out == f"{batch_name(season)}: 0%, 0 of 3 done, 1 running, 2 waiting\n"
    assert run(["batch", "cancel", "season", "--queue", postgres.url]) == 0
    assert capsys.readouterr().err.endswith(": 100%, 0 of 3 done, 3 cancelled\n")
