"""Hundreds of narrations that lie, break or want to do harm; `scripts/hostile.py` runs all through the command.

Here each FFmpeg hears a part of them within our own process, and a few go through the whole command.
"""

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.data.containers import png
from tests.data.make_hostile import Hostile, make
from tests.data.make_media import PICTURE, run
from tests.e2e.command import environment
from tests.fault.measuring import Ended, faults, measured
from tests.fault.opening import STRACE, called, strangers
from voxweave.core.text import printable
from voxweave.errors import InputError
from voxweave.media.ffmpeg import Ffmpeg, find_ffmpeg
from voxweave.media.files import fingerprint
from voxweave.media.fonts import fonts_folder
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.probe import probe
from voxweave.pipeline.tools import Tools

SHARE = 9
"""Each FFmpeg hears every so manieth file, and another one."""

WHOLE = ("hls.wav", "ages.opus", "frames-8m.mov", "rate-1.mka", "device.mp3", "cut-0.5-plain.flac", "float-nan.wav")  # fmt: skip
TRACED = (("alias.mov", "system", 0), ("linked.mka", "bundled", 0), ("frames-then-list.mp3", "bundled", 3))
GIVEN = ("picture.png", "clip.mov", "talk.ass", "scenes.toml", "mine.ttf")
CAPTIONS = """[Script Info]
ScriptType: v4.00+
Audio File: victim.wav
Video File: /etc/passwd

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,/etc/passwd,20

[Events]
Format: Start, End, Style, Text
Dialogue: 0:00:00.10,0:00:00.90,Default,{\\fn/etc/shadow}<img src="file:victim.wav">First θέ
"""


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
@pytest.mark.parametrize(("name", "which", "status"), TRACED)
def test_no_file_is_opened_but_its_own(
    name: str, which: str, status: int, enemies: list[Hostile], tmp_path: Path
) -> None:
    """Seen from the kernel, a film opens what it was given, its own and the system's alone, and nobody is called.

    No sandbox keeps FFmpeg from other files here: the file next door, the users' list, or a file that the captions name.
    """
    if which == "system" and not shutil.which("ffprobe"):
        pytest.skip("no system FFmpeg here")
    (enemy,) = (enemy for enemy in enemies if enemy.path.name == name)
    given, desk = tmp_path / "given", tmp_path / "desk"
    flags = _given(given)
    desk.mkdir()
    before = (*STRACE, str(tmp_path / "trace"))
    ended = _run(enemy, desk, *before, more=(*flags, "--ffmpeg", which, "--sandbox", "off"))

    assert status == ended.status, ended
    own = [enemy.path, *(given / file for file in GIVEN), desk, Path(f"{desk}.state"), Path(f"{desk}.cache")]
    assert [] == strangers(tmp_path / "trace", own)
    assert [] == called(tmp_path / "trace")
    assert str(enemy.path) in strangers(tmp_path / "trace", own[1:])  # or nothing was seen at all


def _given(folder: Path) -> tuple[str, ...]:
    """Captions, a picture, a clip and a font of one's own, and the file next door that they name."""
    folder.mkdir()
    (folder / "victim.wav").write_text("secret")
    (folder / "talk.ass").write_text(CAPTIONS)
    (folder / "picture.png").write_bytes(png(64, 64, (b"tEXt", b"Comment\0file:victim.wav")))
    run(find_ffmpeg().program, folder / "clip.mov", *PICTURE, "-timecode", "00:00:00:00")
    shutil.copy(fonts_folder() / "VoxWeaveSerif-Bold.ttf", folder / "mine.ttf")
    scenes = [f'[[scene]]\nstart = "0:00.{at}"\npicture = "{file}"\n' for at, file in enumerate(GIVEN[:2])]
    (folder / "scenes.toml").write_text("\n".join(scenes).replace("0:00.1", "0:00.5"))
    named = {"--subtitles": "talk.ass", "--storyboard": "scenes.toml", "--font": "mine.ttf"}
    return tuple(word for flag, file in named.items() for word in (flag, str(folder / file)))


def _run(enemy: Hostile, folder: Path, *before: str, more: Sequence[str] = ()) -> Ended:
    flags = ("--resolution", "128x72", "--captions", "burn" if more else "none", "--no-thumbnail", *more)
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
        "--quiet",
        "--json",
    )
    return measured([*before, *line], cwd=folder, env=environment(folder))
