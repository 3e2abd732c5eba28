"""Chat with a structured answer, moderation, the list of models, and stills."""

import base64
import json
import re
import time
from typing import Any

from tests.fakes.provider.clips import png
from tests.fakes.provider.flavours import ZAI, Flavour
from tests.fakes.provider.service import Scene, Service
from tests.fakes.provider.wire import Answer, Ask, as_json

CATEGORIES = (
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent",
    "self-harm", "self-harm/instructions", "self-harm/intent", "sexual", "sexual/minors", "violence",
    "violence/graphic",
)  # fmt: skip
LONGEST, SHORTEST = 3840, 16


def chat(service: Service, ask: Ask, flavour: Flavour) -> Answer:
    """An answer that fits the schema that was asked for."""
    if trouble := service.key_trouble(ask, flavour):
        return trouble
    return service.staged("chat", Scene(service, ask, flavour), lambda: _chat(service, ask))


def _chat(service: Service, ask: Ask) -> Answer:
    fields = ask.fields
    wanted = fields.get("response_format") or {}
    schema = (wanted.get("json_schema") or {}).get("schema")
    said = str((fields.get("messages") or [{}])[-1].get("content", ""))
    text = service.settings.chat or (
        "Yes." if schema is None else json.dumps(_fitting(schema, _listed(said)))
    )
    message = {"role": "assistant", "content": text, "refusal": None}
    return as_json({
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": fields.get("model"),
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": {"prompt_tokens": len(said) // 4, "completion_tokens": 10, "total_tokens": 10 + len(said) // 4},
    })  # fmt: skip


def _listed(said: str) -> list[Any]:
    """The longest list in what was said, if there is JSON in it: one thing is answered for each."""
    lists: list[list[Any]] = [[]]
    decoder = json.JSONDecoder()
    for place in re.finditer(r"[\[{]", said):
        try:
            found, _ = decoder.raw_decode(said, place.start())
        except ValueError:
            continue
        lists += [
            value
            for value in (found.values() if isinstance(found, dict) else [found])
            if isinstance(value, list)
        ]
    return max(lists, key=len)


def _fitting(schema: dict[str, Any], things: list[Any], place: int = 0, name: str = "") -> Any:
    """Something that a JSON schema allows, with the numbers of the things it speaks of."""
    if "enum" in schema or "const" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    if "anyOf" in schema:
        return _fitting(schema["anyOf"][0], things, place, name)
    kind = schema.get("type", "object")
    if kind == "object":
        return {
            part: _fitting(rule, things, place, part) for part, rule in schema.get("properties", {}).items()
        }
    if kind == "array":
        count = max(len(things), schema.get("minItems", 0)) or 1
        return [_fitting(schema.get("items", {"type": "string"}), things, at) for at in range(count)]
    thing = things[place] if place < len(things) else None
    if isinstance(thing, dict) and name in thing:
        return thing[name]
    usual = {"integer": place + 1, "number": 0.5, "boolean": True}
    return usual.get(kind, f"A quiet view of {_gist(thing)} in soft light, number {place + 1}")


def _gist(thing: Any) -> str:
    words = re.findall(r"\w{5,}", json.dumps(thing, ensure_ascii=False)) or ["hills"]
    return " and ".join(sorted(words, key=len)[-2:])


def moderate(service: Service, ask: Ask, flavour: Flavour) -> Answer:
    """Each text with the categories whose words it holds."""
    if trouble := service.key_trouble(ask, flavour):
        return trouble
    return service.staged("moderate", Scene(service, ask, flavour), lambda: _moderated(service, ask))


def _moderated(service: Service, ask: Ask) -> Answer:
    given = ask.fields.get("input", "")
    texts = [given] if isinstance(given, str) else given
    results = [_judged(service, _text(text)) for text in texts]
    return as_json(
        {"id": "modr-1", "model": ask.fields.get("model", "omni-moderation-latest"), "results": results}
    )


def _text(given: Any) -> str:
    return str(given.get("text", "")) if isinstance(given, dict) else str(given)


def _judged(service: Service, text: str) -> dict[str, Any]:
    found = {kind for word, kind in service.settings.flagged.items() if word in text.lower()}
    return {
        "flagged": bool(found),
        "categories": {name: name in found for name in CATEGORIES},
        "category_scores": {name: 0.97 if name in found else 0.001 for name in CATEGORIES},
        "category_applied_input_types": {name: ["text"] for name in CATEGORIES},
    }


def models(service: Service, ask: Ask, flavour: Flavour) -> Answer:
    """What is served."""
    if trouble := service.key_trouble(ask, flavour):
        return trouble
    found = [
        {"id": name, "object": "model", "created": 1_790_000_000, "owned_by": flavour.owner or flavour.name}
        for name in service.models(flavour)
    ]
    return as_json({"object": "list", "data": found})


def abilities(service: Service, ask: Ask, flavour: Flavour) -> Answer:
    """OpenRouter's list of what each model can."""
    can = {
        "supported_durations": [4, 5, 8],
        "supported_resolutions": ["720p"],
        "supported_aspect_ratios": ["16:9"],
    }
    prices = {"supported_sizes": ["1280x720"], "seed": True, "pricing_skus": {"per_second": "0.0425"}}
    return as_json({"data": [{"id": name, **can, **prices} for name in service.models(flavour)]})


def picture(service: Service, ask: Ask, flavour: Flavour) -> Answer:
    """A still at once: as text, or at an address."""
    if trouble := service.key_trouble(ask, flavour):
        return trouble
    return service.staged("picture", Scene(service, ask, flavour), lambda: _picture(service, ask, flavour))


def _picture(service: Service, ask: Ask, flavour: Flavour) -> Answer:
    size = str(ask.fields.get("size") or "auto")
    if not ask.fields.get("prompt"):
        return flavour.error(400, "prompt: field required", "missing_required_parameter")
    found = (1024, 1024) if size == "auto" else _sides(size)
    if found is None:
        return flavour.error(
            400, f"Invalid size {size!r}: both sides must be divisible by 16", "invalid_value"
        )
    service.truth.picture(ask, "edit" if ask.path.endswith("edits") else "generation")
    body = png(*found)
    if flavour is ZAI or ask.fields.get("response_format") == "url":
        address = f"{service.origin}/files/{found[0]}x{found[1]}.png?signature=s3cr3t-picture"
        return as_json({"created": int(time.time()), "data": [{"url": address}]})
    usage = {"input_tokens": 10, "output_tokens": 100, "total_tokens": 110}
    details = {"input_tokens_details": {"text_tokens": 10, "image_tokens": 0}}
    told = {"created": int(time.time()), "data": [{"b64_json": base64.b64encode(body).decode()}]}
    sides = "x".join(map(str, found))
    return as_json(
        {**told, "size": sides, "quality": "low", "output_format": "png", "usage": {**usage, **details}}
    )


def _sides(size: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"(\d{2,4})x(\d{2,4})", size)
    if match is None:
        return None
    width, height = int(match[1]), int(match[2])
    good = width % 16 == 0 and height % 16 == 0 and 1 / 3 <= width / height <= 3
    return (
        (width, height) if good and max(width, height) <= LONGEST and min(width, height) >= SHORTEST else None
    )


def stored_picture(service: Service, ask: Ask, flavour: Flavour, name: str) -> Answer:
    """A still at an address of its own: any size in the name, else a small one."""
    found = _sides(name) or (640, 360)
    return Answer(200, png(*found), {"Content-Type": "image/png"})
