"""Hears one window and prints its phrases; runs as a program of its own, which can be ended at any moment.

`python -I child.py PATHS` reads one JSON question from standard input and writes a JSON object a line:
`language` first, then `phrase` by phrase, `done` at the end, or `failed` with the reason. PATHS are
where the one that asks finds its packages.
"""

import json
import os
import sys
import wave
from typing import Any

RATE_HZ = 16_000
PACKAGES = "packages"
MODEL = "model"
SOUND = "sound"

_LISTEN_S = 90.0  # how much voice decides the language: thirty seconds, and more only while in doubt
_LEFT_S = 0.3  # so little voice behind the last word is its own end
_SEED = 1  # what is sampled after a failed search comes out the same every time


def main(paths: str) -> int:
    """Answer the question on standard input."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is no answer of ours
    sys.path += [path for path in paths.split(os.pathsep) if path not in sys.path]

    def say(**told: Any) -> None:
        answers.write(json.dumps(told) + "\n")
        answers.flush()

    question = json.loads(sys.stdin.readline())
    what = PACKAGES
    try:
        import ctranslate2
        from faster_whisper import WhisperModel

        ctranslate2.set_random_seed(_SEED)
        what = SOUND
        sounds = _sounds(question["sound"], question["clips"])
        what = MODEL
        model = _loaded(WhisperModel, question)
        language = question["language"] or _language(model, sounds)
        say(language=language)
        for place, sound in enumerate(sounds):
            for phrase in _phrases(model, sound, language, question):
                say(phrase={"clip": place, **phrase})
        say(done=True)
    except (ImportError, OSError, RuntimeError, ValueError, EOFError, wave.Error, MemoryError) as error:
        say(failed=what, reason=f"{type(error).__name__}: {error}"[:2000])
        return 1
    return 0


def _loaded(kind: Any, question: dict[str, Any]) -> Any:
    """The model, on the graphics card if that works and nobody insists on it."""
    common = {"cpu_threads": question["threads"], "local_files_only": True}
    if question["device"] == "cuda":
        try:
            model = kind(question["model"], device="cuda", compute_type="float16", **common)
            model.encode(model.feature_extractor(_silence()))  # libraries that are missing show only now
            return model
        except (RuntimeError, ValueError):
            if question["insist"]:
                raise
    return kind(question["model"], device="cpu", compute_type="int8", **common)


def _silence() -> Any:
    import numpy as np

    return np.zeros(RATE_HZ * 30, np.float32)


def _sounds(file: str, clips: list[list[int]]) -> list[Any]:
    """The samples of each clip, from -1 to 1; nothing outside them is read."""
    import numpy as np

    found = []
    with wave.open(file, "rb") as sound:
        if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) != (RATE_HZ, 1, 2):
            raise ValueError("not 16 kHz mono")
        for first, past in clips:
            sound.setpos(min(first, sound.getnframes()))
            raw = sound.readframes(past - first)
            found.append(np.frombuffer(raw, "<i2").astype(np.float32) / 32768)
    return found


def _language(model: Any, sounds: list[Any]) -> str:
    """The language of the first voice there is, by majority while the model is not sure."""
    import numpy as np

    if not model.model.is_multilingual:
        return "en"
    listened: list[Any] = []
    for sound in sounds:
        if sum(map(len, listened)) < _LISTEN_S * RATE_HZ:
            listened.append(sound)
    language, _, _ = model.detect_language(np.concatenate(listened), language_detection_segments=3)
    return str(language)


def _phrases(model: Any, sound: Any, language: str, question: dict[str, Any]) -> Any:
    """What is heard in one clip, until its voice ends: what is left then is silence, and invites invention.

    Each half minute is heard without the words before it: a model that reads its own words repeats a
    mistake for minutes, and windows are to come out the same whichever was heard first.
    """
    ends_s = len(sound) / RATE_HZ - question["margin_s"] - _LEFT_S
    found, _ = model.transcribe(
        sound,
        language=language,
        task=question["task"],
        beam_size=question["beam"],
        temperature=(0.0, 0.4, 0.8),
        condition_on_previous_text=False,
        word_timestamps=True,
    )
    for one in found:
        words = [(word.word, word.start, word.end, word.probability) for word in one.words or ()]
        yield {
            "words": words,
            "confidence": one.avg_logprob,
            "silence": one.no_speech_prob,
            "repetition": one.compression_ratio,
        }
        if words and words[-1][2] >= ends_s:
            return


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
