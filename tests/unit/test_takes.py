"""A film in a worker's hands: each take of it stands by itself, and time that was lost costs it nothing else."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit.test_talks import talk
from voxweave.fleet.parcels import Parcel
from voxweave.fleet.station import Post
from voxweave.fleet.station_talks import TalkMaker
from voxweave.jobs.artifacts import Artifacts
from voxweave.jobs.books import Book
from voxweave.jobs.talks import SHAPE, Talk, Talks
from voxweave.media.stopping import StopSignal

PROGRAM = """
import json, os, signal, sys, time
from pathlib import Path

def failed(code, status, retryable):
    error = {"code": code, "message": "it is away", "retryable": retryable}
    print(json.dumps({"kind": "failed", "film": "a", "error": error}), flush=True)
    sys.exit(status)

place, out = Path(os.environ["STUB"]), Path(sys.argv[sys.argv.index("-o") + 1])
with (place / "begun").open("a") as told:
    told.write(f"{out}\\n")
words = (place / "plan").read_text().split()
word = words[min(len((place / "begun").read_text().splitlines()), len(words)) - 1]
if word == "waits":
    time.sleep(60)
if word == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
if word in ("away", "full"):
    failed("storage", 8, word == "away")
if word == "slow":
    failed("media", 7, True)
out.write_text("a film")
"""
"""What stands in for `voxweave make`: at each run it does the next word of a plan, and the last for ever."""


@dataclass
class Hands:
    """A worker without an engine, whose films are made by a program that follows a plan."""

    place: Path
    talks: Talks
    maker: TalkMaker
    said: list[str]

    def plan(self, words: str) -> None:
        """What the runs will do."""
        (self.place / "plan").write_text(words)

    @property
    def begun(self) -> list[str]:
        """Where each run so far was to write its film."""
        file = self.place / "begun"
        return file.read_text().splitlines() if file.exists() else []

    def taken(self, answers: list[str]) -> threading.Thread:
        """A take in a thread of its own; its answer is added."""
        thread = threading.Thread(target=lambda: answers.append(self.maker.make("a0000", 1)), daemon=True)
        thread.start()
        return thread


@pytest.fixture
def hands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hands]:
    """A film that waits, and a worker that can take it."""
    pytest.importorskip("obstore", reason="NO OBSTORE: pip install 'voxweave-film[cluster]'")
    (package := tmp_path / "stub" / "voxweave").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    monkeypatch.setenv("STUB", str(tmp_path))
    artifacts = Artifacts.open(str(tmp_path / "store"))
    (tmp_path / "a.wav").write_text("a voice")
    sha256 = artifacts.put_file(tmp_path / "a.wav")
    parcel = Parcel(narration="in/a.wav", film="a.mp4", files={"in/a.wav": sha256}, given={}, settings={})
    with Talks(Book(tmp_path / "talks", SHAPE.schema, version=1)) as talks:
        talks.put(Talk(talk().card, 1, "v1", parcel.to_json()))
        post = Post(queue="", artifacts="", work=tmp_path, ledger="")
        said: list[str] = []
        stop = StopSignal()
        maker = TalkMaker(post, talks, artifacts, tmp_path / "t", "w", stop, said.append, rest_s=0.05)
        yield Hands(tmp_path, talks, maker, said)
        stop.set()


def soon(hands: Hands, runs: int) -> None:
    """Wait until so many runs have begun."""
    ends = time.monotonic() + 20
    while len(hands.begun) < runs:
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_a_worker_that_is_given_a_film_it_still_holds_makes_it(hands: Hands) -> None:
    """Once it was thought dead: the older take ends as lost, has a folder of its own, and undoes nothing.

    Nor does whoever thought so: what it saw the worker hold is not what the worker holds now.
    """
    hands.plan("waits waits made")
    old: list[str] = []
    new: list[str] = []
    first = hands.taken(old)
    soon(hands, 1)
    seen = hands.talks.takes()
    second = hands.taken(new)
    soon(hands, 2)
    for take in seen:
        assert hands.talks.put_back(take) == 0
    first.join(20)

    assert old == ["left"]
    assert hands.talks.talk("a0000").worker == "w"
    third: list[str] = []
    hands.taken(third).join(20)
    second.join(20)
    assert (new, third) == (["left"], ["done"])
    assert len(set(hands.begun)) == 3
    assert hands.talks.talk("a0000").card.state == "done"
    assert list((hands.place / "t").iterdir()) == []


@pytest.mark.parametrize(
    ("plan", "state", "runs"),
    [
        ("away away away away made", "done", 5),
        ("killed slow made", "done", 3),
        ("killed", "failed", 3),
        ("full", "failed", 1),
    ],
)
def test_only_what_is_lasting_ends_a_film(hands: Hands, plan: str, state: str, runs: int) -> None:
    """An outage is waited out however long; what kills a run may be the film itself, so it has three tries."""
    hands.plan(plan)

    assert hands.maker.make("a0000", 1) == state
    assert len(hands.begun) == runs
    assert len(set(hands.begun)) == 1  # each goes on where the last was cut short
    error = hands.talks.talk("a0000").card.error
    assert state == "done" or (error is not None and error.retryable is (plan == "killed"))


def test_a_film_that_waits_for_the_store_can_be_cancelled(hands: Hands) -> None:
    """Whoever holds it through an outage hears that it is not wanted any more."""
    hands.plan("away")
    answers: list[str] = []
    take = hands.taken(answers)
    soon(hands, 2)
    hands.talks.cancel("a0000")
    take.join(20)

    assert answers == ["left"]
    assert hands.talks.talk("a0000").owner == ""


def test_a_worker_waits_for_the_store_as_long_as_it_takes(hands: Hands) -> None:
    """What it was sent for is fetched, and what it made is sent, once the store is back; nothing is made twice."""
    hands.plan("made")
    hands.maker.artifacts = Artifacts.open(str(hands.place / "store"), patience_s=0.05)
    (blobs := hands.place / "store" / "blobs").rename(hands.place / "away")
    blobs.symlink_to(blobs)  # as a network folder whose server is gone
    answers: list[str] = []
    take = hands.taken(answers)
    ends = time.monotonic() + 20
    while len(hands.said) < 2:
        assert time.monotonic() < ends
        time.sleep(0.02)
    blobs.unlink()
    (hands.place / "away").rename(blobs)
    take.join(30)

    assert answers == ["done"]
    assert len(hands.begun) == 1
