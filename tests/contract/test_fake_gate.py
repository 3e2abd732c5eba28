"""The fake provider knows keys and places, makes real clips and stills, and answers in words."""

import base64
import json
import threading
from pathlib import Path

import av
import httpx
import pytest

from tests.contract.asking import KEY, Start, client, form, ordered
from tests.fakes.provider import FakeProvider
from tests.fakes.provider.clips import picture_size, png


def test_a_key_opens_is_unpaid_or_is_dead(start: Start) -> None:
    """Keys have states once any is given; without, any will do. The truth holds no key."""
    fake = start("openai", keys={KEY: "ok", "k-unpaid": "unpaid"})
    statuses = {}
    for key in (KEY, "k-unpaid", "k-unknown"):
        with client(fake, key) as line:
            answer = line.post("/videos", files=form(fake))
            statuses[key] = (
                answer.status_code,
                answer.json().get("error") and answer.json()["error"]["code"],
            )

    truth = fake.truth()
    assert {
        KEY: (200, None),
        "k-unpaid": (429, "insufficient_quota"),
        "k-unknown": (401, "invalid_api_key"),
    } == statuses
    assert KEY not in json.dumps(truth)
    assert 3 == len({entry["key"] for entry in truth["log"]})


def test_no_more_jobs_than_there_are_places(start: Start) -> None:
    """Orders beyond the places are turned away, and the most at once is counted."""
    fake = start("openai", at_once=2, job_seconds=60)
    answers: list[int] = []

    def order() -> None:
        with client(fake) as line:
            answers.append(line.post("/videos", files=form(fake)).status_code)

    threads = [threading.Thread(target=order) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    truth = fake.truth()
    assert [200, 200, 429, 429, 429, 429] == sorted(answers)
    assert (2, 2, 2, {"A boat": 2}) == tuple(
        truth[name] for name in ("orders_created", "most_at_once", "most_in_a_minute", "twice")
    )


def test_a_restart_forgets_the_jobs_and_not_the_truth(start: Start) -> None:
    """What lived in memory is gone; what was paid was paid."""
    fake = start("vllm_omni")
    with client(fake) as line:
        job = ordered(fake, line)
        fake.restart()
        assert 404 == line.get(f"/videos/{job}").status_code
    assert 1 == fake.truth()["orders_created"]


def test_a_new_process_listens_where_the_old_one_did() -> None:
    """A service that dies and comes back has its address, and no memory."""
    with FakeProvider("vllm_omni") as fake:
        address = fake.base_url
        with client(fake) as line:
            ordered(fake, line)
            fake.stop()
            with pytest.raises(httpx.ConnectError):
                line.get("/videos")
            fake.start()
            assert [] == line.get("/videos").json()["data"]
        assert (address, 0) == (fake.base_url, fake.truth()["orders_created"])


def test_clips_are_real_and_a_frame_off(start: Start, tmp_path: Path) -> None:
    """With FFmpeg, a clip has the size and length that were asked for, less or more a frame, with sound or without."""
    fake = start("openai", clip_real=True, job_seconds=0, clip_frames_off=-1)
    with client(fake) as line:
        (tmp_path / "loud.mp4").write_bytes(line.get(f"/videos/{ordered(fake, line)}/content").content)
        fake.script(clip_sound=False, clip_size="320x180", clip_seconds=1)
        (tmp_path / "quiet.mp4").write_bytes(line.get(f"/videos/{ordered(fake, line)}/content").content)

    assert (1280, 720, 95, 1) == _facts(tmp_path / "loud.mp4")
    assert (320, 180, 23, 0) == _facts(tmp_path / "quiet.mp4")


def _facts(path: Path) -> tuple[int, int, int, int]:
    """Width, height, frames decoded, and how many streams of sound."""
    with av.open(str(path)) as clip:
        video = clip.streams.video[0]
        return video.width, video.height, sum(1 for _ in clip.decode(video)), len(clip.streams.audio)


def test_stills_are_made_at_once(start: Start) -> None:
    """As base64 in the original's manner, at an address where it is asked for; odd sizes are refused."""
    fake = start("openai")
    with client(fake) as line:
        wanted = {"prompt": "A hill", "model": "gpt-image-2", "size": "1280x720"}
        told = line.post("/images/generations", json=wanted).json()
        there = line.post("/images/generations", json={**wanted, "response_format": "url"}).json()
        edited = line.post(
            "/images/edits", data={"prompt": "A hill"}, files={"image[]": ("a.png", png(64, 64), "image/png")}
        )
        wrong = line.post("/images/generations", json={**wanted, "size": "1920x1080"})
        fetched = line.get(there["data"][0]["url"]).content

    assert (1280, 720) == picture_size(base64.b64decode(told["data"][0]["b64_json"])) == picture_size(fetched)
    assert {"created", "data", "usage"} <= set(told)
    assert (200, 400) == (edited.status_code, wrong.status_code)
    assert ["generation", "generation", "edit"] == [each["kind"] for each in fake.truth()["pictures"]]


def test_chat_fits_the_schema_and_moderation_flags_words(start: Start) -> None:
    """One thing for each of a list, with its numbers; texts with words from the list are flagged."""
    fake = start("openai", flagged={"gore": "violence/graphic"})
    prompt = {"type": "object", "properties": {"scene": {"type": "integer"}, "prompt": {"type": "string"}}}
    schema = {"type": "object", "properties": {"prompts": {"type": "array", "items": prompt}}}
    said = json.dumps(
        {"title": "Tides", "scenes": [{"scene": 4, "words": "moon"}, {"scene": 7, "words": "harbour"}]}
    )
    asked = {
        "model": "m",
        "messages": [{"role": "user", "content": f"Write prompts.\n{said}"}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "prompts", "schema": schema}},
    }
    with client(fake) as line:
        told = json.loads(
            line.post("/chat/completions", json=asked).json()["choices"][0]["message"]["content"]
        )
        judged = line.post("/moderations", json={"input": ["a lake", "Gore everywhere"]}).json()["results"]

    assert [4, 7] == [each["scene"] for each in told["prompts"]]
    assert [False, True] == [each["flagged"] for each in judged]
    assert judged[1]["categories"]["violence/graphic"]
