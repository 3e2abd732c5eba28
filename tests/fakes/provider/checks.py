"""What each server turns down when a clip is ordered."""

import re
from dataclasses import dataclass
from typing import Any

from tests.fakes.provider.clips import picture_size
from tests.fakes.provider.wire import Ask

SORA_SIZES = {"720x1280", "1280x720", "1024x1792", "1792x1024"}
SORA_SECONDS = {"4", "8", "12"}
LONGEST_PROMPT = 32_000
ZAI_LONGEST_PROMPT = 512
ZAI_SIZES = {
    "cogvideox-3": {
        "1280x720", "720x1280", "1024x1024", "1920x1080", "1080x1920", "2048x1080", "3840x2160",
    },
    "viduq1-text": {"1920x1080"},
    "viduq1-image": {"1920x1080"},
    "vidu2-image": {"1280x720"},
    "cogvideox-2": {"720x480", "1024x1024", "1280x960", "960x1280", "1920x1080", "1080x1920", "2048x1080", "3840x2160"},
}  # fmt: skip
ZAI_LENGTHS = {"cogvideox-3": {5, 10}, "viduq1-text": {5}, "viduq1-image": {5}, "vidu2-image": {4}}


@dataclass(frozen=True)
class Wrong:
    """Why a request is turned down."""

    message: str
    status: int = 400
    code: str = ""
    own: bool = False
    """A gateway says so itself, not the service behind it."""


def _prompt(ask: Ask) -> Wrong | None:
    prompt = ask.fields.get("prompt")
    if not isinstance(prompt, str) or not prompt:
        return Wrong("prompt: field required", code="missing_required_parameter")
    if len(prompt) > LONGEST_PROMPT:
        return Wrong("prompt: string too long", code="string_above_max_length")
    return None


def anything(ask: Ask, _models: list[str]) -> Wrong | None:
    """A prompt is enough."""
    return _prompt(ask)


def openai(ask: Ask, models: list[str]) -> Wrong | None:
    """The closed lists of the original, and a picture of exactly the size of the clip."""
    seconds, size = ask.fields.get("seconds", "4"), ask.fields.get("size", "720x1280")
    if wrong := _prompt(ask):
        return wrong
    if not isinstance(seconds, str):
        return Wrong("Invalid type for 'seconds': expected a string", code="invalid_type")
    if seconds not in SORA_SECONDS:
        return Wrong("Invalid value for 'seconds': supported are '4', '8' and '12'", code="invalid_value")
    if size not in SORA_SIZES:
        return Wrong(f"Invalid value for 'size': {size!r}", code="invalid_value")
    if models and ask.fields.get("model", models[0]) not in models:
        return Wrong("The model does not exist", 404, "model_not_found")
    return _picture(ask, str(size))


def _picture(ask: Ask, size: str) -> Wrong | None:
    picture = ask.uploads.get("input_reference")
    if picture is None:
        return None
    if picture.kind not in {"image/jpeg", "image/png", "image/webp"}:
        return Wrong(f"Unsupported mimetype {picture.kind!r} of input_reference", code="invalid_value")
    found = picture_size(picture.body)
    if found is not None and "x".join(map(str, found)) != size:
        return Wrong("Inpaint image must match the requested width and height", code="invalid_value")
    return None


def vllm_omni(ask: Ask, models: list[str]) -> Wrong | None:
    """Digits for seconds, and the model that is served or none."""
    seconds, size = ask.fields.get("seconds"), ask.fields.get("size")
    model = ask.fields.get("model")
    if wrong := _prompt(ask):
        return wrong
    if seconds is not None and not re.fullmatch(r"[1-9]\d*", seconds):
        return Wrong("seconds: String should match pattern '^[1-9]\\d*$'")
    if size is not None and not re.fullmatch(r"\d+x\d+", size):
        return Wrong("size: String should match pattern '^\\d+x\\d+$'")
    if model is not None and model not in models:
        return Wrong(f"Model mismatch: served is {models[0]!r}, asked for was {model!r}")
    return None


def sglang(ask: Ask, _models: list[str]) -> Wrong | None:
    """Whole numbers, whichever way they are written."""
    seconds: Any = ask.fields.get("seconds", 4)
    if not re.fullmatch(r"\d+", str(seconds)):
        return Wrong("seconds: value is not a valid integer", 422 if ask.encoding == "multipart" else 400)
    return _prompt(ask)


def aquiles(ask: Ask, _models: list[str]) -> Wrong | None:
    """The four sizes, seconds as text, pictures for some models only."""
    known = ("ltx-2", "minimax-h3")
    model = str(ask.fields.get("model", ""))
    if not isinstance(ask.fields.get("seconds", "4"), str):
        return Wrong("validation error: seconds must be a string", 500)
    if ask.fields.get("size", "720x1280") not in SORA_SIZES:
        return Wrong("validation error: size", 500)
    if ask.uploads and not model.startswith(known):
        return Wrong("input_reference is not supported by this model")
    wrong = _prompt(ask)
    return wrong and Wrong(wrong.message, 500)


def litellm(ask: Ask, models: list[str]) -> Wrong | None:
    """A model that its table names."""
    model = ask.fields.get("model")
    if model not in models:
        return Wrong(
            f"/videos: Invalid model name passed in model={model}."
            " Call `/v1/models` to view available models for your key.",
            own=True,
        )
    return (
        None
        if ask.fields.get("prompt")
        else Wrong("/videos: Missing required parameter: 'prompt'.", own=True)
    )


def dynamo(ask: Ask, _models: list[str]) -> Wrong | None:
    """A model, and seconds as a number."""
    seconds = ask.fields.get("seconds", 4)
    if not isinstance(ask.fields.get("model"), str):
        return Wrong("missing field `model`", 422)
    if not isinstance(seconds, int):
        return Wrong("seconds: invalid type: string, expected i32", 422)
    return _prompt(ask)


def openrouter(ask: Ask, models: list[str]) -> Wrong | None:
    """A model it knows, and a duration as a number."""
    if ask.fields.get("model") not in models:
        return Wrong("No such model", 404)
    if not isinstance(ask.fields.get("duration", 5), int):
        return Wrong("duration: expected number")
    return _prompt(ask)


def zai(ask: Ask, _models: list[str]) -> Wrong | None:
    """Short prompts, and the lengths and sizes of the model."""
    prompt, model = ask.fields.get("prompt", ""), ask.fields.get("model")
    length, size = ask.fields.get("duration"), ask.fields.get("size")
    if model not in {*ZAI_SIZES, "cogvideox-flash"}:
        return Wrong("Unknown Model, please check the model code", code="model_not_found")
    if not prompt and not ask.fields.get("image_url"):
        return Wrong("prompt or image_url is required")
    if len(prompt) > ZAI_LONGEST_PROMPT:
        return Wrong("Prompt too long", code="prompt_too_long")
    if length is not None and length not in ZAI_LENGTHS.get(model, {length}):
        return Wrong("invalid duration")
    if size is not None and size not in ZAI_SIZES.get(model, {size}):
        return Wrong("invalid size")
    return None
