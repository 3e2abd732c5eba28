"""Finished films of a queue, fetched to where they were wanted."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from tests.fakes.postgres import Postgres
from tests.unit.test_talks import talk
from voxweave.cli.fleet import Fleet, Talks, submit
from voxweave.cli.fleet_films import FilmWanted
from voxweave.cli.following import Follower, Hearing
from voxweave.errors import OutputExists
from voxweave.fleet.collecting import Collector, is_delivered
from voxweave.fleet.parcels import Parcel, Part
from voxweave.jobs.artifacts import Artifacts
from voxweave.jobs.cards import Card, CardError
from voxweave.jobs.talks import Talk
from voxweave.media.stopping import StopSignal
from voxweave.settings import Settings


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    """A store with what a worker sent."""
    pytest.importorskip("obstore", reason="NO OBSTORE: pip install 'voxweave-film[cluster]'")
    return Artifacts.open(str(tmp_path / "store"))


def two_presets(tmp_path: Path, artifacts: Artifacts, *names: str) -> tuple[Card, Talk]:
    """A film of two presets, with these files made; each holds its own name."""
    parts = tuple(Part(preset=one, film=f"a_b.{one}.mp4", settings={}) for one in ("x", "x2"))
    parcel = Parcel(narration="in/a_b.wav", film="a_b.x.mp4", files={}, given={}, settings={}, parts=parts)
    for name in names:
        (tmp_path / name).write_text(name)
        artifacts.put_file(tmp_path / name)
    files = {name: hashlib.sha256(name.encode()).hexdigest() for name in names}
    answer = json.dumps({"files": files, "places": {"out": "/there", "narration": "/there/in/a_b.wav"}})
    films = tuple(tmp_path / "films" / f"a?b.{one}.mp4" for one in ("x", "x2"))
    card = talk().card.model_copy(update={"films": films, "state": "done", "exit_code": 0})
    (tmp_path / "films").mkdir()
    return card, replace(talk(), parcel=parcel.to_json(), answer=answer)


def test_each_preset_has_its_own_files(tmp_path: Path, artifacts: Artifacts) -> None:
    """The film of one preset and all that belongs to it lie under its own name, though another begins alike."""
    made = ["a_b.x.mp4", "a_b.x.en.srt", "a_b.x2.mp4", "a_b.x2.report.json"]
    card, sent = two_presets(tmp_path, artifacts, *made)

    assert Collector(artifacts).collected(card, sent).state == "done"
    there = {file.name: file.read_text() for file in (tmp_path / "films").iterdir()}
    assert there == {name.replace("_", "?"): name for name in made}
    assert all(is_delivered(film, film, card, sent) for film in card.films)


def test_what_came_out_is_fetched_though_another_failed(tmp_path: Path, artifacts: Artifacts) -> None:
    """The first preset's film is there, and the card says why the second's is not."""
    card, sent = two_presets(tmp_path, artifacts, "a_b.x.mp4", "a_b.x2.thumbnail.png")
    why = CardError(code="media", message="no")
    failed = card.model_copy(update={"state": "failed", "exit_code": 7, "error": why})

    told = Collector(artifacts).collected(failed, sent)

    assert (told.state, told.error) == ("failed", why)
    assert [file.name for file in (tmp_path / "films").iterdir()] == ["a?b.x.mp4"]


def test_work_of_other_hands_is_not_replaced(tmp_path: Path, artifacts: Artifacts) -> None:
    """Captions that lie where ours would come stay as they are, and nothing is fetched, but for who says --overwrite."""
    card, sent = two_presets(tmp_path, artifacts, "a_b.x.mp4", "a_b.x.en.srt", "a_b.x.report.json")
    (own := tmp_path / "films" / "a?b.x.en.srt").write_text("by hand")
    (tmp_path / "films" / "a?b.x.report.json").write_text("of an earlier run")

    told = Collector(artifacts).collected(card, sent)

    assert (told.state, told.exit_code) == ("failed", OutputExists.exit_code)
    assert told.error is not None and "a?b.x.en.srt is there already" in told.error.message
    assert own.read_text() == "by hand"
    assert not card.films[0].exists()
    leave = card.model_copy(update={"arguments": ("make", "a?b.wav", "--overwrite")})
    assert Collector(artifacts).collected(leave, sent).state == "done"
    assert own.read_text() == "a_b.x.en.srt"


@dataclass
class Queue:
    """What is followed of a queue: its films, as they stand."""

    found: dict[str, Talk]

    @property
    def table(self) -> "Queue":
        """The films."""
        return self

    def talks(self, ids: Collection[str], *, brief: bool = False) -> tuple[Talk, ...]:
        """Those of these ids."""
        return tuple(self.found[name] for name in sorted(ids))

    def live(self) -> list[str]:
        """Somebody is there."""
        return ["v1"]


def test_a_film_that_is_made_outlasts_the_stores_being_away(tmp_path: Path, artifacts: Artifacts) -> None:
    """Whoever follows it fetches it later, and is told once why not now; it has not failed."""
    card, sent = two_presets(tmp_path, artifacts, "a_b.x.mp4", "a_b.x2.mp4")
    (blobs := tmp_path / "store" / "blobs").rename(tmp_path / "away")
    blobs.symlink_to(
        blobs
    )  # what a network folder is while its server is gone: no answer that says it is not there
    queue = Queue({card.id: replace(sent, card=card)})
    store = Artifacts.open(str(tmp_path / "store"), patience_s=0.1)
    told: list[Card] = []
    notes: list[str] = []

    def back() -> None:
        if notes and blobs.is_symlink():
            blobs.unlink()
            (tmp_path / "away").rename(blobs)
            store.try_again()

    hear = Hearing(told.append, note=notes.append, beat=back)
    waiting = card.model_copy(update={"state": "running", "exit_code": None})
    ended = Follower(cast(Talks, queue), store, hear, StopSignal()).followed([waiting])

    assert [one.state for one in told] == [one.state for one in ended] == ["done"]
    assert len(notes) == 1 and "does not answer" in notes[0]
    assert all(film.exists() for film in card.films)


def test_one_film_that_cannot_be_sent_ends_no_other(tmp_path: Path, postgres: Postgres) -> None:
    """Whatever is wrong with the store, each film has a card that says so."""
    pytest.importorskip("obstore", reason="NO OBSTORE: pip install 'voxweave-film[cluster]'")
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "blobs").touch()  # where a folder should be
    films = []
    for name in ("a", "b"):
        (tmp_path / f"{name}.wav").write_bytes(name.encode())
        films.append(FilmWanted(tmp_path / f"{name}.wav", tmp_path / f"{name}.mp4", Settings()))

    cards = submit(films, Fleet(postgres.url, str(tmp_path / "store")))

    assert [(one.state, one.exit_code) for one in cards] == [("failed", 8), ("failed", 8)]


def test_the_words_of_another_release_are_no_bug(tmp_path: Path, artifacts: Artifacts) -> None:
    """A film whose answer is not understood fails with a line; those beside it are followed on."""
    card, sent = two_presets(tmp_path, artifacts, "a_b.x.mp4")

    told = Collector(artifacts).collected(card, replace(sent, answer='{"films": []}'))

    assert (told.state, told.exit_code) == ("failed", 8)
    assert told.error is not None and "another release" in told.error.message
