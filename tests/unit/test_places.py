"""The user's folders where there is no home, and locks that are nobody else's."""

import os
import pwd
from pathlib import Path

import pytest

from voxweave.errors import DependencyError, StorageBusy, StorageError
from voxweave.jobs.job import job_folder, output_held
from voxweave.places import cache_folder, config_folder, expanded, state_folder


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user whom the system does not know, as a container's may be."""

    def nobody(_: object) -> None:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    monkeypatch.setattr(pwd, "getpwnam", nobody)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("homeless")
@pytest.mark.parametrize("folder", [config_folder, state_folder, cache_folder])
def test_a_user_without_a_home_is_told(folder: object) -> None:
    """What to set is said; nothing is made under a folder named `~`."""
    with pytest.raises(DependencyError, match="no home folder") as told:
        folder()  # type: ignore[operator]
    assert "HOME" in told.value.hint


@pytest.mark.usefixtures("homeless")
def test_a_name_of_nobodys_home_is_a_name() -> None:
    """No traceback for `~nobody/x`: the file of that name is looked for."""
    assert expanded("~nobody-we-know/x") == Path("~nobody-we-know/x")


def test_locks_in_another_users_folder_are_refused(tmp_path: Path) -> None:
    """A link laid where our locks go would have us write into what it leads to; the next place is taken instead."""
    prey, other = tmp_path / "prey", tmp_path / "other"
    prey.mkdir()
    (tmp_path / f"voxweave-{os.geteuid()}").symlink_to(prey)

    with (
        pytest.raises(StorageError, match="somebody else"),
        output_held(tmp_path / "film.mp4", [tmp_path]),
    ):
        pass
    with output_held(tmp_path / "film.mp4", [tmp_path, other]):
        assert len(list(other.glob("voxweave-*/*.lock"))) == 1
    assert list(prey.iterdir()) == []


def test_a_folder_of_locks_that_all_may_change_is_taken_back(tmp_path: Path) -> None:
    """Made under a careless mask, it is ours alone from now on."""
    folder = tmp_path / f"voxweave-{os.geteuid()}"
    folder.mkdir()
    folder.chmod(0o777)
    with output_held(tmp_path / "film.mp4", [tmp_path]):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_note_is_not_written_through_a_link(tmp_path: Path) -> None:
    """What lies where we say who we are is replaced."""
    (tmp_path / "precious").write_text("words")
    with output_held(tmp_path / "film.mp4", [tmp_path]):
        (note,) = tmp_path.glob("voxweave-*/*.pid")
    note.symlink_to(tmp_path / "precious")
    with output_held(tmp_path / "film.mp4", [tmp_path]):
        pass
    assert (tmp_path / "precious").read_text() == "words"


def test_an_output_is_held_whatever_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs with other TMPDIRs see each other: the second is refused."""
    with output_held(tmp_path / "film.mp4"):
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        with pytest.raises(StorageBusy, match=f"process {os.getpid()}"), output_held(tmp_path / "film.mp4"):
            pass


def test_a_jobs_name_is_the_same_bytes_under_any_locale() -> None:
    """A job found under UTF-8 is found again where the locale knows no such letters."""
    name = job_folder(Path("/nowhere/précis ☃.wav"), None).name
    assert os.fsencode(name).startswith("précis".encode())
