"""Results and kept files that several machines share: found by all, checked by each, never in a film's way."""

import json
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import obstore
import pytest
from obstore.store import LocalStore

from tests.fakes.bucket import KEYS, FakeBucket, Line
from voxweave.core.value import MediaFile, Value
from voxweave.errors import MediaError, StorageError
from voxweave.jobs.artifacts import Artifacts, opened, sealed
from voxweave.jobs.job import Job
from voxweave.jobs.owed import Owed, Parcel
from voxweave.jobs.shared import SharedStore
from voxweave.jobs.sharing import Sharing, settled
from voxweave.jobs.store import Damaged
from voxweave.media.files import fingerprint
from voxweave.media.fonts import fonts_folder

KEY, OTHER = "ab" * 16, "cd" * 16


class Heard(Value):
    """A result that names a file it was made from, one it made, and fonts by no more than their paths."""

    given: MediaFile
    made: MediaFile
    fonts: tuple[Path, ...] = ()
    text: str = ""


class Written(Value):
    """What a model wrote."""

    says: str


@dataclass
class Tools:
    """A machine's folder, and how often its stage worked."""

    folder: Path
    worked: int = 0


def hear(tools: Tools, given: MediaFile, fonts: str) -> Heard:
    """A stage."""
    tools.worked += 1
    file, font = tools.folder / "sound.m4a", tools.folder / "Own.ttf"
    file.write_bytes(given.path.read_bytes() + b" heard")
    font.write_text(fonts)
    ours = min(fonts_folder().glob("*.ttf"))
    return Heard(given=given, made=fingerprint(file), fonts=(ours, font), text="caf\udce9")


class Machine:
    """A machine of its own: its folders, its copy of the narration, and what its user is told."""

    def __init__(self, home: Path, address: str, *, patience_s: float = 60.0) -> None:
        self.folder = home
        home.mkdir(exist_ok=True)
        self.said: list[str] = []
        self.tools = Tools(home)
        artifacts = Artifacts.open(address, patience_s=patience_s)
        self.sharing = Sharing(artifacts, Owed(artifacts, self.said.append))
        self.job = Job(home / "job", "program 1", self.sharing)
        self.store = self.sharing.store(home / "kept")
        self.narration = home / f"{home.name}.mp3"
        self.narration.write_text("the narration")

    def hears(self) -> Heard:
        """The stage's result, made or found."""
        return self.job.step(hear, self.tools, fingerprint(self.narration), "a font")

    def file(self, text: str = "a scene") -> Path:
        """Something to keep."""
        file = self.folder / "scene.mp4"
        file.write_text(text)
        return file


@pytest.fixture
def common(tmp_path: Path) -> Path:
    """A folder that all can reach."""
    return tmp_path / "common"


@pytest.fixture
def one(tmp_path: Path, common: Path) -> Machine:
    """The first machine."""
    return Machine(tmp_path / "one", str(common))


@pytest.fixture
def two(tmp_path: Path, common: Path) -> Machine:
    """Another; the name of its folder is not UTF-8."""
    return Machine(Path(os.fsdecode(os.fsencode(tmp_path) + b"/tw\xf6")), str(common))


@pytest.fixture(scope="module")
def bucket() -> Iterator[FakeBucket]:
    """An S3 store."""
    with FakeBucket() as bucket:
        yield bucket


@pytest.fixture
def line(bucket: FakeBucket, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """A line to it that can be cut."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with Line(bucket.port) as line:
        yield line


def blob_of(common: Path, media: MediaFile) -> Path:
    """Where a file's bytes lie in the shared folder."""
    return common / "blobs" / media.sha256[:2] / media.sha256


def test_a_result_is_found_on_another_machine(one: Machine, two: Machine, common: Path) -> None:
    """It works nowhere twice; its files are here, and no path of the other machine came along."""
    first, second = one.hears(), two.hears()
    assert (1, 0) == (one.tools.worked, two.tools.worked)
    assert two.narration.resolve() == second.given.path.resolve()
    assert b"the narration heard" == second.made.path.read_bytes()
    assert two.folder / "job" / "shared" == second.made.path.parent
    assert first.fonts[0] == second.fonts[0]
    assert ("a font", ".ttf") == (second.fonts[1].read_text(), second.fonts[1].suffix)
    assert first.text == second.text
    for note in common.rglob("*.json"):
        assert "/" not in str(json.loads(note.read_text())["says"])
    assert two.hears() == second
    assert 0 == two.tools.worked


def test_what_everybody_has_is_not_sent(one: Machine, common: Path) -> None:
    """The narration, which names the result, and our own fonts stay at home."""
    made = one.hears()
    assert {made.made.sha256, fingerprint(made.fonts[1]).sha256} == {
        file.name for file in common.glob("blobs/*/*")
    }


@pytest.mark.parametrize("harm", ["gone", "wrong", "note cut", "note changed"])
def test_a_harmed_result_is_made_again(one: Machine, two: Machine, common: Path, harm: str) -> None:
    """A note whose file is gone or wrong, or that does not say what was written: made here, and shared anew."""
    made = one.hears()
    (note,) = common.glob("steps/hear/*.json")
    blob = blob_of(common, made.made)
    text = note.read_text()
    match harm:
        case "gone":
            blob.unlink()
        case "wrong":
            blob.write_bytes(b"the narration HEARD")
        case "note cut":
            note.write_text(text[: len(text) // 2])
        case "note changed":
            note.write_text(text.replace("caf", "tea"))

    assert made.made.sha256 == two.hears().made.sha256
    assert 1 == two.tools.worked
    assert json.loads(text) == json.loads(note.read_text())
    assert b"the narration heard" == blob.read_bytes()
    assert [] == two.said


def test_a_text_is_paid_for_once(one: Machine, two: Machine, common: Path) -> None:
    """What a model wrote is found by other machines; one that was harmed is not used."""
    whale = Written(says="a whale")
    assert one.job.written("prompts-1.json", Written) is None
    one.job.keep_written("prompts-1.json", whale)
    assert whale == two.job.written("prompts-1.json", Written)
    (two.job.folder / "prompts-1.json").unlink()
    (note,) = common.glob("texts/*")
    note.write_text(note.read_text().replace("whale", "snail"))
    assert two.job.written("prompts-1.json", Written) is None


def test_what_was_delivered_is_found_by_its_content(one: Machine, two: Machine) -> None:
    """An order that was collected on another machine is not lost with it."""
    media = fingerprint(one.file("a clip"))
    one.sharing.share_file(media)
    found = two.sharing.brought(media, two.folder / "orders")
    assert found is not None
    assert (b"a clip", ".mp4") == (found.path.read_bytes(), found.path.suffix)
    assert two.sharing.brought(MediaFile(path=Path("x"), sha256="0" * 64), two.folder / "orders") is None


def test_a_kept_file_is_found_on_another_machine(one: Machine, two: Machine, common: Path) -> None:
    """With its facts and its age; from then on it is here, and needs no store."""
    put = one.store.put("clip", KEY, one.file(), {"film": "talk.mp3"})
    assert put is not None
    assert two.store.has("clip", KEY)
    got = two.store.get("clip", KEY)
    assert got is not None
    assert (put.file.sha256, put.facts, put.made_at, ".mp4") == (
        got.file.sha256, got.facts, got.made_at, got.file.path.suffix
    )  # fmt: skip
    for file in common.rglob("*.*"):
        file.unlink()
    assert got.file == getattr(two.store.get("clip", KEY), "file", None)
    assert two.store.get("clip", OTHER) is None
    assert [] == list((two.folder / "kept" / ".parts").iterdir())


def test_tidying_takes_nothing_that_is_being_fetched(one: Machine, two: Machine) -> None:
    """Another thread or run looks after the store's limit at any moment of a fetch."""
    keys = [f"{number:032x}" for number in range(40)]
    for key in keys:
        assert one.store.put("clip", key, one.file(f"clip {key}"), {})
    done = threading.Event()

    def tidy() -> None:
        while not done.is_set():
            two.store.keep_within(1 << 30)

    with ThreadPoolExecutor(1) as crew:
        tidying = crew.submit(tidy)
        try:
            assert [] == [key for key in keys if two.store.get("clip", key) is None]
        finally:
            done.set()
        tidying.result()


def test_half_a_file_waits_for_the_next_attempt(bucket: FakeBucket, line: Line, tmp_path: Path) -> None:
    """A fetch that was cut goes on where it was, though the store was tidied meanwhile; for an hour."""
    one = Machine(tmp_path / "one", bucket.address(tmp_path.name))
    big = one.file("a clip")
    big.write_bytes(os.urandom(12 << 20))
    assert one.store.put("clip", KEY, big, {})
    two = Machine(tmp_path / "two", bucket.address(tmp_path.name, port=line.port), patience_s=0.5)
    line.cut_after("down", 2 << 20, for_good=True)
    assert two.store.get("clip", KEY) is None
    (half,) = two.folder.glob("kept/.parts/fetched-*/.*.part")
    half.write_bytes(big.read_bytes()[: 11 << 20])
    two.store.keep_within(1 << 30)
    hour_ago = time.time() - 3700
    aside = half.parent.with_name("fetched-long-ago")
    aside.mkdir()
    os.utime(aside, (hour_ago, hour_ago))
    two.store.keep_within(1 << 30)
    assert not aside.exists()

    line.up, line.carried["down"] = True, 0
    two = Machine(tmp_path / "two", bucket.address(tmp_path.name, port=line.port))
    kept = two.store.get("clip", KEY)
    assert kept is not None
    assert line.carried["down"] < 2 << 20
    assert [] == list((two.folder / "kept" / ".parts").iterdir())


def test_a_harmed_kept_file_is_damaged_once(one: Machine, two: Machine, common: Path) -> None:
    """It is thrown away with its note, and whoever makes it again shares it again."""
    put = one.store.put("scene", KEY, one.file(), {})
    assert put is not None
    blob_of(common, put.file).write_bytes(b"a_scene")
    with pytest.raises(Damaged, match="a scene in the shared store was damaged"):
        two.store.get("scene", KEY)
    assert two.store.get("scene", KEY) is None
    two.store.put("scene", KEY, two.file(), {})
    one.store.drop("scene", KEY)
    assert one.store.get("scene", KEY) is not None


def test_a_note_without_its_file_is_no_entry(one: Machine, two: Machine, common: Path) -> None:
    """Somebody cleaned in between: nothing is there, and the note goes, too."""
    put = one.store.put("scene", KEY, one.file(), {})
    assert put is not None
    blob_of(common, put.file).unlink()
    assert two.store.get("scene", KEY) is None
    assert [] == list(common.glob("kept/scene/*"))


def test_limits_and_cleaning_are_for_this_machine(one: Machine, two: Machine) -> None:
    """What is thrown away here stays shared; what is harmed here comes from there."""
    put = one.store.put("scene", KEY, one.file(), {})
    assert put is not None
    assert 1 == len(one.store.keep_within(0))
    assert one.store.get("scene", KEY) is not None
    assert 1 == len(one.store.clean())
    assert two.store.get("scene", KEY) is not None

    kept = one.store.get("scene", KEY)
    assert kept is not None
    kept.file.path.write_bytes(b"harmed")
    assert one.store.get("scene", KEY) is not None


def test_an_outage_costs_no_work(bucket: FakeBucket, line: Line, tmp_path: Path) -> None:
    """It is told once; what is made is kept here, and shared as soon as the store answers."""
    address = bucket.address(tmp_path.name, port=line.port)
    one = Machine(tmp_path / "one", address, patience_s=0.5)
    line.up = False
    one.hears()
    one.store.put("scene", KEY, one.file(), {})
    assert 1 == one.tools.worked
    assert one.store.get("scene", KEY) is not None
    assert ["work goes on here"] == [words for words in ("work goes on here",) if words in one.said[0]]
    assert 1 == len(one.said)

    line.up = True
    one.sharing.settle()
    assert "2 results shared late" in one.said[-1]
    two = Machine(tmp_path / "two", bucket.address(tmp_path.name))
    two.hears()
    assert (0, True) == (two.tools.worked, two.store.has("scene", KEY))


def test_what_could_not_be_shared_is_shared_by_the_next_run(
    bucket: FakeBucket, line: Line, tmp_path: Path
) -> None:
    """The film is done and the store still away: it is said, and nothing is forgotten."""
    address = bucket.address(tmp_path.name, port=line.port)
    one = Machine(tmp_path / "one", address, patience_s=0.5)
    line.up = False
    one.hears()
    one.store.put("scene", KEY, one.file(), {})
    one.sharing.settle()
    assert "2 results; the next run of this film shares them" in one.said[-1]

    line.up = True
    again = Machine(tmp_path / "one", address)
    again.sharing.settle()
    assert "2 results shared late" in again.said[-1]
    two = Machine(tmp_path / "two", address)
    two.hears()
    assert two.store.get("scene", KEY) is not None
    assert 0 == two.tools.worked
    assert [] == list((one.folder / "job" / "unshared").iterdir())
    last = Machine(tmp_path / "one", address)
    last.hears()
    last.sharing.settle()
    assert [] == last.said


def test_a_run_that_fails_leaves_its_debts_to_the_next(
    bucket: FakeBucket, line: Line, tmp_path: Path
) -> None:
    """The film failed while the store was away: what was made is still shared, also where it is noted twice."""
    address = bucket.address(tmp_path.name, port=line.port)
    one = Machine(tmp_path / "one", address, patience_s=0.5)
    line.up = False
    with pytest.raises(MediaError), settled(one.sharing):
        one.hears()
        raise MediaError("FFmpeg broke")
    notes = {file: file.stat().st_ino for file in (one.folder / "job" / "unshared").iterdir()}
    assert 1 == len(notes)
    one.sharing.owed.leave()
    assert notes == {file: file.stat().st_ino for file in (one.folder / "job" / "unshared").iterdir()}
    line.up = True
    with settled(Machine(tmp_path / "one", address).sharing):
        pass
    two = Machine(tmp_path / "two", address)
    two.hears()
    assert (0, []) == (two.tools.worked, list((one.folder / "job" / "unshared").iterdir()))


def test_debts_that_cannot_be_noted_are_told_of(bucket: FakeBucket, line: Line, tmp_path: Path) -> None:
    """A disk in the way of the notes hides no other error, and costs no film."""
    one = Machine(tmp_path / "one", bucket.address(tmp_path.name, port=line.port), patience_s=0.3)
    line.up = False
    one.hears()
    (one.folder / "job" / "unshared").write_text("in the way")
    one.sharing.owed.leave()
    assert "cannot be noted for the next run" in one.said[-1]


def test_where_it_is_needed_an_outage_is_an_error(bucket: FakeBucket, line: Line, tmp_path: Path) -> None:
    """A store without anybody to owe to says so, for each of its calls."""
    artifacts = Artifacts.open(bucket.address(tmp_path.name, port=line.port), patience_s=0.3)
    store, file = SharedStore(tmp_path / "kept", artifacts), tmp_path / "scene.mp4"
    file.write_text("a scene")
    line.up = False
    for ask in (
        lambda: store.put("scene", KEY, file, {}),
        lambda: store.get("scene", OTHER),
        lambda: store.has("scene", OTHER),
    ):
        with pytest.raises(StorageError, match="does not answer"):
            ask()


def test_a_put_that_ends_half_way_leaves_no_note(bucket: FakeBucket, line: Line, tmp_path: Path) -> None:
    """The file goes first: killed or cut at any moment, no note speaks of what is not there."""
    artifacts = Artifacts.open(bucket.address(tmp_path.name, port=line.port), patience_s=0.3)
    store, file = SharedStore(tmp_path / "kept", artifacts), tmp_path / "scene.mp4"
    file.write_bytes(os.urandom(1 << 20))
    for most in (100, 1000, 600_000):
        line.cut_after("up", most)
        line.up = True
        try:
            store.put("scene", KEY, file, {})
        except StorageError:
            pass
        notes = list(obstore.list(bucket.raw(tmp_path.name), prefix="kept").collect())
        blobs = list(obstore.list(bucket.raw(tmp_path.name), prefix="blobs").collect())
        assert len(notes) <= len(blobs)


def test_a_store_of_another_kind_is_no_danger(common: Path, two: Machine) -> None:
    """A note from elsewhere that names a path, or is none of ours, is thrown away."""
    raw = LocalStore(common)
    for text in (b"[]", b"{}", b"\xff\xfe", json.dumps({"name": "../../x", "sha256": "../x"}).encode()):
        obstore.put(raw, f"kept/scene/{KEY}.json", text)
        assert two.store.get("scene", KEY) is None
        assert [] == list(common.glob("kept/scene/*"))


@pytest.mark.parametrize("harm", ["the hash", "the size", "a fact"])
def test_a_harmed_note_of_a_kept_file_costs_no_film(
    one: Machine, two: Machine, common: Path, harm: str
) -> None:
    """Whatever a bad byte hits, the next look finds nothing or is told so, and a new copy is shared again."""
    put = one.store.put("clip", KEY, one.file(), {"film": "talk.mp3"})
    assert put is not None
    (note,) = common.glob("kept/clip/*")
    was, now = {
        "the hash": (put.file.sha256, f"Z{put.file.sha256[1:]}"),
        "the size": (f'"size": {put.size}', '"size": 3'),
        "a fact": ("talk.mp3", "tale.mp3"),
    }[harm]
    note.write_text(note.read_text().replace(was, now))

    assert two.store.get("clip", KEY) is None
    assert two.store.put("clip", KEY, two.file(), {}) is not None
    assert two.store.get("clip", KEY) is not None
    one.store.drop("clip", KEY)
    assert one.store.get("clip", KEY) is not None


def test_a_sealed_note_that_speaks_of_another_file_is_damaged(
    one: Machine, two: Machine, common: Path
) -> None:
    """A size that is not the file's would let the copy here fail for good."""
    put = one.store.put("clip", KEY, one.file(), {})
    assert put is not None
    (note,) = common.glob("kept/clip/*")
    note.write_text(sealed({**opened(note.read_text()), "size": 3}))
    with pytest.raises(Damaged, match="in the shared store was damaged"):
        two.store.get("clip", KEY)
    assert two.store.get("clip", KEY) is None


class Counted(Parcel):
    """Knows how often any was compared with another."""

    compared: ClassVar[int] = 0

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return super().__eq__(other)

    __hash__ = Parcel.__hash__


def test_debts_are_not_compared_with_each_other(one: Machine, common: Path) -> None:
    """A long film may owe ten thousand results when the store is back, and each would be held against each."""
    one.sharing.owed.away(StorageError("away"))
    for number in range(4):
        one.sharing.owed.publish(Counted(note=f"kept/clip/{number}.json", text="sent"))
    one.sharing.owed.settle()
    assert (len(list(common.glob("kept/clip/*"))), Counted.compared) == (4, 0)


def test_one_parcel_that_cannot_be_sent_holds_back_no_other(one: Machine, common: Path) -> None:
    """What the store refuses stays owed, what cannot be read here is dropped, and all else is shared."""
    owed, gone = one.sharing.owed, MediaFile(path=one.folder / "gone", sha256="0" * 64)
    common.joinpath("steps").write_text("a file where a folder should be")
    owed.publish(Parcel(note="steps/hear/a.json", text="refused"))
    owed.publish(Parcel(note="kept/clip/a.json", text="dropped", files=(gone,)))
    owed.publish(Parcel(note="kept/clip/b.json", text="sent"))
    owed.settle()
    assert ["b.json"] == [file.name for file in common.glob("kept/clip/*")]
    assert "1 result; the next run of this film shares them" in one.said[-1]
