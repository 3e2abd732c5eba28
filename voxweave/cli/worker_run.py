"""The worker at work: takes jobs that wait, runs them, and lives through whatever becomes of one."""

import contextlib
import json
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import click

from voxweave.cli.completing import due
from voxweave.cli.worker import own_folder
from voxweave.core.text import printable
from voxweave.errors import VoxWeaveError
from voxweave.fleet.crew import Crew, Ended, Errand
from voxweave.fleet.ends import kept, line_again, remember_end, settle, verdict
from voxweave.jobs.cards import Card, card_in, error_of, making, seen
from voxweave.jobs.index import Index
from voxweave.jobs.living import started
from voxweave.jobs.proofs import digest_of
from voxweave.media.files import write_atomically
from voxweave.media.stopping import StopSignal
from voxweave.settings import CONFIG, Settings
from voxweave.settings.matters import OF_THE_MACHINE

_BEAT_S, _LOOK_S, _LONGEST_PAUSE_S = 0.25, 1.0, 30.0
_TAKEN = "worker.taken.json"


@dataclass
class WorkerRun:
    """Takes jobs from the index as there is room, until it is stopped or has been idle for `idle_s`."""

    crew: Crew
    stop: StopSignal
    idle_s: float | None = None
    _taken: dict[Path, Card] = field(default_factory=dict)
    _pause_s: float = _LOOK_S
    _look_at: float = 0.0
    _busy_at: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        """Work until the end; jobs that a stop ended are remembered, and wait again for the next worker."""
        self._take_up()
        while not (self.stop.is_set() and not self.crew.busy) and not self._idle:
            if not self.stop.is_set() and time.monotonic() >= self._look_at:
                self._look()
            for news in self.crew.news(_BEAT_S):
                if isinstance(news, Ended):
                    self._end(news)

    @property
    def _idle(self) -> bool:
        if self.crew.busy:
            self._busy_at = time.monotonic()
        return self.idle_s is not None and time.monotonic() - self._busy_at >= self.idle_s

    def _look(self) -> None:
        """Take what waits; trouble with the disk or the index is told once, and tried again after a while."""
        self._look_at = time.monotonic() + self._pause_s
        try:
            while self.crew.has_room and self._take_one():
                pass
        except (VoxWeaveError, OSError) as error:
            say(
                "worker",
                f"jobs cannot be taken: {printable(str(error))}; trying again in {self._pause_s:.0f} s",
            )
            self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        else:
            self._pause_s = _LOOK_S

    def _take_one(self) -> bool:
        with Index() as index:
            if not index.cards(states=("waiting",), limit=1)[1]:  # a look costs less than a claim
                return False
            card = index.claim()
        if card is None:
            return False
        if self.crew.works_on(card.folder):  # asked for again before we heard that it has ended
            kept(card.moved("stopped").put_off())
            return False
        self._taken[card.folder] = card
        self._remember()
        try:
            self.crew.start(_errand(card))
        except VoxWeaveError as error:
            after = settle(card, error.exit_code, error_of(error))
            say(card.name, f"{after.state}: {printable(str(error))}")
            self._forget(after)
        else:
            say(card.name, "begun")
        return True

    def _end(self, ended: Ended) -> None:
        card = self._taken[ended.errand.job]
        status, error = verdict(ended)
        after = settle(card, status, error)
        remember_end(card.folder, digest_of(card.arguments), status)
        why = f": {after.error.message}" if after.error else ""
        say(card.name, f"{after.state}{why}")
        if not (self.stop.is_set() and after.state == "stopped"):
            self._forget(after)

    def _forget(self, card: Card) -> None:
        self._taken.pop(card.folder, None)
        self._remember()
        if card.batch:
            _tell_batch(card.batch)

    def _remember(self) -> None:
        """What a worker that dies leaves behind, so that the next one takes it up."""
        with contextlib.suppress(VoxWeaveError):
            names = [os.fsencode(folder).hex() for folder in self._taken]
            told = {"pid": os.getpid(), "started": started(os.getpid()), "jobs": names}
            write_atomically(own_folder() / _TAKEN, json.dumps(told))

    def _take_up(self) -> None:
        """Jobs that the last worker was stopped at wait again."""
        for folder in _left_behind():
            card = card_in(folder)
            if card is not None and seen(card).state == "stopped":
                kept(seen(card).put_off())
                say(card.name, "waits again")
        self._remember()


def say(name: str, text: str) -> None:
    """A line in the worker's log; a disk that is full does not end the worker."""
    now = datetime.now().astimezone().isoformat(" ", "seconds")
    with contextlib.suppress(OSError, ValueError):
        click.echo(f"{now} {name}: {text}", err=True)


def plain_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment that changes no film: settings stand in the lines of jobs, keys stay."""
    ours = {f"VOXWEAVE_{key.upper()}" for key in Settings.model_fields if key not in OF_THE_MACHINE}
    return {name: value for name, value in environ.items() if name not in ours | {CONFIG}}


def _errand(card: Card) -> Errand:
    making(card)  # nothing but a film is made by what a file in a folder says
    cwd = card.cwd if card.cwd.is_dir() else card.narration.parent
    return Errand(card.folder, card.name, line_again(card), cwd)


def _left_behind() -> list[Path]:
    """The jobs the last worker had taken: those it wrote down, and one it may just have claimed."""
    try:
        told = json.loads((own_folder() / _TAKEN).read_bytes())
        noted = [Path(os.fsdecode(bytes.fromhex(name))) for name in told["jobs"]]
        return list(dict.fromkeys([*noted, *_claimed_by(told["pid"], told["started"])]))
    except (OSError, ValueError, TypeError, KeyError, VoxWeaveError):  # none yet, or cut short
        return []


def _claimed_by(pid: int, since: str) -> list[Path]:
    with Index() as index:
        # A claim that was killed before its end is on the card, and not here yet.
        cards, _ = index.cards(states=("waiting", "running", "stopped"))
    found = [card_in(card.folder) for card in cards]
    return [
        card.folder
        for card in found
        if card and card.claimed and (card.pid, card.pid_started) == (pid, since)
    ]


def _tell_batch(batch: str) -> None:
    """Run what a detached batch asked for at its end, once its last film has ended."""
    with contextlib.suppress(VoxWeaveError):
        run = due(batch)
        if run is not None:
            threading.Thread(target=run, daemon=True).start()
