"""Keeps the card of a narration's job while its films are made; no disk error here ever costs a film."""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from pydantic import TypeAdapter

from voxweave.cli.options import own_file, said
from voxweave.core.events import Event
from voxweave.core.logline import facts
from voxweave.core.redaction import redacted
from voxweave.core.text import printable
from voxweave.errors import Exit, Stopped, VoxWeaveError
from voxweave.settings import CONFIG, Loaded, Settings, from_folder
from voxweave.settings.sharing import ADDRESSES

if TYPE_CHECKING:
    from voxweave.cli.running import Outcome
    from voxweave.jobs.cards import Card, CardError, Priority
    from voxweave.pipeline.studio import Studio

CANCEL = "cancel"
"""A file of this name in a job's folder says that whoever stops the job means it for good."""
_EVERY_S = 1.0
_BUSY_S = 1.0
"""How long a film waits for the list of jobs."""
_NOT_WRITTEN = {*ADDRESSES, "workers"}
"""Variables that a card does not repeat: what may hold a password, and what is a matter of the machine's load."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Line:
    """What a line of `make` says, in parts that can be put together again."""

    flags: Mapping[str, object]
    config: str | None = None
    output: str | None = None
    files: Mapping[str, Path] = field(default_factory=dict)
    overwrite: bool = False
    priority: "Priority | None" = None
    on_complete: str = ""

    def words(self, narration: str, loaded: Loaded) -> tuple[str, ...]:
        """What follows `voxweave` to make the narration's films again, from anywhere and in another environment."""
        given = {f"--{name}": str(file.absolute()) for name, file in self.files.items()}
        output = {"-o": _absolute(self.output)} if self.output else {}
        return (
            *self._config(),
            *("make", str(Path(narration).absolute())),
            *(word for pair in (output | given).items() for word in pair),
            *_as_flags(from_folder(self._from_environment(loaded) | said(self.flags), Path.cwd())),
            *(["--overwrite"] if self.overwrite else []),
            *(["--on-complete", self.on_complete] if self.on_complete else []),
        )

    def _config(self) -> tuple[str, ...]:
        named = self.config is not None or os.environ.get(CONFIG)
        return ("--config", str(own_file(self.config).absolute())) if named else ()

    def _from_environment(self, loaded: Loaded) -> dict[str, object]:
        """What variables set."""
        names = {key: f"VOXWEAVE_{key.upper()}" for key in Settings.model_fields if key not in _NOT_WRITTEN}
        return {key: os.environ[name] for key, name in names.items() if loaded.origins[key] == name}


class KeptCard:
    """The card of one narration's job, from its first sign of work to the end of its last film.

    Until then nothing is written: a narration that is not there gets no folder, and a job that
    another run holds keeps that run's card.
    """

    def __init__(self, narration: str, line: Line, *, now: Callable[[], float] = time.monotonic) -> None:
        self._narration, self.line, self._now = narration, line, now
        self._card: Card | None = None
        self._prospect: Card | None = None
        self._wrote = 0.0
        self._turn = threading.Lock()
        self._broken = False
        self._ledger = ""

    def heard(self, studio: "Studio", loaded: Loaded) -> "Studio":
        """The studio with an ear of ours at what it tells."""
        self._ledger = loaded.settings.ledger
        if self._prospect is None:
            with self._bearing():
                self._prospect = self._found(studio.work, loaded)
        tell = studio.tell

        def both(event: Event) -> None:
            tell(event)
            self._hear(event)

        return replace(studio, tell=both)

    def _found(self, work: Path | None, loaded: Loaded) -> "Card":
        """The job's card with this line on it; one that a worker runs keeps the line it was handed in with."""
        from voxweave.jobs.cards import Work, card_in, new_card
        from voxweave.jobs.job import job_folder

        source = Path(self._narration)
        known = card_in(job_folder(source, work))
        if known is not None and known.claimed:
            return known
        words = self.line.words(self._narration, loaded)
        return new_card(source, work, Work(words, Path.cwd(), priority=self.line.priority))

    def end(self, outcomes: Sequence["Outcome"]) -> None:
        """Write down what became of it."""
        with self._turn, self._bearing():
            if self._card is None:
                self._card = self._commissioned()
            if self._card is None:
                return
            self._card = _as_meant_now(self._card)
            self._finish(outcomes)

    def _hear(self, event: Event) -> None:
        """Called by any thread, often; what comes while a card is being written is left out."""
        if self._broken or event.kind == "notice" or not self._turn.acquire(blocking=False):
            return
        try:
            with self._bearing():
                self._follow(event)
        finally:
            self._turn.release()

    def _follow(self, event: Event) -> None:
        from voxweave.jobs.cards import keep_card

        if self._card is None:
            self._begin()
        if self._card is None or self._now() - self._wrote < _EVERY_S:
            return
        self._wrote = self._now()
        told = {"stage": event.stage, "percent": min(int(event.done * 100), 99)}
        self._card = _as_meant_now(self._card).changed(**told)
        keep_card(self._card, lasting=False)

    def _begin(self) -> None:
        """The first event: the job is open, and this run holds it."""
        if self._prospect is None:
            return
        (self._prospect.folder / CANCEL).unlink(missing_ok=True)
        self._card = self._prospect.begun()
        self._put(lasting=False)
        _log(self._card, "the run began")

    def _commissioned(self) -> "Card | None":
        """The card of a job that was handed to us and never began; None for any other."""
        card = self._prospect
        return card.begun() if card is not None and card.claimed else None

    def _finish(self, outcomes: Sequence["Outcome"]) -> None:
        assert self._card is not None
        outcome = _worst(outcomes)
        made = [one.report.film.absolute() for one in outcomes if one.report is not None]
        told = {
            "films": tuple(dict.fromkeys([*self._card.films, *made])),
            "cost_usd": _cost(self._card.folder, self._ledger, outcomes),
        }
        given_up = isinstance(outcome.error, Stopped) and (self._card.folder / CANCEL).exists()
        self._card = (
            self._card.moved("cancelled", exit_code=outcome.status, **told)
            if given_up
            else self._card.ended(outcome.status, _error(outcome), **told)
        )
        self._put()
        _log(self._card, f"the run ended: {self._card.state}", outcome.error)

    def _put(self, *, lasting: bool = True) -> None:
        from voxweave.jobs.cards import keep_card
        from voxweave.jobs.index import Index

        assert self._card is not None
        keep_card(self._card, lasting=lasting)
        with Index(busy_s=_BUSY_S) as index:
            index.note(self._card)

    @contextlib.contextmanager
    def _bearing(self) -> Iterator[None]:
        """Say once that the card is not kept, and go on with the film."""
        try:
            yield
        except (VoxWeaveError, OSError) as error:
            if not self._broken:
                self._broken = True
                click.echo(f"voxweave: this job is not listed by voxweave jobs: {error}", err=True)


def _as_meant_now(card: "Card") -> "Card":
    """The card with what others may have changed while it was at work: its batch and its urgency."""
    from voxweave.jobs.cards import card_in

    now = card_in(card.folder) or card
    return card.model_copy(update={"batch": now.batch, "priority": now.priority})


def _worst(outcomes: Sequence["Outcome"]) -> "Outcome":
    """What the job's state goes by: a stop, else the first failure, else the first film short of what was asked."""
    ranked = sorted(outcomes, key=lambda one: (not one.stopped, one.error is None, not one.status))
    return ranked[0]


def _error(outcome: "Outcome") -> "CardError | None":
    """Why a job failed, or what its film lacks."""
    from voxweave.jobs.cards import CardError, error_of

    if outcome.error is not None:
        return error_of(outcome.error)
    if outcome.report is None or outcome.status != Exit.PARTIAL:
        return None
    lacks = "; ".join(printable(line, most=600) for line in outcome.report.shortfalls[:3])
    return CardError(code=Exit.PARTIAL.name.lower(), message=redacted(lacks), retryable=True)


def _cost(folder: Path, ledger: str, outcomes: Sequence["Outcome"]) -> float | None:
    """What the job's orders came to over all its runs, as the last report has it, else the ledger.

    None where that is not here, or cannot be read: nobody waits for a database at the end of a run that failed.
    """
    reports = [outcome.report for outcome in outcomes if outcome.report is not None]
    if reports:
        money = reports[-1].money
        return 0.0 if money is None else None if money.unpriced else money.spent_usd
    from voxweave.jobs.opening import has_orders, open_ledger

    if not has_orders(folder):
        return 0.0
    if ledger:
        return None
    try:
        with open_ledger(folder) as book:
            return book.totals().spent_usd
    except VoxWeaveError:
        return None


def _log(card: "Card", words: str, error: Exception | None = None) -> None:
    """A line in the job's log; a bug's traceback stands there too."""
    from voxweave.jobs.log import job_log

    told = card.error
    named = facts(status=card.exit_code, error=f"{told.code}: {told.message}" if told else "")
    bug = error if error is not None and not isinstance(error, VoxWeaveError) else None
    with job_log(card.folder / "log", card.name):
        _LOG.info(words, extra=named, exc_info=bug)


def _as_flags(values: Mapping[str, object]) -> Iterator[str]:
    for key, value in values.items():
        flag = key.replace("_", "-")
        if isinstance(value, bool):
            yield f"--{flag}" if value else f"--no-{flag}"
        elif Settings.model_fields[key].annotation is bool:  # a variable's word
            yield f"--{flag}" if TypeAdapter(bool).validate_python(value) else f"--no-{flag}"
        else:
            text = str(value)
            yield from [f"--{flag}={text}"] if text.startswith("--") else [f"--{flag}", text]


def _absolute(output: str) -> str:
    """A path from anywhere; the stroke at its end says that it is a folder."""
    return str(Path(output).absolute()) + (os.sep if output.endswith(os.sep) else "")
