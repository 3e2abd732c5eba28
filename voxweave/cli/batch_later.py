"""`voxweave batch --detach`: what is missing waits for the worker."""

import json
import shlex
from collections.abc import Sequence
from pathlib import Path

import click

from voxweave.cli.batch import Manner, whole
from voxweave.cli.batch_others import says_the_same
from voxweave.cli.batch_roll import enrol, note_end
from voxweave.cli.batch_run import Entry, exit_status, with_leave
from voxweave.cli.completing import complete_with, forget, tell_batch
from voxweave.cli.crowd import Board
from voxweave.cli.detached import put_waiting, work_on
from voxweave.cli.wanted import Wanted
from voxweave.cli.worker import ensure_worker
from voxweave.core.job_states import AT_WORK
from voxweave.errors import UsageError, VoxWeaveError
from voxweave.jobs.cards import card_in, error_of, seen


def left_to_worker(entries: Sequence[Entry], manner: Manner) -> int:
    """What is missing waits for the worker; its jobs go by the name of the batch."""
    board = Board(manner.name, [entry.row for entry in entries])
    waiting = [entry for entry in entries if entry.row.state == "waiting"]
    _check_jobs_apart(waiting)
    forget(manner.name)
    enrol(manner.name, entries, here=False)
    for place, entry in enumerate(entries):
        if entry.row.state == "waiting":
            _put_waiting(entry, manner)
        if entry.row.state == "failed":
            note_end(manner.name, place, entry)
    if manner.on_complete:
        complete_with(manner.name, manner.on_complete, entries)
    if any(entry.row.state in AT_WORK for entry in entries):
        ensure_worker()
    if manner.as_json:
        click.echo(json.dumps(whole(entries, board), indent=2))
    if not manner.quiet:
        shown = shlex.quote(manner.name)
        click.echo(
            f"{board.name}: {board.line()}; voxweave batch status {shown} tells how far it is", err=True
        )
    tell_batch(manner.name)  # nothing was to do, or the worker was quicker
    left = [entry for entry in entries if entry.row.state not in AT_WORK]
    return exit_status(left)


def _put_waiting(entry: Entry, manner: Manner) -> None:
    card = card_in(entry.wanted.job)
    at_work = card is not None and seen(card).state == "running"
    if card is not None and at_work and (card.batch == manner.name or says_the_same(entry.wanted, card)):
        entry.row.state = "running"  # the worker has it already, or another makes it by the same line
        return
    try:
        wanted = with_leave(entry.wanted)
        work = work_on(wanted, batch=manner.name, priority=manner.priority)
        entry.card = put_waiting(wanted, work)
    except VoxWeaveError as error:
        entry.row.state, entry.status, entry.error = "failed", error.exit_code, error_of(error)
        click.echo(entry.line(), err=True)


def _check_jobs_apart(entries: Sequence[Entry]) -> None:
    """UsageError where two films would wait on one card: a narration's job has but one."""
    taken: dict[Path, Wanted] = {}
    for entry in entries:
        other = taken.setdefault(entry.wanted.job, entry.wanted)
        if other is not entry.wanted:
            raise UsageError(
                f"{entry.wanted.place}: with --detach a narration makes one film, and {other.place} has it too",
                hint="leave out --detach, or give one of them another work folder",
            )
