"""Most runs of these tests are forked from a Python that has done its imports."""

from pathlib import Path

import pytest

from tests.e2e.command import voxweave


@pytest.mark.parametrize(
    "words",
    [("--version",), ("make", "nothing.wav"), ("make", "--nosuch"), ("config", "show"), ("jobs", "list")],
)
def test_only_time_is_saved(tmp_path: Path, words: tuple[str, ...]) -> None:
    """What a forked run says, where and with which status, is what a Python of its own says."""
    assert voxweave(*words, cwd=tmp_path) == voxweave(*words, cwd=tmp_path, cold=True)
