"""`voxweave transcribe` and `voxweave align`: the words of a narration as files, without a film."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from voxweave.cli import tell_error
from voxweave.cli.options import some_settings
from voxweave.cli.running import Run, Voice, aligned, say_path
from voxweave.core.text import printable
from voxweave.errors import Exit, Stopped, StorageError, UsageError

if TYPE_CHECKING:
    from voxweave.pipeline.transcripts import Format, WordRequest, WordsMade

_Command = TypeVar("_Command", bound=Callable[..., object])
_VOICE, _REQUEST = ("quiet", "verbose", "events"), ("formats", "output", "overwrite")
_FORMATS = ("srt", "vtt", "ass", "txt", "json")
_LAID_OUT = ("language", "caption_profile", "caption_look", "preset", "aspect", "resolution", "font")
_HEARD = ("recognizer", "speech_model", "task", "speakers", "offline", "max_cost", "yes")
_ALIKE = ("work", "ffmpeg", "sandbox")

_TRANSCRIBE = """Recognise the words of each NARRATION, and write them with their times.

They are written beside the narration as talk.srt, or as --format says; make takes them from there. The best
recognizer that is here is used, and the choice is told; a service is asked only if --recognizer names it.
Stopped half-way, the same command goes on where it was.
"""
_ALIGN = """Place the words of SCRIPT on the voice of NARRATION, and write them with their times.

The words stay the script's own. A script that is not what is said is refused, with the share that was found.
"""


def _given(command: _Command) -> _Command:
    """What both commands take."""
    options = (
        click.option(
            "-f",
            "--format",
            "formats",
            metavar="KINDS",
            default="srt",
            help="srt, vtt, ass, txt and json with commas between; json has the words' times. Default: srt.",
        ),
        click.option(
            "-o", "--output", metavar="FILE", help="Its name, or a folder. Default: beside the narration."
        ),
        click.option("--overwrite", is_flag=True, help="Replace what is there already."),
        click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
        click.option(
            "-v", "--verbose", count=True, help="With errors all that is known about them; -vv says more."
        ),
        click.option("--events", is_flag=True, help="What happens on stdout as JSON lines."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command(help=_TRANSCRIBE)
@click.argument("narrations", metavar="NARRATION...", nargs=-1, required=True)
@_given
@some_settings(*_HEARD, *_LAID_OUT, *_ALIKE)
@click.pass_obj
def transcribe(own: str | None, /, narrations: tuple[str, ...], **told: Any) -> int:
    run, asked = _run(own, told), _asked(told, many=len(narrations) > 1)
    status = int(Exit.DONE)
    for narration in narrations:
        request = asked(source=Path(narration))
        ended, stopped = _made(run, request)
        status = ended if stopped or not status else status
        if stopped:
            break
    return status


@click.command(help=_ALIGN)
@click.argument("narration", metavar="NARRATION")
@click.argument("script", metavar="SCRIPT")
@_given
@some_settings(*_HEARD, *_LAID_OUT, *_ALIKE)
@click.pass_obj
def align(own: str | None, /, narration: str, script: str, **told: Any) -> int:
    run, asked = _run(own, told), _asked(told, many=False)
    return _made(run, asked(source=Path(narration), script=Path(script)))[0]


def _run(own: str | None, told: Mapping[str, Any]) -> Run:
    """The settings among what was told, and how much is to be said."""
    voice = Voice(**{name: told[name] for name in _VOICE})
    flags = {name: value for name, value in told.items() if name not in (*_VOICE, *_REQUEST)}
    return Run(flags, own, voice, files={})


def _asked(told: Mapping[str, Any], *, many: bool) -> "Callable[..., WordRequest]":
    """What is asked for, but for the narration."""
    from voxweave.pipeline.transcripts import WordRequest

    place, kinds = _place(told["output"], many=many), _kinds(told["formats"])
    return partial(WordRequest, formats=kinds, output=place, overwrite=told["overwrite"])


def _made(run: Run, request: "WordRequest") -> tuple[int, bool]:
    """One narration's words; its status, and whether the user asked to end."""
    from voxweave.pipeline.transcripts import make_words

    try:
        with run.working(request.source.parent) as (studio, display):
            made = make_words(request, studio)
        _tell(made, run.voice, display.notices)
        return made.exit_code, False
    except BrokenPipeError:
        raise
    except Exception as error:
        return tell_error(error, verbose=run.voice.verbose > 0), isinstance(error, Stopped)


def _tell(made: "WordsMade", voice: Voice, notices: Sequence[str]) -> None:
    for line in made.shortfalls if voice.quiet else made.summary():
        click.echo(aligned(line), err=True)
    if not voice.events:
        for file in made.files:
            say_path(file)


def _kinds(formats: str) -> "tuple[Format, ...]":
    kinds = tuple(
        dict.fromkeys(kind.strip().lower().lstrip(".") for kind in formats.split(",") if kind.strip())
    )
    strange = [kind for kind in kinds if kind not in _FORMATS]
    if strange or not kinds:
        told = printable(strange[0], most=40) if strange else "nothing"
        raise UsageError(
            f"--format: {told} is no format we write", hint=f"one or more of {', '.join(_FORMATS)}"
        )
    return cast("tuple[Format, ...]", kinds)


def _place(output: str | None, *, many: bool) -> Path | None:
    """The folder or file asked for; a name that ends in a slash is made a folder."""
    if output is None:
        return None
    if not output:
        raise UsageError("-o is empty", hint="name a file or a folder")
    path = Path(output)
    if output.endswith("/") and not path.is_dir():
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"the folder {printable(str(path))} cannot be made: {error.strerror}"
            ) from error
    if many and not path.is_dir():
        raise UsageError(
            f"the words of several narrations cannot all be {printable(output)}",
            hint="with several narrations -o is an existing folder",
        )
    return path
