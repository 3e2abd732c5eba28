"""The provider `whisper`: words heard on this machine."""

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel

from voxweave.core.hearing import Heard, Prospect, Window
from voxweave.core.text import printable
from voxweave.errors import DependencyError
from voxweave.providers.base import Provider, Toolkit
from voxweave.providers.whisper import engine, hub
from voxweave.providers.whisper.catalog import spelled
from voxweave.providers.whisper.choosing import INSTALL, Choice, choose, mistaken
from voxweave.providers.whisper.clips import clips
from voxweave.providers.whisper.machine import Machine, this_machine
from voxweave.providers.whisper.options import WhisperOptions
from voxweave.providers.whisper.store import Kept, check, weights_hash


class Whisper(Provider):
    """Hears words with faster-whisper; models are found, or fetched once, and kept.

    It tells how far it is as a share of the download while `prepare` runs, and of the window while `hear`
    does.
    """

    class Options(WhisperOptions):
        """Which model, where models are kept, and how they are run."""

    options: Options

    def __init__(self, options: BaseModel, tools: Toolkit) -> None:
        super().__init__(options, tools)
        self._choice: Choice | None = None
        self._here: Kept | None = None
        self._machine: Machine | None = None
        self._hashes: dict[Path, str] = {}

    @property
    def identity(self) -> str:
        """Engine, model, hash of its weights and how they are computed; known once the model is here."""
        engines = f"{_installed('faster-whisper')} {_installed('ctranslate2')}"
        compute = "float16" if self._now().cuda else "int8"
        return f"whisper {engines} {self._model_told()} {compute} beam {self.options.beam}"

    def prospect(self, language: str, duration_ms: int) -> Prospect:  # noqa: ARG002  the role's
        """Whether a model is here or may be fetched for this language; nothing is loaded, nobody asked."""
        wrong = mistaken(self.options.model) if self.options.model else None
        if wrong is not None:
            return wrong
        if find_spec("faster_whisper") is None:
            return Prospect(ready=False, reason="faster-whisper is not installed", hint=INSTALL)
        code = spelled(language)
        if language and not code:
            return Prospect(
                ready=False,
                reason=f"Whisper does not know the language {printable(language, most=30)!r}",
                hint="give the words with --script or --subtitles",
            )
        self._choice, self._here = choose(self.options, self._now(), code), None
        return self._choice.prospect

    def reach(self) -> str:
        """Which model it would take here; nothing is asked of anybody."""
        found = self.prospect("", 0)
        if not found.ready and not found.download_bytes:
            raise DependencyError(found.reason, hint=found.hint)
        return f"{found.model}: {found.reason}"

    def prepare(self) -> None:
        """Fetch the model if it is not here, and check every byte of it."""
        self._ready()

    def hear(self, window: Window) -> Heard:
        """The words of one window; only where somebody speaks is anything decoded."""
        parts = clips(window.speech, window.span)
        if not parts:
            return Heard(language=window.language, phrases=())
        setup = self._setup(self._ready())
        asked = engine.Request(window.sound.path, parts, spelled(window.language), window.task)
        found = engine.hear(setup, asked, self.tools.stop, self.tools.advance)
        return found.model_copy(update={"language": window.language or found.language})

    def _ready(self) -> Kept:
        if self._here is None:
            self._here = self._made_ready()
        return self._here

    def _made_ready(self) -> Kept:
        if find_spec("faster_whisper") is None:
            raise DependencyError("faster-whisper is not installed", hint=INSTALL)
        choice = self._chosen()
        if choice.here is not None:
            check(choice.here, self.tools.stop)
            return choice.here
        if choice.wanted is None and not choice.repo:
            raise DependencyError(choice.prospect.reason, hint=choice.prospect.hint)
        wire = hub.Wire(self.options.hub, self.tools.stop, self.tools.advance)
        model = choice.wanted or hub.described(choice.repo, wire)
        return hub.fetched(model, self.options.folder, wire)

    def _model_told(self) -> str:
        """The model and what its weights are known by, read at most once."""
        here = self._here or self._chosen().here
        if here is None:
            return f"{self._chosen().prospect.model} not here"
        if here.path not in self._hashes:
            self._hashes[here.path] = weights_hash(here, self.tools.stop)
        return f"{here.name} {self._hashes[here.path][:16]}"

    def _setup(self, here: Kept) -> engine.Setup:
        machine, options = self._now(), self.options
        return engine.Setup(
            model=here.path,
            cuda=machine.cuda,
            insist=options.device == "cuda",
            threads=options.threads or machine.cores,
            beam=options.beam,
        )

    def _chosen(self) -> Choice:
        """What `prospect` promised; for any language when nobody asked it."""
        if self._choice is None:
            self._choice = choose(self.options, self._now(), "")
        return self._choice

    def _now(self) -> Machine:
        if self._machine is None:
            self._machine = this_machine(self.options.device)
        return self._machine


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
