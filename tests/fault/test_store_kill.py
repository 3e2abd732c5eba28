"""A store whose writers are killed at any moment has whole entries only. Run as a program, this file is who is killed."""

import random
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # for the program; pytest finds tests by itself

from voxweave.jobs.store import Damaged, Store

KILLS, WRITERS, KEYS = 12, 2, 40
BYTES = 300_000


def work(root: Path, seed: int) -> None:
    """Put, get, throw away, for ever."""
    store, chance = Store(root / "store"), random.Random(seed)
    source = root / f"source-{seed}.bin"
    (root / f"ready-{seed}").touch()
    while True:
        key = f"{chance.randrange(KEYS):032x}"
        source.unlink(missing_ok=True)
        source.write_bytes(key.encode() * (BYTES // 32))
        store.put("clip", key, source, {"film": key})
        if chance.random() < 0.3:
            store.drop("clip", f"{chance.randrange(KEYS):032x}")
        if chance.random() < 0.05:
            store.keep_within(20 * BYTES)


def test_killed_writers_leave_whole_entries_only(tmp_path: Path) -> None:
    """Two at a time, a dozen kills: what is found holds what its key says, and nothing half-made stays."""
    chance = random.Random(5)
    for turn in range(KILLS // WRITERS):
        seeds = [turn * WRITERS + number for number in range(WRITERS)]
        crew = [subprocess.Popen([sys.executable, __file__, str(tmp_path), str(seed)]) for seed in seeds]
        until = time.monotonic() + 60
        while not all((tmp_path / f"ready-{seed}").exists() for seed in seeds) and time.monotonic() < until:
            time.sleep(0.01)
        for program in crew:
            time.sleep(chance.uniform(0.01, 0.15))
            assert program.poll() is None
            program.kill()
            program.wait()

    store = Store(tmp_path / "store")
    found = []
    for number in range(KEYS):
        key = f"{number:032x}"
        try:
            kept = store.get("clip", key)
        except Damaged:
            raise AssertionError(f"{key} was half-made") from None
        if kept is not None:
            found.append(key)
            assert key.encode() == kept.file.path.read_bytes()[:32]
            assert {"film": key} == kept.facts
    assert found
    store.clean()
    assert [] == list((tmp_path / "store").glob("clip/*/*"))


if __name__ == "__main__":
    work(Path(sys.argv[1]), int(sys.argv[2]))
