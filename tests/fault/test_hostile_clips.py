"""Own pictures and clips, and those of providers: within the same limits, or refused in one line."""

import shutil
import time
from fractions import Fraction
from pathlib import Path

import pytest

from tests.data.make_hostile import Hostile
from tests.data.make_hostile_pictures import clips, pictures
from voxweave.core.film import Canvas
from voxweave.core.text import printable
from voxweave.errors import InputError, ProviderFailed
from voxweave.media.ffmpeg import Ffmpeg, find_ffmpeg
from voxweave.media.stopping import StopSignal
from voxweave.providers.accept import accept_clip
from voxweave.providers.base import Toolkit
from voxweave.providers.folder import Folder

LIMIT_S = 60  # three times what we promise: the machine may do other work as well
CANVAS = Canvas(width=320, height=180, rate=Fraction(30))


@pytest.fixture(scope="module")
def enemies(tmp_path_factory: pytest.TempPathFactory) -> list[Hostile]:
    """All of them."""
    folder = tmp_path_factory.mktemp("hostile")
    return [*pictures(folder / "pictures"), *clips(find_ffmpeg().program, folder / "clips")]


@pytest.fixture(params=["bundled", "system"])
def share(request: pytest.FixtureRequest, enemies: list[Hostile]) -> tuple[Ffmpeg, list[Hostile]]:
    """Each FFmpeg and a half of the files; scripts/hostile.py runs all with both."""
    if request.param == "system" and not shutil.which("ffprobe"):
        pytest.skip("no system FFmpeg here")
    return find_ffmpeg(request.param), enemies[request.param == "system" :: 2]


def test_own_media_are_shown_or_refused(share: tuple[Ffmpeg, list[Hostile]], tmp_path: Path) -> None:
    """A picture or clip of the user's becomes a still or a clip, or one line names it; soon, and nothing stays."""
    ffmpeg, enemies = share
    folder = Folder(Folder.Options(), Toolkit(ffmpeg, StopSignal(), lambda done: None))
    wrong = []
    for enemy in enemies:
        into = tmp_path / "stills"
        into.mkdir(exist_ok=True)
        began = time.monotonic()
        try:
            folder.load(enemy.path, CANVAS, into)
            ended = "film"
        except InputError as error:
            ended = "refused"
            assert "\n" not in str(error) and printable(enemy.path.name) in str(error), error
        if enemy.end not in {ended, "either"}:
            wrong.append((enemy.path.name, ended))
        assert time.monotonic() - began < LIMIT_S, enemy.path.name
        assert not [file for file in into.iterdir() if not file.name.endswith(".png")]
    assert not wrong


def test_a_providers_clip_is_whole_or_refused(share: tuple[Ffmpeg, list[Hostile]]) -> None:
    """What a provider sent is a moving picture read to its end, or it is not accepted."""
    ffmpeg, enemies = share
    for enemy in enemies:
        began = time.monotonic()
        try:
            taken = accept_clip(ffmpeg, enemy.path, 1.0, StopSignal())
        except ProviderFailed as error:
            assert "\n" not in str(error)
        else:
            assert enemy.end != "refused", enemy.path.name
            assert taken.frames > 0 and enemy.path.suffix in {".mp4", ".mov"}
        assert time.monotonic() - began < LIMIT_S, enemy.path.name
