"""The sound and the scenes are encoded at the same time: the failure of one ends the other, and is told."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.command import voxweave
from tests.pace import within

SOUND, SCENE = "*' -b:a '*", "*' -c:v libx264 '*"
"""What only their command lines have."""
FAILS, WAITS = "echo 'Conversion failed!' >&2; exit 1", "exec sleep 86311"
SMALL = ("--resolution", "160x90", "--fps", "24", "--captions", "none", "--no-thumbnail")

Program = Callable[[dict[str, str]], Path]


@pytest.fixture
def program(tmp_path: Path, bundled: Path) -> Program:
    """An FFmpeg like ours but for some command lines, which it treats in other ways."""

    def made(cases: dict[str, str]) -> Path:
        ways = "".join(f"{line}) {way};;\n" for line, way in cases.items())
        file = tmp_path / "ffmpeg"
        file.write_text(f'#!/bin/sh\ncase " $* " in\n{ways}esac\nexec \'{bundled}\' "$@"\n')
        file.chmod(0o755)
        return file

    return made


@pytest.mark.parametrize(
    ("cases", "told"),
    [
        ({SOUND: FAILS, SCENE: WAITS}, "encoding the sound"),
        ({SCENE: FAILS, SOUND: WAITS}, "rendering the scene"),
    ],
)
def test_what_fails_ends_the_other(
    tmp_path: Path, sounds: Path, program: Program, cases: dict[str, str], told: str
) -> None:
    """Neither is waited for when there will be no film; the line names what failed, and nothing goes on."""
    talk = shutil.copy(sounds / "blip.wav", tmp_path)
    with within(60):
        ran = voxweave("make", talk, *SMALL, "--ffmpeg", program(cases), cwd=tmp_path)
    assert told in ran.err
    assert "Traceback" not in ran.err
    assert 0 != ran.status
    assert not (tmp_path / "blip.mp4").exists()
    assert not [pid for pid in os.listdir("/proc") if pid.isdigit() and b"sleep\x0086311" in _line(pid)]


def _line(pid: str) -> bytes:
    try:
        return Path("/proc", pid, "cmdline").read_bytes()
    except OSError:  # it has just ended
        return b""
