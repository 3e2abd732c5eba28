"""The routes of `/v1/videos`, and Z.ai's two."""

import time
from typing import Any

from tests.fakes.provider.flavours import ZAI, Flavour, shown
from tests.fakes.provider.jobs import Job
from tests.fakes.provider.sending import clip_answer, packed
from tests.fakes.provider.service import Scene, Service
from tests.fakes.provider.wire import Answer, Ask, as_json

_IDLE_S = 0.01


def create(service: Service, ask: Ask, flavour: Flavour) -> Answer:
    """Order a clip."""
    if trouble := service.key_trouble(ask, flavour):
        return trouble
    return service.staged("create", Scene(service, ask, flavour), lambda: make(service, ask, flavour))


def make(service: Service, ask: Ask, flavour: Flavour) -> Answer:
    """Look at the request, take it in and show the job."""
    if ask.encoding not in flavour.takes:
        return flavour.error(400, f"Invalid request body: {ask.encoding or 'nothing'} is not taken here")
    served = service.models(flavour) if flavour.closed else service.settings.models
    if wrong := flavour.check(ask, served):
        own = flavour.own("wrong", wrong) if wrong.own else None
        return own or flavour.error(wrong.status, wrong.message, wrong.code)
    with service.jobs.lock:
        if busy := service.crowded(flavour):
            return busy
        job = _ordered(service, ask, flavour)
        service.jobs.add(job)
    service.truth.order(job, ask)
    scenario = service.script.next("job", job.prompt)
    if scenario is not None:
        service.truth.fault(scenario.name)
        scenario.act(Scene(service, ask, flavour, job), Answer)
    if flavour.waits and not _awaited(service, job):
        return flavour.error(504, "The worker did not answer in time")
    found = look(service, flavour, job)
    job.told_id = found["id"]
    return as_json(found, flavour.created)


def _awaited(service: Service, job: Job) -> bool:
    """Wait for the end of a job; False when it does not come."""
    end = time.monotonic() + service.settings.job_seconds + service.settings.hang_s
    while job.live and time.monotonic() < end and not service.stopping.is_set():
        time.sleep(_IDLE_S)
    return not job.live


def _ordered(service: Service, ask: Ask, flavour: Flavour) -> Job:
    fields = ask.fields
    seconds = fields.get("seconds") or fields.get("duration") or flavour.defaults["seconds"]
    return Job(
        id=flavour.new_id(),
        number=service.jobs.number(),
        prompt=str(fields.get("prompt", "")),
        model=str(fields.get("model") or service.models(flavour)[0]),
        seconds=int(seconds),
        size=str(fields.get("size") or flavour.defaults["size"]),
        lasts_s=service.settings.job_seconds,
        uploads=ask.uploads,
    )


def look(service: Service, flavour: Flavour, job: Job) -> dict[str, Any]:
    """The job as it is told, with its clip's address where the server gives one."""
    found = shown(flavour, job)
    status = job.status()
    if status != "completed":
        return found
    address: Any = f"{service.origin}/files/{job.id}.mp4?signature=s3cr3t-{job.number}"
    if job.address is not None:
        address = job.address(service.origin, service.canary)
    if flavour is ZAI:
        cover = f"{service.origin}/files/{job.id}.png?signature=s3cr3t-{job.number}"
        found["video_result"] = [{"url": address, "cover_image_url": cover}]
    elif flavour.waits:
        found["data"] = [{"url": address, "output_format": "mp4"}]
    elif job.address is not None:
        found["unsigned_urls" if flavour.name == "openrouter" else "url"] = address
    if address is ...:
        _leave_out(found)
    if "expires_at" in found and found["expires_at"] is None:
        found["expires_at"] = int(job.made_at + service.settings.expires_s)
    return found


def _leave_out(found: dict[str, Any]) -> None:
    for result in found.get("video_result", []) + found.get("data", []):
        del result["url"]
    found.pop("url", None)
    found.pop("unsigned_urls", None)


def poll(service: Service, ask: Ask, flavour: Flavour, shown_id: str) -> Answer:
    """How far a job is."""
    if trouble := service.key_trouble(ask, flavour):
        return trouble
    job = service.jobs.find(flavour.read_id(shown_id))
    if job is None:
        return _unknown(flavour, shown_id)
    with service.jobs.lock:
        job.polls += 1

    def usual() -> Answer:
        return job.hook(job, plain) if job.hook else plain()

    def plain() -> Answer:
        found = look(service, flavour, job)
        if found.get("status") == "failed" and (own := flavour.own("failed", job)):
            return own
        wait = service.settings.poll_after_ms
        return _told(flavour, job, found).with_headers(openai_poll_after_ms=str(wait or ""))

    return service.staged("poll", Scene(service, ask, flavour, job), usual)


def _unknown(flavour: Flavour, shown_id: str) -> Answer:
    """What is said of an id that names no job here."""
    own = None if flavour.read_id(shown_id) else flavour.own("strange id", None)
    return own or flavour.error(404, "Video not found", "not_found")


def _told(flavour: Flavour, job: Job, found: dict[str, Any]) -> Answer:
    """A look at a job; vLLM-Omni shows a failed one under the status of its failure, which becomes its code."""
    if flavour.failed or found.get("status") != "failed":
        return as_json(found)
    code = (job.error or {}).get("code")
    status = code if isinstance(code, int) and 400 <= code < 600 else 500
    if isinstance(found.get("error"), dict):
        found["error"] = {**found["error"], "code": status}
    return as_json(found, status)


def listing(service: Service, ask: Ask, flavour: Flavour) -> Answer:
    """The jobs of late, page by page."""
    if trouble := service.key_trouble(ask, flavour):
        return trouble
    if flavour.lists == "none":
        return flavour.error(404, "Not found", "not_found")
    if flavour.lists == "refused":
        return flavour.own("list", None) or flavour.error(400, "There is no list")
    return service.staged("list", Scene(service, ask, flavour), lambda: _page(service, ask, flavour))


def _page(service: Service, ask: Ask, flavour: Flavour) -> Answer:
    old = time.time() - service.settings.list_lag_s
    jobs = [job for job in service.jobs.listed() if job.made_at <= old]
    if ask.query.get("order") == "asc":
        jobs.reverse()
    after = ask.query.get("after")
    if after is not None:
        places = [place for place, job in enumerate(jobs) if job.id == after]
        jobs = jobs[places[0] + 1 :] if places else []
    limit = int(ask.query.get("limit", flavour.list_limit)) or len(jobs)
    page = [look(service, flavour, job) for job in jobs[:limit]]
    found: dict[str, Any] = {"object": "list", "data": page}
    if flavour.lists == "pages":
        ends = (
            {"first_id": page[0]["id"], "last_id": page[-1]["id"]}
            if page
            else {"first_id": None, "last_id": None}
        )
        found |= {**ends, "has_more": len(jobs) > limit}
    return as_json(found)


def delete(service: Service, ask: Ask, flavour: Flavour, shown_id: str) -> Answer:
    """Forget a job and its clip."""
    if trouble := service.key_trouble(ask, flavour):
        return trouble
    if flavour.delete is None:
        return flavour.own("delete", None) or flavour.error(flavour.no_delete, "Method Not Allowed")
    job = service.jobs.find(flavour.read_id(shown_id))
    if job is None:
        return flavour.error(404, "Video not found", "not_found")
    found = flavour.delete(job)
    job.deleted = True
    return found


def content(service: Service, ask: Ask, flavour: Flavour, shown_id: str) -> Answer:
    """The clip of a job that is ready."""
    if trouble := service.key_trouble(ask, flavour):
        return trouble
    job = service.jobs.find(flavour.read_id(shown_id))
    if job is None or _no_variant(ask, flavour):
        return _unknown(flavour, shown_id)
    return service.staged(
        "content", Scene(service, ask, flavour, job), lambda: _clip(service, ask, flavour, job)
    )


def _no_variant(ask: Ask, flavour: Flavour) -> bool:
    variant = ask.query.get("variant")
    return flavour.variant == "number" and variant is not None and not variant.isdigit()


def _clip(service: Service, ask: Ask, flavour: Flavour, job: Job) -> Answer:
    if job.told.get("flap", 3) < 3:
        return flavour.error(409, "The video is not ready yet")
    if job.status() == "failed":
        return flavour.error(422 if flavour.name == "vllm_omni" else 500, "generation failed")
    if job.status() != "completed":
        return flavour.error(flavour.early, "Generation is still in progress")
    if flavour.variant == "named" and ask.query.get("variant", "video") != "video":
        return flavour.error(404, "There is no such variant of this video")
    found = clip_answer(service, ask if flavour.ranges else ask.without("range"), job)
    return packed(ask, found) if flavour.packs else found


def stored(service: Service, ask: Ask, flavour: Flavour, job_id: str) -> Answer:
    """A clip at an address of its own, as storage services keep them; it asks for no key."""
    job = service.jobs.find(job_id)
    if job is None:
        return flavour.error(404, "No such file")
    return service.staged(
        "content", Scene(service, ask, flavour, job), lambda: clip_answer(service, ask, job)
    )
