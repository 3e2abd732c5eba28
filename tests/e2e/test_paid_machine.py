"""Nothing is paid for before all that is free has been looked at: folders that take nothing, media that are broken."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.e2e.command import voxweave
from tests.e2e.room import Room
from tests.fakes.provider import FakeProvider


def test_an_output_that_takes_nothing_costs_nothing(
    small_room: Room, fake: Callable[..., FakeProvider], mounted: Mount
) -> None:
    """A read-only folder for the film, and one for the work: told before a provider is even asked."""
    server = fake("sglang")
    disk = mounted("size=1m,ro")
    flags = ("--provider", "openai", "--base-url", server.base_url, "--yes", "-q")
    for place in (("-o", disk / "film.mp4"), ("--work", disk)):
        _, told = small_room.make(*flags, *place, status=8)
        assert len(told.lines) == 1
    assert server.truth()["requests"] == {}


@pytest.mark.parametrize("wrong", ["clip", "reference", "storyboard", "folder", "cover", "room", "place"])
def test_what_is_wrong_is_found_before_anything_is_paid(
    wrong: str, small_room: Room, fake: Callable[..., FakeProvider], mounted: Mount
) -> None:
    """Paid pictures and paid words: a broken file, or no room for the film, is told before anybody is asked."""
    server, folder = fake("sglang"), small_room.folder
    (folder / "spoken.txt").unlink()  # the words would be recognised
    small_room.setting(f'[providers.openai-speech]\nbase_url = "{server.base_url}"\nfree = false\n')
    board, status, named = '[[scene]]\nstart = "0:00"\nprompt = "a sea"\n', 3, "bad"
    second = '[[scene]]\nstart = "0:03"\n'
    (folder / "bad.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(2000))
    (folder / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2000))
    more: tuple[str | Path, ...] = ()
    match wrong:
        case "clip":
            board += f'{second}picture = "bad.mp4"\n'
        case "reference":
            board += f'{second}reference = "bad.png"\n'
        case "storyboard":
            board, named = "[[scene]\n", "board.toml"
        case "folder":
            more, named = ("--media", folder), "can be shown"
        case "cover":
            more, named = ("--cover", folder / "bad.png"), "bad.png"
        case "room":
            more, status, named = ("-o", mounted("size=1m") / "film.mp4"), 8, "are needed"
        case "place":
            board += f'{second}picture = "bad.mp4"\n'
            more, status, named = ("-o", folder / "bad.mp4"), 2, "is an input of this film"
    (folder / "board.toml").write_text(board)
    drawn = ("--provider", "openai", "--base-url", server.base_url) if wrong != "cover" else ()
    agreed = (*drawn, "--yes", "-q")
    heard = ("--recognizer", "openai-speech", "--captions", "burn")
    given = () if wrong == "folder" else ("--storyboard", folder / "board.toml")
    key = {"VOXWEAVE_OPENAI_SPEECH_KEY": "speech-51f0e9d8c7b6a594"}
    _, told = small_room.make(*agreed, *heard, *given, *more, status=status, **key)
    assert (1, True) == (len(told.lines), named in told.err), told.err
    # A reference is looked at once it is known who would take it: what models there are costs nothing to ask.
    assert ({"models": 1} if wrong == "reference" else {}) == server.truth()["requests"]


def test_a_plan_pays_for_no_words_before_it_has_seen_the_media(
    small_room: Room, fake: Callable[..., FakeProvider]
) -> None:
    """`voxweave plan` asks for words and prompts as a film does, and looks first as well."""
    server, folder = fake("sglang"), small_room.folder
    (folder / "spoken.txt").unlink()
    small_room.setting(f'[providers.openai-speech]\nbase_url = "{server.base_url}"\nfree = false\n')
    key = {"VOXWEAVE_OPENAI_SPEECH_KEY": "speech-51f0e9d8c7b6a594"}
    flags = ("--recognizer", "openai-speech", "--yes", "--media", ".")
    told = voxweave("plan", "spoken.mp3", *flags, cwd=folder, **key)
    assert (3, True) == (told.status, "can be shown" in told.err or "holds no picture" in told.err), told.err
    assert server.truth()["requests"] == {}
