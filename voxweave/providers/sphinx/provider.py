"""Forced alignment of English scripts as a provider, and English words recognised where nobody better can."""

from collections.abc import Sequence
from importlib import metadata

from voxweave.core.hearing import Heard, Prospect, Window
from voxweave.core.speech import Narration
from voxweave.providers.base import Alignment, Provider
from voxweave.providers.sphinx.hearing import MODEL, Listener
from voxweave.providers.sphinx.walk import Sphinx as Engine
from voxweave.providers.sphinx.walk import Voice


class Sphinx(Provider):
    """Places an English script on the voice with pocketsphinx; its model is in the wheel."""

    _listener: Listener | None = None

    @property
    def identity(self) -> str:
        """The engine, its release and its model."""
        return f"pocketsphinx {metadata.version('pocketsphinx')} {MODEL}"

    def prospect(self, language: str, duration_ms: int) -> Prospect:  # noqa: ARG002  the role's
        """Always ready for English; one word in three and more is wrong."""
        if language and language.lower().split("-")[0] != "en":
            return Prospect(ready=False, poor=True, reason="its model hears English only")
        return Prospect(
            ready=True,
            model=MODEL,
            poor=True,
            reason="every third word may be wrong, and it hears English only",
        )

    def prepare(self) -> None:
        """Load the model."""
        self._listener = self._listener or Listener()

    def hear(self, window: Window) -> Heard:
        """The words of a window, without capitals or punctuation."""
        self._listener = self._listener or Listener()
        return self._listener.hear(window, stop=self.tools.stop, advance=self.tools.advance)

    def align(self, words: Sequence[str], narration: Narration) -> Alignment:
        """Every word of the script with its time; the share found decides what it is called."""
        voice = Voice(narration.speech.path, narration.pauses, narration.duration_ms)
        whole = narration.duration_ms / 1000
        found = Engine().align(
            words, voice, stop=self.tools.stop, advance=lambda seconds: self.tools.advance(seconds / whole)
        )
        return Alignment(
            words=found.words,
            how="spread" if found.spread else "alignment",
            unspoken=found.unspoken,
            offscript=found.offscript,
            notes=found.notes,
            share=found.found,
        )
