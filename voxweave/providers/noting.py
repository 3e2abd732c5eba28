"""A line of the log for each request to a service: where, how it was answered and how long that took."""

import logging
import time
from collections.abc import Callable, Mapping

from voxweave.core.logline import facts
from voxweave.core.text import printable
from voxweave.errors import VoxWeaveError
from voxweave.providers.answers import Answer

_LOG = logging.getLogger(__name__)
_IDS = ("x-request-id", "request-id", "x-oneapi-request-id", "x-litellm-call-id", "x-trace-id", "cf-ray")
"""Headers in which services name a request, for who asks them about it."""


def noted(method: str, where: str, call: Callable[[], Answer]) -> Answer:
    """The answer to a request, told to the log; `where` has no query, which may hold signatures."""
    began = time.monotonic()
    try:
        answer = call()
    except VoxWeaveError as error:
        note(method, where, began, error=type(error).__name__)
        raise
    note(method, where, began, status=answer.status, request_id=request_id(answer.headers))
    return answer


def note(method: str, where: str, began: float, **told: object) -> None:
    """One line; `began` is when the request left, by the monotonic clock."""
    took_ms = round((time.monotonic() - began) * 1000)
    _LOG.debug("%s %s", method, printable(where), extra=facts(duration_ms=took_ms, **told))


def request_id(headers: Mapping[str, str]) -> str:
    """How the service calls this request; empty where it does not say."""
    return printable(next((headers[name] for name in _IDS if headers.get(name)), ""), most=120)
