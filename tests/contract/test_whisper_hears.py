"""The local recognizer with real weights: what it hears, when, in which language, and within which bounds."""

import json
import os
import re
import resource
import signal
import struct
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ffmpeg
from tests.fakes.hub import FakeHub
from tests.pace import within
from tests.weights import skip_without_engine
from voxweave.core.hearing import Heard, Window
from voxweave.core.time import Span
from voxweave.core.value import MediaFile
from voxweave.errors import DependencyError, InputError, Stopped
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.stopping import StopSignal
from voxweave.providers.base import Recognizer, Toolkit
from voxweave.providers.registry import make_provider
from voxweave.providers.whisper import child
from voxweave.providers.whisper.catalog import catalog
from voxweave.providers.whisper.clips import MARGIN_MS

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
RATE_HZ = 16_000
HOURS_MS = 3 * 3_600_000
AT_MS = HOURS_MS - 60_000

Hear = Callable[..., Heard]


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory, ffmpeg: Ffmpeg) -> Path:
    """The beginnings of two sample narrations as 16 kHz mono WAV."""
    folder = tmp_path_factory.mktemp("heard")
    for name, seconds in (("dust", 17.5), ("panaderia", 15)):
        sound = ("-t", str(seconds), "-ac", "1", "-ar", str(RATE_HZ))
        ffmpeg("-i", SAMPLES / f"{name}.mp3", *sound, folder / f"{name}.wav")
    return folder


def recognizer(model: Path, stop: StopSignal | None = None, **options: Any) -> Recognizer:
    """The provider as the host makes it."""
    kit = Toolkit(find_ffmpeg(), stop or StopSignal(), options.pop("advance", lambda share: None))
    told = {"model": str(model), "device": "cpu", **options}
    return make_provider("whisper", Recognizer, options=told, tools=kit)


def window(file: Path, *speech: tuple[int, int], language: str = "", task: str = "transcribe") -> Window:
    """A whole file as one window."""
    with wave.open(str(file)) as sound:
        length_ms = sound.getnframes() * 1000 // RATE_HZ
    return Window(
        sound=MediaFile(path=file, sha256="0" * 64),
        span=Span(start=0, end=length_ms),
        speech=tuple(Span(start=start, end=end) for start, end in speech or ((0, length_ms),)),
        language=language,
        task=task,
    )


def bare(text: str) -> list[str]:
    """Words without case and punctuation."""
    return re.findall(r"\w+", text.lower())


def said(heard: Heard) -> list[str]:
    """The words heard, bare."""
    return bare(" ".join(word.text for phrase in heard.phrases for word in phrase.words))


def wrong(found: Sequence[str], true: Sequence[str]) -> float:
    """The share of words that are wrong, missing or too many; words after the last found are not asked for."""
    true = true[: len(found)]
    row = list(range(len(true) + 1))
    for place, word in enumerate(found, 1):
        before, row[0] = row[0], place
        for column, other in enumerate(true, 1):
            before, row[column] = (
                row[column],
                min(before + (word != other), row[column] + 1, row[column - 1] + 1),
            )
    return row[-1] / max(len(true), 1)


def long_file(folder: Path, spoken: Path) -> Path:
    """Three hours of silence with a narration in their last minute; most of it takes no room on the disk."""
    with wave.open(str(spoken)) as sound:
        voice = sound.readframes(sound.getnframes())
    size = HOURS_MS * RATE_HZ // 1000 * 2
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE_HZ, 2 * RATE_HZ, 2, 16)
    with (folder / "long.wav").open("wb") as file:
        file.write(
            struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE") + form + struct.pack("<4sI", b"data", size)
        )
        file.truncate(44 + size)
        file.seek(44 + AT_MS * RATE_HZ // 1000 * 2)
        file.write(voice)
    return folder / "long.wav"


def test_the_words_of_a_narration_are_heard_on_its_clock(
    whisper_base: Path, sounds: Path, tmp_path: Path
) -> None:
    """In the last minute of three hours: the right words at the right time, each with its doubts, within 1 GB."""
    shares: list[float] = []
    hearing = recognizer(whisper_base, advance=shares.append)
    assert hearing.prospect("en-GB", HOURS_MS).ready
    whole = window(long_file(tmp_path, sounds / "dust.wav"), language="en-GB")
    speech = (Span(start=AT_MS, end=AT_MS + 17_500),)
    part = whole.model_copy(update={"span": Span(start=AT_MS - 60_000, end=HOURS_MS), "speech": speech})

    heard = hearing.hear(part)

    assert wrong(said(heard), bare((SAMPLES / "dust.txt").read_text())) <= 0.06
    assert len(said(heard)) > 40
    words = [word for phrase in heard.phrases for word in phrase.words]
    assert all(AT_MS - MARGIN_MS <= word.span.start <= word.span.end <= AT_MS + 17_700 for word in words)
    assert all(one.span.end <= two.span.start for one, two in pairwise(words))
    lake = next(word for word in words if "lake" in word.text)
    assert AT_MS + 1_600 < lake.span.start < AT_MS + 2_600
    assert all(0 < (word.confidence or 0) <= 1 for word in words)
    assert all(-1 < (phrase.confidence or -9) < 0 for phrase in heard.phrases)
    assert all(
        (phrase.silence or 0) < 0.3 and 0.8 < (phrase.repetition or 0) < 2.4 for phrase in heard.phrases
    )
    assert heard.language == "en-GB"
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1_000_000


def test_the_language_is_heard_too(whisper_base: Path, sounds: Path) -> None:
    """Without a language given it is detected, and the words are of that language."""
    heard = recognizer(whisper_base).hear(window(sounds / "panaderia.wav"))

    assert heard.language == "es"
    assert wrong(said(heard), bare((SAMPLES / "panaderia.txt").read_text())) <= 0.2


def test_words_are_translated(whisper_base: Path, sounds: Path) -> None:
    """Asked to translate, it gives English for what is said in Spanish."""
    spanish = window(sounds / "panaderia.wav", (0, 7000), language="es", task="translate")

    words = said(recognizer(whisper_base, task="translate").hear(spanish))

    assert {"the", "is"} & set(words)
    assert not {"la", "de", "es"} & set(words)


def test_silence_is_never_decoded(whisper_base: Path, tmp_path: Path) -> None:
    """Where nobody speaks nothing is run, so nothing can be invented."""
    with wave.open(str(tmp_path / "still.wav"), "wb") as still:
        still.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        still.writeframes(bytes(2 * RATE_HZ * 3))
    quiet = window(tmp_path / "still.wav", language="en").model_copy(update={"speech": ()})

    with within(0.5, clock=time.process_time):
        assert recognizer(whisper_base).hear(quiet) == Heard(language="en", phrases=())


def test_a_stop_ends_it_at_once(whisper_base: Path, sounds: Path) -> None:
    """Within two seconds, in the middle of what the model takes for one step."""
    stop = StopSignal()
    hearing = recognizer(whisper_base, stop)
    threading.Timer(1.0, stop.set).start()

    with within(3), pytest.raises(Stopped):
        hearing.hear(window(sounds / "dust.wav", language="en"))


def test_a_program_the_system_ends_is_told_from_a_stop(whisper_base: Path, sounds: Path) -> None:
    """Killed from outside, as for want of memory, it ends in one line that says what helps."""
    listed = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    if not listed.exists():
        pytest.skip("this kernel does not list a thread's children")

    def end() -> None:
        for own in listed.read_text().split():
            if child.__file__.encode() in Path(f"/proc/{own}/cmdline").read_bytes():
                os.kill(int(own), signal.SIGKILL)

    threading.Timer(1.0, end).start()
    with pytest.raises(DependencyError, match="want of memory"):
        recognizer(whisper_base).hear(window(sounds / "dust.wav", language="en"))


def test_it_is_known_by_engine_model_and_hash(whisper_base: Path) -> None:
    """What goes into the fingerprint names all that decides the words."""
    told = recognizer(whisper_base, beam=3).identity  # type: ignore[attr-defined]

    assert re.fullmatch(r"whisper 1\.\S+ 4\.\S+ base d01c3014881c9c6f int8 beam 3", told)


def test_the_table_tells_the_truth_of_the_weights(whisper_base: Path, tmp_path: Path) -> None:
    """The real model, fetched by its name from a hub, passes the table's sizes and hashes, and is then here."""
    repo = tmp_path / "hub" / catalog()["base"].repo
    repo.parent.mkdir(parents=True)
    repo.symlink_to(whisper_base)
    options = {"folder": tmp_path / "models", "hub_cache": tmp_path / "none"}
    with FakeHub(tmp_path / "hub") as hub:
        hearing = recognizer(Path("base"), hub=hub.origin, **options)
        assert hearing.prospect("es", 1000).download_bytes == catalog()["base"].bytes
        hearing.prepare()

    again = recognizer(Path("base"), offline=True, **options)
    assert again.prospect("es", 1000).ready
    assert again.reach() == "base: the model named (145 MB)"  # type: ignore[attr-defined]


def test_a_damaged_model_is_named(tmp_path: Path, sounds: Path) -> None:
    """Weights that are none end in one line with the folder and what to do."""
    skip_without_engine()
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (tmp_path / name).write_bytes(b"{}")

    with pytest.raises(DependencyError, match="does not run") as caught:
        recognizer(tmp_path).hear(window(sounds / "dust.wav", language="en"))
    assert "--speech-model" in caught.value.hint


def test_sound_that_is_gone_is_named(whisper_base: Path, sounds: Path) -> None:
    """A file that cannot be read is an input's fault, not the model's."""
    gone = window(sounds / "dust.wav", language="en")
    gone = gone.model_copy(update={"sound": MediaFile(path=sounds / "gone.wav", sha256="0" * 64)})

    with pytest.raises(InputError, match="cannot be read"):
        recognizer(whisper_base).hear(gone)


def test_an_engine_that_does_not_start_is_named(tmp_path: Path) -> None:
    """The program says which package is missing, in the form we read."""
    question = json.dumps({"model": str(tmp_path)})
    line = [sys.executable, "-I", "-S", str(child.__file__), ""]
    done = subprocess.run(line, input=question, capture_output=True, text=True, timeout=60, check=False)

    assert json.loads(done.stdout)["failed"] == child.PACKAGES


WITHOUT = """
import sys
from voxweave.errors import DependencyError
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.stopping import StopSignal
from voxweave.providers.base import Recognizer, Toolkit
from voxweave.providers.registry import make_provider
kit = Toolkit(find_ffmpeg(), StopSignal(), lambda share: None)
hearing = make_provider("whisper", Recognizer, options=None, tools=kit)
print(hearing.prospect("en", 1000).hint)
try:
    hearing.prepare()
except DependencyError as error:
    print(error)
"""


def test_without_the_extra_it_says_how_to_get_it(tmp_path: Path) -> None:
    """The provider loads where the engine is not installed, and names the line that installs it."""
    site = tmp_path / "site"
    site.mkdir()
    for package in (one for path in sys.path if path.endswith("-packages") for one in Path(path).iterdir()):
        place = site / package.name
        if not package.name.startswith(("faster_whisper", "__editable__", "_")) and not place.is_symlink():
            place.symlink_to(package)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(site)))}
    done = subprocess.run(
        [sys.executable, "-S", "-c", WITHOUT],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stdout.splitlines() == ["pip install 'voxweave-film[asr]'", "faster-whisper is not installed"]
