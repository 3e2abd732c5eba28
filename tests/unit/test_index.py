"""The index of jobs: found, listed, claimed once, and written anew from the folders."""

import os
import shutil
import threading
from pathlib import Path

import pytest

from voxweave.errors import StorageError, UsageError
from voxweave.jobs.cards import Card, Priority, Work, card_in, keep_card, new_card
from voxweave.jobs.index import Index, index_file, rebuilt


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def waiting(folder: Path, name: str, *, priority: Priority = "normal", batch: str = "") -> Card:
    """A card of a narration called so, put into the index."""
    card = new_card(
        folder / f"{name}.mp3", None, Work(("make", f"{name}.mp3"), folder, batch=batch, priority=priority)
    )
    with Index() as index:
        return index.put(card)


def names(cards: tuple[Card, ...]) -> list[str]:
    """Their names, without the digits."""
    return [card.name[:-9] for card in cards]


def test_a_job_is_found_by_what_people_call_it(tmp_path: Path) -> None:
    """By its id, the beginning of one, its name or its folder."""
    card = waiting(tmp_path, "talk")

    with Index() as index:
        for word in (card.id, card.id[:5], card.name, str(card.folder)):
            assert card == index.find(word)
        with pytest.raises(UsageError, match="no job is called walk"):
            index.find("walk")


def test_a_word_for_several_jobs_is_refused(tmp_path: Path) -> None:
    """One narration has one id, and a job in each work folder; the folders tell them apart."""
    here = waiting(tmp_path, "talk")
    there = new_card(tmp_path / "talk.mp3", tmp_path / "work", Work(("make", "talk.mp3"), tmp_path))
    with Index() as index:
        index.put(there)
        with pytest.raises(UsageError, match=f"several jobs are called {here.id}"):
            index.find(here.id)
        assert there == index.find(str(there.folder))


def test_a_list_has_pages(tmp_path: Path) -> None:
    """Of twenty-five jobs twenty come first, and five on the next page."""
    for number in range(25):
        waiting(tmp_path, f"talk-{number:02}")

    with Index() as index:
        first, total = index.cards(limit=20)
        rest, _ = index.cards(limit=20, offset=20)
        everything, _ = index.cards()
    assert (25, 20, 5) == (total, len(first), len(rest))
    assert everything == (*first, *rest)


def test_a_list_is_chosen_and_sorted(tmp_path: Path) -> None:
    """By state, priority and batch; by name, state, or the newest first."""
    waiting(tmp_path, "b", priority="high", batch="spring")
    keep_done = waiting(tmp_path, "C").begun().ended(0)
    with Index() as index:
        index.put(keep_done)
    waiting(tmp_path, "a", batch="spring")

    with Index() as index:
        assert ["C"] == names(index.cards(states=("done", "short"))[0])
        assert ["b"] == names(index.cards(priority="high", batch="spring")[0])
        assert 2 == index.cards(batch="spring", limit=1)[1]
        assert ["a", "b", "C"] == names(index.cards(sort="name")[0])
        assert "C" == names(index.cards(sort="state")[0])[-1]
        assert ["a", "C", "b"] == sorted(names(index.cards(sort="updated")[0]), key=["a", "C", "b"].index)


def test_the_most_urgent_is_claimed_first(tmp_path: Path) -> None:
    """Then the oldest; what is claimed is this process's, on disk too, and no more waits."""
    for name, priority in (("low", "low"), ("first", "normal"), ("high", "high"), ("second", "normal")):
        waiting(tmp_path, name, priority=priority)  # type: ignore[arg-type]

    with Index() as index:
        claimed = [index.claim() for _ in range(4)]
        assert index.claim() is None
    assert ["high", "first", "second", "low"] == names(tuple(card for card in claimed if card))
    for card in claimed:
        assert card is not None
        assert card == card_in(card.folder)
        assert ("running", True, os.getpid()) == (card.state, card.claimed, card.pid)


def test_only_a_batch_s_own_are_claimed_for_it(tmp_path: Path) -> None:
    """A worker of one batch leaves the rest alone."""
    waiting(tmp_path, "other")
    waiting(tmp_path, "mine", batch="spring")

    with Index() as index:
        claimed = index.claim("spring")
        assert claimed is not None
        assert "spring" == claimed.batch
        assert index.claim("spring") is None


def test_no_two_workers_get_one_job(tmp_path: Path) -> None:
    """However many ask at once."""
    for number in range(12):
        waiting(tmp_path, f"talk-{number}")
    taken: list[str] = []

    def work() -> None:
        with Index() as index:
            while card := index.claim():
                taken.append(card.id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (12, 12) == (len(taken), len(set(taken)))


def test_what_is_not_there_any_more_is_not_claimed(tmp_path: Path) -> None:
    """Who throws a job's folder away, throws away what was to be done in it; who cancels it in there, too."""
    gone, cancelled = waiting(tmp_path, "gone"), waiting(tmp_path, "cancelled")
    shutil.rmtree(gone.folder)
    keep_card(cancelled.moved("cancelled"))

    with Index() as index:
        assert index.claim() is None
        assert ["cancelled"] == names(index.cards()[0])


def test_a_job_that_cannot_be_claimed_stops_no_other(tmp_path: Path) -> None:
    """A card that cannot be written has failed, and the next is taken."""
    stuck = waiting(tmp_path, "stuck", priority="high")
    waiting(tmp_path, "next")
    (stuck.folder / "card.json").rename(stuck.folder / "kept")
    (stuck.folder / "card.json").symlink_to("kept")
    stuck.folder.chmod(0o500)
    try:
        with Index() as index:
            claimed = index.claim()
            assert claimed is not None
            if os.geteuid():  # root writes everywhere
                assert "next" == claimed.name[:-9]
                assert "storage" == index.find(stuck.id).error.code  # type: ignore[union-attr]
    finally:
        stuck.folder.chmod(0o700)


def test_a_running_job_is_seen_as_it_is_in_its_folder(tmp_path: Path) -> None:
    """Progress is written there alone; one whose process is gone has stopped."""
    card = waiting(tmp_path, "talk").begun()
    with Index() as index:
        index.put(card)
        keep_card(card.changed(percent=40), lasting=False)
        assert 40 == index.find(card.id).percent
        keep_card(card.changed(pid=2**22 + 1))
        assert ["talk"] == names(index.cards(states=("stopped",))[0])


def test_the_index_is_written_anew_from_the_folders(tmp_path: Path) -> None:
    """From work folders seen before and those named; what was thrown away is not listed any more."""
    seen_before, gone = waiting(tmp_path / "one", "talk"), waiting(tmp_path / "one", "gone")
    shutil.rmtree(gone.folder)
    keep_card(new_card(tmp_path / "two" / "deep" / "walk.mp3", None, Work(("make",), tmp_path)))
    keep_card(new_card(tmp_path / "x.mp3", tmp_path / "work", Work(("make",), tmp_path)))

    assert 1 == rebuilt([])
    assert 3 == rebuilt([tmp_path / "two", tmp_path / "work"])
    with Index() as index:
        assert ["talk", "walk", "x"] == names(index.cards(sort="name")[0])
        index.drop(seen_before.folder)
        assert 2 == index.cards()[1]
    assert seen_before.folder.exists()


def test_a_broken_index_is_replaced(tmp_path: Path) -> None:
    """It is moved aside, and the folders tell what was in it."""
    card = waiting(tmp_path, "talk")
    index_file().write_bytes(b"no database at all, for a while" * 40)
    with pytest.raises(StorageError, match="not a database"):
        Index()

    assert 1 == rebuilt([tmp_path])
    with Index() as index:
        assert card == index.find(card.id)
    assert index_file().with_name("jobs.sqlite3.broken").exists()


def test_names_need_not_be_text(tmp_path: Path) -> None:
    """A folder's bytes come back as they are."""
    card = waiting(tmp_path / os.fsdecode(b"f\xffolder"), os.fsdecode(b"t\xe4lk"))

    with Index() as index:
        assert card == index.find(card.id) == index.find(str(card.folder))
    assert 1 == rebuilt([])
