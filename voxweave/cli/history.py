"""`voxweave history`: the films and clips made, from an index that can be written anew from their reports."""

import json
import os
import shlex
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import click
from pydantic import Field, ValidationError

from voxweave.core.addresses import hidden
from voxweave.core.text import printable
from voxweave.core.value import Value
from voxweave.errors import Exit, InputError, StorageError, UsageError
from voxweave.places import state_folder

NAME = "history.jsonl"
LINE = "voxweave.line"
"""Where the running command's context holds the line that was typed."""
_SUFFIX = ".report.json"
_SHOWN = 30


class Made(Value):
    """A film or clip: when, where, of what, by whom, for how much; `status` is the run's exit status."""

    at: float
    kind: Literal["film", "clip"]
    path: str
    source: str
    shows: tuple[str, ...] = ()
    cost_usd: float | None = None
    status: int = 0
    settings: dict[str, str] = Field(default_factory=dict)
    command: tuple[str, ...] = ()
    """The command line that made it, and the folder it was given in."""
    folder: str = ""
    listed: str = ""
    """The list of prompts it is of."""


def index() -> Path:
    """Where the index lies."""
    return state_folder() / NAME


def remember(made: Made) -> None:
    """Add a line; an index that cannot be written never costs the film that was made."""
    context = click.get_current_context(silent=True)
    line = context.meta.get(LINE, ()) if context else ()
    words = tuple(_without_password(word) for word in line if word != "--events")  # a batch's way to listen
    try:
        made = made.model_copy(update={"command": words, "folder": os.getcwd()})  # noqa: PTH109  as it was typed
        index().parent.mkdir(parents=True, exist_ok=True)
        _append(index(), [made])
    except OSError:
        return


def remembered() -> list[Made]:
    """What was made, oldest first; a line that was cut off is left out."""
    try:
        lines = index().read_bytes().splitlines()
    except OSError:
        return []
    return [made for made in map(_read, lines) if made]


def film_made(report: Any) -> Made:
    """A finished film, by its report: the value itself, or what its file holds."""
    told: dict[str, Any] = report if isinstance(report, dict) else report.model_dump(mode="json")
    canvas = told["canvas"]
    return Made(
        at=time.time(),
        kind="film",
        path=str(told["film"]),
        source=str(told["narration"]),
        shows=tuple(dict.fromkeys(scene["source"] for scene in told["scenes"])),
        cost_usd=_spent(told),
        status=int(Exit.PARTIAL if told["shortfalls"] else Exit.DONE),
        settings={"style": told["style"], "size": f"{canvas['width']}x{canvas['height']}"},
    )


@click.group(invoke_without_command=True, help="Films and clips made, the newest last.")
@click.option("--json", "as_json", is_flag=True, help="All of them as JSON.")
@click.option("-n", "most", default=_SHOWN, metavar="N", help=f"The last N. Default: {_SHOWN}.")
@click.option(
    "--rebuild",
    multiple=True,
    metavar="FOLDER",
    help="First look for reports of films in FOLDER, and add those that are missing. May be repeated.",
)
@click.pass_context
def history(ctx: click.Context, as_json: bool, most: int, rebuild: tuple[str, ...]) -> int:
    if ctx.invoked_subcommand:
        return Exit.DONE
    if rebuild:
        click.echo(f"{rebuilt(map(Path, rebuild))} films were added", err=True)
    found = remembered()
    if as_json:
        click.echo(json.dumps([_shown(*one) for one in enumerate(found, start=1)], indent=2))
        return Exit.DONE
    for number, made in list(enumerate(found, start=1))[-most:] if most > 0 else ():
        click.echo(f"{number:4}  {_line(made)}")
    if not found:
        click.echo("nothing was made yet", err=True)
    return Exit.DONE


@history.command(help="All that is known of one of them, by its number.")
@click.argument("number", type=int)
def show(number: int) -> int:
    click.echo(json.dumps(_shown(number, _numbered(number)), indent=2))
    return Exit.DONE


@history.command(
    help="Give the command line again that made one of them, by its number: a film is made anew in its place, of what"
    " was ordered for it; a clip is ordered and paid for again."
)
@click.argument("number", type=int)
def rerun(number: int) -> int:
    from voxweave.cli import run

    made = _numbered(number)
    if not made.command:
        raise UsageError(
            f"how number {number} was made is not known", hint="it was made before that was kept"
        )
    try:
        os.chdir(made.folder)
    except OSError as error:
        raise InputError(f"{printable(made.folder)} cannot be entered: {error.strerror}") from error
    line = list(made.command)
    if made.kind == "film" and "--overwrite" not in line:
        line.insert(line.index("make") + 1, "--overwrite")
    click.echo(f"voxweave {printable(shlex.join(line), most=2000)}", err=True)
    return run(line)


def _without_password(word: str) -> str:
    """A word of a command line; an address in it keeps the user's name, for PGPASSWORD and the like."""
    flag, sign, value = word.partition("=") if word.startswith("--") else ("", "", word)
    return flag + sign + hidden(value).replace(":…@", "@")


def _numbered(number: int) -> Made:
    found = remembered()
    if not 1 <= number <= len(found):
        raise UsageError(f"there is no number {number}", hint="voxweave history numbers them")
    return found[number - 1]


def rebuilt(folders: Iterable[Path]) -> int:
    """Add the films whose reports lie in these folders and that are not known; how many there were."""
    known = {made.path for made in remembered()}
    found = {made.path: made for folder in folders for made in _reported(folder) if made.path not in known}
    try:
        index().parent.mkdir(parents=True, exist_ok=True)
        _append(index(), sorted(found.values(), key=lambda made: made.at))
    except OSError as error:
        raise StorageError(f"{printable(str(index()))} cannot be written: {error.strerror}") from error
    return len(found)


def _reported(folder: Path) -> Iterator[Made]:
    for file in sorted(folder.rglob(f"*{_SUFFIX}")):
        try:
            made = film_made(json.loads(file.read_bytes()))
            yield made.model_copy(update={"at": file.stat().st_mtime})
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            OverflowError,
            RecursionError,
        ):  # another program's report, or a cut one
            continue


def _append(file: Path, films: Iterable[Made]) -> None:
    """One write on an appending descriptor: two runs never mix within a line."""
    lines = "".join(json.dumps(made.model_dump(mode="json")) + "\n" for made in films)
    fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        end = os.lseek(fd, 0, os.SEEK_END)
        cut = end and os.pread(fd, 1, end - 1) != b"\n"  # by a power cut: only that line is lost
        os.write(fd, (b"\n" if cut else b"") + lines.encode())
    finally:
        os.close(fd)


def _read(line: bytes) -> Made | None:
    try:
        return Made.model_validate(json.loads(line))
    except (ValueError, ValidationError):
        return None


def _spent(told: dict[str, Any]) -> float | None:
    """What its orders came to; 0 where nothing was ordered, None where nobody knows."""
    money = told.get("money")
    if not isinstance(money, dict):
        return 0.0
    spent = money.get("spent_usd")
    return float(spent) if isinstance(spent, int | float) and not money.get("unpriced") else None


def _shown(number: int, made: Made) -> dict[str, object]:
    return {"number": number, **made.model_dump(mode="json"), "at": _moment(made)}


def _line(made: Made) -> str:
    cost = "cost not known" if made.cost_usd is None else f"${made.cost_usd:.2f}" if made.cost_usd else "free"
    there = "" if os.path.lexists(made.path) else ", not there any more"
    about = printable(made.source if made.kind == "clip" else Path(made.source).name, most=60)
    short = ", short of what was asked" if made.status else ""
    path = printable(made.path, most=1000)
    return f"{_moment(made)}  {made.kind}  {path}  {about}  {', '.join(made.shows)}  {cost}{short}{there}"


def _moment(made: Made) -> str:
    return datetime.fromtimestamp(made.at).astimezone().isoformat(" ", "seconds")
