"""Folders for files of a moment."""

import os
import signal
from pathlib import Path

from voxweave.media.scratch import scratch, sweep


def test_a_killed_runs_folder_is_removed_and_one_at_work_kept(tmp_path: Path) -> None:
    """The kernel frees the lock of whoever is killed; what others named so, and a link, stays."""
    (tmp_path / "voxweave-mine").mkdir()
    (tmp_path / "voxweave-0123456789ab.part").symlink_to(tmp_path / "voxweave-mine")
    child = os.fork()
    if not child:
        with scratch(tmp_path) as folder:
            (folder / "window.flac").write_text("dead")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert 3 == len(os.listdir(tmp_path))
    with scratch(tmp_path) as folder:
        (folder / "window.flac").write_text("at work")
        sweep(tmp_path)
        assert ["window.flac"] == os.listdir(folder)
        assert 3 == len(os.listdir(tmp_path))
    assert {"voxweave-mine", "voxweave-0123456789ab.part"} == set(os.listdir(tmp_path))
    sweep(tmp_path / "missing")
