"""Faults of a create call: the ones that decide whether somebody pays twice (faults.md, rows 73 to 88)."""

import threading
import time
from email.utils import formatdate
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.fakes.provider.clips import bomb
from tests.fakes.provider.fault import (
    FOR_EVER,
    Act,
    Usual,
    after,
    changed,
    instead,
    named,
    redirect,
    refuse,
    send,
    silent,
)
from tests.fakes.provider.sending import close, cut, hang, reset
from tests.fakes.provider.wire import Answer, Line, as_html, as_json

if TYPE_CHECKING:
    from tests.fakes.provider.service import Scene

BUSY = (429, "Rate limit reached", "rate_limit_exceeded")


@cache
def huge_json() -> Answer:
    """An answer that is a job, and far too long."""
    return as_json({"id": "video_1", "status": "queued", "filler": "x" * (32 << 20)})


def _huge(_scene: "Scene", usual: Usual) -> Answer:
    usual()
    return huge_json()


def _busy_for(scene: "Scene", _usual: Usual) -> Answer:
    wait = f"{scene.service.settings.retry_after_s:g}"
    return scene.flavour.error(*BUSY).with_headers(Retry_After=wait)


def _busy_until(scene: "Scene", _usual: Usual) -> Answer:
    """Dates have whole seconds: the next one that is not too early."""
    until = formatdate(time.time() + scene.service.settings.retry_after_s + 1, usegmt=True)
    return scene.flavour.error(*BUSY).with_headers(Retry_After=until)


def _busy_ms(scene: "Scene", _usual: Usual) -> Answer:
    wait = f"{1000 * scene.service.settings.retry_after_s:g}"
    return scene.flavour.error(*BUSY).with_headers(retry_after_ms=wait)


def _overloaded(scene: "Scene", _usual: Usual) -> Answer:
    wait = f"{scene.service.settings.retry_after_s:g}"
    return scene.flavour.error(503, "Overloaded").with_headers(Retry_After=wait)


def _slow(scene: "Scene", usual: Usual) -> Answer:
    answer = usual()
    scene.service.stopping.wait(scene.service.settings.slow_s)
    return answer


def _late(scene: "Scene", usual: Usual) -> Answer:
    """The connection tears, and only then is the order taken in: looking at once finds nothing."""
    timer = threading.Timer(scene.service.settings.slow_s, usual)
    timer.daemon = True
    timer.start()
    return Answer(500, deliver=reset)


def _echo(scene: "Scene", _usual: Usual) -> Answer:
    seen = scene.ask.headers.get("authorization", "")
    return scene.flavour.error(400, f"Bad request. Headers received: authorization: {seen}")


def _mid_body(line: Line, answer: Answer) -> None:
    line.write(answer.head() + answer.body[: len(answer.body) // 2])
    line.hang()


def _only(*names: str) -> Act:
    """Everything but these is null."""
    return changed(lambda found: {name: text if name in names else None for name, text in found.items()})


def _set(**fields: Any) -> Act:
    return changed(lambda found: found.update(fields))


def _types(found: dict[str, Any]) -> None:
    odd = {"created_at": "soon", "progress": "none", "seconds": 4.0, "model": 7, "size": ["wide"]}
    found.update({name: value for name, value in odd.items() if name in found})


def _array(found: dict[str, Any]) -> Any:
    return [found]


def _without_id(found: dict[str, Any]) -> None:
    found.pop("id", None)


def _broken(answer: Answer) -> Answer:
    return answer.but(body=answer.body[: len(answer.body) * 2 // 3])


def _bad_json(_scene: "Scene", usual: Usual) -> Answer:
    return _broken(usual())


def _completed(scene: "Scene", usual: Usual) -> Answer:
    """A server that is done before it answers."""
    wait = scene.service.settings.job_seconds
    before = usual()
    scene.service.stopping.wait(wait)
    word = "SUCCESS" if "task_status" in before.json else "completed"
    name = "task_status" if "task_status" in before.json else "status"
    return as_json({**before.json, name: word, "progress": 100}, before.status)


GONE = "This model has been shut down"
REFUSED = {
    "create_400": refuse(400, "Invalid value", "invalid_value"),
    "create_moderated": refuse(
        400, "Your request was blocked by our moderation system", "moderation_blocked"
    ),
    "create_401": refuse(401, "Incorrect API key provided", "invalid_api_key"),
    "create_403": refuse(403, "Your organization must be verified"),
    "create_404": refuse(404, "The model does not exist", "model_not_found"),
    "create_410": refuse(410, GONE, "model_not_found"),
    "create_422": refuse(422, "Unprocessable"),
    "create_echo_key": _echo,
}
BUSIES = {
    "create_429_seconds": _busy_for,
    "create_429_date": _busy_until,
    "create_429_ms": _busy_ms,
    "create_503_retry_after": _overloaded,
    "create_503": refuse(503, "Overloaded"),
    "create_429_none": refuse(*BUSY),
    "create_429_garbage": refuse(*BUSY, Retry_After="soon, maybe"),
    "create_429_negative": refuse(*BUSY, Retry_After="-5"),
    "create_429_huge": refuse(*BUSY, Retry_After="86400"),
    "create_429_forever": _busy_for,
    "create_429_quota": refuse(429, "You exceeded your current quota", "insufficient_quota"),
}
UNCLEAR = {
    "create_500_after_job": after(as_json({"error": {"message": "Internal server error"}}, 500)),
    "create_502_after_job": after(as_html(502)),
    "create_504_after_job": after(as_html(504, "Gateway timeout")),
    "create_408_after_job": after(as_json({"error": {"message": "Request timed out"}}, 408)),
    "create_409_after_job": after(as_json({"error": {"message": "Conflict"}}, 409)),
    "create_hang_after_job": send(hang),
    "create_hang_mid_body": send(_mid_body),
    "create_reset_after_job": send(reset),
    "create_close_after_job": send(close),
    "create_drop_after_job": send(close),
    "create_cut_after_job": send(cut()),
    "create_bad_json": _bad_json,
    "create_empty": after(Answer(200, b"", {"Content-Type": "application/json"})),
    "create_204": after(Answer(204)),
    "create_array": changed(_array),
    "create_missing_id": changed(_without_id),
    "create_null_id": _set(id=None),
    "create_html": after(as_html(200, "Welcome")),
    "create_late_job": _late,
    "create_500": refuse(500, "Internal server error"),
    "create_500_forever": refuse(500, "Internal server error"),
    "create_hang": silent(hang),
    "create_reset": silent(reset),
    "create_close": silent(close),
}
ODD = {
    "create_slow": _slow,
    "create_bad_id": _set(id="../../../../pwned"),
    "create_long_id": _set(id="video_" + "a" * 5000),
    "create_nulls": _only("id", "status", "object", "task_status"),
    "create_types": changed(_types),
    "create_extra": _set(surprise={"deep": [1, 2, {"more": None}]}, quality="standard"),
    "create_completed": _completed,
    "create_huge_json": _huge,
    "create_gzip_bomb": lambda _scene, usual: usual().but(
        body=bomb(), headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}
    ),
    "create_redirect_canary": redirect(lambda scene: f"{scene.service.canary}/v1/videos"),
    "create_redirect_307": instead(Answer(307, b"", {"Location": "/v1/videos"})),
}
CREATE = named(
    "create",
    {**REFUSED, **BUSIES, **UNCLEAR, **ODD},
    {"create_429_forever": FOR_EVER, "create_500_forever": FOR_EVER},
)
PICTURE = named(
    "picture",
    {name.replace("create", "picture", 1): act for name, act in {**REFUSED, **BUSIES, **UNCLEAR}.items()},
    {"picture_429_forever": FOR_EVER, "picture_500_forever": FOR_EVER},
)
