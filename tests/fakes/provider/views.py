"""How each server shows a job, and how it says no."""

import base64
from typing import Any

from tests.fakes.provider.jobs import Job
from tests.fakes.provider.wire import Answer, as_json, phrase


def openai_error(status: int, message: str, code: str) -> Any:
    """The original: a message, a type and a code."""
    kind = "invalid_request_error" if status < 429 else "server_error"
    return {"error": {"message": message, "type": kind, "param": None, "code": code or None}}


def vllm_error(status: int, message: str, _code: str) -> Any:
    """The status's own words for a type, and its number for a code."""
    return {"error": {"message": message, "type": phrase(status), "param": None, "code": status}}


def litellm_error(status: int, message: str, _code: str) -> Any:
    """The status as text."""
    return {"error": {"message": message, "type": "None", "param": "None", "code": str(status)}}


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
    """The id that goes out is packed anew by every look; only the first one is good."""
    shown = {name: value for name, value in official(job).items() if name != "prompt"}
    look = "" if job.polls == 0 else f";look:{job.polls}"
    packed = base64.urlsafe_b64encode(f"litellm:provider:openai;video:{job.id}{look}".encode()).decode()
    return {**shown, "id": "video_" + packed.rstrip("="), "usage": {"duration_seconds": float(job.seconds)}}


def unpacked(shown: str) -> str:
    """The id inside a packed one."""
    packed = shown.removeprefix("video_")
    try:
        return base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode().partition("video:")[2]
    except ValueError:
        return ""


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
