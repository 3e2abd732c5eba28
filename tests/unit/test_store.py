"""The store of what may serve again: whole or not there, the oldest first to go, nothing of others touched."""

import fcntl
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from voxweave.errors import StorageError
from voxweave.jobs.store import CHEAP, Damaged, Store

KEYS = [f"{n:032x}" for n in range(1, 30)]
DAY_S = 86_400.0


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty one."""
    return Store(tmp_path / "store")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Something to keep."""
    file = tmp_path / "clip.mp4"
    file.write_bytes(b"a clip")
    return file


def aged(store: Store, key: str, days: float) -> None:
    """An entry last used so long ago."""
    kept = store.get("clip", key)
    assert kept is not None
    when = time.time() - days * DAY_S
    os.utime(kept.file.path.parent / "facts.json", (when, when))


def test_what_was_put_is_got(store: Store, clip: Path) -> None:
    """File, size, facts and suffix; another kind or key is another entry, and what is there already stays."""
    assert store.get("clip", KEYS[0]) is None
    store.put("clip", KEYS[0], clip, {"film": "talk.mp3", "price_usd": 0.2})
    other = clip.with_name("other.mp4")
    other.write_bytes(b"another")
    store.put("clip", KEYS[0], other, {"film": "other.mp3"})
    kept = store.get("clip", KEYS[0])
    assert kept is not None
    assert (b"a clip", ".mp4", 6) == (kept.file.path.read_bytes(), kept.file.path.suffix, kept.size)
    assert {"film": "talk.mp3", "price_usd": 0.2} == kept.facts
    assert store.get("scene", KEYS[0]) is None
    assert store.get("clip", KEYS[1]) is None


def test_the_store_is_the_user_s_alone(store: Store, clip: Path) -> None:
    """Others do not read what was ordered; the file itself costs no room on the same disk."""
    kept = store.put("clip", KEYS[0], clip, {})
    assert kept is not None
    assert 0o700 == store.root.stat().st_mode & 0o777
    assert clip.stat().st_ino == kept.file.path.stat().st_ino
    assert not kept.file.path.is_symlink()


@pytest.mark.parametrize("harm", ["content", "cut", "gone", "facts", "no facts"])
def test_what_is_damaged_is_thrown_away_and_said(store: Store, clip: Path, harm: str) -> None:
    """Whatever happened to it on the disk; the next look finds nothing, and it can be put again."""
    kept = store.put("clip", KEYS[0], clip, {})
    assert kept is not None
    file, facts = kept.file.path, kept.file.path.parent / "facts.json"
    if harm in ("content", "cut"):
        file.unlink()
        file.write_bytes(b"b clip" if harm == "content" else b"a")
    elif harm == "gone":
        file.unlink()
    elif harm == "facts":
        facts.write_text('{"name": "')
    else:
        facts.unlink()
    with pytest.raises(Damaged, match="damaged"):
        store.get("clip", KEYS[0])
    assert store.get("clip", KEYS[0]) is None
    assert b"a clip" == clip.read_bytes()
    assert store.put("clip", KEYS[0], clip, {}) is not None


def test_what_was_unused_for_longest_goes(store: Store, clip: Path) -> None:
    """Until the rest fits; looking at an entry is using it."""
    for days, key in enumerate(KEYS[:4]):
        store.put("clip", key, clip, {})
        aged(store, key, days + 1)
    store.get("clip", KEYS[3])
    dropped = store.keep_within(12)
    assert [KEYS[2], KEYS[1]] == [entry.key for entry in dropped]
    assert [KEYS[0], KEYS[3]] == [entry.key for entry in store.entries()]
    assert () == store.keep_within(12)


def test_a_store_may_go_while_it_is_looked_through(store: Store, clip: Path) -> None:
    """Folders that another program takes away meanwhile are passed over."""
    for letter in "ab":
        store.put("clip", letter * 32, clip, {})
    looking = store._places()
    first = next(looking)
    shutil.rmtree(store.root / "clip")

    assert first.name in ("a" * 32, "b" * 32)
    assert [] == list(looking)


def test_cleaning_takes_what_is_old_or_all(store: Store, clip: Path) -> None:
    """By days since it was used, or everything, what cannot be read included; other files are left alone."""
    for days, key in enumerate(KEYS[:3]):
        store.put("clip", key, clip, {})
        aged(store, key, 10 * days)
    (store.root / "notes.txt").write_text("mine")
    assert [KEYS[2]] == [entry.key for entry in store.clean(older_than_s=15 * DAY_S)]
    (next(store.entries()).file.path.parent / "facts.json").unlink()
    store.clean()
    assert [] == list(store.root.glob("clip/*/*"))
    assert "mine" == (store.root / "notes.txt").read_text()


def test_what_a_dead_run_left_is_removed(store: Store, clip: Path) -> None:
    """Half-made entries go at once, however lately the store was counted; those of runs at work stay."""
    store.put("clip", KEYS[0], clip, {})
    store.keep_within(1 << 30, every_s=60)
    for name in ("1-dead", "2-alive"):
        (store.root / ".parts" / name).mkdir()
    alive = os.open(store.root / ".parts" / "2-alive", os.O_RDONLY)
    fcntl.flock(alive, fcntl.LOCK_EX)
    store.keep_within(1 << 30, every_s=60)
    os.close(alive)
    assert ["2-alive"] == [part.name for part in (store.root / ".parts").iterdir()]


def test_many_at_once_see_whole_entries(store: Store, clip: Path) -> None:
    """Putting, getting and throwing away side by side: found whole or not found, and never an error."""

    def work(turn: int) -> None:
        key = KEYS[turn % 5]
        store.put("clip", key, clip, {"film": str(turn)})
        try:
            kept = store.get("clip", key)
        except Damaged:  # thrown away between two looks
            kept = None
        if kept is not None and turn % 3:
            store.drop("clip", key)

    with ThreadPoolExecutor(8) as crew:
        list(crew.map(work, range(400)))
    assert all(entry.size == 6 for entry in store.entries())
    assert [] == list((store.root / ".parts").iterdir())


def test_a_place_that_takes_no_file_is_named(tmp_path: Path, clip: Path) -> None:
    """The line says which folder, and how to choose another."""
    (tmp_path / "taken").touch()
    with pytest.raises(StorageError, match="taken") as caught:
        Store(tmp_path / "taken").put("clip", KEYS[0], clip, {})
    assert "--cache" in caught.value.hint


def test_a_name_that_leads_elsewhere_is_no_entry(store: Store, clip: Path) -> None:
    """Keys are digests, kinds are words."""
    for kind, key in (("clip", "../../etc"), ("../clip", KEYS[0])):
        with pytest.raises(ValueError, match="names no entry"):
            store.put(kind, key, clip, {})


def test_what_is_cheap_to_make_again_goes_first(tmp_path: Path) -> None:
    """An old clip that was paid for stays, and a fresh scene goes."""
    store, file = Store(tmp_path / "store"), tmp_path / "file.mp4"
    file.write_bytes(bytes(600))
    store.put("clip", "a" * 32, file, {})
    file.unlink()
    file.write_bytes(bytes(700))
    store.put("scene", "b" * 32, file, {})

    assert ["scene"] == [entry.kind for entry in store.keep_within(1000, first=CHEAP)]
    assert ["clip"] == [entry.kind for entry in store.entries()]
    assert not store.has("scene", "b" * 32)


def test_looking_at_the_limit_can_be_rare(tmp_path: Path) -> None:
    """Asked again within its pause the store is not gone through."""
    store, file = Store(tmp_path / "store"), tmp_path / "file.mp4"
    file.write_bytes(bytes(600))
    store.put("scene", "a" * 32, file, {})

    assert () == store.keep_within(1000, every_s=60)
    assert () == store.keep_within(0, every_s=60)
    assert 1 == len(store.keep_within(0))
