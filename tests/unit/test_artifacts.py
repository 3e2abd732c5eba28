"""The shared store: by content, checked, gone on with where it was cut, waited for while it is away."""

import hashlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar, Self

import obstore
import pytest
from obstore.store import LocalStore

from tests.fakes.bucket import KEYS, FakeBucket, Line
from tests.pace import soon, within
from voxweave.errors import Stopped, StorageError, UsageError
from voxweave.jobs.artifacts import Artifacts, Missing, Wrong
from voxweave.jobs.patience import Away, Patience
from voxweave.media.stopping import StopSignal

PLENTY = 20 << 20
"""More than one part of an upload, and than one piece of a download."""


@pytest.fixture(scope="module")
def bucket() -> Iterator[FakeBucket]:
    """An S3 store."""
    with FakeBucket() as bucket:
        yield bucket


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """What opens the store, as a user sets it."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=["folder", "s3"])
def artifacts(request: pytest.FixtureRequest, tmp_path: Path, bucket: FakeBucket) -> Artifacts:
    """A store of either kind, empty."""
    place = str(tmp_path / "common") if request.param == "folder" else bucket.address(tmp_path.name)
    return Artifacts.open(place)


def a_file(folder: Path, size: int = 1000) -> Path:
    """A file of bytes that nothing else has."""
    file = folder / f"{size}.bin"
    file.write_bytes(os.urandom(size))
    return file


def name_of(sha256: str) -> str:
    """How a file's bytes are called in the store."""
    return f"blobs/{sha256[:2]}/{sha256}"


def test_files_go_by_their_content(artifacts: Artifacts, tmp_path: Path) -> None:
    """The same bytes are one file, whatever they were called; an empty one is one, too."""
    for size in (0, 1000):
        file, got = a_file(tmp_path, size), tmp_path / "got"
        sha256 = artifacts.put_file(file)
        assert hashlib.sha256(file.read_bytes()).hexdigest() == sha256 == artifacts.put_file(file)
        artifacts.get_file(sha256, got)
        assert file.read_bytes() == got.read_bytes()
        assert sha256 in [one.name for one in artifacts.files()]
    assert 2 == len(list(artifacts.files()))
    assert ["0.bin", "1000.bin", "got"] == sorted(one.name for one in tmp_path.iterdir() if one.is_file())


def test_a_file_nobody_put_is_missing(artifacts: Artifacts, tmp_path: Path) -> None:
    """It is said so at once, and nothing is left behind."""
    with pytest.raises(Missing, match="has no file 0000"):
        artifacts.get_file("0" * 64, tmp_path / "got")
    assert not list(artifacts.files())
    assert not (tmp_path / "got").exists()


def test_notes_are_found_by_name(artifacts: Artifacts) -> None:
    """Written whole, replaced, listed by folder, thrown away; a name that leads elsewhere is refused."""
    assert artifacts.note("kept/scene/a.json") is None
    artifacts.put_note("kept/scene/a.json", "first")
    artifacts.put_note("kept/scene/a.json", "zweite ✓")
    artifacts.put_note("kept/clip/b.json", "x")
    assert "zweite ✓" == artifacts.note("kept/scene/a.json")
    assert ["kept/clip/b.json", "kept/scene/a.json"] == sorted(one.name for one in artifacts.notes("kept"))
    artifacts.drop_note("kept/scene/a.json")
    artifacts.drop_note("kept/scene/a.json")
    assert not artifacts.has_note("kept/scene/a.json")
    for name in ("../a/b", "a", "/a/b", "blobs/a/b", "a/../b", "a//b"):
        with pytest.raises(ValueError, match="names no note"):
            artifacts.put_note(name, "x")


@pytest.mark.parametrize("wrong", [b"x" * 1000, b"short", b"longer" * 1000])
def test_a_harmed_copy_is_never_given_out(
    artifacts: Artifacts, bucket: FakeBucket, tmp_path: Path, wrong: bytes
) -> None:
    """It is thrown away, and whoever has the right one may put it again."""
    file = a_file(tmp_path)
    sha256 = artifacts.put_file(file)
    raw = LocalStore(tmp_path / "common") if (tmp_path / "common").exists() else bucket.raw(tmp_path.name)
    obstore.put(raw, name_of(sha256), wrong)

    with pytest.raises(Wrong, match="was damaged"):
        artifacts.get_file(sha256, tmp_path / "got")
    assert ["1000.bin"] == [one.name for one in tmp_path.iterdir() if one.is_file()]
    assert not list(artifacts.files())
    artifacts.put_file(file)
    artifacts.get_file(sha256, tmp_path / "got")


def test_a_get_that_was_cut_goes_on(bucket: FakeBucket, tmp_path: Path) -> None:
    """What had come is not fetched again: neither after a cut nor by the next run."""
    file, into = a_file(tmp_path, PLENTY), tmp_path / "got"
    with Line(bucket.port) as line:
        artifacts = Artifacts.open(bucket.address(tmp_path.name, port=line.port))
        sha256 = artifacts.put_file(file)
        line.carried["down"] = 0
        line.cut_after("down", 4 << 20)
        artifacts.get_file(sha256, into)
        assert not line.uncut
        assert file.read_bytes() == into.read_bytes()
        assert line.carried["down"] < PLENTY + (1 << 20)

        into.unlink()
        part = tmp_path / f".{sha256[:32]}.vw{sha256[32:44]}.part"
        part.write_bytes(file.read_bytes()[: PLENTY - 500])
        line.carried["down"] = 0
        artifacts.get_file(sha256, into)
        assert file.read_bytes() == into.read_bytes()
        assert line.carried["down"] < 5000

        part.write_bytes(b"another run's lie" * 1000)
        artifacts.get_file(sha256, into)
        assert file.read_bytes() == into.read_bytes()
        assert not part.exists()


def test_a_put_that_was_cut_is_not_seen(bucket: FakeBucket, tmp_path: Path) -> None:
    """Cut half-way it is sent again; where the store stays away there is nothing, not half of it."""
    file = a_file(tmp_path, PLENTY)
    with Line(bucket.port) as line:
        artifacts = Artifacts.open(bucket.address(tmp_path.name, port=line.port))
        line.cut_after("up", 3 << 20)
        sha256 = artifacts.put_file(file)
        assert not line.uncut
        artifacts.get_file(sha256, tmp_path / "got")

        brief = Artifacts.open(bucket.address(f"{tmp_path.name}-2", port=line.port), patience_s=0.3)
        threading.Timer(0.05, setattr, (line, "up", False)).start()
        with pytest.raises(StorageError, match="does not answer"):
            brief.put_file(file)
    assert [] == list(Artifacts.open(bucket.address(f"{tmp_path.name}-2")).files())


def test_an_outage_is_waited_out(bucket: FakeBucket, tmp_path: Path) -> None:
    """Every call goes on when the store is back within the time; it is in the log."""
    said = Said()
    with Line(bucket.port) as line, said:
        artifacts = Artifacts.open(bucket.address(tmp_path.name, port=line.port))
        line.up = False
        threading.Timer(1.0, setattr, (line, "up", True)).start()
        artifacts.put_note("kept/scene/a.json", "there")
        assert "there" == artifacts.note("kept/scene/a.json")
    assert ["does not answer, waiting up to 60 s", "answers again"] == [
        words for line_ in said.lines for words in ("does not answer, waiting up to 60 s", "answers again")
        if words in line_
    ]  # fmt: skip


def test_a_longer_outage_is_an_error(bucket: FakeBucket, tmp_path: Path) -> None:
    """It says where, and what next; those that ask right after do not wait again."""
    with Line(bucket.port) as line:
        artifacts = Artifacts.open(bucket.address(tmp_path.name, port=line.port), patience_s=1.0)
        line.up = False
        with pytest.raises(StorageError, match=r"shared store s3://films/.* does not answer") as raised:
            artifacts.note("kept/scene/a.json")
        assert "run again" in raised.value.hint
        with within(0.5), pytest.raises(StorageError, match="waited for in vain"):
            artifacts.note("kept/scene/a.json")


class Skewed(BaseHTTPRequestHandler):
    """A store that finds our clock wrong; as S3 has it, what it says to a HEAD has no body."""

    protocol_version = "HTTP/1.1"
    says: ClassVar[dict[str, str]] = {"code": ""}

    def _refuse(self) -> None:
        text = f"<Error><Code>{self.says['code']}</Code></Error>".encode()
        self.send_response(403)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_HEAD = do_GET = do_PUT = _refuse  # noqa: N815  the library's names

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.parametrize(
    ("code", "said", "passes"),
    [
        ("RequestTimeTooSkewed", "clock is off", True),
        ("RequestExpired", "clock is off", True),
        ("AccessDenied", "AccessDenied", False),
    ],
)
def test_a_clock_that_is_off_is_waited_for_and_a_key_that_is_refused_is_not(
    monkeypatch: pytest.MonkeyPatch, code: str, said: str, passes: bool
) -> None:
    """A machine that wakes up is soon told the time; nobody mends its keys meanwhile."""
    monkeypatch.setitem(Skewed.says, "code", code)
    with ThreadingHTTPServer(("127.0.0.1", 0), Skewed) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"s3://films/x?endpoint=http://127.0.0.1:{server.server_port}&region=us-east-1"
        for head in (False, True):
            artifacts = Artifacts.open(address, patience_s=0.05)
            with pytest.raises(StorageError, match=said) as raised:
                artifacts.has_note("kept/a/b.json") if head else artifacts.note("kept/a/b.json")
            assert raised.value.retryable is passes
        server.shutdown()


def test_an_answer_that_is_no_ends_an_outage_too() -> None:
    """Who answers that something is not there is not away: what is lost later is waited for anew."""
    patience, answers = Patience("it", 0.3), iter(["away", "none", "away", "there"])

    def question() -> str:
        answer = next(answers)
        if answer == "away":
            raise Away("no connection")
        if answer == "none":
            raise FileNotFoundError
        return answer

    with pytest.raises(FileNotFoundError):
        patience.ask(question, StopSignal())
    time.sleep(0.35)
    assert patience.ask(question, StopSignal()) == "there"


def test_a_stop_ends_the_wait_at_once(bucket: FakeBucket, tmp_path: Path) -> None:
    """Whether we pause between two tries or a question hangs on a dead line."""
    stop = StopSignal()
    with Line(bucket.port) as line:
        artifacts = Artifacts.open(bucket.address(tmp_path.name, port=line.port), stop=stop)
        line.up = False
        threading.Timer(1.0, stop.set).start()
        with within(1.5), pytest.raises(Stopped):
            artifacts.note("kept/scene/a.json")

    hung, stop = threading.Event(), StopSignal()
    threading.Timer(0.2, stop.set).start()
    with pytest.raises(Stopped):
        Patience("a server").ask(hung.wait, stop)
    hung.set()


def test_threads_wait_together() -> None:
    """The time counts from the first failure anybody met: a hundred scenes do not wait a hundred times."""
    patience, tries = Patience("a server", seconds=1.0), []

    def question() -> None:
        tries.append(1)
        raise Away("no")

    began = time.monotonic()
    for _ in range(100):
        with pytest.raises(Away):
            patience.ask(question, StopSignal())
    took_s = time.monotonic() - began
    assert took_s >= 1.0
    soon(took_s, 1.8)
    assert len(tries) < 12


def test_what_will_not_pass_is_told_at_once(
    bucket: FakeBucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bucket that is not there, keys that are missing, an address that is none: one line with the way out."""
    none = Artifacts.open(bucket.address("x", bucket="nobody-s"))
    asked: list[Callable[[], object]] = [
        lambda: none.note("a/b"),
        lambda: none.put_note("a/b", "x"),
        lambda: none.put_file(a_file(tmp_path)),
    ]
    for ask in asked:
        with pytest.raises(StorageError, match=r"there is no shared store s3://nobody-s/x"):
            ask()
    for address in ("http://host/x", "s3://", "s3://films?what=1", "s3://films?endpoint=host", "file://host"):
        with pytest.raises(UsageError, match="is no shared store"):
            Artifacts.open(address)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(UsageError, match="wants a key") as raised:
        Artifacts.open(bucket.address("x"))
    assert "AWS_ACCESS_KEY_ID" in raised.value.hint


def test_a_folder_that_takes_nothing_is_told(tmp_path: Path) -> None:
    """A file where the folder should be, and a disk that is full."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot be used"):
        Artifacts.open(str(tmp_path / "file" / "below"))


def test_any_name_of_a_folder_will_do(tmp_path: Path) -> None:
    """Also one that is not UTF-8, as a path and as an address."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 x"))
    file = a_file(tmp_path)
    sha256 = Artifacts.open(str(folder)).put_file(file)
    (found,) = Artifacts.open(f"file://{tmp_path}/caf%E9%20x").files()
    assert sha256 == found.name
    assert (folder / name_of(sha256)).is_file()


class Said(logging.Handler):
    """What our modules log while the `with` lasts."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def __enter__(self) -> Self:
        logging.getLogger("voxweave").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("voxweave").removeHandler(self)


def test_a_long_film_takes_no_memory(tmp_path: Path) -> None:
    """256 MB go in and come out piece by piece."""
    with (tmp_path / "film").open("wb") as film:
        film.truncate(256 << 20)
    program = (
        "import sys\nfrom pathlib import Path\nfrom voxweave.jobs.artifacts import Artifacts\n"
        "folder = Path(sys.argv[1])\n"
        "artifacts = Artifacts.open(str(folder / 'common'))\n"
        "artifacts.get_file(artifacts.put_file(folder / 'film'), folder / 'got')\n"
        # not getrusage: it counts what the process was when it was still a copy of ours
        "(peak,) = [line for line in open('/proc/self/status') if line.startswith('VmHWM')]\n"
        "print(int(peak.split()[1]) >> 10)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, timeout=120, check=True
    )
    assert int(done.stdout) < 160
    assert 256 << 20 == (tmp_path / "got").stat().st_size
    for file in tmp_path.rglob("*"):
        if file.is_file():
            file.unlink()
