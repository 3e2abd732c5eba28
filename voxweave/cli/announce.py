"""`--on-complete`: a program of the user's own, run when a film or a batch has ended."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voxweave.core.text import printable
from voxweave.errors import Exit, UsageError
from voxweave.media.stopwatch import Alarm
from voxweave.settings.keys import may_hold_key

if TYPE_CHECKING:
    from voxweave.cli.running import Outcome

PREFIX = "VW_"
"""What the variables begin with that tell it what has ended."""
_LIMIT_S = 600

on_complete_option = click.option(
    "--on-complete",
    metavar="CMD",
    help="A program to run at the end, with its arguments; variables that begin with VW_ tell it what became of"
    " the work. No shell reads it.",
)


def words_of(command: str) -> tuple[str, ...]:
    """The program and its arguments; UsageError for what cannot be run, before any work."""
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"--on-complete cannot be read: {error}", hint="check its quotes") from error
    if not words:
        raise UsageError("--on-complete is empty", hint="name a program")
    if shutil.which(words[0]) is None:
        raise UsageError(
            f"--on-complete: there is no program {printable(words[0], most=400)}",
            hint="name one on the PATH, or its whole path; for a shell's line: sh -c '…'",
        )
    return words


def announce(command: str, facts: Mapping[str, object], *, cwd: Path | None = None) -> None:
    """Run it with the facts as variables; what goes wrong with it is told, and changes nothing else."""
    told = {f"{PREFIX}{name.upper()}": _text(fact) for name, fact in facts.items()}
    sys.stderr.flush()
    try:
        status, late = _ended(words_of(command), told, cwd)
    except (OSError, ValueError, UsageError) as error:
        click.echo(f"voxweave: --on-complete could not be run: {printable(str(error))}", err=True)
    else:
        if late:
            click.echo(f"voxweave: --on-complete was ended after {_LIMIT_S} s", err=True)
        elif status:
            click.echo(f"voxweave: --on-complete ended with status {status}", err=True)


def _ended(words: Sequence[str], told: Mapping[str, str], cwd: Path | None) -> tuple[int, bool]:
    """Its exit status, and whether it took too long."""
    kept = {name: text for name, text in os.environ.items() if not may_hold_key(name)}
    shown = sys.stderr.fileno()  # stdout is for paths and JSON
    with (
        subprocess.Popen(
            words, cwd=cwd, env={**kept, **told}, stdin=subprocess.DEVNULL, stdout=shown
        ) as running,
        ExitStack() as over,
    ):
        over.callback(running.kill)  # whatever else ends us; it is harmless once the program has ended
        alarm = over.enter_context(Alarm(_LIMIT_S, running.kill))
        status = running.wait()
    return status, alarm.rang and status != 0


def film_facts(narration: str, outcomes: "Sequence[Outcome]") -> dict[str, object]:
    """What became of a narration's films."""
    worst = min(outcomes, key=lambda one: (one.error is None, not one.status))
    made = [one.report for one in outcomes if one.report is not None]
    return {
        "event": "film",
        "state": {Exit.DONE: "done", Exit.PARTIAL: "short"}.get(Exit(worst.status), "failed"),
        "exit_code": int(worst.status),
        "narration": Path(narration).absolute(),
        "films": [report.film for report in made],
        "error": worst.error,
    }


def _text(fact: object) -> str:
    """A fact as a variable can hold it."""
    if isinstance(fact, list | tuple):
        return "\n".join(map(_text, fact))
    return "" if fact is None else str(fact).replace("\0", "")
