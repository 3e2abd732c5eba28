"""One narration through the pipeline, under a display and with an ear for Ctrl-C."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voxweave.cli import one_line, tell_error
from voxweave.cli.display import Display, display_for
from voxweave.cli.history import film_made, remember
from voxweave.cli.keeping import KeptCard
from voxweave.cli.options import settings_for
from voxweave.cli.outputs import Namer
from voxweave.cli.signals import listening
from voxweave.core.text import printable
from voxweave.errors import Exit, Stopped
from voxweave.media.disk import told_of_disk
from voxweave.media.stopping import StopSignal
from voxweave.settings import Loaded

if TYPE_CHECKING:  # numpy and FFmpeg's wrappers come with it: only when there is a film to make
    from voxweave.core.film import Canvas
    from voxweave.core.quotes import Quote
    from voxweave.pipeline.make import Request
    from voxweave.pipeline.report import Report
    from voxweave.pipeline.studio import Studio

_LAST_NOTICES = 5


@dataclass(frozen=True)
class Outcome:
    """What became of one narration: a report or an error."""

    narration: str
    status: int
    report: "Report | None" = None
    error: Exception | None = None
    preset: str = ""
    """Which of several films of the narration it is."""

    @property
    def stopped(self) -> bool:
        """Whether the user asked to end."""
        return isinstance(self.error, Stopped)

    def as_json(self) -> str:
        """The report, or what went wrong in its place."""
        if self.report is not None:
            # pydantic's own writer refuses names that are not UTF-8; json escapes them
            return json.dumps(self.report.model_dump(mode="json"), indent=2)
        hint = getattr(self.error, "hint", "")
        words = {
            "narration": self.narration,
            **({"preset": self.preset} if self.preset else {}),
            "exit_code": self.status,
            "error": str(self.error),
            "hint": hint,
        }
        return json.dumps(words, indent=2)


@dataclass(frozen=True)
class Voice:
    """How much is said, and where: `json` and `events` own stdout."""

    quiet: bool = False
    verbose: int = 0
    json: bool = False
    events: bool = False

    def display(self, stop: StopSignal) -> Display:
        """A display for one film; nobody reading its events is a reason to stop."""
        return display_for(quiet=self.quiet, events=self.events, gone=lambda: stop.set(Exit.STOPPED))

    def notes(self, loaded: Loaded) -> None:
        """What looks like a mistake in the settings."""
        for note in () if self.quiet else loaded.notes:
            click.echo(f"voxweave: {note}", err=True)

    def failed(self, narration: str, error: Exception) -> None:
        """Why there is no film, as an event: whoever reads them need not read our other words."""
        from voxweave.jobs.cards import error_of

        if not self.events or isinstance(error, Stopped):
            return
        told = {"kind": "failed", "film": narration, "error": error_of(error).model_dump()}
        with suppress(BrokenPipeError):
            click.echo(json.dumps(told))

    def film(self, report: "Report", notices: Sequence[str]) -> None:
        """The summary on stderr, the film's path on stdout."""
        if self.quiet and report.exit_code:
            for notice in notices[-_LAST_NOTICES:]:
                click.echo(notice, err=True)
        for line in () if self.quiet else report.summary():
            click.echo(aligned(line), err=True)
        if not self.json and not self.events:
            say_path(report.film)

    def reports(self, outcomes: Sequence[Outcome], *, many: bool) -> None:
        """The reports as JSON on stdout, if they were asked for."""
        if self.json:
            texts = [outcome.as_json() for outcome in outcomes]
            click.echo("[" + ",\n".join(texts) + "]" if many else texts[0])


@dataclass(frozen=True)
class Run:
    """What holds for every narration of one command line."""

    flags: Mapping[str, object]
    config: str | None
    voice: Voice
    files: Mapping[str, Path]
    shape_of: str = ""
    """The preset whose picture size orders are made for, where several films share them."""

    def make(
        self, narration: str, namer: Namer, card: KeptCard, *, overwrite: bool, variant: str = ""
    ) -> Outcome:
        """Make one film and say how it went; a failure is told and given back, not raised."""
        try:
            loaded = self._settings(narration)
            output = namer.name(narration, loaded.settings, variant=variant)
            request = self._request(narration, output, overwrite=overwrite)
            report, notices = self._weave(request, loaded, card)
            if not report.up_to_date:  # before it is told: nobody may be listening any more
                remember(film_made(report))
            self.voice.film(report, notices)
            return Outcome(narration, report.exit_code, report=report, preset=variant)
        except BrokenPipeError:
            raise
        except Exception as raised:  # one film's failure, even a bug, must not cost the others
            error = told_of_disk(raised)
            status = tell_error(error, verbose=self.voice.verbose > 0)
            self.voice.failed(narration, error)
            return Outcome(narration, status, error=error, preset=variant)

    def plan(self, narration: str, into: Path | None, *, overwrite: bool) -> int:
        """Write one storyboard and print it."""
        from voxweave.pipeline.make import plan_only

        request = self._request(narration, overwrite=overwrite)
        with self._working(self._settings(narration), Path(narration).parent) as (studio, _):
            file, lines = plan_only(request, studio, into=into)
        for line in lines:
            click.echo(aligned(line))
        if not self.voice.quiet:
            click.echo(
                f"written to {printable(str(file), most=1000)}; edit it, then make --storyboard", err=True
            )
        return Exit.DONE

    def estimate(self, narration: str) -> "Quote":
        """What the pictures of a film would cost; nothing is ordered."""
        from voxweave.pipeline.make import quoted

        request = self._request(narration, overwrite=True)
        with self.working(Path(narration).parent) as (studio, _):
            return quoted(request, studio)

    @contextmanager
    def working(self, folder: Path) -> "Iterator[tuple[Studio, Display]]":
        """A studio for work that a folder's settings hold for."""
        with self._working(settings_for(folder, self.flags, self.config), folder) as found:
            yield found

    def _request(self, narration: str, output: Path | None = None, *, overwrite: bool) -> "Request":
        from voxweave.pipeline.make import Request

        return Request(source=Path(narration), output=output, overwrite=overwrite, **self._given())

    def _weave(self, request: "Request", loaded: Loaded, card: KeptCard) -> "tuple[Report, Sequence[str]]":
        from voxweave.pipeline.make import weave

        with self._working(loaded, request.source.parent) as (studio, display):
            return weave(request, card.heard(studio, loaded)), display.notices

    def _settings(self, narration: str) -> Loaded:
        return settings_for(Path(narration).parent, self.flags, self.config)

    def _given(self) -> dict[str, Path | None]:
        return {name: self.files.get(name) for name in ("subtitles", "script", "storyboard")}

    @contextmanager
    def _working(self, loaded: Loaded, folder: Path) -> "Iterator[tuple[Studio, Display]]":
        from voxweave.cli.money import asking
        from voxweave.jobs.log import set_up
        from voxweave.pipeline.studio import open_studio

        shape = self._order_shape(folder)
        set_up(self.voice.verbose)
        stop = StopSignal()
        display = self.voice.display(stop)

        def last() -> None:
            display.close()
            click.echo(one_line(Stopped()), err=True)

        with listening(stop, last=last), display:
            ask = asking(display)
            studio = open_studio(loaded.settings, stop=stop, tell=display.tell, consent=ask)
            yield replace(studio, order_shape=shape), display

    def _order_shape(self, folder: Path) -> "Canvas | None":
        if not self.shape_of:
            return None
        flags = {**self.flags, "preset": self.shape_of}
        return settings_for(folder, flags, self.config).settings.full_canvas


def aligned(line: str) -> str:
    """A line safe to show, with the spaces that line it up."""
    return "".join(char if char.isprintable() else " " for char in line)


def say_path(film: Path) -> None:
    """A path on stdout: its own bytes for a program, made harmless for a terminal."""
    if sys.stdout.isatty():
        click.echo(printable(str(film), most=4096))
    else:
        click.echo(os.fsencode(film))
