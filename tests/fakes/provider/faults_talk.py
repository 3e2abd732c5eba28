"""Faults of the chat and moderation routes."""

from typing import TYPE_CHECKING, Any

from tests.fakes.provider.fault import Usual, changed, instead, named, refuse, silent
from tests.fakes.provider.sending import hang, reset
from tests.fakes.provider.wire import Answer, as_html, as_json

if TYPE_CHECKING:
    from tests.fakes.provider.service import Scene


def _says(text: str) -> Any:
    """This instead of what fits the schema."""

    def change(found: dict[str, Any]) -> None:
        found["choices"][0]["message"]["content"] = text

    return changed(change)


def _half(_scene: "Scene", usual: Usual) -> Answer:
    """Stopped at the limit of its length."""
    found = usual().json
    choice = found["choices"][0]
    text = choice["message"]["content"]
    choice["message"]["content"], choice["finish_reason"] = text[: len(text) // 2], "length"
    return as_json(found)


def _declines(found: dict[str, Any]) -> None:
    found["choices"][0]["message"] |= {"content": None, "refusal": "I cannot help with that."}


def _no_choice(found: dict[str, Any]) -> None:
    found["choices"] = []


CHAT = named(
    "chat",
    {
        "chat_prose": _says("Sure! Here are your prompts: a boat, a hill."),
        "chat_fenced": lambda scene, usual: _says(f"```json\n{_content(usual())}\n```")(scene, usual),
        "chat_empty_object": _says("{}"),
        "chat_long": _says('{"prompts": ["' + "very " * 100_000 + '"]}'),
        "chat_half": _half,
        "chat_declines": changed(_declines),
        "chat_no_choice": changed(_no_choice),
        "chat_400_schema": refuse(
            400, "response_format json_schema is not supported", "unsupported_parameter"
        ),
        "chat_401": refuse(401, "Incorrect API key provided", "invalid_api_key"),
        "chat_429": refuse(429, "Rate limit reached", "rate_limit_exceeded", Retry_After="1"),
        "chat_500": refuse(500, "Internal server error"),
        "chat_html": instead(as_html(200, "Welcome")),
        "chat_hang": silent(hang),
        "chat_reset": silent(reset),
    },
    {},
)


def _one_short(found: dict[str, Any]) -> None:
    found["results"] = found["results"][1:]


MODERATION = named(
    "moderate",
    {
        "moderation_500": refuse(500, "Internal server error"),
        "moderation_429": refuse(429, "Rate limit reached", "rate_limit_exceeded", Retry_After="0"),
        "moderation_bad_json": instead(Answer(200, b'{"results": [', {"Content-Type": "application/json"})),
        "moderation_short": changed(_one_short),
        "moderation_hang": silent(hang),
        "moderation_reset": silent(reset),
    },
    {},
)


def _content(answer: Answer) -> str:
    return str(answer.json["choices"][0]["message"]["content"])
