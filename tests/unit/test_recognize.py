"""Recognition goes window by window: remembered, told, and passed on to the next who can."""

from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, ClassVar

import pytest

from voxweave.core.events import Event
from voxweave.core.hearing import Heard, Phrase, Prospect, Window
from voxweave.core.orders import Offer
from voxweave.core.speech import Transcript, Word
from voxweave.errors import (
    DependencyError,
    ProviderFailed,
    ProviderUnreachable,
    RefusedError,
    StorageError,
)
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.desk import open_desk
from voxweave.pipeline.dictation import words_in
from voxweave.pipeline.probe import probe
from voxweave.pipeline.recognize import recognised
from voxweave.pipeline.studio import open_studio
from voxweave.providers import registry
from voxweave.providers.base import Provider
from voxweave.settings import Settings

HERE = Prospect(ready=True, model="m", offer=Offer(model="m", longest_s=5))
FETCHED = Prospect(ready=False, model="m", download_bytes=5_000_000)


class Ears(Provider):
    """Hears a word for every stretch of voice, and remembers what it was asked."""

    says: ClassVar[Prospect] = HERE
    asked: ClassVar[list[Window]] = []
    prepared: ClassVar[list[str]] = []
    fails: ClassVar[list[Exception]] = []
    spread: ClassVar[bool] = False

    def prospect(self, language: str, duration_ms: int) -> Prospect:
        return self.says

    def prepare(self) -> None:
        self.prepared.append("ready")
        if self.fails and not isinstance(self.fails[0], ProviderFailed):
            raise self.fails[0]

    def hear(self, window: Window) -> Heard:
        self.asked.append(window)
        if self.fails:
            raise self.fails.pop(0)
        self.tools.advance(0.5)
        words = (Word(text="hello", span=span) for span in window.speech)
        phrases = tuple(Phrase(words=(word,), spread=self.spread) for word in words)
        return Heard(language="de", phrases=phrases)


class Zero(Ears):
    """The one who is asked last."""

    says = Prospect(ready=True, model="z", poor=True)
    asked: ClassVar[list[Window]] = []
    fails: ClassVar[list[Exception]] = []


Recognise = Callable[..., tuple[Transcript, list[Event]]]


@pytest.fixture
def recognise(monkeypatch: pytest.MonkeyPatch, sounds: Path, tmp_path: Path) -> Iterator[Recognise]:
    """Recognise eleven seconds of a synthetic voice, in one folder for all calls of a test."""
    monkeypatch.setattr(
        registry,
        "_found",
        lambda: {
            name: EntryPoint(name, f"{__name__}:{kind}", registry.GROUP)
            for name, kind in (("ears", "Ears"), ("zero", "Zero"))
        },
    )
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    Ears.says, Ears.spread = HERE, False
    told: list[Event] = []

    def run(*, poor: bool = True, **settings: Any) -> tuple[Transcript, list[Event]]:
        told.clear()
        chosen = Settings(work=str(tmp_path), retry_s=0.01, **settings)
        studio = open_studio(chosen, stop=StopSignal(), tell=told.append)
        with open_desk(sounds / "talk.wav", studio, "mp4", words_only=True) as desk:
            desk.enter("transcribe")
            return recognised(desk, desk.step(probe, desk.media), poor=poor), told

    yield run
    for kind in (Ears, Zero):
        kind.asked.clear()
        kind.fails.clear()
    Ears.prepared.clear()


def notices(told: list[Event]) -> str:
    """What the user was told."""
    return "\n".join(event.text for event in told if event.kind == "notice")


def test_windows_are_remembered_and_speak_one_language(recognise: Recognise) -> None:
    """A second run hears nothing again and loads nothing; the language of the first window holds."""
    transcript, told = recognise()
    assert ("de", "recognition") == (transcript.language, transcript.how)
    assert transcript.heard is not None
    assert ("ears", "m", 3, 5) == (
        transcript.heard.engine, transcript.heard.model, transcript.heard.windows, len(transcript.words),
    )  # fmt: skip
    assert ["", "de", "de"] == [window.language for window in Ears.asked]
    assert ["ready"] == Ears.prepared
    shares = [event.done for event in told if event.kind == "progress"]
    assert shares == sorted(shares)

    again, _ = recognise()
    assert (transcript, 3, 1) == (again, len(Ears.asked), len(Ears.prepared))


def test_a_language_given_is_not_detected(recognise: Recognise) -> None:
    """It goes to every window as it was given, and stands in the transcript."""
    transcript, _ = recognise(language="pt-BR")
    assert {"pt-BR"} == {window.language for window in Ears.asked}
    assert "pt-BR" == transcript.language


def test_trouble_that_passes_is_asked_about_again(recognise: Recognise) -> None:
    """As every provider is."""
    Ears.fails.extend([ProviderFailed("a crash")] * 2)
    transcript, told = recognise()
    assert (5, 5) == (len(transcript.words), len(Ears.asked))
    assert 2 == notices(told).count("asking again")


def test_the_next_one_takes_over(recognise: Recognise) -> None:
    """A model that cannot be fetched now is no reason to wait; what happened is told."""
    Ears.says = FETCHED
    Ears.fails.append(ProviderUnreachable("no connection"))
    transcript, told = recognise()
    assert transcript.heard is not None
    assert ("zero", 0) == (transcript.heard.engine, len(Ears.asked))
    assert "words recognised by ears m, downloaded first (5 MB)" in notices(told)
    assert "ears: no connection; zero is asked instead" in notices(told)


def test_who_was_named_is_not_replaced(recognise: Recognise) -> None:
    """Nor is anybody, where poor text would not do."""
    Ears.says = FETCHED
    Ears.fails.append(DependencyError("no room"))
    with pytest.raises(DependencyError, match="no room"):
        recognise(recognizer="ears")
    with pytest.raises(DependencyError, match="no room"):
        recognise(poor=False)
    assert [] == Zero.asked


def test_a_service_of_unknown_price_needs_a_yes(recognise: Recognise) -> None:
    """Nothing is sent before."""
    Ears.says = Prospect(ready=True, model="m", remote=True)
    with pytest.raises(RefusedError, match="the words would cost an unknown sum"):
        recognise(recognizer="ears")
    assert [] == Ears.asked


@pytest.mark.parametrize("kept", ['{"language": "en", "phrases": [], "later": 1}', "{", '{"language": "en"}'])
def test_paid_words_of_another_release_are_one_line(tmp_path: Path, kept: str) -> None:
    """They are neither a bug nor bought again: the line names them and the way out."""
    file = tmp_path / "words.json"
    file.write_text(kept)
    with pytest.raises(StorageError, match=r"words\.json are paid for") as caught:
        words_in(file)
    assert "the release that kept them" in caught.value.hint


def test_words_without_times_are_said_to_be_spread(recognise: Recognise) -> None:
    """Only English can be aligned here."""
    Ears.spread = True
    transcript, _ = recognise()
    assert any("share the voice by their letters" in note for note in transcript.notes)


def test_a_moment_is_on_the_voice(recognise: Recognise) -> None:
    """Words begin where their stretch of voice begins."""
    transcript, _ = recognise()
    assert [0, 2_500] == [round(word.span.start, -2) for word in transcript.words[:2]]
