"""A script on a real voice: every word placed, and what does not belong together found out."""

import io
import os
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from voxweave.core.speech import Word
from voxweave.core.time import Span
from voxweave.errors import Stopped
from voxweave.media.audio import Source, listen
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.stopping import StopSignal
from voxweave.providers.sphinx.walk import Alignment, Sphinx, Voice

SAMPLES = Path(__file__).parents[2] / "samples"
SCRIPT = (SAMPLES / "dust.txt").read_text(encoding="utf-8").split()


@pytest.fixture(scope="module")
def dust(tmp_path_factory: pytest.TempPathFactory) -> Voice:
    """A minute of narration, listened to."""
    folder = tmp_path_factory.mktemp("dust")
    fd = os.open(SAMPLES / "dust.mp3", os.O_RDONLY)
    heard = listen(find_ffmpeg(), Source(fd, 0, 1, "dust.mp3"), folder=folder, stop=StopSignal())
    os.close(fd)
    return Voice(heard.speech, heard.pauses, heard.samples // 48)


@pytest.fixture(scope="module")
def aligned(dust: Voice) -> Alignment:
    """Its own script placed on it."""
    return Sphinx().align(SCRIPT, dust, stop=StopSignal())


def starts_after_pauses(words: tuple[Word, ...], pauses: tuple[Span, ...]) -> list[int]:
    """For each sentence, how far its first word is from the end of the nearest pause."""
    firsts = [word for before, word in pairwise(words) if before.text.endswith((".", "!", "?"))]
    return [min(abs(word.span.start - pause.end) for pause in pauses) for word in firsts]


def test_every_word_is_found(aligned: Alignment) -> None:
    """A script that was read as written is found whole, in order, as it is written."""
    assert SCRIPT == [word.text for word in aligned.words]
    assert aligned.found > 0.97
    assert () == aligned.notes
    assert all(one.span.end <= other.span.start for one, other in pairwise(aligned.words))


def test_sentences_start_where_the_voice_does(aligned: Alignment, dust: Voice) -> None:
    """Each sentence's first word begins within 60 ms of the end of a pause."""
    errors = starts_after_pauses(aligned.words, dust.pauses)

    assert 10 == len(errors)
    assert max(errors) <= 60


def test_no_word_is_squeezed_or_endless(aligned: Alignment) -> None:
    """Every word takes between 30 ms and a second and a half."""
    assert all(30 <= word.span.duration <= 1500 for word in aligned.words)


def test_unread_words_do_not_move_the_others(aligned: Alignment, dust: Voice) -> None:
    """A paragraph the reader left out is named, the words around it stay where they are."""
    extra = ["And", "here", "a", "sentence", "stands", "that", "was", "never", "read", "out", "to", "anyone."]
    place = SCRIPT.index("away.") + 1
    found = Sphinx().align([*SCRIPT[:place], *extra, *SCRIPT[place:]], dust, stop=StopSignal())

    rest = (*found.words[:place], *found.words[place + len(extra) :])
    moved = [abs(one.span.start - other.span.start) for one, other in zip(rest, aligned.words, strict=True)]
    assert np.quantile(moved, 0.95) <= 60
    assert any("not heard" in note for note in found.notes)
    (missing,) = found.unspoken
    assert (place, place + len(extra)) == pytest.approx((missing.first, missing.past), abs=3)
    assert all(not word.span.duration for word in found.words[missing.first : missing.past])
    assert abs(missing.at_ms - aligned.words[place].span.start) <= 1500


def test_speech_the_script_lacks_is_told_with_its_times(dust: Voice, aligned: Alignment) -> None:
    """Sentences that only the voice has are a stretch of their own; the words around it stay where they are."""
    first, past = SCRIPT.index("away.") + 1, SCRIPT.index("pass.") + 1
    found = Sphinx().align([*SCRIPT[:first], *SCRIPT[past:]], dust, stop=StopSignal())

    (aside,) = found.offscript
    left_out = Span(start=aligned.words[first].span.start, end=aligned.words[past - 1].span.end)
    shared = min(aside.end, left_out.end) - max(aside.start, left_out.start)
    assert shared > 0.6 * left_out.duration
    assert aside.duration < 1.5 * left_out.duration
    assert any("does not follow the script" in note for note in found.notes)


def test_another_text_is_spread_with_a_note(dust: Voice) -> None:
    """A script of something else is laid over the speech evenly, and the user is told."""
    other = (SAMPLES / "mycelium.txt").read_text(encoding="utf-8").split()
    found = Sphinx().align(other, dust, stop=StopSignal())

    assert other == [word.text for word in found.words]
    assert found.found < 0.4
    assert "spread over the speech" in found.notes[0]


@pytest.mark.parametrize("written", [[], ["—"], ["hello", "漢字", "1984!"]])
def test_a_scrap_of_text_on_noise(tmp_path: Path, written: list[str]) -> None:
    """Next to nothing to align is no reason to fail."""
    sound = io.BytesIO()
    with wave.open(sound, "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", ""))
        out.writeframes(np.random.default_rng(1).integers(-3000, 3000, 16_000, np.int16).tobytes())
    (tmp_path / "speech.wav").write_bytes(sound.getvalue())

    found = Sphinx().align(written, Voice(tmp_path / "speech.wav", (), 1000), stop=StopSignal())

    assert written == [word.text for word in found.words]


def test_a_stop_is_heeded(dust: Voice) -> None:
    """Once asked to end, the alignment ends before its next window."""
    stop = StopSignal()
    stop.set()

    with pytest.raises(Stopped):
        Sphinx().align(SCRIPT, dust, stop=stop)
