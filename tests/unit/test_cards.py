"""A job's card: what it may become, what it says, and how it lies on disk."""

import json
import os
import shutil
import signal
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from voxweave.core.redaction import learn
from voxweave.errors import (
    Exit,
    InputError,
    KeyRefused,
    OutOfTime,
    ProviderBusy,
    RefusedError,
    Stopped,
    StorageBusy,
    StorageError,
    UsageError,
    VoxWeaveError,
)
from voxweave.jobs.cards import (
    FILE,
    STATES,
    TRANSITIONS,
    Card,
    Work,
    card_in,
    error_of,
    keep_card,
    later,
    making,
    new_card,
    seen,
    settled,
    without_passwords,
)
from voxweave.jobs.job import open_job
from voxweave.jobs.limits import LimitReached
from voxweave.jobs.living import alive, started

LINE = ("make", "/talks/talk.mp3")


def card_of(folder: Path, *, name: str = "talk.mp3", line: tuple[str, ...] = LINE) -> Card:
    """A new card of a narration in a folder."""
    return new_card(folder / name, None, Work(line, folder))


def dead_pid() -> int:
    """The number of a process that has ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_a_new_card_names_its_job(tmp_path: Path) -> None:
    """Its id is the end of its folder's name, and it waits."""
    card = card_of(tmp_path)

    assert card.folder == tmp_path / ".voxweave" / card.name
    assert (card.name, len(card.id)) == (f"talk-{card.id}", 8)
    assert ("waiting", "normal", LINE) == (card.state, card.priority, card.arguments)
    assert not card.folder.exists()


@pytest.mark.parametrize(("was", "to"), list(product(STATES, STATES)))
def test_a_state_follows_another_by_the_table(was: str, to: str, tmp_path: Path) -> None:
    """What the table does not name is refused, and nothing else is."""
    card = card_of(tmp_path).model_copy(update={"state": was})
    allowed = TRANSITIONS[card.state]

    if to in allowed:
        assert to == card.moved(to).state
    else:
        with pytest.raises(UsageError, match=f"is {was}, and cannot become {to}"):
            card.moved(to)  # type: ignore[arg-type]


def test_what_has_ended_is_not_cancelled() -> None:
    """A film that is there, or failed, is no more to be stopped."""
    assert {"waiting", "running", "stopped"} == {was for was, to in TRANSITIONS.items() if "cancelled" in to}


def test_times_are_ordered_whatever_the_clock_does(tmp_path: Path) -> None:
    """Created, updated and completed never go backwards, and what has ended keeps its times."""
    future = "2999-01-01T00:00:00.000Z"
    card = card_of(tmp_path).model_copy(update={"created_at": future, "updated_at": future})
    ended = card.begun().ended(Exit.DONE)

    assert future == ended.created_at == ended.updated_at == ended.completed_at
    done = card_of(tmp_path).begun().ended(Exit.DONE)
    assert done.created_at <= done.updated_at == done.completed_at
    assert done.completed_at == done.changed(priority="high").updated_at
    assert later("") < later(future)
    assert done.put_off().completed_at is None


@pytest.mark.parametrize(
    ("status", "state", "percent"),
    [(0, "done", 100), (9, "short", 100), (3, "failed", 40), (1, "failed", 40), (130, "stopped", 40),
     (143, "stopped", 40)],
)  # fmt: skip
def test_an_exit_status_ends_a_job(status: int, state: str, percent: int, tmp_path: Path) -> None:
    """Done, short of what was asked, failed, or stopped; nobody works on it from then on."""
    card = card_of(tmp_path).begun().changed(percent=40).ended(status)

    assert (state, percent, status, None) == (card.state, card.percent, card.exit_code, card.pid)


def test_an_order_to_run_again_forgets_the_last_end(tmp_path: Path) -> None:
    """The error and the progress of a failed run are gone once it waits or runs again."""
    failed = card_of(tmp_path).begun().ended(5, error_of(ProviderBusy("too often")))

    for again in (failed.put_off(), failed.begun()):
        assert (None, None, 0) == (again.error, again.exit_code, again.percent)


def test_a_card_is_kept_in_its_folder(tmp_path: Path) -> None:
    """What was written is read, also where names are not UTF-8; a quick write leaves nothing beside it."""
    card = card_of(tmp_path, name=os.fsdecode(b"t\xffalk.mp3"), line=("make", os.fsdecode(b"/a\xff.mp3")))

    for lasting in (True, False):
        keep_card(card, lasting=lasting)
        assert card == card_in(card.folder)
        assert [FILE] == os.listdir(card.folder)
        (card.folder / FILE).unlink()


def test_a_card_is_where_it_was_found(tmp_path: Path) -> None:
    """A folder that was moved or copied takes its card along."""
    card = card_of(tmp_path / "old")
    keep_card(card)
    shutil.copytree(tmp_path / "old", tmp_path / "new")

    folder = tmp_path / "new" / ".voxweave" / card.name
    assert card.model_copy(update={"folder": folder}) == card_in(folder)


@pytest.mark.parametrize(
    "changes",
    [{"created_at": "yesterday"}, {"updated_at": "2026-11-20T11:00:00"}, {"completed_at": ""},
     {"created_at": "0001-01-01T00:00:00Z"}, {"pid": 0}, {"pid": -1}, {"pid": 2**40}],
)  # fmt: skip
def test_a_card_that_cannot_be_is_no_card(changes: dict[str, object], tmp_path: Path) -> None:
    """Its times are moments, and its process is one: signals to 0 and -1 go to many."""
    card = card_of(tmp_path)
    keep_card(card)
    (card.folder / FILE).write_text(json.dumps({**json.loads(card.to_json()), **changes}))

    assert card_in(card.folder) is None


def test_only_a_film_is_made_by_a_card(tmp_path: Path) -> None:
    """A line of another command, in a folder from who knows where, is not run."""
    config, words = making(card_of(tmp_path, line=("--config", "c.toml", *LINE)))
    assert ("c.toml", ["/talks/talk.mp3"]) == (config, words)
    for line in ((), ("clean", "--with-orders", "x.mp3"), ("--config",), ("--config", "c", "batch", "x")):
        with pytest.raises(UsageError, match=r"how talk-.* was made is not known"):
            making(card_of(tmp_path, line=line))


@pytest.mark.parametrize("text", ["", "{}", '{"id": "1"', "[]", "7", '"x"', '{"id": 1, "colour": "red"}'])
def test_a_broken_card_is_no_card(text: str, tmp_path: Path) -> None:
    """One that was cut off, or is another program's, counts as none."""
    (tmp_path / FILE).write_text(text)

    assert card_in(tmp_path) is None
    assert card_in(tmp_path / "nowhere") is None


@pytest.mark.parametrize("lasting", [True, False])
def test_a_card_that_cannot_be_written_is_said(lasting: bool, tmp_path: Path) -> None:
    """A disk's refusal is one of ours, with the file's name."""
    card = card_of(tmp_path)
    card.folder.mkdir(parents=True)
    (card.folder / FILE).mkdir()

    with pytest.raises(StorageError, match=FILE):
        keep_card(card, lasting=lasting)
    assert [FILE] == os.listdir(card.folder)


def test_a_known_card_keeps_what_it_is_part_of(tmp_path: Path) -> None:
    """Batch and priority outlive a run by hand; what is to be done is the newest."""
    first = new_card(tmp_path / "talk.mp3", None, Work(LINE, tmp_path, batch="spring", priority="high"))
    keep_card(first)
    again = card_of(tmp_path, line=("make", "/talks/talk.mp3", "--style", "ink"))

    assert ("spring", "high") == (again.batch, again.priority)
    assert "ink" == again.arguments[-1]
    assert first.created_at == again.created_at


def test_nobody_at_work_means_stopped(tmp_path: Path) -> None:
    """A card that says running is believed while its process lives, or another holds the job."""
    card = card_of(tmp_path).begun()
    dead = card.model_copy(update={"pid": dead_pid()})

    assert "running" == seen(card).state
    assert "stopped" == seen(dead).state
    assert dead.updated_at == seen(dead).updated_at
    with open_job(tmp_path / "talk.mp3", None, identity="test"):
        assert "running" == seen(dead).state
    assert "stopped" == seen(dead).state


def test_looking_changes_nothing_and_needs_no_right_to(tmp_path: Path) -> None:
    """A dead job has stopped also in a folder where nothing can be locked or noted, and a look leaves no trace."""
    dead = card_of(tmp_path).begun().model_copy(update={"pid": dead_pid()})
    lock = dead.folder / "lock"
    lock.mkdir(parents=True)
    assert "stopped" == seen(dead).state
    lock.rmdir()
    with open_job(tmp_path / "talk.mp3", None, identity="test"):
        pass
    lock.chmod(0o444)
    before = dead.folder.stat().st_mtime_ns
    assert ("stopped", before) == (seen(dead).state, dead.folder.stat().st_mtime_ns)


def test_a_number_used_again_is_another_process(tmp_path: Path) -> None:
    """The time a process began tells it from one that got its number later."""
    mine = started(os.getpid())

    assert alive(os.getpid(), mine)
    assert not alive(os.getpid(), mine + "0")
    assert not alive(dead_pid(), "")
    assert alive(1, "")


def test_a_dead_child_nobody_asked_about_is_not_alive() -> None:
    """A process that was killed and not waited for is gone for us."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    since = started(child.pid)
    assert alive(child.pid, since)
    child.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert not alive(child.pid, since)
    child.wait()


def test_a_child_s_own_word_counts_more_than_its_status(tmp_path: Path) -> None:
    """A card is ended by an exit status only where its run could not."""
    card = card_of(tmp_path).begun(claimed=True)
    keep_card(card)
    assert ("failed", 2) == (settled(card, 2).state, settled(card, 2).exit_code)

    keep_card(card.moved("cancelled"))
    assert "cancelled" == settled(card, 143).state


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (ProviderBusy("too often"), "provider", True),
        (KeyRefused("wrong key"), "provider", False),
        (InputError("no sound"), "input", False),
        (LimitReached("six an hour"), "refused", True),
        (RefusedError("over budget"), "refused", False),
        (OutOfTime("it took longer than 120 s"), "media", True),
        (StorageBusy("held by another run"), "storage", True),
        (StorageError("the disk is full"), "storage", False),
        (Stopped(exit_code=Exit.TERMINATED), "stopped", True),
        (ValueError("oh"), "bug", False),
    ],
)
def test_an_error_has_a_stable_code(error: Exception, code: str, retryable: bool) -> None:
    """The exit status by name, and whether trying again may help."""
    told = error_of(error)

    assert (code, retryable) == (told.code, told.retryable)
    assert str(error) in told.message


def test_no_secret_is_written_down(tmp_path: Path) -> None:
    """Passwords in addresses and keys in messages stay out of the card; what an address needs stays."""
    learn("a-secret-of-mine")
    card = card_of(tmp_path, line=("make", "--ledger", "postgresql://me:pass@db:5432/x?a=b", "--fps", "24"))

    assert "postgresql://me@db:5432/x?a=b" == card.arguments[2]
    kept = ("s3://b/p?endpoint=http://h:1", "a: b@c", "https://h/v1?api-key=&x=1", "s3://id@b/p")
    written = ("s3://b/p?endpoint=http://h:1", "a: b@c", "https://h/v1?api-key=k123&x=1", "s3://id:a/b+c@b/p")
    assert kept == without_passwords(written)
    for given, left in (
        ("postgresql://me:p@ss/word@db/x", "postgresql://me@db/x"),
        ("s3://b?endpoint=http://u:p/w@h", "s3://b?endpoint=http://u@h"),
        ("s3://b?endpoint=http%3A%2F%2Fu%3Apw%40h&region=x", "s3://b?endpoint=http://u@h&region=x"),
        ("postgresql://me:p#w@db/x", "postgresql://me@db/x"),
        ("--ledger=postgresql://me:p:w@db/x", "--ledger=postgresql://me@db/x"),
    ):
        assert (left,) == without_passwords((given,))
    assert "a-secret" not in error_of(VoxWeaveError("a-secret-of-mine", hint="a-secret-of-mine")).to_json()
    assert json.loads(card.to_json())["arguments"] == list(card.arguments)
