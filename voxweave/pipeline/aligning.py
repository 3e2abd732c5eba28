"""English words placed on the voice by forced alignment, as a step of the job."""

from voxweave.core.speech import Narration
from voxweave.pipeline.tools import Tools
from voxweave.providers.base import Aligner, Alignment, Toolkit
from voxweave.providers.registry import make_provider


def align_words(tools: Tools, texts: tuple[str, ...], narration: Narration) -> Alignment:
    """Words of a script, or recognised ones, with times from the voice."""
    kit = Toolkit(ffmpeg=tools.ffmpeg, stop=tools.stop, advance=tools.advance)
    return make_provider("sphinx", Aligner, options=None, tools=kit).align(texts, narration)
