"""A film on a second machine, where several share a store: nothing is made, ordered or paid twice."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import Told, voxweave
from tests.e2e.room import CUT, FEW, FEW_WORDS, KEY, QUICK
from tests.e2e.test_providers import sources
from tests.fakes.bucket import KEYS, FakeBucket, Line
from tests.fakes.provider import FakeProvider
from voxweave.jobs.artifacts import opened

TINY = ("--resolution", "256x144", "--no-thumbnail", "--json", *CUT, *QUICK)


@pytest.fixture(scope="module")
def bucket() -> Iterator[FakeBucket]:
    """An S3 store."""
    with FakeBucket() as bucket:
        yield bucket


class Machine:
    """A home of its own: another work folder, another cache, another place and name of the narration."""

    def __init__(self, home: Path, narration: Path, address: str) -> None:
        self.home, self.address = home, address
        home.mkdir()
        self.source = home / f"{home.name}.mp3"
        shutil.copy(narration, self.source)
        self.source.with_suffix(".txt").write_text(FEW_WORDS)

    @property
    def film(self) -> bytes:
        """What came out."""
        return self.source.with_suffix(".mp4").read_bytes()

    def make(self, *flags: str) -> tuple[dict[str, Any], Told]:
        """Make the film; its report and what was said."""
        told = voxweave(
            *("make", self.source, *TINY, *flags),
            cwd=self.home,
            **{**KEYS, "VOXWEAVE_ARTIFACTS": self.address, "ZAI_API_KEY": KEY},
        )
        assert told.status == 0, told.err
        return told.report, told

    @property
    def logs(self) -> str:
        """All that its job folder says."""
        files = self.home.glob(".voxweave/*/log/*")
        return "".join(file.read_text() for file in files)


def encoded(report: dict[str, Any]) -> int:
    """How many scenes this run has encoded."""
    return sum(not scene["reused"] for scene in report["scenes"])


def odd(folder: Path) -> Path:
    """A name that is not UTF-8."""
    return Path(os.fsdecode(os.fsencode(folder) + b"/two\xe9"))


def test_a_second_machine_only_joins(bucket: FakeBucket, short: Path, tmp_path: Path) -> None:
    """Same bytes, no scene encoded, no sound levelled, nothing recognised; no path of the first in the store."""
    one = Machine(tmp_path / "one", short, bucket.address("twice"))
    two = Machine(odd(tmp_path), short, bucket.address("twice"))
    first, _ = one.make()
    second, told = two.make()
    assert (FEW, 0) == (encoded(first), encoded(second))
    assert one.film == two.film
    spent = second["times_s"]
    assert spent["join"] + spent["verify"] > 0
    assert max(spent["transcribe"], spent["sound"], spent["render"]) < 1.0
    assert "does not answer" not in told.err
    assert not any(b"/one" in text for text in _notes(bucket, "twice"))


def _notes(bucket: FakeBucket, prefix: str) -> list[bytes]:
    import obstore

    raw = bucket.raw(prefix)
    names = [meta["path"] for meta in obstore.list(raw).collect() if meta["path"].endswith(".json")]
    assert {"kept", "steps"} == {name.partition("/")[0] for name in names}
    return [bytes(obstore.get(raw, name).bytes()) for name in names]


def test_a_film_waits_for_the_store_and_is_the_same(bucket: FakeBucket, short: Path, tmp_path: Path) -> None:
    """Away for some seconds, and cut in the middle of a file: made as if nothing had been, and all is shared."""
    with Line(bucket.port) as line:
        one = Machine(tmp_path / "one", short, bucket.address("cut", port=line.port))
        line.cut_after("up", 20_000)
        timers = [threading.Timer(after, setattr, (line, "up", up)) for after, up in ((3, False), (6, True))]
        for timer in timers:
            timer.start()
        one.make()
        for timer in timers:
            timer.join()
        assert not line.uncut
    two = Machine(tmp_path / "two", short, bucket.address("cut"))
    report, _ = two.make()
    assert (0, one.film) == (encoded(report), two.film)

    _harm_a_note(bucket, "cut")
    three = Machine(tmp_path / "three", short, bucket.address("cut"))
    three.make()
    assert one.film == three.film


def _harm_a_note(bucket: FakeBucket, prefix: str) -> None:
    """One bad byte in the hash of every kept scene: they are made again, and the film is none the worse."""
    import obstore

    raw = bucket.raw(prefix)
    for meta in obstore.list(raw, prefix="kept/scene").collect():
        note = bytes(obstore.get(raw, meta["path"]).bytes()).decode()
        sha256 = opened(note)["sha256"]
        obstore.put(raw, meta["path"], note.replace(sha256, f"Z{sha256[1:]}").encode())
    for meta in obstore.list(raw, prefix="steps").collect():
        obstore.delete(raw, meta["path"])


def test_clips_are_paid_for_on_one_machine(server: FakeProvider, short: Path, tmp_path: Path) -> None:
    """The second needs no consent, orders nothing, pays nothing, and makes the same film."""
    server.reset(flavour="zai", job_seconds=0.1, clip_size="256x144")
    flags = ("--provider", "zai", "--base-url", server.base_url)
    common = str(tmp_path / "common")
    one = Machine(tmp_path / "one", short, common)
    two = Machine(tmp_path / "two", short, common)
    one.make(*flags, "--max-cost", "0.60")
    report, _ = two.make(*flags)
    assert (["zai"] * FEW, 0.0) == (sources(report), report["money"]["spent_usd"])
    assert (FEW, 0) == (server.truth()["orders_created"], encoded(report))
    assert one.film == two.film


def test_a_harmed_store_costs_only_time(short: Path, tmp_path: Path) -> None:
    """Each file in it wrong: all is made again, the film is the same, the log says so, and the store is whole."""
    common = tmp_path / "common"
    one = Machine(tmp_path / "one", short, str(common))
    one.make()
    blobs = sorted(common.glob("blobs/*/*"))
    for file in blobs:
        whole = file.read_bytes()
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    two = Machine(tmp_path / "two", short, str(common))
    report, told = two.make()
    assert (FEW, one.film) == (encoded(report), two.film)
    assert "damaged; it is thrown away" in told.err
    three = Machine(tmp_path / "three", short, str(common))
    report, _ = three.make()
    assert (0, one.film) == (encoded(report), three.film)
