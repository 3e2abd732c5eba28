"""`voxweave providers`: what is installed, what opens it, what it costs, and whether it answers."""

import json
import os
from collections.abc import Mapping
from datetime import date, datetime
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voxweave.cli.options import settings_for, some_settings
from voxweave.cli.running import Run, Voice
from voxweave.core.addresses import unlocked
from voxweave.core.redaction import redacted
from voxweave.core.text import printable
from voxweave.core.value import Value
from voxweave.errors import Exit, UsageError, VoxWeaveError
from voxweave.providers.base import Reachable
from voxweave.providers.models import Model, known_models
from voxweave.providers.registry import GROUP, make_provider, names, provider_class
from voxweave.settings import Settings
from voxweave.settings.keys import keys_for, variables

if TYPE_CHECKING:
    from pydantic import BaseModel

_MAKES = {
    "order": "clips, ordered",
    "picture": "pictures, ordered",
    "painter": "our own art",
    "illustrate": "pictures",
    "files": "your own media",
    "draft": "prompts",
    "flagged": "checks of prompts",
    "align": "words placed on a voice",
    "hear": "words heard",
}
"""By the method that makes a provider one of these."""

_SOON_DAYS, _OLD_DAYS = 60, 180
_NOT_OPTIONS = ("size", "at_once", "per_minute", "per_hour", "per_day")


class Known(Value):
    """A provider as it is set up here; `trouble` says why it cannot be used."""

    name: str
    makes: str = ""
    package: str = ""
    in_use: bool = False
    keys: tuple[str, ...] = ()
    needs_key: bool = False
    configured: tuple[str, ...] = ()
    priced: int = 0
    dated: str = ""
    warnings: tuple[str, ...] = ()
    trouble: str = ""


@click.group(help="List the providers, show one, or check that it answers.")
def providers() -> None:
    """Who makes pictures, ours and strangers'."""


_as_json = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@providers.command(
    "list", help="Every provider installed: what it makes, whether a key is there, what ends soon."
)
@_as_json
@click.pass_obj
def list_providers(own: str | None, as_json: bool) -> int:
    settings = settings_for(Path(), {}, own).settings
    found = [known(name, settings) for name in names()]
    if as_json:
        click.echo(json.dumps([one.model_dump(mode="json") for one in found], indent=2))
        return Exit.DONE
    width = max(len(one.name) for one in found)
    for one in found:
        click.echo(f"{printable(one.name):{width}}  {'; '.join(_parts(one))}")
        for warning in one.warnings:
            click.echo(f"{'':{width}}  warning: {warning}")
    return Exit.DONE


@providers.command(
    "show", help="One provider: its settings, where its keys are looked for, its models and prices."
)
@click.argument("name")
@_as_json
@click.pass_obj
def show(own: str | None, name: str, as_json: bool) -> int:
    settings = settings_for(Path(), {}, own).settings
    one, kind = known(name, settings), provider_class(name)
    models = known_models(name, settings.table(name).get("models"))
    if as_json:
        rows = {model: told.model_dump(mode="json", exclude_defaults=True) for model, told in models.items()}
        click.echo(json.dumps({**one.model_dump(mode="json"), "models": rows}, indent=2))
        return Exit.DONE
    click.echo(f"{printable(one.name)}: {'; '.join(_parts(one))}")
    click.echo(f"[providers.{printable(name)}] in your voxweave.toml takes:")
    for line in _options(kind.Options, settings.table(name)):
        click.echo(f"  {line}")
    if one.needs_key:
        click.echo(
            f"keys are looked for in {', '.join(variables(name))} (each also with _FILE), the keyring, keys.toml"
        )
    for told in models.values():
        click.echo(f"{printable(told.name)}: {', '.join(_model(told))}")
    for warning in one.warnings:
        click.echo(f"warning: {warning}")
    return Exit.DONE


@providers.command("check", help="Make the cheapest real call to a provider; nothing is ordered.")
@click.argument("name")
@click.option("-v", "--verbose", count=True, help="What is asked; -vv says more.")
@some_settings("base_url", "model")
@click.pass_obj
def check(own: str | None, /, name: str, verbose: int, **flags: object) -> int:
    given = {key: value for key, value in flags.items() if value}
    fields = provider_class(name).Options.model_fields
    for key in given:
        if key not in fields:
            raise UsageError(f"the provider {printable(name)} takes no {key}", hint="leave it out")
    with Run({}, own, Voice(quiet=True, verbose=verbose), files={}).working(Path()) as (studio, _):
        from voxweave.pipeline.chain import toolkit, wire_options

        told = {**wire_options(studio, name), **given}
        options = {key: value for key, value in told.items() if key not in _NOT_OPTIONS}
        if not hasattr(provider_class(name), "reach"):
            click.echo(f"{printable(name)}: nothing to ask; it works here, or has no reach()", err=True)
            return Exit.DONE
        made = make_provider(name, Reachable, options=options, tools=toolkit(studio))
        click.echo(f"{printable(name)}: {printable(redacted(made.reach()), most=400)}")
    for warning in known(name, studio.settings).warnings:
        click.echo(f"voxweave: {warning}", err=True)
    return Exit.DONE


def known(name: str, settings: Settings) -> Known:
    """What is known of a provider without asking it; a broken one is named, and stops nobody."""
    plain = Known(name=name, package=_package(name), in_use=name in settings.provider)
    try:
        kind = provider_class(name)
        table = settings.table(name)
        keyed = "key" in kind.Options.model_fields
        keys = keys_for(name, environ=os.environ) if keyed else ()
        models = known_models(name, table.get("models"))
    except VoxWeaveError as error:
        return plain.model_copy(update={"trouble": redacted(str(error))})
    prices = [model for model in models.values() if model.priced]
    return plain.model_copy(
        update={
            "makes": ", ".join(dict.fromkeys(word for role, word in _MAKES.items() if hasattr(kind, role))),
            "keys": tuple(f"{key.shown} ({printable(key.origin)})" for key in keys),
            "needs_key": keyed,
            "configured": tuple(sorted(table)),
            "priced": len(prices),
            "dated": max((model.dated for model in prices), default=""),
            "warnings": _warnings(models, str(table.get("model", ""))),
        }
    )


def ending(model: Model, today: date) -> str:
    """A line about a model that has gone or goes soon; empty for one that stays."""
    if model.gone:
        hosts = f" from {', '.join(model.hosts)}" if model.hosts else ""
        return f"{model.name} is gone{hosts} since {model.gone}"
    try:
        left = (date.fromisoformat(model.retires) - today).days
    except ValueError:  # no day, or one that a user wrote in words
        return f"{model.name} ends: {model.retires}" if model.retires else ""
    if left > _SOON_DAYS:
        return ""
    return f"{model.name} {'ends' if left > 0 else 'ended'} on {model.retires}"


def aged(models: Mapping[str, Model], today: date) -> str:
    """A line about prices that nobody has looked at for half a year; empty where there are none."""
    days = [
        model.dated
        for model in models.values()
        if model.priced and _days_since(model.dated, today) > _OLD_DAYS
    ]
    if not days:
        return ""
    return f"its prices of {min(days)} are older than {_OLD_DAYS} days: see what you pay, and say so in your voxweave.toml"


def _days_since(day: str, today: date) -> int:
    try:
        return (today - date.fromisoformat(day)).days
    except ValueError:  # no day, or one that a user wrote in words
        return 0


def _warnings(models: Mapping[str, Model], chosen: str) -> tuple[str, ...]:
    """What ends soon; of what is gone already only the model that is set."""
    today = datetime.now().astimezone().date()
    lines = (ending(model, today) for model in models.values() if not model.gone or model.name == chosen)
    return tuple(printable(line) for line in (*lines, aged(models, today)) if line)


def _parts(one: Known) -> list[str]:
    if one.trouble:
        return [f"cannot be used: {printable(one.trouble, most=300)}"]
    parts = [one.makes or "nothing we know", one.package]
    if one.needs_key:
        parts.append(f"key {', '.join(one.keys)}" if one.keys else "no key")
    if one.configured:
        parts.append(f"configured: {', '.join(map(printable, one.configured))}")
    if one.priced:
        parts.append(f"{one.priced} models priced ({one.dated})")
    return [*parts, *(["in use"] if one.in_use else [])]


def _options(options: "type[BaseModel]", table: Mapping[str, Any]) -> list[str]:
    """Each option with its value or default; a key is never one of them, and our lane is for a run to say."""
    from voxweave.providers.lanes import LaneOptions

    elsewhere = ("key", "lane") if issubclass(options, LaneOptions) else ("key",)
    lines = []
    for name, field in options.model_fields.items():
        if name in elsewhere:
            continue
        value = table.get(name, None if field.is_required() else field.get_default(call_default_factory=True))
        if value is None or (name not in table and value in ("", (), [], {})):
            lines.append(f"{name}  # not set")
            continue
        origin = "" if name in table else "  # default"
        lines.append(f"{name} = {printable(redacted(_shown(value)), most=200)}{origin}")
    return lines


def _shown(value: object) -> str:
    try:
        return json.dumps(_bare(value), ensure_ascii=False)
    except TypeError:
        return str(value)


def _bare(value: object) -> object:
    """An option as it may be shown: an address, or what was meant to be one, without what opens it."""
    if isinstance(value, list | tuple):
        return [_bare(one) for one in value]
    return unlocked(value) if isinstance(value, str) and ":" in value else value


def _model(told: Model) -> list[str]:
    """What a person wants to know before choosing it."""
    parts = [f"{_money(told)}{f' ({told.dated}, {told.source})' if told.priced and told.source else ''}"]
    if told.lengths_s:
        parts.append(f"{'/'.join(map(str, told.lengths_s))} s")
    if told.sizes:
        parts.append(" ".join(told.sizes))
    if told.at_once:
        parts.append(f"{told.at_once} at once")
    gone = ending(told, datetime.now().astimezone().date())
    return [printable(part, most=300) for part in (*parts, *([gone] if gone else []))]


def _money(told: Model) -> str:
    if told.per_million_in is not None and told.per_million_out is not None:
        read, written = _usd(told.per_million_in), _usd(told.per_million_out)
        return f"{read} for a million tokens read, {written} written"
    if told.price is None:
        return "price not known"
    sums = [f"{_usd(told.per_clip)} each"] if told.per_clip else []
    sums += [f"{_usd(told.per_second)} a second"] if told.per_second else []
    return " and ".join(sums) or "free"


def _usd(sum_usd: float) -> str:
    return f"${sum_usd:.2f}" if round(sum_usd, 2) == sum_usd else f"${sum_usd:.7f}".rstrip("0")


def _package(name: str) -> str:
    point: EntryPoint | None = next(iter(entry_points(group=GROUP, name=name)), None)
    if point is None or point.dist is None:
        return ""
    return f"{point.dist.name} {point.dist.version}"
