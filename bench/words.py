"""How well words are recognised and placed: against narrations whose word times are known.

    python bench/words.py FOLDER [--model MODEL] [--only en-joe,es] [--hour en-joe]

FOLDER is what bench/voices.py wrote; MODEL is a Whisper model for the recognizer (a folder or a name that
is here already). It needs voxweave with its [asr] extra; without a model the rows that need it are left
out and said so. What was heard is kept beside the narrations, so that a second run takes seconds.
"""

import argparse
import json
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from voxweave.core.alignment import spread
from voxweave.core.believing import believed
from voxweave.core.hearing import Heard
from voxweave.core.normal import units
from voxweave.core.scripts import read_script
from voxweave.core.speech import Narration, Word
from voxweave.core.windows import speech_of, windows_of
from voxweave.errors import VoxWeaveError
from voxweave.media import pauses
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.files import fingerprint
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.placing import match_script
from voxweave.pipeline.probe import probe
from voxweave.pipeline.tools import Tools
from voxweave.providers.base import Aligner, Recognizer, Toolkit
from voxweave.providers.registry import make_provider

HOUR_MS = 3_600_000


@dataclass
class Case:
    """One narration with what is known of it; `starts` by letters of the script before the word."""

    name: str
    language: str
    script: tuple[str, ...]
    starts: dict[int, int]
    narration: Narration
    heard: list[Word] = field(default_factory=list)


def main() -> None:
    """The table, line by line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--model", default="")
    options.add_argument("--only", default="", help="names with commas between")
    options.add_argument("--hour", default="", help="the name of one, repeated until it lasts an hour")
    given = options.parse_args()
    if given.hour:
        _measure(looped(given.folder / f"{given.hour}.json"), "")
        return
    wanted = set(filter(None, given.only.split(",")))
    print(
        f"{'narration':<12}{'method':<14}{'words':>6}{'median':>8}{'p90':>6}{'bias':>6}{'worst':>7}  ms; word errors"
    )
    for file in sorted(given.folder.glob("*.json")):
        if not wanted or file.stem in wanted:
            _measure(file, given.model)


def _measure(file: Path, model: str) -> None:
    case = opened(file)
    long = case.narration.duration_ms > HOUR_MS // 2
    if case.language == "en":
        _line(case, "alignment", _aligned(case))
    if long:
        return
    try:
        case.heard = hear(case, model)
    except VoxWeaveError as error:
        print(f"{case.name:<12}recognition left out: {error}")
    if case.heard:
        found = match_script(case.script, case.heard, case.narration, case.language)
        told = (
            f"heard {found.share:.0%}, errors {_errors(case):.1%}, "
            f"unspoken {len(found.unspoken)}, off {len(found.offscript)}"
        )
        _line(case, "matching", found.words, told)
    _line(
        case, "spread", spread(case.script, speech_of(case.narration), duration_ms=case.narration.duration_ms)
    )


def looped(file: Path) -> Path:
    """The same narration again and again, in a folder beside it."""
    folder = file.parent / "hour"
    folder.mkdir(exist_ok=True)
    told = json.loads(file.read_text("utf-8"))
    with wave.open(str(file.with_suffix(".wav"))) as source:
        frames, rate_hz = source.readframes(source.getnframes()), source.getframerate()
        whole_ms = source.getnframes() * 1000 / rate_hz
        times = round(HOUR_MS / whole_ms)
        with wave.open(str(folder / f"{file.stem}.wav"), "wb") as out:
            out.setparams(source.getparams())
            for _ in range(times):
                out.writeframes(frames)
    words = [
        (text, None if start is None else round(start + turn * whole_ms))
        for turn in range(times)
        for text, start in told["words"]
    ]
    script = file.with_suffix(".txt").read_text("utf-8")
    (folder / f"{file.stem}.txt").write_text("\n".join([script] * times), encoding="utf-8")
    (folder / file.name).write_text(json.dumps({**told, "words": words}), encoding="utf-8")
    return folder / file.name


def opened(file: Path) -> Case:
    """A narration, listened to once."""
    told = json.loads(file.read_text("utf-8"))
    sound = fingerprint(file.with_suffix(".wav"))
    folder = file.parent / "probed" / sound.sha256[:16]
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "narration.json"
    if not kept.exists():
        tools = Tools(find_ffmpeg(), StopSignal(), folder, lambda _: None)
        kept.write_text(probe(tools, sound).to_json())
    narration = Narration.model_validate_json(kept.read_text())
    script = read_script(file.with_suffix(".txt").read_bytes(), suffix=".txt").words
    return Case(file.stem, told["language"], script, _starts(told["words"]), narration)


def _starts(words: Sequence[tuple[str, int | None]]) -> dict[int, int]:
    starts, letters = {}, 0
    for text, start in words:
        if start is not None:
            starts[letters] = start
        letters += len(text)
    return starts


def hear(case: Case, model: str) -> list[Word]:
    """What the recognizer hears, as the product believes it."""
    kept = case.narration.speech.path.parent / "heard.json"
    if not kept.exists():
        kit = Toolkit(find_ffmpeg(), StopSignal(), lambda _: None)
        whisper = make_provider("whisper", Recognizer, options={"model": model, "offline": True}, tools=kit)
        whisper.prospect(case.language, case.narration.duration_ms)
        windows = windows_of(case.narration, language=case.language)
        heard = [whisper.hear(window) for window in windows]
        kept.write_text(json.dumps([one.model_dump(mode="json") for one in heard], ensure_ascii=False))
    phrases = [phrase for one in json.loads(kept.read_text()) for phrase in Heard.model_validate(one).phrases]
    speech = pauses.speech_of(
        case.narration.voice.path, duration_ms=case.narration.duration_ms, shortest_ms=60
    )
    return list(believed(phrases, speech, language=case.language).words)


def _aligned(case: Case) -> Sequence[Word]:
    kit = Toolkit(find_ffmpeg(), StopSignal(), lambda _: None)
    return make_provider("sphinx", Aligner, options=None, tools=kit).align(case.script, case.narration).words


def _line(case: Case, method: str, words: Sequence[Word], told: str = "") -> None:
    errors = np.array(list(_off(case, words)))
    if case.narration.duration_ms > HOUR_MS // 2:
        tenth = len(errors) // 10
        told = f"first tenth {np.median(errors[:tenth]):.0f}, last tenth {np.median(errors[-tenth:]):.0f}"
    median, p90 = np.quantile(np.abs(errors), [0.5, 0.9])
    print(
        f"{case.name:<12}{method:<14}{len(errors):>6}{median:>8.0f}{p90:>6.0f}{np.median(errors):>6.0f}{np.abs(errors).max():>7.0f}  {told}"
    )


def _off(case: Case, words: Sequence[Word]) -> Iterator[int]:
    """How late each word's start is."""
    letters = 0
    for word in words:
        if letters in case.starts:
            yield word.span.start - case.starts[letters]
        letters += len(word.text)


def _errors(case: Case) -> float:
    """Word errors of the recognizer (of signs, where there are no spaces), after normalising."""
    ours = [unit.text for unit in units(case.script, case.language)]
    theirs = [unit.text for unit in units([word.text for word in case.heard], case.language)]
    row = list(range(len(theirs) + 1))
    for i, one in enumerate(ours, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(theirs, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (one != other))
    return row[-1] / max(1, len(ours))


if __name__ == "__main__":
    main()
