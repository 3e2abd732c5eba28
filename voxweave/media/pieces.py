"""A stretch of the narration as a file of its own, for services that let a voice drive a picture."""

import io
import wave
from pathlib import Path

from voxweave.core.time import Span
from voxweave.media.files import write_atomically


def cut_piece(speech: Path, span: Span, folder: Path) -> Path:
    """This stretch of a WAV in `folder`, byte for byte the same each time; shorter where the sound ends before."""
    final = folder / f"{span.start}-{span.end}.wav"
    if final.exists():  # named only when whole, and of one narration
        return final
    with wave.open(str(speech), "rb") as whole:
        rate = whole.getframerate()
        first = min(span.start * rate // 1000, whole.getnframes())
        whole.setpos(first)
        sound = whole.readframes(span.end * rate // 1000 - first)
        written = io.BytesIO()
        with wave.open(written, "wb") as piece:
            piece.setparams(whole.getparams())
            piece.writeframes(sound)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(final, written.getvalue())
    return final
