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
    """Bubblewrap and how it is asked here; nothing is mounted but programs, and the folder of the work."""

    program: Path
    walls: Sequence[str] = WALLS

    def around(
        self, args: Sequence[str], cwd: Path | None, reads: Sequence[Path] = (), *, graphics: bool = False
    ) -> list[str]:
        """The command in the cage: `cwd` may be written to, the program and `reads` be read."""
        tool = _tool(args[0])
        return [
            *(str(self.program), *_ALWAYS, *self.walls, "--proc", "/proc", "--dev", "/dev"),
            *_system(),
            *(
                word
                for path in _beside((tool, *_libraries(tool), *reads))
                for word in _shown("--ro-bind", path)
            ),
            *(_graphics() if graphics else ()),
            *(_shown("--bind", cwd.absolute()) if cwd else ()),
            *("--remount-ro", "/", "--chdir", str(cwd.absolute() if cwd else "/")),
            *("--", str(tool), *args[1:]),
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
