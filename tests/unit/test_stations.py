"""The workers of one machine: how many, and what becomes of them when one dies."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from voxweave.cli import run
from voxweave.cli.stations import CORES_EACH, shares_of
from voxweave.errors import StorageError
from voxweave.jobs.cluster import SCENES_AT_ONCE, in_our_words

PARENT = """
import os, pathlib, sys, time
from voxweave.cli.stations import Parent

def worker(number):
    def run():
        begun = pathlib.Path(sys.argv[1], f"{number}-{os.getpid()}")
        begun.touch()
        first = len(list(begun.parent.glob(f"{number}-*"))) == 1
        time.sleep(0.2 if number == 1 and first else 60)
        return int(sys.argv[2])
    return run

sys.exit(Parent([worker(0), worker(1)]).run())
"""


def test_what_is_said_before_a_workers_command_holds_for_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`worker --at-once 4 start` is `worker start --at-once 4`; what does not go with a command is refused."""
    monkeypatch.delenv("VOXWEAVE_QUEUE", raising=False)

    assert run(["worker", "--artifacts", "x", "run", "--idle-s", "0"]) == 2
    assert "--artifacts goes with --queue" in capsys.readouterr().err
    assert run(["worker", "--queue", "postgresql://h/d", "stop"]) == 2
    assert "this machine's own worker" in capsys.readouterr().err


@pytest.mark.parametrize("cores", [1, 2, 3, 4, 5, 8, 16, 64])
def test_every_core_has_a_worker_and_every_worker_a_scene_to_spare(cores: int) -> None:
    """A machine's cores are shared out evenly, to no more each than the engine's width leaves one over."""
    shares = shares_of(cores)

    assert sum(shares) == cores
    assert max(shares) - min(shares) <= 1
    assert max(shares) <= CORES_EACH < SCENES_AT_ONCE


def test_who_is_told_to_end_begins_nobody_again(tmp_path: Path) -> None:
    """A stop that comes while a worker that died is to be begun anew ends its machine's others, and no more come."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path), "8"], stderr=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stderr is not None
        assert "begun again" in parent.stderr.readline()
        parent.send_signal(signal.SIGTERM)

        assert parent.wait(10) == 143
    assert len(os.listdir(tmp_path)) == 2


@pytest.mark.parametrize(("status", "begun"), [(8, 3), (143, 2)])
def test_a_worker_that_dies_is_begun_again_and_one_that_leaves_takes_all_along(
    tmp_path: Path, status: int, begun: int
) -> None:
    """A crash costs one worker a moment; a worker that ends of itself (VoxWeave was updated) ends its machine's others."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path), str(status)], stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 15
    while len(os.listdir(tmp_path)) < begun or (status == 143 and parent.poll() is None):
        assert time.monotonic() < until
        time.sleep(0.05)
    if status != 143:
        parent.send_signal(signal.SIGTERM)

    assert parent.wait(10) == 143
    assert len(os.listdir(tmp_path)) == begun
    assert not any(Path(f"/proc/{name.partition('-')[2]}/status").exists() for name in os.listdir(tmp_path))


def test_a_worker_that_begins_while_the_database_goes_is_no_bug() -> None:
    """What the engine's library wraps is told in our words, with the status on which a service begins it again."""
    psycopg, alchemy = pytest.importorskip("psycopg"), pytest.importorskip("sqlalchemy.exc")
    said = psycopg.OperationalError("connection failed: FATAL:  the database system is shutting down")
    far = "postgresql://me@far/films"
    for error in (said, alchemy.OperationalError("", {}, said)):
        with pytest.raises(StorageError, match=r"the database at far.*shutting down"), in_our_words(far):
            raise error
    with pytest.raises(KeyError), in_our_words(far):
        raise KeyError
