"""`voxweave make` and `voxweave plan`: from the line typed to requests, and back to an exit status."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voxweave.cli.announce import announce, film_facts, on_complete_option, words_of
from voxweave.cli.keeping import KeptCard, Line
from voxweave.cli.options import own_file, settings_options
from voxweave.cli.outputs import Namer, presets_named
from voxweave.cli.running import Outcome, Run, Voice
from voxweave.core.text import printable
from voxweave.errors import Exit, RefusedError, UsageError
from voxweave.settings import load

if TYPE_CHECKING:
    from voxweave.jobs.cards import Priority

_HELP = """Make a film from each NARRATION.

The film is written beside the narration unless -o names another place, as talk.mp4 for talk.mp3.
The flag --preset takes several: youtube,shorts,square makes talk.youtube.mp4 and its like in one run; they share
all they can.
Words come from --subtitles, --script, or files of the narration's name (.srt, .vtt, .ass, .txt, .md).
Each setting is a flag, a VOXWEAVE_ variable or a key of voxweave.toml; voxweave config show tells them all.
What is done is kept: stop at any time, and the same command goes on.
"""


def _given(command: click.decorators.FC) -> click.decorators.FC:
    """The files a film is made from."""
    options = (
        click.option("--subtitles", metavar="FILE", help="SRT, WebVTT or ASS subtitles of the narration."),
        click.option("--script", metavar="FILE", help="The words of the narration as .txt or .md."),
        click.option("--overwrite", is_flag=True, help="Replace what is there already."),
        click.option(
            "-q", "--quiet", is_flag=True, help="Say nothing but errors and why a film falls short."
        ),
        click.option(
            "-v",
            "--verbose",
            count=True,
            help="What is asked of whom, and with errors all that is known about them; -vv says more.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command(help=_HELP)
@click.argument("narrations", metavar="NARRATION...", nargs=-1, required=True)
@click.option(
    "-o", "--output", metavar="FILE", help="The film's name, or a folder. Default: beside the narration."
)
@click.option("--storyboard", metavar="FILE", help="A storyboard written by voxweave plan, edited or not.")
@_given
@click.option(
    "--json", "as_json", is_flag=True, help="The report on stdout as JSON: one object, or an array."
)
@click.option("--events", is_flag=True, help="What happens on stdout as JSON lines; not with --json.")
@click.option(
    "--priority",
    type=click.Choice(("low", "normal", "high")),
    help="How urgent the job is among those that wait. Default: as it was, or normal.",
)
@click.option("--detach", is_flag=True, help="Leave the work to voxweave worker, and come back at once.")
@on_complete_option
@settings_options
@click.pass_obj
def make(
    config: str | None,
    /,
    narrations: tuple[str, ...],
    output: str | None,
    storyboard: str | None,
    subtitles: str | None,
    script: str | None,
    overwrite: bool,
    quiet: bool,
    verbose: int,
    as_json: bool,
    events: bool,
    priority: "Priority | None",
    detach: bool,
    on_complete: str | None,
    **flags: object,
) -> int:
    files = {"storyboard": storyboard, "subtitles": subtitles, "script": script}
    _check(narrations, files, both=as_json and events)
    if on_complete is not None:
        words_of(on_complete)
    voice = Voice(quiet=quiet, verbose=verbose, json=as_json, events=events)
    _check_flags(flags, config, voice)
    run = Run(flags, config, voice, files={name: Path(file) for name, file in files.items() if file})
    namer = Namer(output, many=len(narrations) > 1)
    line = Line(
        flags,
        config,
        output,
        run.files,
        overwrite=overwrite,
        priority=priority,
        on_complete=on_complete or "",
    )
    if detach:
        return _left_to_worker(narrations, line)
    runs = _runs(run)
    outcomes = _made(narrations, runs, namer, line)
    films = len(narrations) * len(runs)
    voice.reports(outcomes, many=films > 1)
    return _status(outcomes, of=films)


def _made(
    narrations: Sequence[str], runs: Sequence[tuple[str, Run]], namer: Namer, line: Line
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for narration in narrations:
        card = KeptCard(narration, line)
        films = _films(narration, runs, namer, card)
        card.end(films)
        if line.on_complete and not films[-1].stopped:
            announce(line.on_complete, film_facts(narration, films))
        outcomes += films
        if films[-1].stopped:
            break
    return outcomes


def _films(narration: str, runs: Sequence[tuple[str, Run]], namer: Namer, card: KeptCard) -> list[Outcome]:
    films: list[Outcome] = []
    for variant, run in runs:
        films.append(run.make(narration, namer, card, overwrite=card.line.overwrite, variant=variant))
        if films[-1].stopped or isinstance(films[-1].error, RefusedError):
            break  # who said no to the sum once is not asked for each shape
    return films


def _left_to_worker(narrations: Sequence[str], line: Line) -> int:
    """All narrations wait for the worker; the names of their jobs on stdout."""
    from voxweave.cli.detached import put_waiting, work_on
    from voxweave.cli.wanted import check_apart, film_of
    from voxweave.cli.worker import ensure_worker

    films = [film_of(narration, line) for narration in narrations]
    check_apart(films)
    for wanted in films:
        click.echo(put_waiting(wanted, work_on(wanted, priority=line.priority)).name)
    ensure_worker()
    click.echo("voxweave jobs list tells how far they are", err=True)
    return Exit.DONE


def _runs(run: Run) -> list[tuple[str, Run]]:
    """One run for each preset named, the orders of all made for the first; the films are told apart by it."""
    names = presets_named(run.flags.get("preset"))
    if len(names) < 2:
        return [("", run)]
    return [(name, replace(run, flags={**run.flags, "preset": name}, shape_of=names[0])) for name in names]


def _check(narrations: Sequence[str], files: Mapping[str, str | None], *, both: bool) -> None:
    if both:
        raise UsageError("--json and --events both want stdout", hint="use one of them")
    for name, file in files.items():
        if file and len(narrations) > 1:
            raise UsageError(
                f"--{name} belongs to one narration, and {len(narrations)} are given",
                hint=f"put a {name} file of the same name beside each, or make them one by one"
                if name != "storyboard"
                else "make them one by one",
            )


def _check_flags(flags: Mapping[str, object], config: str | None, voice: Voice) -> None:
    """What is wrong for every narration is said once, before any work."""
    names: list[str | None] = [*presets_named(flags.get("preset"))] or [None]
    for name in names:
        voice.notes(
            load({**flags, "preset": name}, environ=os.environ, job_file=None, user_file=own_file(config))
        )


def _status(outcomes: Sequence[Outcome], *, of: int) -> int:
    """The stop's status or the first failure's; a film short of what was asked counts when nothing failed."""
    if outcomes[-1].stopped:
        return outcomes[-1].status
    failed = [outcome for outcome in outcomes if outcome.error is not None]
    short = [outcome for outcome in outcomes if outcome.error is None and outcome.status]
    blamed = failed or short
    if of > 1 and blamed:
        names = ", ".join(
            f"{printable(one.narration, most=80)}{one.preset and f' for {one.preset}'} ({one.status})"
            for one in blamed
        )
        words = "failed" if failed else "fell short of what was asked"
        click.echo(f"voxweave: {len(blamed)} of {of} films {words}, with exit status: {names}", err=True)
    return blamed[0].status if blamed else Exit.DONE


@click.command(
    help="Print the storyboard of a NARRATION, and write it as a file to edit for make --storyboard."
)
@click.argument("narration", metavar="NARRATION")
@click.option(
    "-o", "--output", metavar="FILE.toml", help="Where the storyboard goes. Default: beside the narration."
)
@_given
@settings_options
@click.pass_obj
def plan(
    config: str | None,
    /,
    narration: str,
    output: str | None,
    subtitles: str | None,
    script: str | None,
    overwrite: bool,
    quiet: bool,
    verbose: int,
    **flags: object,
) -> int:
    if output and not output.endswith(".toml"):
        raise UsageError(f"a storyboard is a .toml file, not {printable(output)}")
    files = {"subtitles": subtitles, "script": script}
    voice = Voice(quiet=quiet, verbose=verbose)
    _check_flags(flags, config, voice)
    run = Run(flags, config, voice, files={name: Path(file) for name, file in files.items() if file})
    return run.plan(narration, Path(output) if output else None, overwrite=overwrite)
