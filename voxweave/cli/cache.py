"""`voxweave cache`: what is kept for other films, and throwing it away."""

import json
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voxweave.cli.cache_shared import clean_shared, shared_facts, shared_lines, told_size
from voxweave.cli.options import settings_for
from voxweave.core.text import printable
from voxweave.errors import Exit, UsageError

if TYPE_CHECKING:
    from voxweave.jobs.store import Kept, Store
    from voxweave.settings import Settings

_DAY_S = 86_400.0
_MOST_GB = 1_000_000


@click.group(help="Show, limit or clear what is kept for other films.")
def cache() -> None:
    """Ordered clips and stills by what was wanted of whom, and encoded scenes by all that decides their pixels."""


_PLACE = click.option("--cache", "place", metavar="FOLDER", help="Another folder than the settings name.")
_STORE = click.option(
    "--artifacts", metavar="STORE", help="Another shared store than the settings name; an empty one: none."
)


@cache.command(
    "show",
    help="Where it lies, how much there is of each kind, and the most there may be; the same of the shared store.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, each entry with its facts.")
@_PLACE
@_STORE
@click.pass_obj
def show(own: str | None, /, as_json: bool, place: str | None, artifacts: str | None) -> int:
    settings = _settings(place, own, artifacts)
    store, limit = _store(settings), _limit(settings)
    entries = tuple(store.entries())
    if as_json:
        found: dict[str, object] = {"folder": str(store.root), "limit": limit}
        found["entries"] = [_plain(entry) for entry in entries]
        if settings.artifacts:
            found["shared"] = shared_facts(settings.artifacts)
        click.echo(json.dumps(found, indent=2))
        return Exit.DONE
    click.echo(printable(str(store.root), most=4096))
    for line in _lines(entries, limit):
        click.echo(line)
    for line in shared_lines(settings.artifacts) if settings.artifacts else ():
        click.echo(line)
    return Exit.DONE


@cache.command("limit", help="The most there may be; with GB, throw away now what is beyond it.")
@click.argument("gigabytes", metavar="[GB]", type=float, required=False)
@_PLACE
@click.pass_obj
def limit(own: str | None, /, gigabytes: float | None, place: str | None) -> int:
    settings = _settings(place, own)
    if gigabytes is None:
        click.echo(f"{_limit(settings) / 1e9:g} GB")
        return Exit.DONE
    if not 0 <= gigabytes <= _MOST_GB:
        raise UsageError(f"a limit is 0 to {_MOST_GB:,} GB")
    from voxweave.jobs.store import CHEAP

    gone = _store(settings).keep_within(round(gigabytes * 1e9), first=CHEAP)
    click.echo(f"removed {_counted(gone)}", err=True)
    click.echo(f"to keep it so, write into your settings: cache_gb = {gigabytes:g}", err=True)
    if settings.artifacts:
        click.echo("the shared store has no limit: voxweave cache clean --shared --older-than DAYS", err=True)
    return Exit.DONE


@cache.command(
    "clean",
    help="Throw it away. Films keep what they show; what is wanted again is ordered or encoded again. "
    "The shared store stays, unless --shared names it.",
)
@click.option("--older-than", "days", type=float, metavar="DAYS", help="Only what was not used for so long.")
@click.option(
    "--shared",
    is_flag=True,
    help="The shared store in place of this machine's: what was written so long ago.",
)
@click.option(
    "--for-all-machines", "sure", is_flag=True, help="With --shared: yes, take it from all of them."
)
@_PLACE
@_STORE
@click.pass_obj
def clean(
    own: str | None,
    /,
    days: float | None,
    shared: bool,
    sure: bool,
    place: str | None,
    artifacts: str | None,
) -> int:
    if days is not None and not days > 0:
        raise UsageError("--older-than wants a number of days above 0", hint="leave it out to throw all away")
    settings, older_than_s = _settings(place, own, artifacts), (days or 0.0) * _DAY_S
    if shared:
        gone = clean_shared(settings.artifacts, older_than_s=older_than_s, sure=sure)
        click.echo(f"removed from the shared store {gone}", err=True)
        return Exit.DONE
    if sure:
        raise UsageError("--for-all-machines says nothing without --shared")
    kept = _store(settings).clean(older_than_s=older_than_s)
    click.echo(f"removed {_counted(kept)}", err=True)
    return Exit.DONE


def _settings(place: str | None, own: str | None, artifacts: str | None = None) -> "Settings":
    return settings_for(Path(), {"cache": place, "artifacts": artifacts}, own).settings


def _store(settings: "Settings") -> "Store":
    from voxweave.jobs.store import Store
    from voxweave.pipeline.reuse import store_folder

    root = store_folder(settings)
    if root is None:
        raise UsageError("nothing is kept: cache is off", hint="name the folder with --cache")
    return Store(root)


def _limit(settings: "Settings") -> int:
    from voxweave.pipeline.reuse import most_bytes

    return most_bytes(settings)


def _lines(entries: "Sequence[Kept]", limit: int) -> list[str]:
    """A line for each kind, and one for all with the limit."""
    kinds = dict.fromkeys(sorted(entry.kind for entry in entries))
    lines = [_line(kind, [entry for entry in entries if entry.kind == kind]) for kind in kinds]
    return [*lines, f"{_counted(entries)} of {limit / 1e9:g} GB"]


def _line(kind: str, entries: "Sequence[Kept]") -> str:
    oldest = datetime.fromtimestamp(min(entry.used_at for entry in entries)).astimezone().date()
    return f"{kind}  {_counted(entries)}, the longest unused since {oldest.isoformat()}"


def _counted(entries: "Iterable[Kept]") -> str:
    sizes = [entry.size for entry in entries]
    return told_size(len(sizes), sum(sizes))


def _plain(entry: "Kept") -> dict[str, object]:
    return {
        "kind": entry.kind,
        "file": str(entry.file.path),
        "bytes": entry.size,
        "made_at": _moment(entry.made_at),
        "unused_days": round((time.time() - entry.used_at) / _DAY_S, 1),
        **entry.facts,
    }


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().isoformat(" ", "seconds")
