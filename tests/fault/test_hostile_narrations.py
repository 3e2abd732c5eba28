"""Hundreds of narrations that lie, break or want to do harm; `scripts/hostile.py` runs all through the command.

Here each FFmpeg hears a part of them within our own process, and a few go through the whole command.
"""

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.data.make_hostile import Hostile, make
from tests.e2e.command import environment
from tests.fault.measuring import Ended, faults, measured
from voxweave.core.text import printable
from voxweave.errors import InputError
from voxweave.media.ffmpeg import Ffmpeg, find_ffmpeg
from voxweave.media.files import fingerprint
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.probe import probe
from voxweave.pipeline.tools import Tools

SHARE = 9
"""Each FFmpeg hears every so manieth file, and another one."""

WHOLE = ("hls.wav", "ages.opus", "frames-8m.mov", "rate-1.mka", "device.mp3", "cut-0.5-plain.flac", "float-nan.wav")  # fmt: skip
TRACED = ("alias.mov", "frames-then-list.mp3")
NOT_ITS_OWN = ("victim.wav", "/etc/passwd", "/etc/shadow")


@pytest.fixture(scope="module")
def enemies(tmp_path_factory: pytest.TempPathFactory) -> list[Hostile]:
    """All of them."""
    return make(find_ffmpeg().program, tmp_path_factory.mktemp("hostile"))


@pytest.fixture(params=["bundled", "system"])
def share(request: pytest.FixtureRequest, enemies: list[Hostile]) -> tuple[Ffmpeg, list[Hostile]]:
    """Both FFmpegs, each with a part of the files."""
    if request.param == "system" and not shutil.which("ffprobe"):
        pytest.skip("no system FFmpeg here")
    return find_ffmpeg(request.param), enemies[4 * (request.param == "system") :: SHARE]


def test_there_are_many(enemies: list[Hostile]) -> None:
    """Over 150, of every kind, no two alike in name and place."""
    assert len({enemy.path for enemy in enemies}) == len(enemies) > 300
    kinds = {enemy.path.parent.name for enemy in enemies}
    assert kinds >= {
        "playlists",
        "outside",
        "claims",
        "bombs",
        "headers",
        "tags",
        "odd",
        "broken",
        "links",
        "named",
    }


def test_each_gives_its_sound_or_one_line(share: tuple[Ffmpeg, list[Hostile]], tmp_path: Path) -> None:
    """What is heard is as long as what was decoded; what is refused is named on one line."""
    ffmpeg, enemies = share
    wrong = []
    for number, enemy in enumerate(enemies):
        folder = tmp_path / str(number)
        folder.mkdir()
        tools = Tools(ffmpeg, StopSignal(), folder, lambda share: None)
        try:
            heard = probe(tools, fingerprint(enemy.path, "the narration"))
        except InputError as error:
            if enemy.end == "film" or "\n" in str(error) or printable(enemy.path.name) not in str(error):
                wrong.append(f"{enemy.path.name}: {error}")
        else:
            if (
                enemy.end == "refused"
                or abs(heard.duration_ms - 1000 * (enemy.seconds or heard.duration_ms / 1000)) > 150
            ):
                wrong.append(f"{enemy.path.name}: {heard.duration_ms} ms")
        assert not [*folder.glob("*.scratch"), *folder.glob("*.part*")]
    assert not wrong


@pytest.mark.parametrize("name", WHOLE)
def test_the_command_ends_well_in_time_and_room(name: str, enemies: list[Hostile], tmp_path: Path) -> None:
    """A right film or one line and status 3, within 20 s and 600 MB, and nothing is left."""
    (enemy,) = (enemy for enemy in enemies if enemy.path.name == name)
    ended = _run(enemy, tmp_path)

    assert not [*faults(ended, tmp_path, tmp_path / "film.mp4")], ended
    if ended.status == 0 and enemy.seconds:
        assert abs(json.loads(ended.out)["verified"]["audio_ms"] - 1000 * enemy.seconds) < 150


@pytest.mark.skipif(not shutil.which("strace"), reason="NO STRACE: what is opened is not looked at")
@pytest.mark.parametrize("name", TRACED)
def test_no_file_is_opened_but_its_own(name: str, enemies: list[Hostile], tmp_path: Path) -> None:
    """Seen from the kernel, neither the file next door nor the users' list is opened, and nobody is called."""
    (enemy,) = (enemy for enemy in enemies if enemy.path.name == name)
    trace = ("strace", "-f", "-qq", "-s", "300", "-e", "trace=%file,network", "-o", str(tmp_path / "trace"))
    _run(enemy, tmp_path, *trace)
    lines = (tmp_path / "trace").read_text(errors="replace").splitlines()

    assert any(str(enemy.path) in line for line in lines)
    assert not [
        line for line in lines if "open" in line and any(f'{other}"' in line for other in NOT_ITS_OWN)
    ]
    assert not [line for line in lines if "connect(" in line and "AF_INET" in line]


def _run(enemy: Hostile, folder: Path, *before: str) -> Ended:
    flags = ("--resolution", "128x72", "--captions", "none", "--no-thumbnail", "--quiet", "--json")
    line = (
        sys.executable,
        "-m",
        "voxweave",
        "make",
        str(enemy.path),
        "-o",
        "film.mp4",
        "--work",
        "work",
        *flags,
    )
    return measured([*before, *line], cwd=folder, env=environment(folder))
