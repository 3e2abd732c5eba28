"""Forced alignment of English scripts as a provider."""

from collections.abc import Sequence

from voxweave.core.speech import Narration
from voxweave.providers.base import Alignment, Provider
from voxweave.providers.sphinx.walk import Sphinx as Engine
from voxweave.providers.sphinx.walk import Voice


class Sphinx(Provider):
    """Places an English script on the voice with pocketsphinx; its model is in the wheel."""

    def align(self, words: Sequence[str], narration: Narration) -> Alignment:
        """Every word of the script with its time; the share found decides what it is called."""
        voice = Voice(narration.speech.path, narration.pauses, narration.duration_ms)
        whole = narration.duration_ms / 1000
        found = Engine().align(
            words, voice, stop=self.tools.stop, advance=lambda seconds: self.tools.advance(seconds / whole)
        )
        return Alignment(words=found.words, how="alignment" if found.found else "spread", notes=found.notes)
