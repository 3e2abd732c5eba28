"""What tells one server of the `/v1/videos` protocol from another: data, and small functions."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.provider import checks, views
from tests.fakes.provider.jobs import Job
from tests.fakes.provider.wire import Answer, Ask, as_json

Show = Callable[[Job], dict[str, Any]]
Check = Callable[[Ask, list[str]], "checks.Wrong | None"]
Failure = Callable[[int, str, str], Any]


Steps = tuple[tuple[float, int], ...]
"""From this share of a job's time on, this progress is shown."""


@dataclass(frozen=True)
class Flavour:
    """One server: what it takes, how it shows a job, and how it says no."""

    name: str
    show: Show = views.official
    takes: frozenset[str] = frozenset({"multipart", "json"})
    check: Check = checks.anything
    failure: Failure = views.openai_error
    bases: tuple[str, ...] = ("/v1",)
    model: str = "sora-2"
    progress: Steps | None = ((0.0, 0), (0.99, 100))
    id_form: str = "video_{}"
    created: int = 200
    early: int = 404
    failed: int = 200
    """The status under which a failed job is shown; 0 takes it from the job's own error."""
    own: Callable[[str, Any], Answer | None] = lambda _what, _found: None
    """Its own way in some places, where it has one."""
    owner: str = ""
    """Who serves the models, as their list says; the name of the manner without it."""
    ranges: bool = True
    packs: bool = False
    """Clips are sent packed to whoever takes that."""
    delete: Callable[[Job], Answer] | None = views.deleted
    no_delete: int = 405
    closed: bool = True
    """A model that is not served is turned down by those whose check looks at it."""
    lists: str = "pages"
    """pages, plain (without ids of first and last), refused, or none."""
    list_limit: int = 20
    variant: str = "ignored"
    waits: bool = False
    """Create answers when the clip is there."""
    read_id: Callable[[str], str] = str
    defaults: Mapping[str, str] = field(default_factory=lambda: {"seconds": "4", "size": "720x1280"})

    def new_id(self) -> str:
        """An id as this server makes them."""
        return self.id_form.format(uuid.uuid4().hex)

    def error(self, status: int, message: str, code: str = "") -> Answer:
        """An error in this server's words."""
        return as_json(self.failure(status, message, code), status)


_WHOLE_STEPS = ((0.0, 0), (0.2, 7), (0.5, 52), (0.8, 99), (1.0, 100))
_ALL = frozenset({"multipart", "json", "form"})

FLAVOURS: dict[str, Flavour] = {
    flavour.name: flavour
    for flavour in (
        Flavour(
            "openai",
            check=checks.openai,
            closed=False,
            variant="named",
            progress=((0.0, 0), (0.2, 13), (0.5, 47), (0.8, 99), (1.0, 100)),
        ),
        Flavour(
            "vllm_omni",
            show=views.vllm,
            takes=frozenset({"multipart", "form"}),
            check=checks.vllm_omni,
            failure=views.vllm_error,
            model="Wan-AI/Wan2.2-T2V-A14B-Diffusers",
            owner="vllm",
            progress=((0.0, 0), (1.0, 100)),
            id_form="video_gen_{}",
            failed=0,
            list_limit=0,
            defaults={"seconds": "4", "size": ""},
        ),
        Flavour(
            "sglang",
            show=views.sglang,
            check=checks.sglang,
            failure=views.detail,
            model="Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
            progress=_WHOLE_STEPS,
            delete=views.deleted_job,
            variant="number",
            defaults={"seconds": "4", "size": "832x480"},
        ),
        Flavour(
            "fastvideo",
            show=views.fastvideo,
            check=checks.sglang,
            failure=views.detail,
            model="FastVideo/FastWan2.1-T2V-1.3B",
            progress=((0.0, 0), (1.0, 100)),
            delete=views.deleted_job,
            lists="plain",
            defaults={"seconds": "4", "size": "832x480"},
        ),
        Flavour(
            "aquiles",
            show=views.aquiles,
            check=checks.aquiles,
            failure=views.detail,
            bases=("/v1", ""),
            model="wan2.2-turbo",
            owner="custom",
            progress=((0.0, 0), (0.1, 30), (0.2, 60), (0.3, 90), (1.0, 100)),
            early=500,
        ),
        Flavour(
            "litellm",
            show=views.litellm,
            takes=_ALL,
            check=checks.litellm,
            failure=views.litellm_error,
            bases=("/v1", ""),
            model="our-alias",
            delete=None,
            lists="refused",
            read_id=views.unpacked,
            own=views.litellm_answer,
            owner="openai",
            ranges=False,
            packs=True,
        ),
        Flavour(
            "dynamo",
            show=views.dynamo,
            takes=frozenset({"json"}),
            check=checks.dynamo,
            failure=views.detail,
            model="Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
            progress=None,
            waits=True,
            defaults={"seconds": "4", "size": "832x480"},
        ),
        Flavour("new_api", show=views.new_api, id_form="task_{}", delete=None, no_delete=404, lists="none"),
        Flavour(
            "openrouter",
            show=views.openrouter,
            takes=frozenset({"json"}),
            check=checks.openrouter,
            failure=views.openrouter_error,
            bases=("/api/v1",),
            model="alibaba/wan-3.0",
            progress=None,
            id_form="gen-vid-1790000000-{:.20}",
            created=202,
            delete=None,
            lists="none",
            defaults={"seconds": "5", "size": "1280x720"},
        ),
    )
}

ZAI = Flavour(
    "zai",
    show=views.zai,
    takes=frozenset({"json"}),
    check=checks.zai,
    failure=views.zai_error,
    bases=("/api/paas/v4",),
    model="cogvideox-3",
    progress=None,
    id_form="88{:.16}",
    defaults={"seconds": "5", "size": "1920x1080"},
)


def shown(flavour: Flavour, job: Job) -> dict[str, Any]:
    """The job as this server shows it now, with its progress and with what a scenario changes."""
    found = flavour.show(job)
    if flavour.progress is not None:
        share = job.share if found.get("status") == "completed" else min(job.share, 0.98)
        found["progress"] = [value for start, value in flavour.progress if start <= share][-1]
    if job.dress is not None:
        job.dress(found)
    return found
