"""What really happened, for tests to compare with what the product believes."""

import hashlib
import threading
import time
from collections import Counter, deque
from typing import Any

from tests.fakes.provider.clips import picture_size
from tests.fakes.provider.jobs import Job, Jobs
from tests.fakes.provider.wire import Ask, Upload

REMEMBERED = 20_000
LONG = 1000


def key_mark(key: str) -> str:
    """Stands for a key without being one."""
    return "sha256:" + hashlib.sha256(key.encode()).hexdigest()[:16] if key else ""


def most_in(times: list[float], window_s: float) -> int:
    """The most moments that lie within any window of so many seconds."""
    most, first = 0, 0
    for last, at in enumerate(times):
        while times[first] <= at - window_s:
            first += 1
        most = max(most, last - first + 1)
    return most


class Truth:
    """Counters of requests; who ordered what stands in the jobs."""

    def __init__(self, bugs: list[str] | None = None) -> None:
        self._lock = threading.Lock()
        self._log: deque[dict[str, Any]] = deque(maxlen=REMEMBERED)
        self._canary: list[dict[str, Any]] = []
        self._bugs = bugs if bugs is not None else []
        self._routes: Counter[str] = Counter()
        self._faults: Counter[str] = Counter()
        self._orders: dict[int, dict[str, Any]] = {}
        self._pictures: list[dict[str, Any]] = []
        self._heard: list[dict[str, Any]] = []

    def request(self, ask: Ask, route: str, status: int) -> None:
        """A request came and was answered, or should have been."""
        entry = {
            "at": time.time(),
            "method": ask.method,
            "path": ask.path,
            "query": ask.query,
            "route": route,
        }
        with self._lock:
            self._routes[route] += 1
            self._log.append({**entry, "status": status, "key": key_mark(ask.key)})

    def fault(self, name: str) -> None:
        """A scenario was played."""
        with self._lock:
            self._faults[name] += 1

    def after(self) -> "Truth":
        """A new one that still knows of the fake's own faults."""
        return Truth(self._bugs)

    def bug(self, trace: str) -> None:
        """The fake itself broke: no test that meets this proves anything."""
        with self._lock:
            self._bugs.append(trace)

    def canary(self, ask: Ask) -> None:
        """Somebody was sent where nobody should go; the headers are kept as they came."""
        entry = {"at": time.time(), "method": ask.method, "path": ask.path, "query": ask.query}
        with self._lock:
            self._canary.append({**entry, "headers": ask.headers})

    def order(self, job: Job, ask: Ask) -> None:
        """A job was made for this request."""
        with self._lock:
            self._orders[job.number] = _asked(ask)

    def picture(self, ask: Ask, kind: str) -> None:
        """A still was made for this request."""
        entry = {"at": time.time(), "kind": kind, "prompt": ask.fields.get("prompt", "")}
        with self._lock:
            self._pictures.append({**entry, **_asked(ask)})

    def heard(self, ask: Ask, seconds: float) -> None:
        """The words of an upload were given."""
        with self._lock:
            self._heard.append({"at": time.time(), "path": ask.path, "seconds": seconds, **_asked(ask)})

    def told(self, jobs: Jobs) -> dict[str, Any]:
        """All of it, ready for JSON."""
        with self._lock, jobs.lock:
            times = [job.started for job in jobs.ordered]
            prompts = Counter(job.prompt for job in jobs.ordered)
            return {
                "orders_created": len(jobs.ordered),
                "orders": [{**_job(job), **self._orders.get(job.number, {})} for job in jobs.ordered],
                "twice": {prompt: count for prompt, count in prompts.items() if count > 1},
                "live": jobs.live(),
                "most_at_once": jobs.most_at_once,
                "most_in_a_second": most_in(times, 1),
                "most_in_a_minute": most_in(times, 60),
                "most_in_an_hour": most_in(times, 3600),
                "requests": dict(self._routes),
                "faults": dict(self._faults),
                "pictures": list(self._pictures),
                "heard": list(self._heard),
                "log": list(self._log),
                "canary": list(self._canary),
                "bugs": list(self._bugs),
            }


def _job(job: Job) -> dict[str, Any]:
    return {
        "number": job.number,
        "id": job.id,
        "told_id": job.told_id,
        "prompt": job.prompt,
        "model": job.model,
        "seconds": job.seconds,
        "size": job.size,
        "at": job.made_at,
        "state": "deleted" if job.deleted else job.status(),
        "live": job.live,
        "polls": job.polls,
        "fetches": job.fetches,
    }


def _asked(ask: Ask) -> dict[str, Any]:
    """How it was asked for: never the key itself."""
    headers = {name: text for name, text in ask.headers.items() if name != "authorization"}
    files = {name: _upload(file) for name, file in ask.uploads.items()}
    fields = {name: _short(text) for name, text in ask.fields.items() if name != "prompt"}
    seen = {"encoding": ask.encoding, "fields": fields, "files": files}
    return {**seen, "headers": headers, "key": key_mark(ask.key)}


def _short(value: Any) -> Any:
    """Pictures may stand in JSON as text of megabytes."""
    return f"{value[:80]}… ({len(value)} letters)" if isinstance(value, str) and len(value) > LONG else value


def _upload(file: Upload) -> dict[str, Any]:
    found = {"name": file.name, "kind": file.kind, "bytes": len(file.body), "size": picture_size(file.body)}
    return {**found, "sha256": hashlib.sha256(file.body).hexdigest()}
