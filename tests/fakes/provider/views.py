"""How each server shows a job, and how it says no."""

import base64
import json
import re
from typing import Any
from urllib.parse import unquote

from tests.fakes.provider.jobs import Job
from tests.fakes.provider.wire import Answer, as_json, phrase


def openai_error(status: int, message: str, code: str) -> Any:
    """The original: a message, a type and a code."""
    kind = "invalid_request_error" if status < 429 else "server_error"
    return {"error": {"message": message, "type": kind, "param": None, "code": code or None}}


def vllm_error(status: int, message: str, _code: str) -> Any:
    """The status's own words for a type, and its number for a code."""
    return {"error": {"message": message, "type": phrase(status), "param": None, "code": status}}


_LITELLM_KINDS = {
    401: ("AuthenticationError: AuthenticationError", "authentication_error"),
    403: ("BadRequestError", "permission_error"),
    404: ("NotFoundError: NotFoundError", "invalid_request_error"),
    429: ("RateLimitError: RateLimitError", "throttling_error"),
    504: ("Timeout: Timeout Error", "internal_server_error"),
}
_LITELLM_END = "\n\nLiteLLM: model group 'our-alias' failed with the error above. No fallback was attempted."


def litellm_error(status: int, message: str, code: str) -> Any:
    """What the service behind it said, whole, in a sentence of its own; the status as text."""
    behind = json.dumps(openai_error(status, message, code))
    return litellm_hides(status, behind + _LITELLM_END)


def litellm_hides(status: int, behind: str) -> Any:
    """An answer of the service behind it as the proxy passes it on."""
    other = ("InternalServerError: InternalServerError", "internal_server_error")
    name, kind = _LITELLM_KINDS.get(status, other if status >= 500 else ("BadRequestError", other[1]))
    kind = kind if status >= 500 or status in _LITELLM_KINDS else "invalid_request_error"
    return litellm_own(status, f"litellm.{name}: OpenAIException - {behind}", kind)


def litellm_own(status: int, message: str, kind: str = "invalid_request_error") -> Any:
    """The proxy's own words; the status as text."""
    return {"error": {"message": message, "type": kind, "param": None, "code": str(status)}}


def detail(_status: int, message: str, _code: str) -> Any:
    """A single text."""
    return {"detail": message}


def openrouter_error(status: int, message: str, _code: str) -> Any:
    """The status as a number."""
    return {"error": {"code": status, "message": message}}


_ZAI_CODES = {
    "insufficient_quota": "1113",
    "moderation_blocked": "1301",
    "invalid_api_key": "1001",
    "model_not_found": "1211",
    "prompt_too_long": "1261",
    "rate_limit_exceeded": "1302",
}
_ZAI_STATUS = {400: "1214", 401: "1001", 403: "1220", 404: "1222", 410: "1221", 429: "1302", 503: "1305"}


def zai_error(status: int, message: str, code: str) -> Any:
    """A code of four digits, as text."""
    found = _ZAI_CODES.get(code) or _ZAI_STATUS.get(status, "1230")
    return {"error": {"code": found, "message": message}}


def plain(job: Job) -> dict[str, Any]:
    """What all of them show."""
    return {
        "id": job.id,
        "object": "video",
        "model": job.model,
        "status": job.status(),
        "created_at": int(job.made_at),
        "size": job.size,
        "seconds": str(job.seconds),
        "error": job.trouble,
    }


def official(job: Job) -> dict[str, Any]:
    """The published object."""
    ended = int(job.made_at + job.lasts_s) if job.status() == "completed" else None
    nulls = {"expires_at": None, "remixed_from_video_id": None}
    return {**plain(job), "prompt": job.prompt, "completed_at": ended, **nulls}


def vllm(job: Job) -> dict[str, Any]:
    """The published object, and more about the file."""
    extra: dict[str, Any] = {
        "quality": "default",
        "media_type": "video/mp4",
        "stage_durations": {},
        "peak_memory_mb": None,
    }
    done = {"file_name": f"{job.id}.mp4"} if job.status() == "completed" else {}
    return {**official(job), "size": job.size or None, **extra, **done}


def sglang(job: Job) -> dict[str, Any]:
    """A path of the server, and an error without a code."""
    error = {"message": job.trouble["message"]} if job.trouble else None
    shown = {**official(job), "error": error, "quality": "standard", "num_outputs": 1}
    del shown["prompt"]  # its jobs do not say what they are of
    return {**shown, "file_path": f"/srv/outputs/{job.id}.mp4"}


def aquiles(job: Job) -> dict[str, Any]:
    """Less than was published, and a status word of its own."""
    shown = plain(job)
    code = {"error": {**job.trouble, "code": "generation_error"}} if job.trouble else {}
    word = "processing" if shown["status"] == "in_progress" else shown["status"]
    return {**shown, "prompt": job.prompt, "status": word, **code}


def fastvideo(job: Job) -> dict[str, Any]:
    """Queued until it has ended."""
    shown = sglang(job)
    return {**shown, "status": "queued" if shown["status"] == "in_progress" else shown["status"]}


def litellm(job: Job) -> dict[str, Any]:
    """The id that goes out is packed; a look leaves the model out of it, and such an id is good for nothing."""
    shown = {name: value for name, value in official(job).items() if name != "prompt"}
    model, usage = ("sora-2", {"duration_seconds": float(job.seconds)}) if job.polls == 0 else ("", None)
    inner = f"litellm:custom_llm_provider:openai;model_id:{model};video_id:{job.id}"
    return {**shown, "id": "video_" + base64.b64encode(inner.encode()).decode(), "usage": usage}


def unpacked(shown: str) -> str:
    """The id inside a packed one that names its model; nothing for any other."""
    packed = unquote(shown).removeprefix("video_")
    try:
        inner = base64.b64decode(packed + "=" * (-len(packed) % 4)).decode()
    except ValueError:
        return ""
    found = re.fullmatch(r"litellm:custom_llm_provider:[^;]+;model_id:[^;]+;video_id:(.+)", inner)
    return found[1] if found else ""


_LITELLM_LOST = "Cannot connect to host api.openai.com:443 ssl:default [Name or service not known]"
_LITELLM_LIST = (
    "litellm.BadRequestError: LLM Provider NOT provided. Pass in the LLM provider you are trying to call."
    " You passed model=\n Pass model as E.g. For 'Huggingface' inference endpoints pass in"
    " `completion(model='huggingface/starcoder',..)` Learn more: https://docs.litellm.ai/docs/providers"
)


def litellm_answer(what: str, found: Any = None) -> Answer | None:
    """Where the proxy has its own way; a failed job it shows as the service behind it did."""
    match what:
        case "no key":
            return Answer(500, b"Internal Server Error", {"Content-Type": "text/plain; charset=utf-8"})
        case "wrong key":
            return as_json(litellm_own(400, "No connected db.", "no_db_connection"), 400)
        case "strange id":
            return as_json(litellm_hides(500, _LITELLM_LOST), 500)
        case "list":
            return as_json(litellm_own(400, _LITELLM_LIST), 400)
        case "failed":
            hidden = {**vllm(found), "error": {**(found.error or {}), "code": 500}}
            return as_json(litellm_hides(500, json.dumps(hidden)), 500)
        case "wrong":
            return as_json(litellm_own(found.status, found.message), found.status)
        case "delete":
            return as_json({"detail": "Method Not Allowed"}, 405)
    return None


def new_api(job: Job) -> dict[str, Any]:
    """The id twice, and what its gateway adds."""
    return {**official(job), "task_id": job.id, "metadata": {}, "usage": None}


_OPENROUTER_WORDS = {"queued": "pending"}


def openrouter(job: Job) -> dict[str, Any]:
    """Words of its own, an error that is text, and addresses."""
    status = job.status()
    shown: dict[str, Any] = {
        "id": job.id,
        "generation_id": "gen-" + job.id,
        "polling_url": f"/api/v1/videos/{job.id}",
        "status": _OPENROUTER_WORDS.get(status, status),
    }
    if job.trouble:
        shown["error"] = job.trouble["message"]
    if status == "completed":
        shown |= {"unsigned_urls": [f"/api/v1/videos/{job.id}/content?index=0"], "usage": {"cost": 0.1}}
    return shown


def zai(job: Job) -> dict[str, Any]:
    """Three words, and no progress."""
    words = {"completed": "SUCCESS", "failed": "FAIL", "cancelled": "FAIL"}
    status = words.get(job.status(), "PROCESSING")
    found = {"model": job.model, "request_id": f"r{job.number}", "task_status": status}
    return {**found, "id": job.id} if job.polls == 0 else found


def dynamo(job: Job) -> dict[str, Any]:
    """Where create waits, the job is complete when it is first seen."""
    shown = {"id": job.id, "object": "video", "model": job.model, "status": job.status(), "progress": 100}
    return {
        **shown,
        "created": int(job.made_at),
        "error": job.trouble and job.trouble["message"],
        "inference_time_s": 1.0,
    }


def deleted(job: Job) -> Answer:
    """The published answer to a deletion."""
    return as_json({"id": job.id, "object": "video.deleted", "deleted": True})


def deleted_job(job: Job) -> Answer:
    """The job again, with a status of its own."""
    return as_json({**sglang(job), "status": "deleted"})
