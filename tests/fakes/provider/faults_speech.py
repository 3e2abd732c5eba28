"""Faults of the transcription routes."""

from typing import TYPE_CHECKING, Any

from tests.fakes.provider.fault import Usual, changed, instead, named, refuse, send, silent
from tests.fakes.provider.sending import cut, hang, reset
from tests.fakes.provider.wire import Answer, as_html, as_json

if TYPE_CHECKING:
    from tests.fakes.provider.service import Scene


def _no_words(found: dict[str, Any]) -> None:
    found.pop("words", None)


def _few_words(found: dict[str, Any]) -> None:
    found["words"] = found.get("words", [])[:2]


def _bad_times(found: dict[str, Any]) -> None:
    for word in found.get("words", []):
        word["start"], word["end"] = "soon", float("nan")


def _huge(_scene: "Scene", usual: Usual) -> Answer:
    found = usual().json
    return as_json({**found, "filler": "x" * (24 << 20)})


SPEECH = named(
    "speech",
    {
        "speech_429": refuse(429, "Rate limit reached", "rate_limit_exceeded", Retry_After="0.1"),
        "speech_429_quota": refuse(429, "You exceeded your current quota", "insufficient_quota"),
        "speech_401": refuse(401, "Incorrect API key provided", "invalid_api_key"),
        "speech_400": refuse(400, "Audio file might be corrupted or unsupported", "invalid_value"),
        "speech_413": refuse(413, "Maximum content size limit (26214400) exceeded"),
        "speech_500": refuse(500, "Internal server error"),
        "speech_503": refuse(503, "Overloaded"),
        "speech_huge": _huge,
        "speech_bad_json": instead(
            Answer(200, b'{"text": "half an obj', {"Content-Type": "application/json"})
        ),
        "speech_array": instead(as_json(["Hello"])),
        "speech_no_text": instead(as_json({"task": "transcribe", "duration": 1.0})),
        "speech_html": instead(as_html(200, "Welcome")),
        "speech_no_words": changed(_no_words),
        "speech_few_words": changed(_few_words),
        "speech_bad_times": changed(_bad_times),
        "speech_cut": send(cut()),
        "speech_hang": silent(hang),
        "speech_reset": silent(reset),
        "speech_silence": instead(
            as_json({"task": "transcribe", "language": "english", "text": "", "segments": []})
        ),
        "speech_no_verbose": refuse(400, "response_format verbose_json is not supported by this server"),
        "speech_no_granularity": refuse(400, "unknown parameter: timestamp_granularities[]"),
    },
    {},
)
"""What may go wrong with an upload."""
