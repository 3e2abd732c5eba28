"""Where the film and what goes with it are written, checked before any work is done."""

import os
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from voxweave.core.encoding import Container
from voxweave.core.film import Canvas
from voxweave.core.text import printable
from voxweave.core.value import Value
from voxweave.errors import OutputExists, UsageError
from voxweave.media.files import check_writable, same_file

_BITS_PER_PIXEL = 0.12
"""What crf 18 took at most on our own art and on clips, with some to spare."""

_SOUND_BYTES_PER_S = 24_000  # 192 kbit/s


class Outputs(Value):
    """The names of everything a run may leave beside the film."""

    film: Path
    report: Path
    thumbnail: Path

    def sidecar(self, language: str, kind: str = "srt") -> Path:
        """The captions beside the film, named as players look for them: `talk.en.srt`.

        Never plain `talk.srt`: the next run would take it for subtitles given by the user.
        """
        return self.film.with_name(f"{self.film.stem}.{language or 'und'}.{kind}")


def outputs_for(source: Path, output: Path | None, container: Container) -> Outputs:
    """Names for a narration's film; a folder gets the narration's name in it."""
    suffix = f".{container}"
    if output is None or output.is_dir():
        film = (output or source.parent) / f"{source.stem}{suffix}"
        if same_file(film, source):
            film = film.with_name(f"{source.stem}.film{suffix}")
    else:
        film = output if output.suffix else output.with_name(output.name + suffix)
    stem = film.with_suffix("")
    return Outputs(
        film=film,
        report=stem.with_name(f"{stem.name}.report.json"),
        thumbnail=stem.with_name(f"{stem.name}.thumbnail.png"),
    )


def check_outputs(outputs: Outputs, inputs: tuple[Path, ...], *, overwrite: bool) -> None:
    """OutputExists or UsageError before a file would be lost or an input overwritten, by any link."""
    check_places(outputs, inputs)
    if not overwrite and os.path.lexists(outputs.film):
        raise taken(outputs)


def taken(outputs: Outputs) -> OutputExists:
    """A film, or whatever else, has the name already."""
    return OutputExists(
        f"{printable(outputs.film.name)} is there already",
        hint="replace it with --overwrite, or name another with -o",
    )


def check_places(outputs: Outputs, inputs: tuple[Path, ...]) -> None:
    """UsageError where an input would be overwritten, by any link; StorageError where nothing can be written."""
    spare((outputs.film, outputs.report, outputs.thumbnail), inputs)
    check_writable(outputs.film.parent)


def spare(written: Iterable[Path], inputs: Iterable[Path]) -> None:
    """UsageError where something we write would take the place of an input, by any link."""
    given = tuple(inputs)
    for file in written:
        if any(same_file(file, one) for one in given):
            raise UsageError(
                f"{printable(file.name)} is an input of this film", hint="name another output with -o"
            )


def bytes_needed(canvas: Canvas, seconds: Fraction) -> int:
    """Room for a film's scenes, or for the film itself."""
    pixels = canvas.width * canvas.height * float(canvas.rate * seconds)
    return round(pixels * _BITS_PER_PIXEL / 8 + float(seconds) * _SOUND_BYTES_PER_S) + (1 << 20)
