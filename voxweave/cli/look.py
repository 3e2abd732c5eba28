"""`voxweave styles` and `voxweave presets`: what there is to choose from."""

import json
from pathlib import Path

import click

from voxweave.cli.options import own_file, shown
from voxweave.core.text import printable
from voxweave.settings import Preset, user_presets


@click.group(help="List the styles, or show one.")
def styles() -> None:
    """Looks of the pictures."""


@styles.command("list", help="Name every style, with a sentence on each.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_styles(as_json: bool) -> int:
    from voxweave.settings.styles import load_style
    from voxweave.settings.styles import styles as known

    summaries = {name: load_style(name).summary for name in known()}
    _print(summaries, as_json=as_json)
    return 0


@styles.command("show", help="Print the TOML of a style: the start of one of your own.")
@click.argument("name")
def show_style(name: str) -> int:
    from voxweave.settings.styles import load_style
    from voxweave.settings.styles import styles as known

    load_style(name)
    file = known().get(name, Path(name))
    click.echo(file.read_text("utf-8"), nl=False)
    return 0


@click.group(help="List the presets.")
def presets() -> None:
    """Settings for one destination."""


@presets.command("list", help="Name every preset, ours and your own, with what it sets.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def list_presets(config: str | None, as_json: bool) -> int:
    found = user_presets(own_file(config))
    if as_json:
        click.echo(json.dumps({name: preset.settings for name, preset in found.items()}, indent=2))
    else:
        _print({name: _summary(preset) for name, preset in found.items()}, as_json=False)
    return 0


def _summary(preset: Preset) -> str:
    values = ", ".join(f"{key} {shown(value)}" for key, value in preset.settings.items())
    return f"{preset.note} ({values})" if preset.note else values


def _print(sentences: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(sentences, indent=2))
        return
    width = max(map(len, sentences), default=0)
    for name, sentence in sentences.items():
        click.echo(f"{printable(name):{width}}  {printable(sentence)}")
