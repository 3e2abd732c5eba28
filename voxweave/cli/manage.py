"""`voxweave config`, `voxweave doctor` and `voxweave clean`."""

import json
from pathlib import Path

import click

from voxweave.cli.options import own_file, settings_for, settings_options, shown
from voxweave.core.addresses import hidden
from voxweave.core.text import printable
from voxweave.errors import Exit, UsageError
from voxweave.resources import resource
from voxweave.settings import NAME, Settings, meant
from voxweave.settings.sharing import ADDRESSES


@click.group(help="Show every setting and where its value comes from.")
def config() -> None:
    """Flag, environment, the voxweave.toml beside a narration, your own, a preset, default: the nearest wins."""


@config.command(
    "show", help="Every setting, its value and where it comes from, for narrations in this folder."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option(
    "--origin/--no-origin", default=True, help="With or without where values come from. Default: with."
)
@settings_options
@click.pass_obj
def show(own: str | None, /, as_json: bool, origin: bool, **flags: object) -> int:
    loaded = settings_for(Path(), flags, own)
    values = {key: _seen(key, getattr(loaded.settings, key)) for key in Settings.model_fields}
    if as_json:
        entries = {
            key: {"value": _plain(value), "origin": loaded.origins[key]} for key, value in values.items()
        }
        click.echo(json.dumps(entries, indent=2))
        return Exit.DONE
    lines = {key: f"{key} = {_toml(value)}" for key, value in values.items()}
    width = min(40, max(map(len, lines.values())))
    for key, line in lines.items():
        click.echo(f"{line:{width}}  # {loaded.origins[key]}" if origin else line)
    for note in loaded.notes:
        click.echo(f"voxweave: {note}", err=True)
    return Exit.DONE


@config.command("get", help="The value of one setting.")
@click.argument("key")
@click.pass_obj
def get(own: str | None, key: str) -> int:
    if key not in Settings.model_fields:
        raise UsageError(f"no setting is called {printable(key)!r}", hint=meant(key, Settings.model_fields))
    value = _seen(key, getattr(settings_for(Path(), {}, own).settings, key))
    click.echo(printable(shown(value), most=4096))
    return Exit.DONE


@config.command("path", help="Where your own voxweave.toml is read from, whether or not it is there.")
@click.pass_obj
def path(own: str | None) -> int:
    file = own_file(own)
    click.echo(printable(str(file), most=4096))
    if not file.exists():
        click.echo(f"not there yet; voxweave config example shows what can stand in it (or in a {NAME}"
                   " beside your narrations)", err=True)  # fmt: skip
    return Exit.DONE


@config.command("example", help="Print a voxweave.toml with every setting, explained.")
def example() -> int:
    click.echo(resource("voxweave.example.toml").read_text("utf-8"), nl=False)
    return Exit.DONE


@click.command(
    help="Check FFmpeg, fonts, disk and settings, and say how to mend each. Exit status 4 if one fails."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option(
    "--ffmpeg", metavar="WHICH", help="Another FFmpeg than the settings name: bundled, system or a path."
)
@click.pass_obj
def doctor(own: str | None, as_json: bool, ffmpeg: str | None) -> int:
    from voxweave.cli.checkup import examine, told

    findings = examine(own, ffmpeg)
    if as_json:
        click.echo(json.dumps([finding.model_dump() for finding in findings], indent=2))
    else:
        for line in told(findings):
            click.echo(line)
    return Exit.DEPENDENCY if any(finding.state == "bad" for finding in findings) else Exit.DONE


@click.command(
    help="Remove the work in progress kept for each NARRATION. Films, reports and storyboards stay."
)
@click.argument("narrations", metavar="NARRATION...", nargs=-1, required=True)
@click.option("--work", metavar="FOLDER", help="The work folder, if the film was made with one.")
@click.option("--with-orders", is_flag=True, help="Also where orders are under way or in doubt.")
@click.pass_obj
def clean(own: str | None, narrations: tuple[str, ...], work: str | None, with_orders: bool) -> int:
    from voxweave.jobs.job import job_folder

    for narration in narrations:
        source = Path(narration)
        settings = settings_for(source.parent, {"work": work}, own).settings
        place = Path(settings.work) if settings.work else None
        if not with_orders:
            _spare_orders(job_folder(source, place), settings.ledger, printable(narration))
        _remove(source, place, printable(narration))
    return Exit.DONE


def _spare_orders(folder: Path, kept: str, name: str) -> None:
    """What is paid for and not here yet is known by its ledger alone."""
    from voxweave.core.orders import LIVE, replaced
    from voxweave.jobs.opening import has_orders, open_ledger

    if not has_orders(folder):
        return
    with open_ledger(folder, kept) as ledger:
        orders = ledger.orders()
    past = replaced(orders)
    open_ = [one for one in orders if one.state in LIVE | {"done", "unknown"} and one.key not in past]
    if open_:
        raise UsageError(
            f"{name} has {len(open_)} order{'' if len(open_) == 1 else 's'} under way or in doubt",
            hint="voxweave orders list shows them; make collects them; clean --with-orders forgets them",
        )


def _remove(source: Path, work: Path | None, name: str) -> None:
    from voxweave.jobs.index import forget
    from voxweave.jobs.job import job_folder, remove_job

    if not job_folder(source, work).is_dir():
        click.echo(f"nothing is kept for {name}", err=True)
        return
    folder = remove_job(source, work)
    forget(folder)
    click.echo(f"removed {printable(str(folder), most=1000)}", err=True)


def _seen(key: str, value: object) -> object:
    """A setting as it may be shown: an address without its password."""
    return hidden(str(value)) if key in ADDRESSES else value


def _plain(value: object) -> object:
    return (
        value
        if isinstance(value, bool | int | str)
        else list(value)
        if isinstance(value, tuple)
        else _number(value)
    )


def _number(value: object) -> object:
    number = float(shown(value))
    return int(number) if number.is_integer() else number


def _toml(value: object) -> str:
    return json.dumps(_plain(value), ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
