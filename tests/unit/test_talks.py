"""The table of films that many machines make: who may change what, and when."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.postgres import Postgres
from voxweave.cli.fleet_films import FilmWanted, card_of, check_place
from voxweave.errors import Exit, OutputExists, UsageError
from voxweave.fleet.station import Post
from voxweave.fleet.station_talks import TalkMaker
from voxweave.jobs.artifacts import Artifacts
from voxweave.jobs.cards import Card, CardError, Priority
from voxweave.jobs.talks import Talk, Talks, Worker
from voxweave.media.stopping import StopSignal
from voxweave.settings import Settings


@pytest.fixture
def talks(postgres: Postgres) -> Iterator[Talks]:
    """An empty table."""
    with Talks(postgres.url) as table:
        postgres.ask("TRUNCATE voxweave.talks, voxweave.workers")
        yield table


def talk(name: str = "a", *, version: str = "v1", priority: Priority = "normal", batch: str = "") -> Talk:
    """A film as it is sent."""
    card = Card(
        id=f"{name}0000",
        name=name,
        folder=Path("/f"),
        narration=Path(f"/{name}.wav"),
        cwd=Path("/"),
        created_at="2026-01-01T00:00:00.000Z",
        updated_at="2026-01-01T00:00:00.000Z",
        priority=priority,
        batch=batch,
    )
    return Talk(card, 1, version, "{}")


def test_a_film_is_one_however_often_it_is_sent(talks: Talks) -> None:
    """What waits, runs or is done stays as it is; its try keeps its number."""
    first = talks.put(talk())
    talks.begin("a0000", 1, "one")

    assert talks.put(talk()).run == first.run == 1
    assert talks.put(talk()).card.state == "running"


def test_what_failed_is_tried_again_under_another_name(talks: Talks) -> None:
    """The engine remembers a try by its name for ever, so another try has another."""
    first = talks.put(talk())
    taken = talks.begin("a0000", 1, "one")
    assert taken is not None
    talks.end("a0000", "one", taken.card.ended(7, CardError(code="media", message="no")), "")

    again = talks.put(talk())

    assert (again.card.state, again.run, again.card.error) == ("waiting", 2, None)
    assert again.workflow != first.workflow
    assert talks.begin("a0000", 1, "late") is None


def test_a_thawed_owner_changes_nothing(talks: Talks) -> None:
    """Once others have taken a film over, the words of its former owner are not taken."""
    talks.put(talk())
    frozen = talks.begin("a0000", 1, "frozen")
    talks.begin("a0000", 1, "other")
    assert frozen is not None

    assert not talks.tell("a0000", "frozen", {"percent": 99})
    assert not talks.end("a0000", "frozen", frozen.card.ended(0), "wrong")
    assert talks.tell("a0000", "other", {"percent": 5})
    assert talks.talk("a0000").card.percent == 5
    assert talks.talk("a0000").answer == ""


def test_a_cancelled_film_is_nobodys_once_its_owner_let_go(talks: Talks) -> None:
    """Whoever cancels sees the owner until its work has ended; after that nothing begins the film but being sent again."""
    talks.put(talk())
    talks.begin("a0000", 1, "one")

    assert talks.cancel("a0000").owner == "one"
    assert not talks.tell("a0000", "one", {"percent": 50})
    talks.let_go("a0000", 1, "one")

    assert talks.talk("a0000").owner == ""
    assert talks.begin("a0000", 1, "two") is None
    assert talks.put(talk()).card.state == "waiting"


def test_the_films_of_a_dead_worker_wait_again(talks: Talks) -> None:
    """A film whose owner is gone is shown as waiting, and is begun by whoever takes it."""
    talks.put(talk())
    talks.begin("a0000", 1, "dead")

    assert talks.put_back("dead") == 1
    assert talks.talk("a0000").card.state == "waiting"
    assert talks.begin("a0000", 1, "alive") is not None


def test_another_version_takes_over_what_is_not_done(talks: Talks) -> None:
    """A film sent by a newer release is tried anew; one that is done stays done."""
    talks.put(talk())
    assert talks.put(replace(talk(), version="v2")).run == 2
    done = talks.begin("a0000", 2, "one")
    assert done is not None
    talks.end("a0000", "one", done.card.ended(0), "answer")

    assert talks.put(replace(talk(), version="v3")).answer == "answer"
    assert talks.put(talk(), again=True).run == 3


def test_a_film_that_waits_can_be_left_to_another_version(talks: Talks) -> None:
    """Only while it waits, and only the try that was looked at."""
    talks.put(talk())

    moved = talks.move("a0000", 1, "v2")

    assert moved is not None
    assert (moved.run, moved.version) == (2, "v2")
    assert talks.move("a0000", 1, "v3") is None
    talks.begin("a0000", 2, "one")
    assert talks.move("a0000", 2, "v3") is None


def test_films_are_found_and_listed(talks: Talks) -> None:
    """By id, beginning of one or name; by state, urgency and batch, in pages."""
    for name in ("a", "b", "c"):
        talks.put(talk(name, priority="high" if name == "b" else "normal", batch="s" if name != "c" else ""))
    talks.begin("b0000", 1, "one")

    assert talks.find("b00").id == talks.find("b").id == "b0000"
    for odd in ("nix", "", "_", "b%"):  # an unset variable of a shell, and what SQL takes for more than it is
        with pytest.raises(UsageError, match="no film"):
            talks.find(odd)
    assert [(one.card.name, one.parcel) for one in talks.talks({"c0000", "a0000"}, brief=True)] == [
        ("a", ""),
        ("c", ""),
    ]
    assert [card.name for card in talks.cards(states=["running"])[0]] == ["b"]
    assert [card.name for card in talks.cards(priority="high")[0]] == ["b"]
    page, total = talks.cards(batch="s", sort="name", limit=1, offset=1)
    assert ([card.name for card in page], total) == (["b"], 2)


def test_a_bug_in_a_worker_leaves_its_traceback(talks: Talks, tmp_path: Path) -> None:
    """The film fails with one line of it; where it is stands in the worker's own words."""
    pytest.importorskip("obstore", reason="NO OBSTORE: pip install 'voxweave-film[cluster]'")
    said: list[str] = []
    post = Post(queue="", artifacts="", work=tmp_path, ledger="")
    maker = TalkMaker(post, talks, Artifacts.open(str(tmp_path)), tmp_path, "one", StopSignal(), said.append)
    talks.put(talk())  # with a parcel that no release packs

    assert maker.make("a0000", 1) == "failed"
    assert talks.talk("a0000").card.exit_code == Exit.BUG
    assert "Traceback" in said[0] and "station_talks.py" in said[0]


def test_workers_are_known_by_their_beats(talks: Talks) -> None:
    """A worker stands in the list with what it has in hand, until it is gone."""
    talks.beat(Worker(worker="w", host="h", version="v1", silent_s=0, talks=1, scenes=2))

    (seen,) = talks.workers()
    assert (seen.worker, seen.talks, seen.scenes) == ("w", 1, 2)
    assert seen.silent_s < 5
    talks.gone("w")
    assert talks.workers() == ()


def test_captions_of_other_hands_are_seen_before_anything_is_sent(talks: Talks, tmp_path: Path) -> None:
    """Where their language is known, a worker's hour is not spent on a film that could not be laid down."""
    settings = Settings(captions=("sidecar",), language="en")
    film = FilmWanted(tmp_path / "a.wav", tmp_path / "a.mp4", settings)
    card = card_of(film, "it")
    check_place(film, card, talks)
    (tmp_path / "a.en.srt").write_text("by hand")

    with pytest.raises(OutputExists, match=r"a.en.srt is there already"):
        check_place(film, card, talks)
    check_place(replace(film, overwrite=True), card, talks)
