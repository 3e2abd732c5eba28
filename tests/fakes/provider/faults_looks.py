"""Faults of looking at a job, and of the job itself (faults.md, rows 89 to 96)."""

import gzip
import math
from typing import TYPE_CHECKING, Any

from tests.fakes.provider.clips import bomb
from tests.fakes.provider.fault import FOR_EVER, Act, Usual, changed, instead, named, refuse, silent
from tests.fakes.provider.faults_orders import huge_json
from tests.fakes.provider.jobs import FIRST_PART, Job, Path
from tests.fakes.provider.sending import close, hang, reset
from tests.fakes.provider.wire import Answer, as_html, as_json

if TYPE_CHECKING:
    from tests.fakes.provider.service import Scene

LONG_TEXT = "\x1b[31mred\x1b[0m \x1b]0;title\x07\u202e" + "no " * 33_000
NO_JOB = refuse(404, "Video not found", "not_found")


def _busy(scene: "Scene", _usual: Usual) -> Answer:
    wait = f"{scene.service.settings.retry_after_s:g}"
    return scene.flavour.error(429, "Too many requests", "rate_limit_exceeded").with_headers(Retry_After=wait)


def _packed(_scene: "Scene", usual: Usual) -> Answer:
    answer = usual()
    return answer.but(body=gzip.compress(answer.body)).with_headers(Content_Encoding="gzip")


def _bomb(_scene: "Scene", _usual: Usual) -> Answer:
    return Answer(200, bomb(), {"Content-Type": "application/json", "Content-Encoding": "gzip"})


def _bad_json(_scene: "Scene", usual: Usual) -> Answer:
    answer = usual()
    return answer.but(body=answer.body[:-3])


def _other(found: dict[str, Any]) -> None:
    if "id" in found:
        found["id"] = "video_somebody_elses"


POLL = named(
    "poll",
    {
        "poll_429": _busy,
        "poll_500": refuse(500, "Internal server error"),
        "poll_500_burst": refuse(500, "Internal server error"),
        "poll_500_forever": refuse(500, "Internal server error"),
        "poll_502": instead(as_html(502)),
        "poll_503": refuse(503, "Overloaded", Retry_After="1"),
        "poll_hang": silent(hang),
        "poll_reset": silent(reset),
        "poll_close": silent(close),
        "poll_html": instead(as_html(200, "Welcome")),
        "poll_bad_json": _bad_json,
        "poll_empty": instead(Answer(200, b"", {"Content-Type": "application/json"})),
        "poll_array": changed(lambda found: [found]),
        "poll_null": instead(as_json(None)),
        "poll_gzip": _packed,
        "poll_gzip_bomb": _bomb,
        "poll_huge_json": lambda _scene, _usual: huge_json(),
        "poll_401": refuse(401, "Incorrect API key provided", "invalid_api_key"),
        "poll_other_id": changed(_other),
        "vanish_once": NO_JOB,
    },
    {"poll_500_burst": 3, "poll_500_forever": FOR_EVER},
)

LIST = named(
    "list",
    {
        "list_500": refuse(500, "Internal server error"),
        "list_404": refuse(404, "Not found"),
        "list_405": refuse(405, "Method Not Allowed"),
        "list_html": instead(as_html(200, "Welcome")),
        "list_reset": silent(reset),
        "list_empty": instead(as_json({"object": "list", "data": [], "has_more": False})),
    },
    {},
)


def _job(**fields: Any) -> Act:
    """A job that is made with these fields."""

    def act(scene: "Scene", _usual: Usual) -> Answer:
        assert scene.job is not None
        for name, value in fields.items():
            setattr(scene.job, name, value)
        return Answer()

    return act


def _by_clock(share: float) -> str:
    if share < FIRST_PART:
        return "queued"
    return "in_progress" if share < 1 else "completed"


def _fails(message: str = "The render did not come to an end", code: Any = "processing_error") -> Act:
    return _job(ending="failed", error={"code": code, "message": message})


def _shows(**fields: Any) -> Act:
    """Whatever the job is, these fields are shown so (where the server has them)."""
    return _job(dress=lambda found: found.update(fields))


def _progress(value: Any) -> Act:
    return _shows(progress=value)


def _middle(word: str) -> Path:
    return lambda _job, share: word if share < 1 else "completed"


def _backwards(job: Job, share: float) -> str:
    steps = ("in_progress", "queued", "in_progress", "queued")
    return steps[job.polls - 1] if 0 < job.polls <= len(steps) else _by_clock(share)


def _flap(job: Job, share: float) -> str:
    """Done, then not done, then done."""
    return "in_progress" if share >= 1 and job.told["flap"] == 2 else _by_clock(share)


def _count_ends(name: str) -> Any:
    def hook(job: Job, usual: Usual) -> Answer:
        if job.share >= 1:
            job.told[name] = job.told.get(name, 0) + 1
        return usual()

    return hook


def _second_thought(job: Job, share: float) -> str:
    return "failed" if share >= 1 and job.told.get("ended", 0) < 2 else _by_clock(share)


def _from_second_look(answer: Act) -> Act:
    """At its first look the job is at work, however late that comes; every later one is this."""

    def act(scene: "Scene", usual: Usual) -> Answer:
        def hook(job: Job, plain: Usual) -> Answer:
            return plain() if job.polls < 2 else answer(scene, plain)

        return _job(hook=hook, path=_first_at_work)(scene, usual)

    return act


def _first_at_work(job: Job, share: float) -> str:
    return _by_clock(share) if job.polls > 1 else "in_progress"


def _new_ids(found: dict[str, Any]) -> None:
    if "id" in found:
        found["id"] = f"{found['id']}x"


JOB = named(
    "job",
    {
        "never_ends": _job(path=lambda _job, _share: "in_progress", endless=True),
        "stuck_queued": _job(path=lambda _job, _share: "queued", endless=True),
        "unknown_forever": _job(path=lambda _job, _share: "thinking", endless=True),
        "unknown_status": _job(path=_middle("thinking")),
        "status_processing": _job(path=_middle("processing")),
        "status_backwards": _job(path=_backwards),
        "status_flap": _job(path=_flap, hook=_count_ends("flap"), told={"flap": 0}),
        "progress_150": _progress(150),
        "progress_negative": _progress(-20),
        "progress_null": _progress(None),
        "progress_text": _progress("50%"),
        "progress_nan": _progress(math.nan),
        "progress_fraction": _progress(0.5),
        "fails": _fails(),
        "fails_moderated": _fails("Blocked by our moderation system", "moderation_blocked"),
        "fails_null": _job(ending="failed"),
        "fails_ansi": _fails(LONG_TEXT),
        "fails_400": _fails("This model has a fixed length", 400),
        "fails_text": _job(ending="failed", dress=lambda found: found.update(error="it broke")),
        "cancelled": _job(ending="cancelled"),
        "expired": _job(ending="expired"),
        "failed_then_ok": _job(
            path=_second_thought,
            hook=_count_ends("ended"),
            error={"code": "processing_error", "message": "once"},
        ),
        "vanishes": _from_second_look(NO_JOB),
        "poll_401_midway": _from_second_look(refuse(401, "Incorrect API key provided", "invalid_api_key")),
        "id_changes": _from_second_look(changed(_new_ids)),
        "expires_past": _shows(expires_at=1_000_000_000),
        "size_missing": _job(dress=lambda found: found.pop("size", None)),
        "size_other": _shows(size="640x360", seconds=3),
        "seconds_null": _shows(seconds=None, size=""),
    },
    {},
)
