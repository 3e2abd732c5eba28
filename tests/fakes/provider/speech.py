"""Transcription and translation of uploads: words at two a second, as the models of the original answer."""

import io
import wave
from itertools import cycle, islice
from typing import Any

from tests.fakes.provider.flavours import Flavour
from tests.fakes.provider.service import Scene, Service
from tests.fakes.provider.wire import Answer, Ask, as_json

MOST_BYTES = 25_000_000
RATE_HZ, WORDS_S = 16_000, 2
ONLY_JSON = ("gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-transcribe")
DIARIZES = "gpt-4o-transcribe-diarize"
KINDS = {"audio/flac", "audio/wav", "audio/ogg", "audio/mpeg"}
SAID = "Far out in the sand there is a lake, that nobody has ever seen. It dried up long ago!"


def transcribe(service: Service, ask: Ask, flavour: Flavour) -> Answer:
    """The words of an upload."""
    if trouble := service.key_trouble(ask, flavour):
        return trouble
    return service.staged("speech", Scene(service, ask, flavour), lambda: _heard(service, ask, flavour))


def _heard(service: Service, ask: Ask, flavour: Flavour) -> Answer:
    file, fields = ask.uploads.get("file"), ask.fields
    model, form = str(fields.get("model", "")), str(fields.get("response_format", "json"))
    if file is None or file.kind not in KINDS:
        return flavour.error(400, "Invalid file format", "invalid_value")
    if len(file.body) > MOST_BYTES:
        return flavour.error(413, f"Maximum content size limit ({MOST_BYTES}) exceeded")
    if form not in _forms(model):
        return flavour.error(
            400, f"response_format {form!r} is not compatible with model {model!r}", "unsupported_value"
        )
    seconds = length_s(file.body)
    service.truth.heard(ask, seconds)
    return as_json(_told(service, ask, seconds, form))


def _forms(model: str) -> tuple[str, ...]:
    if model == DIARIZES:
        return ("json", "text", "diarized_json")
    return ("json",) if model in ONLY_JSON else ("json", "text", "verbose_json")


def length_s(body: bytes) -> float:
    """How long the sound of an upload is, from its head."""
    if body.startswith(b"fLaC"):
        samples = int.from_bytes(body[21:26], "big") & 0xFFFFFFFFF
        return samples / RATE_HZ
    if body.startswith(b"RIFF"):
        with wave.open(io.BytesIO(body)) as sound:
            return sound.getnframes() / sound.getframerate()
    return 0.0


def _told(service: Service, ask: Ask, seconds: float, form: str) -> dict[str, Any]:
    count = max(1, round(seconds * WORDS_S)) if seconds >= 1 / WORDS_S else 0
    words = service.settings.speech.split() or list(islice(cycle(SAID.split()), count))
    text = " ".join(words)
    if form == "json":
        return {"text": text, "usage": {"type": "duration", "seconds": round(seconds)}}
    segments = [
        _segment(n, words[at : at + 10], at / WORDS_S) for n, at in enumerate(range(0, len(words), 10))
    ]
    if form == "diarized_json":
        for segment in segments:
            segment["speaker"] = "AB"[segment["id"] % 2]
        return {"task": "transcribe", "text": text, "duration": seconds, "segments": segments}
    task = "translate" if ask.path.endswith("translations") else "transcribe"
    told = {"task": task, "language": "english", "duration": seconds, "text": text, "segments": segments}
    if "word" in granularities(ask) and task == "transcribe":
        told["words"] = [
            {"word": word.strip(",.!"), "start": n / WORDS_S, "end": (n + 1) / WORDS_S}
            for n, word in enumerate(words)
        ]
    return told


def _segment(number: int, words: list[str], start: float) -> dict[str, Any]:
    doubts = {"avg_logprob": -0.2, "compression_ratio": 1.3, "no_speech_prob": 0.01, "temperature": 0.0}
    end = start + len(words) / WORDS_S
    return {"id": number, "start": start, "end": end, "text": " " + " ".join(words), **doubts}


def granularities(ask: Ask) -> tuple[str, ...]:
    """What times were asked for; a field that comes twice is read from the body itself."""
    mark = b'name="timestamp_granularities[]"\r\n\r\n'
    return tuple(part.split(b"\r\n")[0].decode() for part in ask.body.split(mark)[1:])
