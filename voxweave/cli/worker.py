"""`voxweave worker`: makes the films that wait, in the background or here."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from voxweave.cli import one_line
from voxweave.errors import Exit, Stopped, StorageError, UsageError
from voxweave.places import state_folder

if TYPE_CHECKING:
    from filelock import FileLock

_QUEUE = "VOXWEAVE_QUEUE"
_LOCK, _NOTE, _LOG = "worker.lock", "worker.json", "worker.log"
_LOG_MOST_BYTES = 5 << 20
_STARTS_WITHIN_S, _ENDS_WITHIN_S = 20.0, 5.0
_LOOK_S, _KNOWN_WITHIN_S = 0.05, 1.0
_PATIENCE_S = 1.8
_IDLE_S = 60.0
"""How long a worker that nobody asked for by name waits for more to do."""


def _or_before(ctx: click.Context, option: click.Parameter, value: object) -> object:
    """What was said before the name of a command, where it is not said after it."""
    above = ctx.parent.params.get(option.name or "") if ctx.parent else None
    said = ctx.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
    return value if said or above is None else above


_at_once = click.option(
    "--at-once",
    callback=_or_before,
    type=click.IntRange(1, 64),
    metavar="N",
    help="So many films at once. Default: as many as cores and memory allow, 8 at most. With --queue for each of all its"
    " workers, from now on. Default there: as it was said before, or 2.",
)
_queue = click.option(
    "--queue",
    callback=_or_before,
    metavar="URL",
    envvar=_QUEUE,  # an address with a password does not belong in a list of processes
    help="Take work of many machines from this postgresql:// queue; none of our own.",
)
_artifacts = click.option(
    "--artifacts", callback=_or_before, metavar="STORE", help="With --queue: the store all its workers share."
)


@dataclass(frozen=True)
class Running:
    """The worker of this user on this machine."""

    pid: int
    started: str
    since: str


@click.group(
    invoke_without_command=True,
    help="Make the films that wait. Without a command of its own it runs here, as run does.",
)
@_at_once
@_queue
@_artifacts
@click.pass_context
def worker(ctx: click.Context, at_once: int | None, queue: str | None, artifacts: str | None) -> int:
    if ctx.invoked_subcommand is None:
        return _run(at_once, queue, artifacts, idle_s=None)
    if ctx.invoked_subcommand != "run" and ctx.get_parameter_source("queue") is ParameterSource.COMMANDLINE:
        raise UsageError(
            f"worker {ctx.invoked_subcommand} speaks of this machine's own worker",
            hint="voxweave worker run --queue URL works at a queue",
        )
    return Exit.DONE


@worker.command(help="Make the films that wait, here, until it is stopped.")
@_at_once
@_queue
@_artifacts
@click.option("--idle-s", type=float, hidden=True)
def run(at_once: int | None, queue: str | None, artifacts: str | None, idle_s: float | None) -> int:
    return _run(at_once, queue, artifacts, idle_s=idle_s)


@worker.command(help="Begin a worker in the background, which works until it is stopped.")
@_at_once
def start(at_once: int | None) -> int:
    _refuse_second()
    found = _begin(() if at_once is None else ("--at-once", str(at_once)))
    click.echo(f"the worker is process {found.pid}; its log is {own_folder() / _LOG}", err=True)
    return Exit.DONE


@worker.command(help="End the worker: what it makes is left where it is, and goes on with the next one.")
def stop() -> int:
    found = running()
    if found is None:
        click.echo("no worker is running", err=True)
        return Exit.DONE
    for number in (signal.SIGTERM, signal.SIGKILL):  # its films end with it, however it ends
        with contextlib.suppress(ProcessLookupError):
            os.kill(found.pid, number)
        if _until(lambda: running() is None, _ENDS_WITHIN_S):
            click.echo(f"the worker (process {found.pid}) has ended", err=True)
            return Exit.DONE
    raise StorageError(f"process {found.pid} does not end", hint=f"kill -9 {found.pid} ends it")


@worker.command(help="Whether a worker runs, and how many films wait for it.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def status(as_json: bool) -> int:
    found, waiting, at_work = running(), *_counted()
    if as_json:
        told = {"running": found is not None, "pid": found and found.pid, "since": found and found.since}
        click.echo(
            json.dumps({**told, "waiting": waiting, "at_work": at_work, "log": str(own_folder() / _LOG)})
        )
        return Exit.DONE
    where = f"runs since {found.since} as process {found.pid}" if found else "does not run"
    click.echo(f"the worker {where}; {waiting} films wait, {at_work} are being made")
    return Exit.DONE


def running() -> Running | None:
    """The worker that holds the lock, or None; StorageError where nobody knows who holds it."""
    from filelock import Timeout

    from voxweave.jobs.living import alive

    ends = time.monotonic() + _KNOWN_WITHIN_S
    while True:
        try:
            with _lock().acquire(timeout=0):
                return None
        except Timeout:
            note = _noted()
            if note is not None and alive(note.pid, note.started):
                return note
        except OSError as error:
            raise StorageError(f"{own_folder()} cannot be written: {error.strerror}") from error
        if time.monotonic() > ends:
            raise StorageError(f"{own_folder() / _LOCK} is held by a process that is not known")
        time.sleep(_LOOK_S)  # it has just begun, or is just looked at by somebody else


def ensure_worker() -> None:
    """A worker is there for what waits: the one that runs, or a new one that ends when nothing is left to do."""
    if running() is None:
        _begin(("--idle-s", str(_IDLE_S)))


def _run(at_once: int | None, queue: str | None, artifacts: str | None, *, idle_s: float | None) -> int:
    if queue:
        from voxweave.cli.fleet import run_worker

        return run_worker(queue, artifacts, at_once=at_once)
    if artifacts:
        raise UsageError("--artifacts goes with --queue", hint="one machine needs no shared store")
    while True:
        with _alone():
            code = _work(at_once, idle_s)
        if code or idle_s is None or not _counted()[0]:  # a job may have come while the lock was held still
            return code


def _work(at_once: int | None, idle_s: float | None) -> int:
    from voxweave.cli.signals import listening
    from voxweave.cli.worker_run import WorkerRun, plain_environment, say
    from voxweave.fleet.crew import Crew, crew_size
    from voxweave.media.stopping import StopSignal

    plain = plain_environment(os.environ)
    os.environ.clear()
    os.environ.update(plain)
    films, workers = crew_size(at_once)
    stop = StopSignal()
    say("worker", f"begins, {films} films at once, process {os.getpid()}")

    def last() -> None:
        click.echo(one_line(Stopped()), err=True)

    with (
        listening(stop, last=last, patience_s=_PATIENCE_S),
        Crew(stop, at_once=films, workers=workers) as crew,
    ):
        WorkerRun(crew, stop, idle_s).run()
    say("worker", "ends")
    try:
        stop.check()
    except Stopped as error:
        return error.exit_code
    return Exit.DONE


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Hold the worker's lock, which the kernel frees however we end; UsageError where another holds it."""
    from filelock import Timeout

    from voxweave.jobs.cards import later
    from voxweave.jobs.living import started
    from voxweave.media.files import write_atomically

    _refuse_second()
    lock = _lock()
    try:
        lock.acquire(timeout=_KNOWN_WITHIN_S)
    except Timeout:
        raise UsageError("a worker is already running", hint="voxweave worker status") from None
    except OSError as error:
        raise StorageError(f"{own_folder()} cannot be written: {error.strerror}") from error
    try:
        note = {"pid": os.getpid(), "started": started(os.getpid()), "since": later("")}
        write_atomically(own_folder() / _NOTE, json.dumps(note))
        yield
    finally:
        lock.release()


def _refuse_second() -> None:
    found = running()
    if found is not None:
        raise UsageError(
            f"a worker is already running (process {found.pid})", hint="voxweave worker status, or stop"
        )


def _begin(flags: tuple[str, ...]) -> Running:
    """Start one in the background, and wait until it is there."""
    from voxweave.fleet.crew import PROGRAM

    log = _log()
    try:
        with log.open("ab") as stream:
            child = subprocess.Popen(
                [*PROGRAM, "worker", "run", *flags], cwd=own_folder(), start_new_session=True, env=_here(),
                stdin=subprocess.DEVNULL, stdout=stream, stderr=stream,
            )  # fmt: skip
    except OSError as error:
        raise StorageError(f"the worker cannot be started: {error.strerror}") from error
    _until(lambda: child.poll() is not None or _is_up(child.pid), _STARTS_WITHIN_S)
    found = running()
    if found is None:
        raise StorageError("the worker did not start", hint=f"{log} tells why")
    return found


def _here() -> dict[str, str]:
    """The environment of a worker for this machine's own jobs, though a queue may be named for other commands."""
    return {name: value for name, value in os.environ.items() if name != _QUEUE}


def _is_up(pid: int) -> bool:
    note = _noted()
    return note is not None and note.pid == pid


def _noted() -> Running | None:
    try:
        return Running(**json.loads((own_folder() / _NOTE).read_bytes()))
    except (OSError, ValueError, TypeError):  # none yet
        return None


def _log() -> Path:
    """The log; a full one is put aside."""
    file = own_folder() / _LOG
    with contextlib.suppress(OSError):
        if file.stat().st_size > _LOG_MOST_BYTES:
            file.replace(file.with_name(f"{_LOG}.1"))
    return file


def _counted() -> tuple[int, int]:
    """How many jobs wait, and how many are being made."""
    from voxweave.jobs.index import Index

    with Index() as index:
        return index.cards(states=("waiting",), limit=1)[1], index.cards(states=("running",), limit=1)[1]


def _until(is_so: Callable[[], bool], within_s: float) -> bool:
    ends = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > ends:
            return False
        time.sleep(_LOOK_S)
    return True


def _lock() -> "FileLock":
    from filelock import FileLock

    return FileLock(own_folder() / _LOCK)


def own_folder() -> Path:
    """Where the worker keeps what is its own."""
    try:
        state_folder().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"the folder of the worker cannot be made: {error.strerror}") from error
    return state_folder()
