"""What a gateway's error hides: LiteLLM writes the whole answer of the service behind it into a sentence."""

import json
from typing import Any

_MARK = " - {"
_SENTENCE = "litellm."
_HEAD = 400  # characters within which the other's answer begins
_MOST = 16_000  # of them are read, however long the message is


def behind(message: str) -> dict[str, Any]:
    """The JSON object that the service behind a gateway answered with; empty where the message holds none."""
    if not message.startswith(_SENTENCE):
        return {}
    start = message.find(_MARK, 0, _HEAD)
    if start < 0:
        return {}
    text = message[start + len(_MARK) - 1 :][:_MOST]
    try:
        found, _ = json.JSONDecoder(parse_constant=lambda _: None).raw_decode(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
