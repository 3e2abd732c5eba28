"""A job as a server describes it, read with no trust in any field of it."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from voxweave.core.orders import Told
from voxweave.core.text import printable
from voxweave.providers.answers import DIGITS, Answer, complaint, finite, meaning_of

State = Literal["running", "done", "refused", "failed", "lost"]

_STATES: dict[str, State] = {
    **dict.fromkeys(("completed", "complete", "success", "succeeded", "finished", "done"), "done"),
    **dict.fromkeys(("failed", "failure", "fail", "error", "cancelled", "canceled", "cancelling"), "failed"),
    **dict.fromkeys(("deleted", "expired"), "lost"),
}
"""Every other word, known or not, is taken for work going on; the deadline ends that."""
_AT_WORK = frozenset({
    *("queued", "queueing", "pending", "submitted", "accepted", "created", "scheduled", "not_start", "starting", "started"),
    *("preparing", "waiting", "in_progress", "processing", "running", "active", "generating", "rendering", "uploading"),
})  # fmt: skip

_LONGEST_POLL_S = 120.0


def is_job(told: Mapping[str, Any]) -> bool:
    """Whether this is a job, under whatever HTTP status: vLLM-Omni shows failed ones under 4xx and 5xx."""
    return isinstance(told.get("status"), str) and ("id" in told or told.get("object") == "video")


def read_job(answer: Answer) -> Told:
    """How far a job is, in our words."""
    told = answer.told()
    status = told.get("status")
    state = _STATES.get(status.strip().lower(), "running") if isinstance(status, str) else "running"
    said = complaint(told) if state in ("failed", "lost") else None
    if said and meaning_of(said) == "policy":
        state = "refused"
    word = status if isinstance(status, str) else ""
    return Told(
        state=state,
        percent=percent(told.get("progress")),
        reason=(said.message or said.code or word) if said else "",
        address=_address(told) if state == "done" else "",
        odd="" if state != "running" or _plain(word) in {"", *_AT_WORK} else printable(word, most=60),
        poll_after_s=_poll_after_s(answer.headers.get("openai-poll-after-ms", "")),
    )


def _plain(word: str) -> str:
    return word.strip().lower().replace("-", "_").replace(" ", "_")


def percent(found: Any) -> float | None:
    """A progress between 0 and 100, for showing only."""
    share = finite(found)
    return None if share is None else min(max(share, 0.0), 100.0)


def made_at(told: Mapping[str, Any]) -> float | None:
    """When the server made a job, in its own Unix seconds."""
    found = told.get("created_at", told.get("created"))
    if isinstance(found, str) and DIGITS.fullmatch(found):
        found = int(found)
    return finite(found)


def server_time(headers: Mapping[str, str]) -> float | None:
    """The server's own now: its clock, not ours, dates its jobs."""
    try:
        return parsedate_to_datetime(headers.get("date", "")[:64]).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _address(told: Mapping[str, Any]) -> str:
    """Where the clip lies, for servers that keep it elsewhere; checked when it is fetched."""
    first = told.get("data")
    inner = first[0] if isinstance(first, list) and first and isinstance(first[0], dict) else {}
    found = told.get("url") or inner.get("url")
    return found if isinstance(found, str) else ""


def _poll_after_s(text: str) -> float | None:
    return min(int(text) / 1000, _LONGEST_POLL_S) if DIGITS.fullmatch(text) and int(text) else None
