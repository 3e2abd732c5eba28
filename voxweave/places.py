"""The user's own folders, where locks lie, and names that begin with one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from voxweave.errors import DependencyError

_NAME = "voxweave"
_TEMPORARY = Path("/tmp")  # noqa: S108  folders of our own are made in it


def config_folder() -> Path:
    """Where the user's settings and keys are."""
    with _home_known():
        return platformdirs.user_config_path(_NAME)


def state_folder() -> Path:
    """Where what is remembered of all films is."""
    with _home_known():
        return platformdirs.user_state_path(_NAME)


def cache_folder() -> Path:
    """Where what can be made or fetched again is."""
    with _home_known():
        return platformdirs.user_cache_path(_NAME)


def lock_folders() -> tuple[Path, ...]:
    """Where locks that all runs on this machine must see may lie: one place, whatever TMPDIR says, then TMPDIR."""
    return _TEMPORARY, temporary_folder()


def temporary_folder() -> Path:
    """Where files of a moment go: TMPDIR, or the usual place where that is no folder to write to.

    Python's own answer is found by writing a file there, which a kill would leave behind.
    """
    named = Path(os.environ.get("TMPDIR") or _TEMPORARY)
    return named if named.is_dir() and os.access(named, os.W_OK) else _TEMPORARY


def expanded(name: str | Path) -> Path:
    """With the home folder in place of `~`; a name of nobody's home is a name like any other."""
    return Path(os.path.expanduser(name))  # noqa: PTH111  pathlib's own raises where there is no home


@contextmanager
def _home_known() -> Iterator[None]:
    """Speak of a user without a home in our words: a container may run us under a number nobody knows."""
    try:
        yield
    except RuntimeError as error:
        raise DependencyError(
            "this user has no home folder",
            hint="set HOME to a folder of your own, or XDG_CONFIG_HOME and the like",
        ) from error
