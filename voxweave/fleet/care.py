"""What one worker does for all: work whose worker is gone is given to others, and no film is forgotten."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from voxweave.core.text import counted
from voxweave.errors import Exit
from voxweave.jobs.board import Board
from voxweave.jobs.cards import CardError
from voxweave.jobs.cluster import Engine
from voxweave.jobs.lease import Lease
from voxweave.jobs.talks import SILENT_S, Talk, Talks, take_of, worker_of

_STRAY_S = 20.0
_STRAYS = 50
"""So many of the films at work are looked at; by lot, so that all are in time, by one worker or another."""


@dataclass
class Care:
    """One worker's care for the work of all."""

    engine: Engine
    lease: Lease
    talks: Talks
    queue: str
    say: Callable[[str], None]
    _looked: float = field(default_factory=time.monotonic)

    def look(self) -> None:
        """See to the work of those that are gone, and now and then to films that are nobody's."""
        if not self.lease.settled:
            return
        self._bury()
        if time.monotonic() - self._looked > _STRAY_S:
            self._looked = time.monotonic()
            self.engine.take_up()
            for name in brought_back(self.talks, self.queue, self.engine.version):
                self.say(f"{name} was nobody's: it waits for a worker again")

    def _bury(self) -> None:
        others = self.engine.others()
        # Before we look who is gone: what one takes after that is no dead worker's.
        takes = self.talks.takes() if others else set()
        silent = {one.worker: one.silent_s for one in self.talks.workers()}
        for other in others:
            with self.lease.burying(other) as free:
                if free or silent.get(other, 0.0) > SILENT_S:
                    self._give_away(other, [take for take in takes if worker_of(take) == other])

    def _give_away(self, other: str, takes: list[str]) -> None:
        """Films first: whoever is handed the work then finds them waiting, and what it begins is not undone."""
        for take in takes:
            self.talks.put_back(take)
        taken = self.engine.take_from(other)
        self.talks.gone(other)
        if taken:
            self.say(f"{other} is gone: {counted(taken, 'piece')} of its work wait for others")


def brought_back(talks: Talks, queue: str, version: str) -> list[str]:
    """Put films of a version into the queue again whose work there is over or gone, though they are not; their names.

    That happens to a film whose taker heard that it was no longer its own, and said so to the engine before anybody
    else had it. Work that the engine says has failed met a bug of ours, which another try would only repeat: its film
    is ended, so that nobody waits for it.
    """
    some = talks.some(version, _STRAYS)
    if not some:
        return []
    living = {one.worker for one in talks.workers() if one.silent_s < SILENT_S}
    found: list[str] = []
    with Board(queue) as board:
        tasks = board.look([talk.workflow for talk in some])
        for talk in some:
            task = tasks.get(talk.workflow)
            if (task is not None and task.state not in ("done", "failed")) or talk.worker in living:
                continue
            if talk.owner:
                talks.put_back(talk.owner)
            if task is not None and task.state == "failed":
                _give_up(talks, talk)
                continue
            moved = talks.move(talk.card.id, talk.run, talk.version)
            if moved is not None:
                board.put_film(moved)
                found.append(talk.card.name)
    return found


def _give_up(talks: Talks, talk: Talk) -> None:
    error = CardError(
        code=Exit.BUG.name.lower(),
        message="the worker that took it met a bug before it began",
        hint="what the worker said there tells more; then voxweave jobs retry",
    )
    take = take_of("care")
    begun = talks.begin(talk.card.id, talk.run, take)
    if begun is not None:
        talks.end(talk.card.id, take, begun.card.ended(Exit.BUG, error), "")
