"""What an HTTP answer means in our words: accepted, busy, refused, a bad key, or not to be told."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from voxweave.core.redaction import redacted
from voxweave.core.text import printable
from voxweave.errors import (
    AnswerUnclear,
    KeyRefused,
    ProviderBusy,
    ProviderFailed,
    RefusedError,
    VoxWeaveError,
)
from voxweave.providers.ask import retry_after_s
from voxweave.providers.gateways import behind

Meaning = Literal["policy", "credit", "key", "busy", "wrong", "trouble"]

CODES: dict[str, Meaning] = {
    "moderation_blocked": "policy",
    "content_policy_violation": "policy",
    "content_filter": "policy",
    "content_moderation": "policy",
    "policy_violation": "policy",
    "safety_violation": "policy",
    "insufficient_quota": "credit",
    "insufficient_user_quota": "credit",
    "billing_hard_limit_reached": "credit",
    "billing_not_active": "credit",
    "insufficient_balance": "credit",
    "insufficient_credits": "credit",
    "payment_required": "credit",
    "budget_exceeded": "credit",
    "invalid_api_key": "key",
    "account_deactivated": "key",
    "no_db_connection": "key",  # what a LiteLLM proxy without a database says of a key it does not know
    "rate_limit_exceeded": "busy",
}
"""Codes of OpenAI and of those who speak like it."""

_QUOTA_CODES = range(1308, 1322)  # a plan's quota is used up, until a day the message names
ZAI_CODES: dict[str, Meaning] = {
    **dict.fromkeys(("1000", "1001", "1002", "1003", "1004", "1005", "1220"), "key"),
    **dict.fromkeys(("1113", *map(str, _QUOTA_CODES)), "credit"),
    **dict.fromkeys(("1301",), "policy"),
    **dict.fromkeys(("1302", "1303", "1305"), "busy"),
    **dict.fromkeys(("1210", "1211", "1212", "1213", "1214", "1215", "1221", "1222", "1261"), "wrong"),
    **dict.fromkeys(("1200", "1230", "1234"), "trouble"),
}
"""Z.ai's and BigModel's, which are digits."""

_BY_STATUS: dict[int, Meaning] = {401: "key", 402: "credit", 403: "key", 429: "busy"}
_MAY_HAVE_ACTED = (408, 409, 425)
_ID = re.compile(r"[A-Za-z0-9_.:=+-]{1,400}")  # LiteLLM packs a provider, a model and an id into one
_SEEN = 4000  # of a body, before it is made readable; some are 100 kB


class OutOfCredit(KeyRefused):
    """The key opens, but its account is empty or over its limit."""


class NotThere(ProviderFailed):
    """A question about something the provider does not know, or not yet, or no more."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """One answer, whoever fetched it; the names of `headers` are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def told(self) -> dict[str, Any]:
        """The JSON object it holds; empty for anything else (HTML, a list, half an object)."""
        try:
            found = json.loads(self.body, parse_constant=lambda _: None)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


DIGITS = re.compile(r"[0-9]{1,18}")
"""A number in a stranger's text: Python turns no more than 4,300 digits into one, and ² is a digit to `isdigit`."""


def finite(found: object) -> float | None:
    """A number of an answer's JSON; None for what is none, is infinite, or has hundreds of digits."""
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        return float(found) if math.isfinite(found) else None
    except OverflowError:
        return None


@dataclass(frozen=True)
class Complaint:
    """What an error body says, as far as it can be read."""

    code: str
    kind: str
    message: str
    hidden: bool = False
    """Whether the code is of the service behind a gateway, which had packed it into its message."""


def complaint(told: Any, body: bytes = b"") -> Complaint:
    """The error of a body in any of its usual forms; the text is short, on one line, without secrets.

    What a gateway hides of the service behind it comes first: that service knows what was wrong.
    """
    said = spoken_complaint(told, body)
    message = raw_message(told)
    found = behind(message) if message else {}
    inner = spoken_complaint(found) if found else Complaint("", "", "")
    if not inner.message and not inner.code:
        return said
    hidden = bool(inner.code)
    return Complaint(inner.code or said.code, inner.kind or said.kind, inner.message or said.message, hidden)


def raw_message(told: Any) -> str:
    """The message of an error as it came, or nothing; never shown."""
    error = told.get("error") if isinstance(told, dict) else None
    found = error.get("message") if isinstance(error, dict) else None
    return found if isinstance(found, str) else ""


def spoken_complaint(told: Any, body: bytes = b"") -> Complaint:
    """The error as whoever answered says it, be it a gateway."""
    error = told.get("error", told.get("detail")) if isinstance(told, dict) else None
    if isinstance(error, list) and error:
        error = error[0]
    if isinstance(error, dict):
        said = error.get("message") or error.get("msg") or error.get("detail") or ""
        return Complaint(_word(error.get("code")), _word(error.get("type")), shown(str(said)))
    if isinstance(error, str) and error:
        return Complaint("", "", shown(error))
    said = told.get("message") if isinstance(told, dict) else None
    return Complaint("", "", shown(said if isinstance(said, str) else _plain(body)))


def usable_id(told: Mapping[str, Any]) -> str:
    """The id of what an answer tells of, when it may stand in an address; empty otherwise."""
    found = told.get("id")
    return found if isinstance(found, str) and _ID.fullmatch(found) and ".." not in found else ""


def shown(text: str) -> str:
    """A stranger's words as they may stand in a line of ours."""
    return printable(redacted(text[:_SEEN]))


def judged(answer: Answer, *, create: bool, codes: Mapping[str, Meaning] = CODES) -> VoxWeaveError:
    """The error an answer stands for, once it is known to be none of success.

    After a create call only a plain refusal clears the doubt; everything else may have been accepted.
    """
    told = answer.told()
    said = complaint(told, answer.body)
    line = f"the provider said {answer.status}{f': {said.message}' if said.message else ''}"
    meaning = meaning_of(said, codes) or _BY_STATUS.get(answer.status)
    if 300 <= answer.status < 400:
        where = shown(answer.headers.get("location", "")) or "nowhere"
        return RefusedError(
            f"{line} (moved to {where})", hint="set base_url to where it moved, if it is yours"
        )
    refused_for_now = answer.status == 503 and (told or "retry-after" in answer.headers)
    if refused_for_now or (meaning == "busy" and answer.status < 500):
        return ProviderBusy(line, wait_s=retry_after_s(answer.headers))
    if meaning in ("policy", "credit", "key") and (answer.status < 500 or said.hidden):
        return _refused(meaning, line)
    if answer.status >= 500 or answer.status in _MAY_HAVE_ACTED or answer.status < 300:
        return AnswerUnclear(line) if create else ProviderFailed(line)
    if create:
        return RefusedError(line, hint="check base_url, model, size and length")
    return NotThere(line, status=answer.status)


def meaning_of(said: Complaint, codes: Mapping[str, Meaning] = CODES) -> Meaning | None:
    """What a code or a kind of error is known to mean."""
    return codes.get(said.code) or codes.get(said.kind)


def _refused(meaning: Meaning | None, line: str) -> VoxWeaveError:
    match meaning:
        case "policy":
            return RefusedError(line, hint="change the scene's prompt, or leave the scene to other pictures")
        case "credit":
            return OutOfCredit(line, hint="the account is out of credit or over its limit; see its console")
        case _:
            return KeyRefused(line, hint="check the key and the address it is for")


def _word(code: Any) -> str:
    return str(code)[:80] if isinstance(code, str | int) else ""


def _plain(body: bytes) -> str:
    """A body that is no JSON: text as it is, of a web page only that it is one."""
    text = body[:_SEEN].decode("utf-8", "replace").strip()
    return "a web page, where JSON was expected" if text.startswith("<") else text
