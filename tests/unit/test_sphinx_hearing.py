"""The recognizer that is always there, and what its words are good for."""

from pathlib import Path

import pytest

from tests.conftest import Ffmpeg
from voxweave.core.hearing import Window
from voxweave.core.time import Span
from voxweave.errors import Stopped
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.files import fingerprint
from voxweave.media.stopping import StopSignal
from voxweave.providers.base import Recognizer, Toolkit
from voxweave.providers.registry import make_provider
from voxweave.providers.sphinx.hearing import breaths

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory, ffmpeg: Ffmpeg) -> Window:
    """The first sentence of a sample."""
    file = tmp_path_factory.mktemp("speech") / "speech.wav"
    ffmpeg("-i", SAMPLES / "dust.mp3", "-t", "4.2", "-ar", "16000", "-ac", "1", file)
    speech = (Span(start=200, end=4_000),)
    return Window(sound=fingerprint(file), span=Span(start=0, end=4_200), speech=speech)


def listener(stop: StopSignal | None = None) -> Recognizer:
    """It, from the registry."""
    kit = Toolkit(find_ffmpeg(), stop or StopSignal(), lambda share: None)
    return make_provider("sphinx", Recognizer, options=None, tools=kit)


def test_it_is_ready_for_english_and_says_that_it_is_poor() -> None:
    """Other languages it does not hear at all."""
    assert (True, True) == (listener().prospect("", 1).ready, listener().prospect("en-GB", 1).poor)
    assert not listener().prospect("es", 1).ready


def test_it_hears_words_where_they_are(window: Window) -> None:
    """In order, within the window, and most of them right."""
    heard = listener().hear(window)
    words = [word for phrase in heard.phrases for word in phrase.words]
    assert "en" == heard.language
    assert {"sahara", "lake", "nobody", "sailed"} <= {word.text for word in words}
    starts = [word.span.start for word in words]
    assert starts == sorted(starts)
    assert all(0 <= word.span.start <= word.span.end <= 4_200 for word in words)
    assert all(0 <= (word.confidence or 0) <= 1 for word in words)


def test_a_stop_is_heard(window: Window) -> None:
    """Between two breaths."""
    stop = StopSignal()
    stop.set()
    with pytest.raises(Stopped):
        listener(stop).hear(window)


def test_breaths_are_not_cut_to_pieces() -> None:
    """Short rests are heard through, long ones and twenty seconds part."""
    spans = [(0, 1_000), (1_200, 9_000), (9_800, 12_000), (12_100, 31_000), (31_100, 40_000)]
    found = breaths([Span(start=start, end=end) for start, end in spans])
    assert [(0, 9_000), (9_800, 12_000), (12_100, 31_000), (31_100, 40_000)] == [
        (one.start, one.end) for one in found
    ]
