"""The provider `openai-speech` against the wire format: words now, of every model's kind, paid once."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.ordering_one import KEY, made, played
from tests.fakes.provider.running import FakeProvider
from tests.fakes.provider.speech import MOST_BYTES
from tests.fakes.voice import voice, write_wav
from tests.pace import within
from voxweave.core.hearing import Heard, Window
from voxweave.core.time import Span
from voxweave.errors import (
    AnswerUnclear,
    DependencyError,
    KeyRefused,
    ProviderBusy,
    ProviderFailed,
    RefusedError,
    Stopped,
    VoxWeaveError,
)
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.files import fingerprint
from voxweave.media.stopping import StopSignal
from voxweave.providers.base import Recognizer, Toolkit
from voxweave.providers.openai_speech.provider import OpenaiSpeech
from voxweave.providers.openai_speech.reading import heard_in

FIRST = "Far out in the sand there is a lake, that nobody has"
PAID: dict[str, Any] = {"free": False, "create_s": 60}


@pytest.fixture(scope="module")
def server() -> Iterator[FakeProvider]:
    """One server for all."""
    with FakeProvider("openai", hang_s=1.2, retry_after_s=0.05) as fake:
        yield fake
        assert [] == fake.truth()["bugs"]


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Window:
    """Six seconds from the second on of eight seconds of voice."""
    file = write_wav(tmp_path_factory.mktemp("sound") / "speech.wav", voice(8.0)[::3], rate_hz=16_000)
    return Window(
        sound=fingerprint(file), span=Span(start=1_000, end=7_000), speech=(Span(start=1_100, end=6_900),)
    )


def words(heard: Heard) -> list[tuple[str, int]]:
    """The words with the moments they begin."""
    return [(word.text, word.span.start) for phrase in heard.phrases for word in phrase.words]


def test_words_come_with_times_and_marks(server: FakeProvider, window: Window) -> None:
    """Times count from the narration's beginning; punctuation comes from the text, doubts from the segments."""
    service = made(OpenaiSpeech, played(server), **PAID)
    assert isinstance(service, Recognizer)
    heard = service.hear(window)

    assert words(heard)[:4] == [("Far", 1_000), ("out", 1_500), ("in", 2_000), ("the", 2_500)]
    assert [word for word, _ in words(heard)] == FIRST.split()
    assert ("en", -0.2, 0.01, 1.3, False) == (
        heard.language,
        heard.phrases[0].confidence,
        heard.phrases[0].silence,
        heard.phrases[0].repetition,
        heard.phrases[0].spread,
    )
    (asked,) = server.truth()["heard"]
    assert ("whisper-1", "verbose_json") == (asked["fields"]["model"], asked["fields"]["response_format"])
    assert 6.0 == asked["seconds"]
    assert "language" not in asked["fields"]


@pytest.mark.parametrize("packing", ["flac", "wav", "opus"])
def test_the_window_is_sent_and_nothing_else(server: FakeProvider, window: Window, packing: str) -> None:
    """As FLAC, WAV or Opus, under a name of ours, with the language as the service spells it."""
    window = window.model_copy(update={"language": "pt-BR"})
    made(OpenaiSpeech, played(server), packing=packing, **PAID).hear(window)

    (asked,) = server.truth()["heard"]
    suffix = "ogg" if packing == "opus" else packing
    assert (f"window.{suffix}", f"audio/{suffix}") == (
        asked["files"]["file"]["name"],
        asked["files"]["file"]["kind"],
    )
    assert "pt" == asked["fields"]["language"]
    assert asked["files"]["file"]["bytes"] < 200_000


def test_a_model_without_times_has_its_words_spread(server: FakeProvider, window: Window) -> None:
    """They share the voice by their letters, and are marked so."""
    heard = made(OpenaiSpeech, played(server), model="gpt-4o-transcribe", **PAID).hear(window)

    assert [word for word, _ in words(heard)] == FIRST.split()
    assert [True] == [phrase.spread for phrase in heard.phrases]
    starts = [start for _, start in words(heard)]
    assert starts == sorted(starts)
    assert (1_100, 6_900) == (starts[0], heard.phrases[0].words[-1].span.end)


def test_speakers_are_told_apart_where_asked(server: FakeProvider, window: Window) -> None:
    """The model that can is taken, and each phrase's words carry its speaker."""
    service = made(OpenaiSpeech, played(server), speakers=True, **PAID)
    heard = service.hear(window)

    assert "gpt-4o-transcribe-diarize" == service.prospect("", 6_000).model
    assert [{"A"}, {"B"}] == [{word.speaker for word in phrase.words} for phrase in heard.phrases]
    (asked,) = server.truth()["heard"]
    assert "auto" == asked["fields"]["chunking_strategy"]


def test_a_translation_is_asked_for_elsewhere(server: FakeProvider, window: Window) -> None:
    """At `/audio/translations`, which gives no times of words: they share their phrase's."""
    heard = made(OpenaiSpeech, played(server), **PAID).hear(
        window.model_copy(update={"task": "translate", "language": "es"})
    )

    (asked,) = server.truth()["heard"]
    assert asked["path"].endswith("/audio/translations")
    assert "language" not in asked["fields"]
    assert all(phrase.spread for phrase in heard.phrases)


@pytest.mark.parametrize(
    ("script", "spread"),
    [
        (["speech_no_granularity"], True),
        (["speech_no_verbose*2"], True),
        (["speech_no_words"], True),
        (["speech_few_words"], True),
        (["speech_bad_times"], True),
    ],
)
def test_a_poorer_answer_is_taken_as_it_is(
    server: FakeProvider, window: Window, script: list[str], *, spread: bool
) -> None:
    """A server that knows no such form is asked for a simpler one; a list cut short is not believed."""
    heard = made(OpenaiSpeech, played(server, *script), model="their-own", **PAID).hear(window)

    assert [word for word, _ in words(heard)] == FIRST.split()
    assert {spread} == {phrase.spread for phrase in heard.phrases}


@pytest.mark.parametrize(
    "number", [10**400, float("inf"), "1", True], ids=("huge", "endless", "text", "truth")
)
def test_a_number_that_cannot_be_is_left_out(window: Window, number: object) -> None:
    """A time or a doubt that no clock and no model tells is none; the words stay."""
    timed = {"word": "boats", "start": number, "end": number}
    told = {"text": "boats", "words": [timed], "segments": [{"text": "boats", "avg_logprob": number}]}
    assert "boats" in str(heard_in(told, window))


def test_nothing_said_is_no_failure(server: FakeProvider, window: Window) -> None:
    """An empty text is an answer."""
    assert () == made(OpenaiSpeech, played(server, "speech_silence"), **PAID).hear(window).phrases


FAULTS: list[tuple[str, type[VoxWeaveError]]] = [
    ("429", ProviderBusy), ("429_quota", RefusedError), ("401", KeyRefused), ("400", RefusedError),
    ("413", RefusedError), ("500", AnswerUnclear), ("503", ProviderBusy), ("huge", AnswerUnclear),
    ("bad_json", AnswerUnclear), ("array", AnswerUnclear), ("no_text", AnswerUnclear), ("html", AnswerUnclear),
    ("cut", AnswerUnclear), ("reset", AnswerUnclear), ("hang", AnswerUnclear),
]  # fmt: skip


@pytest.mark.parametrize(("scenario", "kind"), FAULTS)
def test_a_window_is_sent_once_and_its_end_is_told(
    server: FakeProvider, window: Window, scenario: str, kind: type[VoxWeaveError]
) -> None:
    """A minute sent costs money, so what may have been billed is in doubt, and never sent again by itself."""
    service = made(OpenaiSpeech, played(server, f"speech_{scenario}"), **PAID)
    with pytest.raises(kind) as caught:
        service.hear(window)
    assert 1 == len([ask for ask in server.truth()["log"] if ask["method"] == "POST"])
    assert KEY not in str(caught.value)


def test_at_ones_own_server_nothing_is_in_doubt(server: FakeProvider, window: Window) -> None:
    """What costs nothing may be asked again."""
    service = made(OpenaiSpeech, played(server, "speech_500"))
    with pytest.raises(ProviderFailed):
        service.hear(window)
    assert service.prospect("", 1).offer.free


def test_the_offer_tells_price_and_longest_window(server: FakeProvider) -> None:
    """$0.006 a minute; no window whose file could pass the limit of the service."""
    offer = made(OpenaiSpeech, server, **PAID).prospect("", 60_000).offer
    assert 0.006 == offer.price.of(60)
    assert "2026-11-20" == offer.price.dated
    assert offer.longest_s * 32_000 < MOST_BYTES
    small = made(OpenaiSpeech, server, most_mb=1.0, **PAID).prospect("", 60_000).offer
    assert 25 < small.longest_s < 32
    assert made(OpenaiSpeech, server, model="their-own", **PAID).prospect("", 1).offer.price is None


def test_without_a_key_nothing_is_sent(server: FakeProvider) -> None:
    """It says so before any sound leaves the machine, and how to set one."""
    service = made(OpenaiSpeech, server, key="", base_url="https://api.openai.com/v1")
    found = service.prospect("en", 60_000)
    assert (False, True) == (found.ready, found.remote)
    assert "OPENAI_API_KEY" in found.hint
    with pytest.raises(DependencyError, match="no key"):
        service.prepare()


def test_keys_take_over(server: FakeProvider, window: Window) -> None:
    """The next key is tried where one is dead."""
    played(server, keys={"sk-dead-000000000": "dead", KEY: "ok"})
    service = made(OpenaiSpeech, server, key=f"sk-dead-000000000,{KEY}", **PAID)
    assert words(service.hear(window))
    assert [401, 200] == [ask["status"] for ask in server.truth()["log"]]


def test_the_sound_stays_in_no_folder(
    server: FakeProvider, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is packed for sending is gone afterwards, and so is what a killed run packed."""
    (tmp_path / "voxweave-0123456789ab.part").mkdir()
    (tmp_path / "voxweave-0123456789ab.part" / "window.flac").write_text("dead")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    made(OpenaiSpeech, played(server), **PAID).hear(window)
    assert [] == list(tmp_path.glob("voxweave-*"))


def test_a_large_upload_arrives_whole(server: FakeProvider, window: Window) -> None:
    """It is sent piece by piece, under its length, and every byte of it is the same."""
    played(server)
    made(OpenaiSpeech, server, packing="wav", **PAID).hear(window)
    (asked,) = server.truth()["heard"]
    assert 6 * 32_000 < asked["files"]["file"]["bytes"] < 6 * 32_000 + 200
    assert "transfer-encoding" not in asked["headers"]
    assert int(asked["headers"]["content-length"]) > asked["files"]["file"]["bytes"]


def test_a_stop_is_heard_while_sound_is_sent(window: Window) -> None:
    """A service that reads no more keeps nobody waiting."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        stop = StopSignal()
        options = {"base_url": f"http://127.0.0.1:{deaf.getsockname()[1]}/v1", "packing": "wav", "key": KEY}
        kit = Toolkit(find_ffmpeg(), stop, lambda share: None)
        service = OpenaiSpeech(OpenaiSpeech.Options.model_validate({**options, **PAID}), kit)
        threading.Timer(0.5, stop.set).start()
        with within(5), pytest.raises(Stopped):
            service.hear(window)
