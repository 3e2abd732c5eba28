"""The command: finds what to run, and turns every error into a line and an exit status."""

import importlib
import os
import resource
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import Any

import click

from voxweave import __version__
from voxweave.cli.streams import flush, stand_in, unread
from voxweave.core.redaction import redacted
from voxweave.core.text import printable
from voxweave.errors import Exit, Stopped, StorageError, UsageError, VoxWeaveError
from voxweave.media.disk import told_of_disk

# Where each command lives and what it does: `--help` must not import any of them.
_COMMANDS = {
    "make": ("voxweave.cli.make", "Make a film from a narration."),
    "batch": ("voxweave.cli.batch", "Make a film from each narration of a folder or a list."),
    "plan": ("voxweave.cli.make", "Print and write the storyboard of a narration, without making the film."),
    "transcribe": (
        "voxweave.cli.words",
        "Recognise the words of a narration, and write them with their times.",
    ),
    "align": (
        "voxweave.cli.words",
        "Place the words of a script on the voice, and write them with their times.",
    ),
    "estimate": ("voxweave.cli.money", "What the pictures of a narration would cost, before any is ordered."),
    "clip": ("voxweave.cli.clip", "Order one clip from a prompt, without a narration."),
    "orders": ("voxweave.cli.orders", "List what was ordered, and decide on orders in doubt."),
    "usage": ("voxweave.cli.money", "What was spent, by day, provider and film."),
    "jobs": ("voxweave.cli.jobs", "List the jobs of this machine, show, watch, cancel or run one again."),
    "worker": ("voxweave.cli.worker", "Make the films that wait, in the background or here."),
    "history": ("voxweave.cli.history", "List the films and clips made."),
    "cache": ("voxweave.cli.cache", "Show or clear what is kept of orders for other films."),
    "providers": ("voxweave.cli.providers", "List the providers, show one, or check that it answers."),
    "styles": ("voxweave.cli.look", "List the styles, or show one."),
    "presets": ("voxweave.cli.look", "List the presets."),
    "captions": ("voxweave.cli.captions", "List the caption looks, preview one, or check captions."),
    "config": ("voxweave.cli.manage", "Show every setting and where its value comes from."),
    "doctor": ("voxweave.cli.manage", "Check FFmpeg, fonts, disk and settings, and say how to mend each."),
    "clean": ("voxweave.cli.manage", "Remove the work in progress kept for a narration."),
}


_NOWHERE = StorageError("the folder you are in was removed", hint="change to one that is there")


class _Commands(click.Group):
    """Commands imported when they are called, not when they are listed."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        line = tuple(args)  # parsing takes words off it
        context = super().make_context(info_name, args, parent, **extra)
        context.meta["voxweave.line"] = line
        return context

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(_COMMANDS[cmd_name][0])
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])


@click.command(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 done, 2 usage, 3 input, 4 dependency, 5 provider, 6 refused, 7 media, 8 storage, "
    "9 delivered but short of what was asked, 130 or 143 stopped, 1 a bug.",
)
@click.version_option(__version__, prog_name="voxweave")
@click.option("--config", metavar="FILE", help="Your TOML of settings, in place of the usual one.")
@click.pass_context
def voxweave(ctx: click.Context, config: str | None) -> None:
    """Narration in, finished film out.

    Try: voxweave make talk.mp3
    """
    ctx.obj = config


def main() -> None:
    """Run the command line we were started with, and end with its exit status."""
    stand_in()
    _leave_no_core()
    status = run(sys.argv[1:]) if _somewhere() else tell_error(_NOWHERE)
    if threading.active_count() > 1:
        # A thread still inside OpenCV's code would bring the interpreter's orderly end down with an abort.
        os._exit(status)
    sys.exit(status)


def _somewhere() -> bool:
    """Whether the folder we were started in is still there."""
    try:
        os.getcwd()  # noqa: PTH109  pathlib would ask the same
    except FileNotFoundError:
        return False
    return True


def _leave_no_core() -> None:
    """A crash of a library writes no core file: our memory holds keys."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def run(args: Sequence[str]) -> int:
    """Run one command line and give its exit status."""
    try:
        status = voxweave.main(list(args), prog_name="voxweave", standalone_mode=False)
    except click.ClickException as error:
        status = _tell_usage(error)
    except (click.Abort, KeyboardInterrupt):
        status = tell_error(Stopped())
    except SystemExit as error:  # click ends this way when nobody reads our output, and for completion
        status = Exit.DONE if unread() else error.code
    except BrokenPipeError:
        status = Exit.DONE
    except Exception as error:
        status = tell_error(error)
    unsaid = flush()
    if unsaid is not None and status in {None, Exit.DONE, Exit.PARTIAL}:  # else it was told already
        status = tell_error(unsaid)
    return status if isinstance(status, int) else int(Exit.DONE)


def tell_error(error: Exception, *, verbose: bool = False) -> Exit:
    """One line for an expected failure, the traceback for a bug; gives the exit status."""
    error = told_of_disk(error)
    if not isinstance(error, VoxWeaveError):
        click.echo(redacted("".join(traceback.format_exception(error))), err=True, nl=False)
        click.echo(f"voxweave: this is a bug; please report it, with the lines above, {_where()}", err=True)
        return Exit.BUG
    click.echo(one_line(error), err=True)
    for line in _details(error) if verbose else ():
        click.echo(f"  {line}", err=True)
    return error.exit_code


def _tell_usage(error: click.ClickException) -> Exit:
    """Click's own errors, on one line like ours; the bare command shows its help."""
    context = getattr(error, "ctx", None)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return Exit.USAGE
    command = context.command_path if context else "voxweave"
    return tell_error(UsageError(error.format_message(), hint=f"{command} --help tells more"))


def one_line(error: VoxWeaveError) -> str:
    """What went wrong and what to do next."""
    if isinstance(error, Stopped):
        return "voxweave: stopped; run the same command to go on"
    what = printable(str(error), most=1000).rstrip(".")
    hint = printable(error.hint, most=1000)
    return f"voxweave: {what}; {hint}" if hint else f"voxweave: {what}"


def _details(error: BaseException) -> list[str]:
    """Notes an error carries, and what caused it, for `-v`."""
    notes = [line for note in getattr(error, "__notes__", ()) for line in note.splitlines()]
    if error.__cause__ is not None:
        notes += [f"because: {type(error.__cause__).__name__}: {error.__cause__}", *_details(error.__cause__)]
    return [printable(note, most=1000) for note in notes]


def _where() -> str:
    from importlib import metadata  # only for bugs: it costs as much as the whole --help

    try:
        links = metadata.metadata("voxweave-film").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        links = []
    addresses = [link.partition(", ")[2] for link in links if link.lower().startswith("issues")]
    return f"at {addresses[0]}" if addresses else "as CONTRIBUTING.md says"
