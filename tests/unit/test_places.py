"""The user's folders where there is no home, and locks that are nobody else's."""

import os
import pwd
from pathlib import Path

import pytest

from voxweave.errors import DependencyError, StorageError
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


@pytest.fixture
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of our own."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_locks_in_another_users_folder_are_refused(temp: Path) -> None:
    """A link laid where our locks go would have us write into what it leads to."""
    prey = temp / "prey"
    prey.mkdir()
    (temp / f"voxweave-{os.geteuid()}").symlink_to(prey)

    with pytest.raises(StorageError, match="somebody else"), output_held(temp / "film.mp4"):
        pass
    assert list(prey.iterdir()) == []


def test_a_folder_of_locks_that_all_may_change_is_taken_back(temp: Path) -> None:
    """Made under a careless mask, it is ours alone from now on."""
    folder = temp / f"voxweave-{os.geteuid()}"
    folder.mkdir()
    folder.chmod(0o777)
    with output_held(temp / "film.mp4"):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_note_is_not_written_through_a_link(temp: Path) -> None:
    """What lies where we say who we are is replaced."""
    (temp / "precious").write_text("words")
    with output_held(temp / "film.mp4"):
        (note,) = temp.glob("voxweave-*/*.pid")
    note.symlink_to(temp / "precious")
    with output_held(temp / "film.mp4"):
        pass
    assert (temp / "precious").read_text() == "words"


def test_a_jobs_name_is_the_same_bytes_under_any_locale() -> None:
    """A job found under UTF-8 is found again where the locale knows no such letters."""
    name = job_folder(Path("/nowhere/précis ☃.wav"), None).name
    assert os.fsencode(name).startswith("précis".encode())
