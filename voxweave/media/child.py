"""A program running under limits: its own group, a clean environment, an end with ours."""

import ctypes
import fcntl
import os
import resource
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

from voxweave.core.text import printable
from voxweave.errors import DependencyError, InputError, OutOfTime, StorageError
from voxweave.media.cage import Cage, told
from voxweave.media.stopping import StopSignal
from voxweave.media.stopwatch import Alarm

_PR_SET_PDEATHSIG = 1
_TAIL_LINES = 40
_LINE_CHARS = 400
_CAGE_SPEAKS = "bwrap: "
_CAGE_MISSED = ("Race condition", "Can't find source path /proc/self/fd")
_PIPE_BYTES = 1 << 20
_LAST_WORDS_S = 5
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Limits:
    """What a program may use; None leaves the system's own limit."""

    memory_mb: int | None = None
    cpu_s: int | None = None
    file_mb: int | None = None


@dataclass(frozen=True)
class Surroundings:
    """Where a program runs and what it is handed.

    In a cage it sees nothing but its folder `cwd`, which it may write to, and `reads`; the files open as `fds`,
    named `file:/dev/fd/N` by an argument, have another name there and may only be read.
    """

    cwd: Path | None = None
    fds: Sequence[int] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = Limits()
    cage: Cage | None = None
    reads: Sequence[Path] = ()
    graphics: bool = False

    def command(self, args: Sequence[str]) -> Sequence[str]:
        """The command line, with the cage around it where there is one."""
        if self.cage is None:
            return args
        return self.cage.around(args, self.cwd, self.reads, fds=self.fds, graphics=self.graphics)


def clean_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """What a child sees of our environment: no key, no FFREPORT, no locale surprise."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "SYSTEMROOT") if name in os.environ}
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", **kept, **extra}


def _before_exec(limits: Limits) -> Callable[[], None]:
    """Runs in the child between fork and exec: nothing but system calls."""
    wanted = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, limits.memory_mb and limits.memory_mb << 20),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, limits.file_mb and limits.file_mb << 20),
    ]
    parent = os.getpid()

    def apply() -> None:
        for what, limit in wanted:
            if limit is not None:
                resource.setrlimit(what, (limit, limit))
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # we died before the request was in force
                os._exit(127)

    return apply


def ends_with_us() -> Callable[[], None]:
    """What a child started elsewhere runs before its program, to be gone when the thread that starts it is."""
    return _before_exec(Limits())


class Child:
    """A running program; use as a context manager, read `stdout`, write `stdin`, then `wait`.

    It is ended after `limit_s`, of which only what we lived through ourselves is counted.
    """

    def __init__(
        self,
        args: Sequence[str],
        stop: StopSignal,
        *,
        around: Surroundings | None = None,
        feed: bool = False,
        limit_s: float | None = None,
    ) -> None:
        around = around or Surroundings()
        self._stop, self._caged = stop, around.cage is not None
        self._program, self._limit_s, self._late = Path(args[0]).name, limit_s, False
        self._first = ""
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        with _starting(args[0]):
            self._popen = subprocess.Popen(
                around.command(args),
                stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=around.cwd,
                env=clean_environment(around.env),
                pass_fds=tuple(around.fds),
                start_new_session=True,
                preexec_fn=_before_exec(around.limits),
            )
        if feed:
            _widen(self.stdin)
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()
        self._watches = ExitStack()

    def __enter__(self) -> Self:
        self._watches.enter_context(self._stop.watching(self))
        self._watches.enter_context(Alarm(self._limit_s, self._over))
        return self

    def __exit__(self, *error: object) -> None:
        self._watches.close()
        if self._popen.poll() is None:
            self.kill()
            self._popen.wait()
        self._listened()
        for stream in (self._popen.stdin, self._popen.stdout, self._popen.stderr):
            if stream is not None:
                _close(stream)

    @property
    def stdin(self) -> IO[bytes]:
        """The pipe into the program; only with `feed`."""
        assert self._popen.stdin is not None
        return self._popen.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """The pipe out of the program."""
        assert self._popen.stdout is not None
        return self._popen.stdout

    @property
    def errors(self) -> tuple[str, ...]:
        """The last lines it wrote to standard error."""
        return tuple(self._tail)

    def wait(self, purpose: str = "") -> int:
        """Its exit status, negative for a signal; Stopped when we were asked to end.

        OutOfTime when it did not come to its end within its limit. DependencyError when the cage itself failed:
        that is nobody's file. InputError when a file that it should show is no longer where it was opened.
        """
        status = self._popen.wait()
        self._listened()
        self._stop.check()
        if status and self._late:
            raise OutOfTime(
                f"{printable(purpose or self._program)} took longer than {self._limit_s:g} s",
                hint="this machine has too much to do; run it again when it has less",
            )
        return self._in_cage(status) if self._caged else status

    def _in_cage(self, status: int) -> int:
        if status == 1 and self._first.startswith(_CAGE_SPEAKS):  # later lines may be a stranger's words
            said = printable(self._first.removeprefix(_CAGE_SPEAKS))
            if said.startswith(_CAGE_MISSED):
                raise InputError(
                    "a file was moved or replaced while it was read",
                    hint="leave it until the film is made, and run the same command again",
                )
            raise DependencyError(f"the sandbox failed: {said}", hint="voxweave doctor")
        return told(status)

    def kill(self) -> None:
        """End its whole group at once; what it was writing is a part file nobody will miss."""
        if self._popen.poll() is None:
            try:
                os.killpg(self._popen.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def _over(self) -> None:
        self._late = self._popen.poll() is None
        self.kill()

    def _listened(self) -> None:
        """Wait for its last words, but not for those of a program it left behind; a stop of ours ends one turn."""
        for _ in range(_LAST_WORDS_S):
            self._reader.join(timeout=1)

    def _drain(self) -> None:
        assert self._popen.stderr is not None
        for raw in iter(lambda: self._popen.stderr.readline(_LINE_CHARS), b""):  # type: ignore[union-attr]
            line = raw.decode("utf-8", "backslashreplace").rstrip()
            if line:
                self._first = self._first or line
                self._tail.append(line)


@contextmanager
def _starting(program: str) -> Iterator[None]:
    """Say in our words why a program cannot be started."""
    try:
        yield
    except FileNotFoundError as error:
        raise DependencyError(f"{program} cannot be started: not found", hint="voxweave doctor") from error
    except PermissionError as error:
        raise DependencyError(f"{program} cannot be started: not allowed", hint="voxweave doctor") from error
    except OSError as error:
        raise StorageError(f"{program} cannot be started: {error.strerror}") from error


def _widen(pipe: IO[bytes]) -> None:
    """Room for a third of a 1080p picture instead of a fiftieth: a fifteenth of the switches between programs."""
    if sys.platform == "linux":
        try:
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        except OSError:  # the system's own limit for a user is reached, or set lower
            return


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:  # what was still buffered for a program that has ended
        pass
