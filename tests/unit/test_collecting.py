"""Finished films of a queue, fetched to where they were wanted."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.test_talks import talk
from voxweave.errors import OutputExists
from voxweave.fleet.collecting import Collector, is_delivered
from voxweave.fleet.parcels import Parcel, Part
from voxweave.jobs.artifacts import Artifacts
from voxweave.jobs.cards import Card, CardError
from voxweave.jobs.talks import Talk


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


def test_the_words_of_another_release_are_no_bug(tmp_path: Path, artifacts: Artifacts) -> None:
    """A film whose answer is not understood fails with a line; those beside it are followed on."""
    card, sent = two_presets(tmp_path, artifacts, "a_b.x.mp4")

    told = Collector(artifacts).collected(card, replace(sent, answer='{"films": []}'))

    assert (told.state, told.exit_code) == ("failed", 8)
    assert told.error is not None and "another release" in told.error.message
