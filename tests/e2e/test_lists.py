"""Clips from a file of prompts, and what was made once made again: the command as a user runs it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.command import Told, voxweave
from tests.e2e.room import KEY, Room
from tests.e2e.terminal import on_a_terminal
from tests.fakes.provider import FakeProvider

LIST = (
    "a lighthouse at dusk\n\n# not this one\na storm over the sea\n  a paper   boat\na lighthouse at dusk\n"
)
HASTE = ("--poll-s", "0.05", "--retry-s", "0.02", "--quiet-s", "0.1")


def clips(folder: Path) -> list[Path]:
    """The clips that lie there."""
    return sorted(folder.glob("*.mp4"))


def test_a_file_of_prompts_is_made_as_far_as_it_goes(
    fake: Callable[..., FakeProvider], tmp_path: Path
) -> None:
    """One refused does not stop the others (status 6); the same command orders what is missing, within one sum."""
    server = fake("openai", "create_moderated@storm", clip_size="256x144")
    (tmp_path / "prompts.txt").write_text(LIST)

    def run(most: str, *more: str) -> Told:
        flags = ("--provider", "openai", "--base-url", server.base_url, "--max-cost", most, *HASTE, *more)
        return voxweave("clip", "-f", "prompts.txt", *flags, cwd=tmp_path, OPENAI_API_KEY=KEY)

    told = run("1.30")
    assert (6, 2) == (told.status, len(clips(tmp_path))), told.err
    assert "2 of 3 clips are made" in told.err
    assert "not made (status 6): a storm over the sea" in told.err
    told = run("1.00")  # two cost 0.80, and a third 0.40
    assert (6, True) == (told.status, "does not fit" in told.err), told.err
    told = run("")
    assert (6, True) == (told.status, "the clips would cost $0.40 (1 order)" in told.err), told.err
    told = run("1.30", "--json")
    assert (0, 3) == (told.status, len(clips(tmp_path))), told.err
    assert ["a storm over the sea"] == [made["wanted"]["prompt"] for made in json.loads(told.out)]
    told = run("1.30")
    assert (0, True) == (told.status, "3 of 3 clips are made, 3 of them before" in told.err)
    told = run("1.30", "-q")
    assert (0, "", "") == (told.status, told.out, told.err)
    assert (3, {}) == (server.truth()["orders_created"], server.truth()["twice"])


def test_a_list_is_asked_about_once(fake: Callable[..., FakeProvider], tmp_path: Path) -> None:
    """On a terminal the sum of all its clips, before the first is ordered."""
    server = fake("openai", clip_size="256x144")
    (tmp_path / "prompts.txt").write_text(LIST)
    flags = ("--provider", "openai", "--base-url", server.base_url, *HASTE)
    for answer, status, orders in (("n", 6, 0), ("y", 0, 3)):
        found, seen = on_a_terminal(tmp_path, answer, "clip", "-f", "prompts.txt", *flags)
        assert (status, orders) == (found, server.truth()["orders_created"]), seen
        assert 1 == seen.count("Order these, and pay for them?")
        assert "this run: 3 orders, $1.20" in seen


def test_what_an_earlier_run_left_in_doubt_counts(fake: Callable[..., FakeProvider], tmp_path: Path) -> None:
    """It may be paid for: no later run of the list spends that part of --max-cost on another clip."""
    server = fake("openai", "create_drop_after_job", "list_500*", clip_size="256x144")
    (tmp_path / "prompts.txt").write_text("a lighthouse\na storm\na boat\n")
    flags = ("--provider", "openai", "--base-url", server.base_url, *HASTE, "--max-cost")
    told = voxweave("clip", "-f", "prompts.txt", *flags, "0.40", cwd=tmp_path, OPENAI_API_KEY=KEY)
    assert (5, 0) == (told.status, len(clips(tmp_path))), told.err
    told = voxweave("clip", "-f", "prompts.txt", *flags, "0.80", cwd=tmp_path, OPENAI_API_KEY=KEY)
    assert (5, 1) == (told.status, len(clips(tmp_path))), told.err
    assert "not made (status 6): a boat" in told.err
    assert 2 == server.truth()["orders_created"]


def test_what_is_no_file_of_prompts_is_one_line(tmp_path: Path) -> None:
    """None, an empty one, one that is no text, a prompt beside it or neither."""
    (tmp_path / "empty.txt").write_text("# nothing\n")
    (tmp_path / "odd.txt").write_bytes(b"\xff\xfe\x00a")
    for args, status in (
        (("-f", "none.txt"), 3),
        (("-f", "empty.txt"), 3),
        (("-f", "odd.txt"), 3),
        (("a boat", "-f", "empty.txt"), 2),
        ((), 2),
    ):
        told = voxweave("clip", *args, "--provider", "openai", cwd=tmp_path)
        assert (status, 1) == (told.status, len(told.lines)), told.err


def test_what_was_made_is_made_again_by_its_number(room: Room) -> None:
    """A film of the list, shown with how it was made, and its command line given again from another folder."""
    room.make("--style", "ink")
    film = room.folder / "spoken.mp4"
    film.unlink()
    elsewhere = room.folder / "elsewhere"
    elsewhere.mkdir()

    def history(*args: str) -> Any:
        return voxweave(
            "history", *args, cwd=elsewhere, HOME=str(room.folder), XDG_STATE_HOME=f"{room.folder}.state"
        )

    (made,) = json.loads(history("--json").out)
    assert (1, "film", str(room.folder)) == (made["number"], made["kind"], made["folder"])
    assert ["make", "spoken.mp3"] == made["command"][:2]
    assert made == json.loads(history("show", "1").out)
    told = history("rerun", "1")
    assert (0, True) == (told.status, film.exists()), told.err
    assert "voxweave make" in told.err
    assert 2 == len(json.loads(history("--json").out))
    assert (2, True) == (history("rerun", "9").status, "there is no number 9" in history("show", "9").err)
