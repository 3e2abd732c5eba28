"""Bubblewrap's arguments: what a program that reads a stranger's file may see of this machine."""

import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/nix/store", "/gnu/store")
_LOADER = ("/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d")
_GRAPHICS = ("dri", "nvidia*", "kfd")
_ALWAYS = ("--die-with-parent", "--cap-drop", "ALL")
_FILES = "/.voxweave"
_SIGNALLED = 128  # a shell's way to tell of a signal, and bubblewrap's

# Child starts a session of its own already: with --new-session the program would leave the group that we kill.
WALLS = ("--unshare-all",)
"""For everybody: no network, no process, no user of the machine is to be seen."""

ROOT_WALLS = (
    *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
    *("--cap-add", "CAP_DAC_OVERRIDE"),
)
"""For root, who would not be root over other people's files within a namespace of its own users."""


@dataclass(frozen=True)
class Cage:
    """Bubblewrap and how it is asked here; nothing is mounted but programs, and the folder of the work.

    `binds` is whether it can show an opened file read-only. Without, the program gets the descriptor itself,
    which Linux lets it open anew for writing.
    """

    program: Path
    walls: Sequence[str] = WALLS
    binds: bool = True

    def around(
        self,
        args: Sequence[str],
        cwd: Path | None,
        reads: Sequence[Path] = (),
        *,
        fds: Sequence[int] = (),
        graphics: bool = False,
    ) -> list[str]:
        """The command in the cage: `cwd` may be written to, the program, `reads` and the opened files be read."""
        tool = _tool(args[0])
        shown = [fd for fd in fds if self.binds and os.fstat(fd).st_nlink]  # what has no name cannot be bound
        names = {f"file:/dev/fd/{fd}": f"file:{_FILES}/{fd}" for fd in shown}
        return [
            *(str(self.program), *_ALWAYS, *self.walls, "--proc", "/proc", "--dev", "/dev"),
            *_system(),
            *(
                word
                for path in _beside((tool, *_libraries(tool), *reads))
                for word in _shown("--ro-bind", path)
            ),
            *(_graphics() if graphics else ()),
            *(word for fd in shown for word in ("--ro-bind-fd", str(fd), f"{_FILES}/{fd}")),
            *(_shown("--bind", cwd.absolute()) if cwd else ()),
            *(word for path in _within(cwd, shown) for word in ("--ro-bind-try", *path)),
            *("--remount-ro", "/", "--chdir", str(cwd.absolute() if cwd else "/")),
            *("--", str(tool), *(names.get(word, word) for word in args[1:])),
        ]


def told(status: int) -> int:
    """The status of a program in a cage as we would have seen it without: negative for a signal."""
    number = status - _SIGNALLED
    return -number if number in set(signal.Signals) else status


def _tool(name: str) -> Path:
    """The program itself, behind all links: a link's target may lie where nothing else is shown."""
    return Path(os.path.realpath(name))


def _libraries(tool: Path) -> list[Path]:
    """Where a program that was unpacked somewhere keeps what it is linked with."""
    folder = tool.parent.parent / "lib"
    return [folder] if tool.parent.name == "bin" and folder.is_dir() else []


def _beside(paths: Sequence[Path]) -> Iterator[Path]:
    """Those that the system's own folders do not hold."""
    for path in dict.fromkeys(paths):
        if not any(path.is_relative_to(folder) for folder in _SYSTEM):
            yield path


def _within(cwd: Path | None, fds: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Opened files that the work's folder holds, and their names in the cage: there they are not written to either."""
    real = Path(os.path.realpath(cwd)) if cwd else None
    for file in (Path(f"/proc/self/fd/{fd}").readlink() for fd in fds):
        if cwd and real and file.is_relative_to(real):
            yield str(file), str(cwd.absolute() / file.relative_to(real))


def _system() -> Iterator[str]:
    for folder in map(Path, _SYSTEM):
        if folder.is_symlink():
            yield from ("--symlink", str(folder.readlink()), str(folder))
        elif folder.is_dir():
            yield from ("--ro-bind", str(folder), str(folder))
    for path in _LOADER:
        yield from ("--ro-bind-try", path, path)


def _graphics() -> Iterator[str]:
    for path in (found for pattern in _GRAPHICS for found in sorted(Path("/dev").glob(pattern))):
        yield from ("--dev-bind", str(path), str(path))
    yield from ("--ro-bind", "/sys", "/sys")


def _shown(way: str, path: Path) -> tuple[str, str, str]:
    return way, os.path.realpath(path), str(path)
