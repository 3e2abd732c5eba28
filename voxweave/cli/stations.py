"""The workers of one machine: one for every few cores, and a parent that begins those anew that die."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType

import click

from voxweave.cli.fleet import Fleet
from voxweave.cli.options import settings_for
from voxweave.cli.signals import listening
from voxweave.errors import Exit, Stopped
from voxweave.media.child import ends_with_us
from voxweave.media.cores import cores
from voxweave.media.stopping import StopSignal
from voxweave.places import cache_folder, expanded
from voxweave.settings import Settings
from voxweave.settings.matters import OF_THE_MACHINE

CORES_EACH = 3
"""The engine gives every worker as many scenes as every other (jobs/cluster.SCENES_AT_ONCE): one more than it encodes
at once, so that the next lies ready."""
_PATIENCE_S = 8.0
_AGAIN_S = 2.0
_ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_KEPT = OF_THE_MACHINE - {"workers"}
"""Settings that are the machine's own; a film brings the others, and its scenes are as many as the worker has cores."""


def work_here(fleet: Fleet, *, talks: int | None) -> int:
    """Work until a signal; the exit status."""
    settings = settings_for(Path.cwd(), {}, None).settings
    _forget_settings()
    stations = [partial(_work, fleet, settings, talks, share) for share in shares_of(cores())]
    return stations[0]() if len(stations) == 1 else Parent(stations).run()


def shares_of(whole: int) -> list[int]:
    """The cores of each worker of a machine that has so many."""
    count = -(-whole // CORES_EACH)
    return [whole // count + (place < whole % count) for place in range(count)]


@dataclass
class Parent:
    """Begins workers as children, and those that die once more; ends when one ends by itself, or we are told to."""

    stations: Sequence[Callable[[], int]]
    _running: dict[int, Callable[[], int]] = field(default_factory=dict)
    _told: int = 0

    def run(self) -> int:
        """The exit status."""
        for number in _ENDS:
            signal.signal(number, self._hear)
        for station in self.stations:
            self._begin(station)
        while self._running:
            pid, status = os.wait()
            station = self._running.pop(pid)
            code = os.waitstatus_to_exitcode(status)
            if code == Exit.TERMINATED or self._told:
                self._hear(signal.SIGTERM, None)
            else:
                _say(f"a worker ended with status {code}; it is begun again")
                time.sleep(_AGAIN_S)
                self._begin(station)
        return Exit.STOPPED if self._told == signal.SIGINT else Exit.TERMINATED

    def _begin(self, station: Callable[[], int]) -> None:
        """Begin a worker, unless we were told to end; a signal comes before it is there, or once we can pass it on."""
        end_with_us = ends_with_us()
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
        try:
            if self._told:
                return
            pid = os.fork()
            if pid == 0:
                for number in _ENDS:
                    signal.signal(number, signal.SIG_DFL)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
                end_with_us()
                os._exit(_status_of(station))
            self._running[pid] = station
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._told = self._told or number
        self._tell(signal.SIGTERM)

    def _tell(self, number: signal.Signals) -> None:
        for pid in list(self._running):
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(pid, number)


def _status_of(station: Callable[[], int]) -> int:
    from voxweave.cli import tell_error

    try:
        return station()
    except Exception as error:
        return int(tell_error(error))


def _work(fleet: Fleet, settings: Settings, talks: int | None, scenes: int) -> int:
    """One worker, in this process."""
    from voxweave.fleet.station import Post, Station
    from voxweave.jobs.board import prepare
    from voxweave.jobs.cluster import in_our_words
    from voxweave.jobs.log import set_up
    from voxweave.media.ffmpeg import find_ffmpeg

    set_up()
    prepare(fleet.queue)
    post = Post(
        queue=fleet.queue,
        artifacts=fleet.artifacts,
        work=_work_folder(settings),
        ledger=settings.ledger or fleet.queue,
        talks=talks,
        scenes=scenes,
    )
    stop = StopSignal()
    station = Station(post, find_ffmpeg(settings.ffmpeg, settings.sandbox), stop, _say)
    with listening(stop, last=lambda: None, patience_s=_PATIENCE_S):
        with in_our_words(fleet.queue):
            station.serve()
        try:
            stop.check()
        except Stopped as error:
            os._exit(error.exit_code)  # the engine's threads wait for work that others do now
    return Exit.DONE


def _work_folder(settings: Settings) -> Path:
    """Where films and scenes are worked on; what matters of them lies in the artifacts."""
    return expanded(settings.work) if settings.work else cache_folder() / "worker"


def _forget_settings() -> None:
    """A film's settings come with it; what this machine's variables say must not change it."""
    for key in Settings.model_fields.keys() - _KEPT:
        os.environ.pop(f"VOXWEAVE_{key.upper()}", None)


def _say(line: str) -> None:
    click.echo(f"voxweave: {line}", err=True)
