"""`voxweave captions`: the looks there are, a preview of one, and captions checked."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voxweave.cli.options import settings_options, some_settings
from voxweave.cli.running import Run, Voice, say_path
from voxweave.core.text import printable
from voxweave.errors import Exit

if TYPE_CHECKING:
    from voxweave.core.caption_flaws import Flaw
    from voxweave.pipeline.checking import Checked

_CHECKED = (
    "caption_look", "caption_color", "caption_size", "caption_position", "font", "language",
    "preset", "resolution", "aspect", "fps", "ffmpeg", "sandbox",
)  # fmt: skip
_CHECK_HELP = """Check the captions in FILE: subtitles (SRT, WebVTT, ASS), the JSON of voxweave transcribe, or a film's report.

Told are rules of the profile that are broken, letters no font has, and text that does not fit the safe area of the
canvas (--preset, --resolution). With --video also what only the film can tell: its own size, rate and length, its
cuts where its report lies beside it, and how the letters stand out from its frames. Exit status: 0, or with --strict 9 when anything is found; 3 when FILE
cannot be read.
"""
_PREVIEW_HELP = """Write a still and five seconds of the film of NARRATION, to choose a look by.

They show the film's own pictures and words, and lie beside the narration as talk.neon.png and talk.neon.mp4.
Words are those of subtitles or a script, or those that an earlier run recognised; else a sample text is shown.
"""


@click.group(help="List the caption looks, preview one, or check captions.")
def captions() -> None:
    """Text on the screen."""


@captions.command("looks", help="Name every look, with a sentence on each.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_looks(as_json: bool) -> int:
    from voxweave.settings.looks import load_look
    from voxweave.settings.looks import looks as known

    sentences = {name: load_look(name).summary for name in known()}
    if as_json:
        click.echo(json.dumps(sentences, indent=2))
        return Exit.DONE
    width = max(map(len, sentences))
    for name, sentence in sentences.items():
        click.echo(f"{name:{width}}  {printable(sentence)}")
    return Exit.DONE


@captions.command("look", help="Print the TOML of a look: the start of one of your own.")
@click.argument("name")
def show_look(name: str) -> int:
    from voxweave.settings.looks import load_look, look_file

    load_look(name)
    click.echo(look_file(name).read_text("utf-8"), nl=False)
    return Exit.DONE


@captions.command(help=_PREVIEW_HELP)
@click.argument("narration", metavar="NARRATION")
@click.option("--look", metavar="NAME", help="The same as --caption-look.")
@click.option(
    "-o", "--output", metavar="FILE", help="The clip's name, or a folder; the still goes beside it."
)
@click.option("--subtitles", metavar="FILE", help="SRT, WebVTT or ASS subtitles of the narration.")
@click.option("--script", metavar="FILE", help="The words of the narration as .txt or .md.")
@click.option(
    "--overwrite", is_flag=True, help="Replace a file that -o names, or that no earlier preview wrote."
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.option("-v", "--verbose", count=True, help="With errors all that is known about them.")
@settings_options
@click.pass_obj
def preview(
    config: str | None,
    /,
    narration: str,
    look: str | None,
    output: str | None,
    subtitles: str | None,
    script: str | None,
    overwrite: bool,
    quiet: bool,
    verbose: int,
    **flags: object,
) -> int:
    from voxweave.pipeline.preview import PreviewRequest
    from voxweave.pipeline.preview import preview as made

    if look:
        flags["caption_look"] = look
    request = PreviewRequest(
        source=Path(narration),
        output=Path(output) if output else None,
        subtitles=Path(subtitles) if subtitles else None,
        script=Path(script) if script else None,
        overwrite=overwrite,
    )
    run = Run(flags, config, Voice(quiet=quiet, verbose=verbose), files={})
    with run.working(request.source.parent) as (studio, _):
        found = made(request, studio)
    if not quiet and found.words == "sample":
        click.echo(
            "a sample text is shown; with --script or --subtitles, or after voxweave transcribe, it is the narration's own",
            err=True,
        )
    for file in (found.still, found.clip):
        say_path(file)
    return Exit.DONE


@captions.command(help=_CHECK_HELP)
@click.argument("file", metavar="FILE")
@click.option("--video", metavar="FILM", help="The film they belong to.")
@click.option(
    "--profile", metavar="NAME", help="The same as --caption-profile: netflix, bbc, social or karaoke."
)
@click.option("--strict", is_flag=True, help="End with status 9 when anything is found.")
@click.option("--json", "as_json", is_flag=True, help="What was found, as JSON.")
@some_settings("caption_profile", *_CHECKED)
@click.pass_obj
def check(
    config: str | None,
    /,
    file: str,
    video: str | None,
    profile: str | None,
    strict: bool,
    as_json: bool,
    **flags: object,
) -> int:
    from voxweave.pipeline.checking import check_captions

    if profile:
        flags["caption_profile"] = profile
    run = Run(flags, config, Voice(quiet=True), files={})
    with run.working(Path(file).parent) as (studio, _):
        found = check_captions(Path(file), Path(video) if video else None, studio)
    if as_json:
        click.echo(json.dumps(found.model_dump(mode="json"), indent=2))
    else:
        _tell(found)
    return found.exit_code(strict=strict)


def _tell(found: "Checked") -> None:
    """A line for each flaw, and one on the whole."""
    rows = [_row(one) for one in found.flaws]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)] if rows else []
    for row in rows:
        click.echo("  ".join(f"{cell:{wide}}" for cell, wide in zip(row, widths, strict=True)).rstrip())
    canvas = found.canvas
    numbers = f"{found.profile}, {canvas.width}x{canvas.height}, {float(canvas.rate):g} frames a second"
    told = f"{len(found.flaws)} finding{'' if len(found.flaws) == 1 else 's'}" if rows else "nothing found"
    click.echo(f"{found.cues} cues, {numbers}, look {found.look}: {told}", err=True)
    for line in found.measured:
        click.echo(line, err=True)


def _row(one: "Flaw") -> tuple[str, ...]:
    number = str(one.cue) if one.cue else ""
    return number, one.at, one.rule, _cell(one.value), _cell(one.limit), printable(one.text, most=60)


def _cell(value: float | str) -> str:
    return printable(value, most=120) if isinstance(value, str) else f"{value:g}"
