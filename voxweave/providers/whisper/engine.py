"""One window heard by a program of its own, and its answer in our values.

A program, because neither a model's half minute (half a minute of work, or more, for the large ones) nor
its memory can be had back from within: this one ends the moment a stop comes, and gives all of it back.
Loading the model anew for every window costs a twentieth of hearing it.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxweave.core.hearing import Heard, Phrase, Task
from voxweave.core.speech import Word
from voxweave.core.text import printable
from voxweave.core.time import Span
from voxweave.errors import DependencyError, InputError, VoxWeaveError
from voxweave.media.child import Child, Surroundings
from voxweave.media.stopping import StopSignal
from voxweave.providers.whisper import child
from voxweave.providers.whisper.catalog import tag_of
from voxweave.providers.whisper.clips import MARGIN_MS

_LIBRARIES = ("LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES")
_MOST_LINE = 1 << 22


@dataclass(frozen=True)
class Setup:
    """A model and how it is run."""

    model: Path
    cuda: bool
    insist: bool
    threads: int
    beam: int


@dataclass(frozen=True)
class Request:
    """What to hear: clips of a 16 kHz file, in which language, and what to do with it."""

    sound: Path
    clips: Sequence[Span]
    language: str
    task: Task


def hear(setup: Setup, wanted: Request, stop: StopSignal, advance: Callable[[float], None]) -> Heard:
    """The phrases of all clips, in order; `advance` is told the share of their sound that is done."""
    phrases: list[Phrase] = []
    language = wanted.language
    for told in _answers(_question(setup, wanted), stop):
        language = str(told.get("language", language))
        if "phrase" in told:
            clip = wanted.clips[told["phrase"]["clip"]]
            phrase = _phrase(told["phrase"], clip)
            phrases += [phrase] if phrase.words else []
            advance(_share(wanted.clips, phrase.words[-1].span.end if phrase.words else clip.start))
    advance(1.0)
    return Heard(language=tag_of(language), phrases=tuple(phrases))


def _share(clips: Sequence[Span], reached_ms: int) -> float:
    done = sum(min(max(reached_ms - clip.start, 0), clip.duration) for clip in clips)
    return done / max(sum(clip.duration for clip in clips), 1)


def _question(setup: Setup, wanted: Request) -> dict[str, Any]:
    rate = child.RATE_HZ // 1000
    return {
        "model": str(setup.model),
        "device": "cuda" if setup.cuda else "cpu",
        "insist": setup.insist,
        "threads": setup.threads,
        "beam": setup.beam,
        "sound": str(wanted.sound),
        "clips": [[clip.start * rate, clip.end * rate] for clip in wanted.clips],
        "language": wanted.language,
        "task": wanted.task,
        "margin_s": MARGIN_MS / 1000,
    }


def _answers(question: dict[str, Any], stop: StopSignal) -> Iterator[dict[str, Any]]:
    """What the program says, line by line; an error in our words when it ends without an end."""
    args = [sys.executable, "-I", str(child.__file__), os.pathsep.join(filter(os.path.isabs, sys.path))]
    with Child(args, stop, around=Surroundings(env=_environment()), feed=True) as running:
        try:
            running.stdin.write(json.dumps(question).encode() + b"\n")
            running.stdin.close()
        except BrokenPipeError:  # it ended before it listened; its status tells why
            pass
        for line in iter(lambda: running.stdout.readline(_MOST_LINE), b""):
            stop.check()
            told = json.loads(line)
            if "failed" in told:
                raise _failure(told["failed"], str(told["reason"]), question)
            if "done" in told:
                return
            yield told
        raise _ended(running.wait(), running.errors)


def _environment() -> dict[str, str]:
    """No network whatever a library would like, and where the loader finds CUDA, which is no setting of ours."""
    found = {name: os.environ[name] for name in _LIBRARIES if name in os.environ}
    return {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", **found}


def _phrase(told: dict[str, Any], clip: Span) -> Phrase:
    """A phrase with its words on the narration's clock; nothing is said outside its clip."""
    words = []
    at = clip.start
    for text, start_s, end_s, probability in told["words"]:
        if not text.strip():
            continue
        start = min(max(clip.start + round(start_s * 1000), at), clip.end)
        end = min(max(clip.start + round(end_s * 1000), start), clip.end)
        words.append(
            Word(text=text.strip(), span=Span(start=start, end=end), confidence=round(probability, 3))
        )
        at = end
    return Phrase(
        words=tuple(words),
        confidence=round(told["confidence"], 3),
        silence=round(told["silence"], 3),
        repetition=round(told["repetition"], 2),
    )


def _failure(what: str, reason: str, question: dict[str, Any]) -> VoxWeaveError:
    told = printable(reason)
    if what == child.PACKAGES:
        return DependencyError(
            f"faster-whisper does not start: {told}", hint="pip install --upgrade 'voxweave-film[asr]'"
        )
    if what == child.SOUND:
        return InputError(
            f"the narration's sound cannot be read: {told}",
            hint="run voxweave clean on the narration, then again",
        )
    return DependencyError(
        f"the speech model in {printable(question['model'])} does not run: {told}",
        hint="delete that folder so that it is fetched again, or name another with --speech-model",
    )


def _ended(status: int, errors: Sequence[str]) -> VoxWeaveError:
    """A program that said nothing of its end: most often the system took its memory back."""
    if status == -9:
        return DependencyError(
            "the recognizer was ended by the system, most likely for want of memory",
            hint="name a smaller model with --speech-model, or free some memory",
        )
    last = printable(errors[-1]) if errors else "it said nothing"
    return DependencyError(
        f"the recognizer ended with {status}: {last}", hint="pip install --upgrade 'voxweave-film[asr]'"
    )
