"""The voice's features, its pauses, and where a cut goes."""

import io
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from voxweave.core.cuts import SceneRules
from voxweave.core.speech import Loudness, Narration, Transcript
from voxweave.core.time import Span
from voxweave.core.value import MediaFile
from voxweave.media import listener
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.pauses import (
    SpeechRule,
    pauses_of,
    refine_pause,
    runs,
    speech_flags,
    speech_of,
)
from voxweave.media.stopping import StopSignal
from voxweave.media.voice import BANDS, COLUMNS, LEVEL, ONSET, SPEECH, VoiceMeter
from voxweave.pipeline.plan import plan
from voxweave.pipeline.tools import Tools

RATE = 16_000


class Deaf(listener.Listener):
    """Hears nothing, so that the level alone decides: buzzes are no voice to a trained detector."""

    def chances(self, rows: int) -> None:
        return None


def buzz(*spans: tuple[int, int], length_ms: int, noise: float = 5.0) -> NDArray[np.int16]:
    """A voice-like buzz in the spans given, in milliseconds; faint noise elsewhere."""
    time = np.arange(length_ms * RATE // 1000) / RATE
    tone = sum(np.sin(2 * np.pi * 140 * k * time) / k for k in range(1, 20)) * 4000
    on = np.zeros(len(time))
    for start, end in spans:
        on[start * 16 : end * 16] = 1
    hiss = np.random.default_rng(7).normal(0, noise, len(time))
    return np.clip(tone * on + hiss, -32768, 32767).astype(np.int16)


def measured(sound: NDArray[np.int16], folder: Path, chunk: int = 5_000) -> Path:
    """The features of a sound fed in pieces."""
    meter = VoiceMeter(io.BytesIO(), Deaf())
    for start in range(0, len(sound), chunk):
        meter.feed(sound[start : start + chunk])
    meter.finish(folder / "voice.npy")
    return folder / "voice.npy"


def test_one_row_for_each_ten_milliseconds(tmp_path: Path) -> None:
    """The features have a row per 10 ms, the last one begun included, and eleven columns of bytes."""
    rows = np.load(measured(buzz((200, 700), length_ms=1005), tmp_path))

    assert (101, COLUMNS) == rows.shape
    assert np.uint8 == rows.dtype


@pytest.mark.parametrize("chunk", [1, 37, 160, 4_001, 99_999])
def test_the_pieces_do_not_matter(tmp_path: Path, chunk: int) -> None:
    """However the sound arrives, the features are the same bytes."""
    sound = buzz((100, 300), length_ms=400)
    whole = measured(sound, tmp_path).read_bytes()

    assert whole == measured(sound, tmp_path, chunk).read_bytes()


def test_level_is_scaled_to_the_speaker(tmp_path: Path) -> None:
    """A voice fills the range from its noise floor to its loud moments, however quiet the recording."""
    loud = buzz((500, 1500), (2000, 3000), length_ms=3500)
    quiet = (loud / 30).astype(np.int16)

    for sound in (loud, quiet):
        rows = np.load(measured(sound, tmp_path))
        assert rows[60:140, LEVEL].mean() > 200
        assert rows[160:190, LEVEL].mean() < 60


def test_onsets_mark_the_beginning_of_a_sound(tmp_path: Path) -> None:
    """Onset strength peaks where a sound begins and is low while it lasts."""
    rows = np.load(measured(buzz((1000, 2000), length_ms=3000), tmp_path))

    assert rows[98:104, ONSET].max() == 255
    assert rows[120:190, ONSET].max() < 80


def test_bands_tell_low_from_high(tmp_path: Path) -> None:
    """A deep tone shows in the lowest band and not in the highest."""
    time = np.arange(2 * RATE) / RATE
    tone = (8000 * np.sin(2 * np.pi * 100 * time) * (time > 1)).astype(np.int16)
    rows = np.load(measured(tone, tmp_path))

    assert rows[150, BANDS] > 200
    assert rows[150, BANDS + 7] < 60


def test_silence_alone_is_measured(tmp_path: Path) -> None:
    """A file of zeros gives rows, no speech, and no warning from the arithmetic."""
    with np.errstate(all="raise"):
        rows = np.load(measured(np.zeros(RATE, np.int16), tmp_path))

    assert 0 == rows[:, SPEECH].max()


def test_pauses_are_found_to_a_row_or_two(tmp_path: Path) -> None:
    """A pause is found with both its ends, a gap shorter than 180 ms is none."""
    voice = measured(buzz((300, 1000), (1100, 2000), (2400, 3000), length_ms=3200), tmp_path)

    found = pauses_of(voice, duration_ms=3200)

    for span, (start, end) in zip(found, [(0, 300), (2000, 2400), (3000, 3200)], strict=True):
        assert abs(span.start - start) <= 20
        assert abs(span.end - end) <= 20
    assert 2 == len(speech_of(voice, duration_ms=3200))


def test_a_click_is_not_speech(tmp_path: Path) -> None:
    """A sound of 20 ms does not end a pause."""
    voice = measured(buzz((300, 1000), (1500, 1520), (2000, 3000), length_ms=3000), tmp_path)

    assert any(span.start < 1500 < span.end for span in pauses_of(voice, duration_ms=3000))


def test_pauses_end_with_the_narration(tmp_path: Path) -> None:
    """No pause reaches past the narration's last millisecond."""
    voice = measured(buzz((300, 1000), length_ms=2003), tmp_path)

    assert 2003 == pauses_of(voice, duration_ms=2003)[-1].end


def test_music_under_the_voice_is_no_speech() -> None:
    """Where a detector heard nobody, a sound as loud as a bed of music stays silence."""
    level = np.full(600, -30, np.float32)
    level[200:400] = -12
    chances = np.zeros(600, np.float32)
    chances[205:395] = 0.9

    flags = speech_flags(level, chances, SpeechRule(floor_db=-70, loud_db=-10))

    assert [[200, 400]] == runs(flags).tolist()


def test_a_pause_is_refined_to_the_millisecond(tmp_path: Path) -> None:
    """The window around a roughly known pause gives its true ends."""
    with wave.open(str(tmp_path / "speech.wav"), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(buzz((300, 1003), (1507, 2500), length_ms=2500).tobytes())

    found = refine_pause(tmp_path / "speech.wav", Span(start=1040, end=1460))

    assert abs(found.start - 1003) <= 12
    assert abs(found.end - 1507) <= 12


@pytest.mark.parametrize(
    ("longest_ms", "found"), [(4_000, (0, 2_605)), (1_000, (0, 868, 1_736, 2_605, 3_403, 4_201))]
)
def test_cuts_in_one_pause_stay_apart(tmp_path: Path, longest_ms: int, found: tuple[int, ...]) -> None:
    """A cut alone in its pause goes to the middle of its silence; several there stay where they are."""
    with wave.open(str(tmp_path / "speech.wav"), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(bytes(2 * RATE * 5))
    file = MediaFile(path=tmp_path / "speech.wav", sha256="")
    narration = Narration(
        media=file, stream=0, codec="", sample_rate_hz=RATE, channels=1, samples=240_000, speech=file, voice=file,
        loudness=Loudness(integrated_lufs=-20, range_lu=1, true_peak_dbtp=-3), pauses=(Span(start=1_620, end=3_590),),
    )  # fmt: skip
    rules = SceneRules(shortest_ms=500, longest_ms=longest_ms)
    tools = Tools(find_ffmpeg(), StopSignal(), tmp_path, lambda share: None)

    assert tuple(scene.span.start for scene in plan(tools, narration, Transcript(), rules).scenes) == found
