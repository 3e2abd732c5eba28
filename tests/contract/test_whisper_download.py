"""Speech models fetched from a hub over real sockets: whole, right and once, or not there at all."""

import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.toy_model import FILES, PLACE, TOY, WEIGHTS, lay, wire_to
from tests.fakes.hub import FakeHub
from tests.pace import within
from voxweave.errors import (
    ProviderError,
    ProviderFailed,
    ProviderUnreachable,
    Stopped,
    StorageError,
)
from voxweave.media.stopping import StopSignal
from voxweave.providers.whisper.catalog import ModelFile
from voxweave.providers.whisper.hub import fetched
from voxweave.providers.whisper.store import kept


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the hub holds."""
    return lay(tmp_path_factory.mktemp("hub"))


@pytest.fixture
def hub(shelf: Path) -> Iterator[FakeHub]:
    """A hub of the test's own."""
    with FakeHub(shelf) as running:
        yield running


@pytest.fixture
def fetch(hub: FakeHub, tmp_path: Path) -> Callable[..., Path]:
    """Fetches the toy model into the test's folder."""

    def run(**more: Any) -> Path:
        return fetched(TOY, tmp_path, wire_to(hub.origin, **more)).path

    return run


def test_a_model_arrives_whole(fetch: Callable[..., Path], hub: FakeHub, tmp_path: Path) -> None:
    """Every file with its bytes, the folder named at the end, and how far it is told on the way."""
    shares: list[float] = []

    place = fetch(advance=shares.append)

    assert {name: (place / name).read_bytes() for name in FILES} == FILES
    assert [PLACE, f"{PLACE}.lock"] == sorted(os.listdir(tmp_path))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert kept(tmp_path, tmp_path)["toy"].path == place
    asked = len(hub.asked)
    assert fetch() == place
    assert asked == len(hub.asked) == len(FILES)


def test_what_broke_off_goes_on_by_range(fetch: Callable[..., Path], hub: FakeHub) -> None:
    """The rest alone is asked for, under the tag of the beginning."""
    hub.play("model.bin", "cut")

    assert (fetch() / "model.bin").read_bytes() == WEIGHTS
    assert ["", "bytes=150000-"] == hub.paths("model.bin")
    assert hub.asked[-1]["if-range"].startswith('"')


def test_a_later_run_goes_on_too(fetch: Callable[..., Path], hub: FakeHub, tmp_path: Path) -> None:
    """After four cuts it is given up with what came; the next run asks for the rest of that file alone."""
    hub.play("model.bin", "cut", "500", "500", "500")
    with pytest.raises(ProviderFailed, match="broke off") as caught:
        fetch()
    assert "goes on where it ended" in caught.value.hint
    assert [f"{PLACE}.lock", f"{PLACE}.part"] == sorted(os.listdir(tmp_path))
    before = len(hub.asked)

    assert (fetch() / "model.bin").read_bytes() == WEIGHTS
    assert ["bytes=150000-"] == [one.get("range") for one in hub.asked[before:]]


@pytest.mark.parametrize("manner", ["renamed", "unranged"])
def test_a_file_that_changed_meanwhile_is_begun_anew(
    fetch: Callable[..., Path], hub: FakeHub, manner: str
) -> None:
    """Parts of different files are never joined: another tag, or a hub without ranges, starts over."""
    hub.play("model.bin", "cut", manner)

    assert (fetch() / "model.bin").read_bytes() == WEIGHTS
    assert 2 == len(hub.paths("model.bin"))


@pytest.mark.parametrize("manner", ["wrong", "long"])
def test_other_bytes_are_refused_and_removed(
    fetch: Callable[..., Path], hub: FakeHub, tmp_path: Path, manner: str
) -> None:
    """A wrong hash or a longer file leaves no model and not that file; asked again, the right one is taken."""
    hub.play("model.bin", manner)

    with pytest.raises(ProviderError) as caught:
        fetch()
    assert not isinstance(caught.value, ProviderFailed)
    assert not (tmp_path / PLACE).exists()
    assert [] == list((tmp_path / f"{PLACE}.part").glob("model.bin*"))
    assert {} == kept(tmp_path, tmp_path)
    assert (fetch() / "model.bin").read_bytes() == WEIGHTS


def test_a_hub_without_the_model_says_so(fetch: Callable[..., Path], hub: FakeHub) -> None:
    """404 is asked once, and names the hub and the model."""
    hub.play("config.json", "404")
    hub.play("vocabulary.txt", "404")

    with pytest.raises(ProviderError, match="does not give the speech model toy"):
        fetch()
    assert 1 == len(hub.asked)


def test_a_file_that_is_not_there_is_asked_for_once(fetch: Callable[..., Path], hub: FakeHub) -> None:
    """Later files are asked for again when they break off, not when the hub has none."""
    hub.play("model.bin", "404")

    with pytest.raises(ProviderError, match="does not give"):
        fetch()
    assert [""] == hub.paths("model.bin")


@pytest.mark.parametrize("manner", ["429", "500"])
def test_a_first_answer_of_trouble_is_not_waited_for(
    fetch: Callable[..., Path], hub: FakeHub, manner: str
) -> None:
    """Until something has come there may be no hub to be had: a fallback is never kept waiting."""
    hub.play("config.json", manner)
    hub.play("vocabulary.txt", manner)

    with pytest.raises(ProviderFailed):
        fetch()
    assert 1 == len(hub.asked)


def test_a_run_that_goes_on_tries_a_hub_that_is_gone_once(
    fetch: Callable[..., Path], hub: FakeHub, tmp_path: Path
) -> None:
    """The small files being here already says nothing of the network of today."""
    hub.play("model.bin", "cut", "404")
    with pytest.raises(ProviderError):
        fetch()

    with within(4), pytest.raises(ProviderUnreachable):
        fetched(TOY, tmp_path, wire_to("http://127.0.0.1:9", pause_s=60))


def test_no_hub_is_one_short_attempt(tmp_path: Path) -> None:
    """Nobody at the address: one connection, one line with the ways out."""
    wanted = "the speech model toy"
    with within(2), pytest.raises(ProviderUnreachable, match=wanted) as caught:
        fetched(TOY, tmp_path, wire_to("http://127.0.0.1:9"))
    assert "--speech-model" in caught.value.hint


def test_a_drip_ends(fetch: Callable[..., Path], hub: FakeHub) -> None:
    """A hub that sends too slowly is left, and what came is kept; drip by drip it gets there."""
    hub.play("model.bin", "drip")

    assert (fetch(grace_s=0.7, slowest_bps=1e9) / "model.bin").read_bytes() == WEIGHTS
    first, second = hub.paths("model.bin")
    assert first == ""
    assert int(second.removeprefix("bytes=").rstrip("-")) > 0


def test_a_redirect_within_the_hub_is_followed(fetch: Callable[..., Path], hub: FakeHub) -> None:
    """Large files lie elsewhere on the hub."""
    hub.play("model.bin", "redirect")

    assert (fetch() / "model.bin").read_bytes() == WEIGHTS


def test_a_redirect_to_a_private_place_is_refused(fetch: Callable[..., Path], hub: FakeHub) -> None:
    """A hub cannot lead us to another address of this machine; nothing is sent there."""
    hub.play("model.bin", "astray")

    with pytest.raises(ProviderError, match="without https"):
        fetch()


def test_a_stop_ends_a_download(fetch: Callable[..., Path], hub: FakeHub) -> None:
    """Within two seconds, whatever the hub does."""
    hub.play("model.bin", "drip")
    stop = StopSignal()
    threading.Timer(0.5, stop.set).start()

    with within(2.5), pytest.raises(Stopped):
        fetch(stop=stop)


def test_a_full_disk_is_said_before_anything_is_asked(hub: FakeHub, tmp_path: Path) -> None:
    """The space is looked at first, and the line says how much is needed."""
    huge = TOY.model_copy(update={"files": {"model.bin": ModelFile(bytes=1 << 60, sha256="0" * 64)}})

    with pytest.raises(StorageError, match="MB free") as caught:
        fetched(huge, tmp_path, wire_to(hub.origin))
    assert "keep models elsewhere" in caught.value.hint
    assert [] == hub.asked


def test_a_disk_that_fills_up_meanwhile_is_a_storage_error(fetch: Callable[..., Path]) -> None:
    """What the system refuses to write ends in one line, with what to do; a limit stands for the full disk."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, old[1]))
    try:
        with pytest.raises(StorageError, match=r"disk is full|model\.bin") as caught:
            fetch()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, ignored)
    assert "keep models elsewhere" in caught.value.hint


TWO = """
import sys
from pathlib import Path
from tests.contract.toy_model import TOY, wire_to
from voxweave.providers.whisper.hub import fetched
print(fetched(TOY, Path(sys.argv[1]), wire_to(sys.argv[2])).path.name)
"""


def test_two_at_once_fetch_it_once(hub: FakeHub, tmp_path: Path) -> None:
    """Two programs that want the same model: one fetches, the other waits and uses it."""
    hub.play("config.json", "drip")
    line = [sys.executable, "-c", TWO, str(tmp_path), hub.origin]
    both = [subprocess.Popen(line, stdout=subprocess.PIPE, text=True) for _ in range(2)]

    assert [f"{PLACE}\n"] * 2 == [one.communicate(timeout=60)[0] for one in both]
    assert sorted(FILES) == sorted(Path(one["path"]).name for one in hub.asked)
