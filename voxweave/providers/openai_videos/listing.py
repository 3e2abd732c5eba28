"""Looking for an order in a server's list, when nobody knows whether it was accepted."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from voxweave.core.orders import Wanted
from voxweave.errors import ProviderFailed
from voxweave.providers.answers import Answer, judged, usable_id
from voxweave.providers.openai_videos.job import made_at, server_time

_PAGES = 10
_CLOCKS_S = 2.0  # whole seconds on both sides


def listed_since(page_after: Callable[[str], Answer], since: float) -> Iterator[dict[str, Any]]:
    """Jobs made since a moment of our clock, by the server's own; the list's newest come first."""
    after = ""
    for _ in range(_PAGES):
        answer = page_after(after)
        if answer.status >= 300:
            raise judged(answer, create=False)
        told = answer.told()
        page = told.get("data")
        if not isinstance(page, list):
            raise ProviderFailed("the provider's list was not read")
        first = since + _ahead_s(answer) - _CLOCKS_S
        jobs = [job for job in page if isinstance(job, dict)]
        yield from (job for job in jobs if _made_at(job, first) >= first)
        after = str(told.get("last_id") or "")
        if not told.get("has_more") or not after or (jobs and _made_at(jobs[-1], first) < first):
            return


def matching(jobs: tuple[dict[str, Any], ...], wanted: Wanted, prompt: str) -> tuple[str, ...] | None:
    """Ids of jobs with this prompt, of this length if any; None when some job might be ours and nothing tells."""
    if any(not isinstance(job.get("prompt"), str) or not usable_id(job) for job in jobs):
        return None
    found = [job for job in jobs if job["prompt"].strip() == prompt]
    exact = [job for job in found if str(job.get("seconds")) == str(wanted.seconds)]
    return tuple(usable_id(job) for job in exact or found)


def _made_at(job: dict[str, Any], unknown: float) -> float:
    found = made_at(job)
    return unknown if found is None else found


def _ahead_s(answer: Answer) -> float:
    """How far the server's clock is before ours."""
    theirs = server_time(answer.headers)
    return 0.0 if theirs is None else theirs - time.time()
