"""What tests of every kind share: programs, and sound made once."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.fakes.kept import kept  # noqa: F401  the ledger's tests run over both books
from tests.fakes.postgres import postgres, wire  # noqa: F401
from tests.fakes.voice import voice, write_wav
from tests.weights import whisper_base  # noqa: F401  a fixture for whoever runs the real recognizer
from voxweave.media.ffmpeg import find_ffmpeg

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")  # how long an example takes says more about the machine than about us

PAUSES = ((1.9, 2.5), (4.2, 4.9), (6.6, 7.2), (9.0, 9.6))
"""Where the spoken test sound is still, in seconds."""

Ffmpeg = Callable[..., None]
Mount = Callable[..., Path]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: a third of the time, tests wait for what others do."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def bundled() -> Path:
    """The FFmpeg that came with the package."""
    return find_ffmpeg().program


@pytest.fixture(scope="session")
def system() -> Path:
    """The system's own FFmpeg; tests that need a second one are skipped without it."""
    found = shutil.which("ffmpeg")
    if found is None:
        pytest.skip("NO SYSTEM FFMPEG: only the bundled one is tested (apt-get install ffmpeg)")
    return Path(found)


@pytest.fixture(scope="session")
def ffmpeg(bundled: Path) -> Ffmpeg:
    """Runs the bundled FFmpeg with these arguments."""

    def run(*args: str | Path) -> None:
        line = [bundled, "-nostdin", "-v", "error", "-y", *args]
        subprocess.run([str(word) for word in line], check=True, timeout=60)

    return run


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of narrations: `talk.wav` of 11 s with four pauses, `short.wav` of 3 s, `blip.wav` of half a second."""
    folder = tmp_path_factory.mktemp("sounds")
    write_wav(folder / "talk.wav", voice(11.0, pauses=PAUSES))
    write_wav(folder / "short.wav", voice(3.0, pauses=[(1.3, 1.8)]))
    write_wav(folder / "blip.wav", voice(0.5))
    return folder


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Mount]:
    """Mounts a small disk of its own."""
    disks: list[Path] = []

    def mount(options: str, name: str = "disk") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        line = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        program = shutil.which("mount")
        if program is None or subprocess.run(line, capture_output=True, check=False).returncode:
            pytest.skip("NO DISK OF ITS OWN: mounting a tmpfs is not permitted here")
        disks.append(folder)
        return folder

    yield mount
    for folder in disks:
        subprocess.run(["umount", "-l", str(folder)], check=True)
