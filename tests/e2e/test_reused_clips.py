"""Clips ordered once serve other films: nothing is ordered, nothing is paid, and the report says whose they were."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import Told, voxweave
from tests.e2e.room import CUT, SCENES, TINY, Room
from tests.e2e.test_providers import sources
from tests.fakes.provider import FakeProvider

SUM = ("--max-cost", "0.60")


@pytest.fixture
def flags(server: FakeProvider) -> tuple[str, ...]:
    """Clips at $0.20 each, from a server quick at its work."""
    server.reset(flavour="zai", job_seconds=0.1, clip_size="256x144")
    return ("--provider", "zai", "--base-url", server.base_url)


def elsewhere(room: Room) -> Room:
    """The same narration in another folder, of the same user."""
    other = room.folder / "other"
    other.mkdir()
    for name in ("spoken.mp3", "spoken.txt"):
        shutil.copy(room.folder / name, other / name)
    return Room(other)


def beside(room: Room, name: str) -> str:
    """Where the user of a room keeps such things, for a run in another folder."""
    return f"{room.folder}.{name}"


def cache(room: Room, *words: str) -> Told:
    """`voxweave cache`, which must end well."""
    told = voxweave("cache", *words, cwd=room.folder)
    assert told.status == 0, told.err
    return told


def kept(room: Room) -> list[Any]:
    """The clips in the user's store."""
    return [
        entry for entry in json.loads(cache(room, "show", "--json").out)["entries"] if entry["kind"] == "clip"
    ]


def test_another_film_pays_nothing_for_what_was_ordered_before(
    room: Room, server: FakeProvider, flags: tuple[str, ...]
) -> None:
    """In another folder, and after clean: no order, no consent, no cent; the estimate knows, the report says so."""
    room.make(*flags, *SUM)
    other = elsewhere(room)
    store = beside(room, "cache")
    words = ("estimate", "spoken.mp3", *TINY, *CUT, *flags, "--json")
    quote = voxweave(*words, cwd=other.folder, XDG_CACHE_HOME=store)
    told = json.loads(quote.out)
    assert (0, SCENES, 0.0) == (told["orders"], told["reused"], told["new_usd"])

    report, said = other.make(*flags, XDG_CACHE_HOME=store)
    assert ["spoken.mp3"] * SCENES == [scene["reused_from"] for scene in report["scenes"]]
    assert (["zai"] * SCENES, 0.0) == (sources(report), report["money"]["spent_usd"])
    assert f"{SCENES} of these are reused" in said.err
    assert "zai made them for spoken.mp3; nothing is paid" in said.err

    assert 0 == voxweave("clean", "spoken.mp3", cwd=room.folder).status
    report, _ = room.make(*flags)
    assert ["spoken.mp3"] * SCENES == [scene["reused_from"] for scene in report["scenes"]]
    assert (SCENES, {}) == (server.truth()["orders_created"], server.truth()["twice"])


def test_a_film_keeps_what_it_reused(room: Room, server: FakeProvider, flags: tuple[str, ...]) -> None:
    """After the store is cleared, a film that reused clips still shows them; another one orders anew."""
    room.make(*flags, *SUM)
    assert 0 == voxweave("clean", "spoken.mp3", cwd=room.folder).status
    room.make(*flags)
    assert "removed 6 files" in cache(room, "clean").err  # a clip and a scene each
    report, _ = room.make(*flags)
    assert (["zai"] * SCENES, SCENES) == (sources(report), server.truth()["orders_created"])

    assert 0 == voxweave("clean", "spoken.mp3", cwd=room.folder).status
    _, told = room.make(*flags, status=6)
    assert "$0.60" in told.err
    assert SCENES == server.truth()["orders_created"]


def test_a_damaged_clip_is_ordered_again(room: Room, server: FakeProvider, flags: tuple[str, ...]) -> None:
    """One that is not what was put there is thrown away, which is said, and the sum to agree to counts it."""
    room.make(*flags, *SUM)
    entry = kept(room)[0]
    clip = Path(entry["file"])
    whole = clip.read_bytes()
    clip.unlink()  # it may be one file with the film's own
    clip.write_bytes(bytes(len(whole)))
    assert 0 == voxweave("clean", "spoken.mp3", cwd=room.folder).status

    _, told = room.make(*flags, status=6)
    assert "a clip kept for reuse was damaged" in told.err
    assert "$0.20" in told.err
    report, _ = room.make(*flags, "--max-cost", "0.20")
    assert [0.0, 0.0, 0.2] == sorted(scene["price_usd"] for scene in report["scenes"])
    assert (SCENES + 1, SCENES) == (server.truth()["orders_created"], len(kept(room)))


def test_a_store_that_is_off_keeps_nothing(room: Room, server: FakeProvider, flags: tuple[str, ...]) -> None:
    """Nor is anything reused then; where it is on, another seed is another wish."""
    room.make(*flags, *SUM)
    assert 0 == voxweave("clean", "spoken.mp3", cwd=room.folder).status
    words = ("estimate", "spoken.mp3", *TINY, *CUT, *flags, "--json")
    for more, orders in (((), 0), (("--cache", "off"), SCENES), (("--seed", "5"), SCENES)):
        assert orders == json.loads(voxweave(*words, *more, cwd=room.folder).out)["orders"]
    room.make(*flags, *SUM, "--cache", "off", "--seed", "5")
    assert (2 * SCENES, SCENES) == (server.truth()["orders_created"], len(kept(room)))


def test_the_store_keeps_to_its_limit(room: Room, flags: tuple[str, ...]) -> None:
    """What is more than the limit goes; show tells folder, number and limit, and clean leaves what is in use."""
    room.make(*flags, *SUM, "--cache-gb", "0")
    assert [] == kept(room)
    room.make(*flags, *SUM)
    shown = cache(room, "show").out.splitlines()
    assert shown[0] == f"{room.folder}.cache/voxweave/kept"
    assert shown[-1].startswith(f"{2 * SCENES} files, ")  # a clip and a scene each
    assert shown[-1].endswith("of 20 GB")
    assert "removed 0 files" in cache(room, "clean", "--older-than", "1").err
    assert SCENES == len(kept(room))


def test_a_store_that_cannot_be_written_costs_no_film(room: Room, flags: tuple[str, ...]) -> None:
    """The film is made, and one line says that nothing is kept."""
    (room.folder / "taken").touch()
    report, told = room.make(*flags, *SUM, "--cache", "taken")
    assert ["zai"] * SCENES == sources(report)
    assert 1 == told.err.count("nothing is kept for other films")


def test_a_stranger_s_folder_has_no_say_in_it(room: Room) -> None:
    """Where clips are kept, how many, and what is sent along as a reference is the user's own to say."""
    for line in ('cache = "here"', "cache_gb = 0", 'reference = "/etc/passwd"'):
        (room.folder / "voxweave.toml").write_text(line + "\n")
        _, told = room.make(status=2)
        assert "cannot be set beside a narration" in told.err


def test_days_are_above_nought(room: Room) -> None:
    """A usage line, and nothing is removed."""
    told = voxweave("cache", "clean", "--older-than", "0", cwd=room.folder)
    assert (2, 1) == (told.status, len(told.lines))
