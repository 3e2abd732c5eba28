"""The fake provider is as the real ones are: every server's manner, the gate before paid work, and the truth."""

import itertools
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.contract.asking import Start, client, form, ordered
from tests.fakes.provider.clips import STUB, png

REQUIRED = {
    "id", "object", "model", "status", "progress", "created_at", "completed_at", "expires_at", "prompt", "size",
    "seconds", "remixed_from_video_id", "error",
}  # fmt: skip
"""What the published description of the protocol demands of a video object."""
OFFICIAL = ["queued", "in_progress", "completed"]
LIKE_OPENAI = ["openai", "vllm_omni", "sglang", "fastvideo", "aquiles", "litellm", "new_api"]


def watched(line: httpx.Client, path: str, until: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """All looks at a job, up to the one that was waited for."""
    looks: list[dict[str, Any]] = []
    end = time.monotonic() + 60
    while time.monotonic() < end:
        looks.append(line.get(path).json())
        if until(looks[-1]):
            return looks
        time.sleep(0.01)
    raise AssertionError(looks[-3:])


def done(look: dict[str, Any]) -> bool:
    """Whether it is the last look at a good job."""
    return look.get("status") == "completed"


@pytest.mark.parametrize("flavour", LIKE_OPENAI)
def test_every_server_with_jobs_goes_from_order_to_clip(flavour: str, start: Start) -> None:
    """One request that all take, a job that goes on by itself, and a clip at its end."""
    fake = start(flavour)
    with client(fake) as line:
        job = ordered(fake, line)
        looks = watched(line, f"/videos/{job}", done)
        clip = line.get(f"/videos/{job}/content")

    assert (200, STUB, "video/mp4") == (clip.status_code, clip.content, clip.headers["content-type"])
    assert all(a["progress"] <= b["progress"] for a, b in itertools.pairwise(looks))
    assert 100 == looks[-1]["progress"]
    assert {"aquiles": "processing", "fastvideo": "queued"}.get(flavour, "in_progress") in {
        look["status"] for look in looks
    }
    assert [job != look["id"] for look in looks] == [flavour == "litellm"] * len(looks)


def test_the_video_object_is_as_published(start: Start) -> None:
    """Every look, list and deletion of the original's manner has the fields and words that were published."""
    fake = start("openai")
    with client(fake) as line:
        first = line.post("/videos", files=form(fake)).json()
        looks = [first, *watched(line, f"/videos/{first['id']}", done)]
        page = line.get("/videos").json()
        gone = line.delete(f"/videos/{first['id']}").json()

    for look in [*looks, *page["data"]]:
        assert set(look) == REQUIRED
        assert "video" == look["object"] and look["status"] in OFFICIAL
        assert all(type(look[name]) is int for name in ("progress", "created_at"))
        assert all(type(look[name]) in {int, type(None)} for name in ("completed_at", "expires_at"))
        assert "4" == look["seconds"]
    assert {"object": "list", "first_id": first["id"], "last_id": first["id"], "has_more": False} == {
        name: value for name, value in page.items() if name != "data"
    }
    assert {"id": first["id"], "object": "video.deleted", "deleted": True} == gone


WRONG = [
    ("openai", {"seconds": "5"}, 400),
    ("openai", {"size": "100x100"}, 400),
    ("openai", {"prompt": ""}, 400),
    ("vllm_omni", {"seconds": "04"}, 400),
    ("vllm_omni", {"model": "another"}, 400),
    ("sglang", {"seconds": "4s"}, 422),
    ("aquiles", {"size": "100x100"}, 500),
    ("litellm", {"model": "another"}, 400),
]


@pytest.mark.parametrize(("flavour", "field", "status"), WRONG)
def test_a_wrong_field_is_turned_down(flavour: str, field: dict[str, str], status: int, start: Start) -> None:
    """Each server has its own checks and its own status for them, and makes no job."""
    fake = start(flavour)
    with client(fake) as line:
        answer = line.post("/videos", files=form(fake, **field))

    assert status == answer.status_code
    assert ("error" in answer.json()) != (flavour in {"sglang", "aquiles"})
    assert 0 == fake.truth()["orders_created"]


BODIES = [
    ("openai", "json", 200),
    ("vllm_omni", "json", 400),
    ("vllm_omni", "form", 200),
    ("sglang", "form", 400),
    ("sglang", "json", 200),
    ("dynamo", "multipart", 400),
    ("openrouter", "multipart", 400),
]


@pytest.mark.parametrize(("flavour", "encoding", "status"), BODIES)
def test_a_server_takes_the_bodies_it_takes(flavour: str, encoding: str, status: int, start: Start) -> None:
    """JSON, a plain form, or a form in parts: some refuse what others demand."""
    fake = start(flavour)
    fields = {name: text for name, (_, text) in form(fake).items()}
    sent = {"json": {"json": fields}, "form": {"data": fields}, "multipart": {"files": form(fake)}}[encoding]
    with client(fake) as line:
        assert status == line.post("/videos", **sent).status_code  # type: ignore[arg-type]


def test_numbers_for_seconds_are_refused_where_they_were(start: Start) -> None:
    """The original demands text, one server answers 500, another demands a number."""
    body = {"prompt": "x", "seconds": 4, "size": "1280x720", "model": "sora-2"}
    statuses = {}
    for flavour in ("openai", "aquiles", "sglang", "dynamo"):
        with client(start(flavour)) as line:
            statuses[flavour] = line.post("/videos", json=body).status_code

    assert {"openai": 400, "aquiles": 500, "sglang": 200, "dynamo": 200} == statuses


@pytest.mark.parametrize(
    ("flavour", "status", "error"),
    [
        ("openai", 200, {"code": "processing_error", "message": "The render did not come to an end"}),
        ("vllm_omni", 500, {"code": 500, "message": "The render did not come to an end"}),
        ("sglang", 200, {"message": "The render did not come to an end"}),
        ("aquiles", 200, {"code": "generation_error", "message": "The render did not come to an end"}),
        ("litellm", 500, None),
    ],
)
def test_a_failed_job_is_shown_in_the_servers_manner(
    flavour: str, status: int, error: Any, start: Start
) -> None:
    """With 200, under an error's status with the job as its body, or never at all."""
    fake = start(flavour, ["fails"], job_seconds=0)
    with client(fake) as line:
        answer = line.get(f"/videos/{ordered(fake, line)}")

    assert status == answer.status_code
    if error is None:
        assert "500" == answer.json()["error"]["code"]
    else:
        assert ("failed", error) == (answer.json()["status"], answer.json()["error"])


@pytest.mark.parametrize(
    ("flavour", "early", "deleted"),
    [("openai", 404, 200), ("aquiles", 500, 200), ("litellm", 404, 405), ("new_api", 404, 404)],
)
def test_a_clip_is_not_there_early_and_a_job_goes_when_told(
    flavour: str, early: int, deleted: int, start: Start
) -> None:
    """What comes before the end, and whether a job can be taken away, differs."""
    fake = start(flavour, job_seconds=60)
    with client(fake) as line:
        job = ordered(fake, line)
        assert early == line.get(f"/videos/{job}/content").status_code
        assert deleted == line.delete(f"/videos/{job}").status_code


def test_sglang_knows_no_variant_by_name(start: Start) -> None:
    """`variant=video` is not found, and without it the clip is there."""
    fake = start("sglang", job_seconds=0)
    with client(fake) as line:
        path = f"/videos/{ordered(fake, line)}/content"
        assert [404, 200, 200] == [
            line.get(path + end).status_code for end in ("?variant=video", "", "?variant=0")
        ]


def test_dynamo_answers_when_the_clip_is_there(start: Start) -> None:
    """Create waits and gives an address; there is nothing to poll."""
    fake = start("dynamo")
    with client(fake) as line:
        told = line.post("/videos", json={"prompt": "A boat", "model": "wan", "seconds": 4}).json()
        assert STUB == line.get(told["data"][0]["url"]).content
        assert 404 == line.get(f"/videos/{told['id']}").status_code
    assert "completed" == told["status"]


def test_openrouter_has_words_of_its_own(start: Start) -> None:
    """202, pending, no progress, and addresses of the clip at the end."""
    fake = start("openrouter")
    with client(fake) as line:
        answer = line.post("/videos", json={"prompt": "A boat", "model": "alibaba/wan-3.0", "duration": 5})
        told = answer.json()
        looks = watched(line, fake.origin + told["polling_url"], done)
        clip = line.get(fake.origin + looks[-1]["unsigned_urls"][0])

    assert (202, "pending", STUB) == (answer.status_code, told["status"], clip.content)
    assert all("progress" not in look for look in looks)


def test_zai_speaks_its_own_protocol(start: Start) -> None:
    """Two calls, an address at the end, no prompt over 512 characters, and codes that are text."""
    fake = start("zai", at_once=1)
    wanted = {"model": "cogvideox-3", "prompt": "A boat", "size": "1920x1080", "duration": 5}
    with client(fake) as line:
        told = line.post("/videos/generations", json=wanted).json()
        busy = line.post("/videos/generations", json=wanted)
        last = watched(line, f"/async-result/{told['id']}", lambda look: look["task_status"] == "SUCCESS")[-1]
        long = line.post("/videos/generations", json={**wanted, "prompt": "x" * 513})
        assert STUB == line.get(last["video_result"][0]["url"]).content

    assert "PROCESSING" == told["task_status"]
    assert (429, "1302") == (busy.status_code, busy.json()["error"]["code"])
    assert (400, "1261") == (long.status_code, long.json()["error"]["code"])


def test_a_picture_must_have_the_size_of_the_clip(start: Start) -> None:
    """The original refuses any other, and the truth tells what was sent."""
    fake = start("openai")
    with client(fake) as line:
        for width, status in ((1280, 200), (1281, 400)):
            file = {"input_reference": ("a.png", png(width, 720), "image/png")}
            assert status == line.post("/videos", files={**form(fake), **file}).status_code

    sent = fake.truth()["orders"][0]["files"]["input_reference"]
    assert ("a.png", "image/png", [1280, 720]) == (sent["name"], sent["kind"], sent["size"])


@pytest.mark.parametrize("flavour", ["openai", "vllm_omni", "sglang"])
def test_jobs_are_listed_page_by_page(flavour: str, start: Start) -> None:
    """The newest first, the next page after the last id; some servers list nothing."""
    fake = start(flavour)
    with client(fake) as line:
        jobs = [ordered(fake, line, f"Scene {n}") for n in range(5)][::-1]
        first = line.get("/videos", params={"limit": 2}).json()
        rest = line.get("/videos", params={"limit": 9, "after": first["last_id"]}).json()

    assert (jobs[:2], True) == ([job["id"] for job in first["data"]], first["has_more"])
    assert (jobs[2:], False) == ([job["id"] for job in rest["data"]], rest["has_more"])
    for other, status in (("litellm", 400), ("new_api", 404), ("dynamo", 405)):
        with client(start(other)) as line:
            assert status == line.get("/videos").status_code
