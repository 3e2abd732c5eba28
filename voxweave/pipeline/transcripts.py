"""Words without a film: recognised or placed, laid out as captions, and written as files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from voxweave.core.captions import ass_file, srt_text, vtt_text
from voxweave.core.speech import Narration, Transcript
from voxweave.core.text import printable
from voxweave.core.time import clock, frames_of
from voxweave.core.timeline import Timeline
from voxweave.core.value import Value
from voxweave.core.written import facts_text, plain_text
from voxweave.errors import Exit, OutputExists, UsageError
from voxweave.media.files import check_writable, fingerprint, remove_leftovers, write_atomically
from voxweave.pipeline.captions import Captions, Heading, captioned
from voxweave.pipeline.choosing import NONE
from voxweave.pipeline.desk import Desk, open_desk
from voxweave.pipeline.outputs import spare
from voxweave.pipeline.probe import probe, unchanged
from voxweave.pipeline.recognize import recognised
from voxweave.pipeline.studio import Studio
from voxweave.pipeline.transcribe import WordSource
from voxweave.pipeline.wording import words_for

Format = Literal["srt", "vtt", "ass", "txt", "json"]
FORMATS: tuple[Format, ...] = ("srt", "vtt", "ass", "txt", "json")


class WordRequest(Value):
    """The words of one narration asked for as files; with a script they are its words."""

    source: Path
    script: Path | None = None
    formats: tuple[Format, ...] = ("srt",)
    output: Path | None = None
    overwrite: bool = False


class WordsMade(Value):
    """The files written, and what is worth a few lines; `shortfalls` are what was asked for and is missing."""

    files: tuple[Path, ...]
    transcript: Transcript
    cues: int
    findings: int
    duration_ms: int
    shortfalls: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0, or 9 when something asked for is missing."""
        return Exit.PARTIAL if self.shortfalls else Exit.DONE

    def summary(self) -> tuple[str, ...]:
        """A few lines for a person."""
        found = self.transcript
        heard = f" by {found.heard.engine} {found.heard.model}".rstrip() if found.heard else ""
        language = f" in {found.language}" if found.language else ""
        left = f", {len(found.heard.left_out)} left out" if found.heard and found.heard.left_out else ""
        rules = "all rules kept" if not self.findings else f"{self.findings} rule findings"
        paid = found.heard.paid_usd if found.heard else 0.0
        return (
            f"words     {len(found.words)}{language}, from {found.how}{heard}{left}",
            f"captions  {self.cues} cues over {clock(self.duration_ms)}, {rules}",
            *((f"cost      ${paid:.3f}",) if paid else ()),
            *(f"short of what was asked: {line}" for line in self.shortfalls),
        )


def make_words(request: WordRequest, studio: Studio) -> WordsMade:
    """Recognise or place the words, and write them; what an earlier run heard is not heard again."""
    files = _files(request)
    _check(files, request)
    with open_desk(request.source, studio, "mp4", words_only=True) as desk:
        remove_leftovers(files[0].parent)
        desk.enter("probe")
        narration = desk.step(probe, desk.media)
        desk.tell_all(narration.warnings)
        desk.enter("transcribe")
        transcript = _words(request, desk, narration)
        desk.tell_all(transcript.notes)
        if not transcript.words:
            desk.fall_short("no words: nobody was heard speaking")
        captions = _captions(desk, transcript, narration)
        unchanged(narration)
        for file, kind in zip(files, request.formats, strict=True):
            write_atomically(file, _text(kind, transcript, captions, narration, desk))
        desk.teller.done(printable(str(files[0])))
        return WordsMade(
            files=tuple(file.absolute() for file in files),
            transcript=transcript,
            cues=len(captions.cues),
            findings=len(captions.findings),
            duration_ms=narration.duration_ms,
            shortfalls=tuple(desk.shortfalls),
        )


def _words(request: WordRequest, desk: Desk, narration: Narration) -> Transcript:
    if request.script is not None:
        source = WordSource(kind="script", media=fingerprint(request.script, "the script"))
        return words_for(desk, narration, source)
    if desk.studio.settings.recognizer == NONE:
        raise UsageError(
            "nobody is to recognise the words (recognizer is none)", hint="leave out --recognizer"
        )
    return recognised(desk, narration, poor=True)


def _captions(desk: Desk, transcript: Transcript, narration: Narration) -> Captions:
    """Cues by the rules, as a film without a cut would have them."""
    canvas = desk.studio.settings.canvas
    uncut = Timeline(canvas=canvas, frames=frames_of(narration.samples, canvas.rate), shots=())
    return captioned(desk, transcript, Heading(), uncut)


def _text(kind: Format, transcript: Transcript, captions: Captions, narration: Narration, desk: Desk) -> str:
    """The file's content."""
    match kind:
        case "srt":
            return srt_text(captions.cues)
        case "vtt":
            return vtt_text(captions.cues)
        case "ass":
            return ass_file(captions.cues, canvas=desk.studio.settings.canvas, look=captions.look)
        case "txt":
            return plain_text(transcript)
        case "json":
            return facts_text(transcript, captions.cues, narration.duration_ms)


def _files(request: WordRequest) -> tuple[Path, ...]:
    """A name for each format: the narration's beside it or in a folder, or the one given."""
    output, source = request.output, request.source
    if output is None or output.is_dir():
        base = (output or source.parent) / source.stem
        return tuple(base.with_name(f"{base.name}.{kind}") for kind in request.formats)
    kind = output.suffix[1:].lower()
    if kind in FORMATS and len(request.formats) == 1 and kind != request.formats[0]:
        raise UsageError(
            f"{printable(output.name)} is to hold {request.formats[0]}",
            hint=f"add --format {kind}, or name it otherwise",
        )
    stem = output.with_suffix("") if kind in FORMATS else output
    return tuple(stem.with_name(f"{stem.name}.{kind}") for kind in request.formats)


def _check(files: Sequence[Path], request: WordRequest) -> None:
    """OutputExists or UsageError before anything would be lost."""
    spare(files, [path for path in (request.source, request.script) if path is not None])
    for file in files:
        if not request.overwrite and (file.exists() or file.is_symlink()):
            raise OutputExists(
                f"{printable(file.name)} is there already",
                hint="replace it with --overwrite, or name another with -o",
            )
    check_writable(files[0].parent)
