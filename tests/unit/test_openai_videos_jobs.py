"""Jobs as servers describe them, ids that tell a dialect, and sizes of pictures."""

import base64
import json
from typing import Any

import pytest

from voxweave.providers.answers import Answer
from voxweave.providers.models import Model
from voxweave.providers.openai_images import nearest_size
from voxweave.providers.openai_videos import dialects
from voxweave.providers.openai_videos.job import is_job, made_at, percent, read_job


def packed(text: str) -> str:
    """An id as LiteLLM makes them."""
    return "video_" + base64.b64encode(text.encode()).decode()


def told(job: dict[str, Any], **headers: str) -> Any:
    """What a job says, in our words."""
    return read_job(Answer(200, headers, json.dumps({"id": "v", **job}).encode()))


@pytest.mark.parametrize(
    ("word", "state"),
    [("queued", "running"), ("processing", "running"), ("in_progress", "running"), ("thinking", "running"),
     ("completed", "done"), ("succeeded", "done"), ("COMPLETE", "done"), ("failed", "failed"), ("canceled", "failed"),
     ("deleted", "lost"), ("expired", "lost"), (None, "running"), (7, "running")],
)  # fmt: skip
def test_every_word_has_a_state(word: Any, state: str) -> None:
    """A word nobody knows is work going on; the deadline ends that."""
    assert state == told({"status": word}).state
    assert told({"status": word}).odd == ("thinking" if word == "thinking" else "")


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        (47, 47.0),
        (150, 100.0),
        (-20, 0.0),
        (None, None),
        ("50%", None),
        (True, None),
        ([1], None),
        (10**400, None),
    ],
)
def test_progress_is_for_showing_only(found: Any, shown: float | None) -> None:
    """Clamped, or none."""
    assert shown == percent(found)


@pytest.mark.parametrize(
    ("found", "moment"),
    [
        ("17", 17.0),
        (17, 17.0),
        ("²", None),
        pytest.param("1" * 5000, None, id="long"),
        pytest.param(10**400, None, id="huge"),
    ],
)
def test_when_a_job_was_made_is_told_or_not(found: Any, moment: float | None) -> None:
    """A number of any size and spelling is a moment or none."""
    assert moment == made_at({"created_at": found})


def test_an_error_beside_a_done_job_means_nothing() -> None:
    """The word decides."""
    assert "done" == told({"status": "completed", "error": {"message": "late"}}).state


@pytest.mark.parametrize("code", ["moderation_blocked", "content_filter"])
def test_a_refusal_after_the_work_is_a_refusal(code: str) -> None:
    """Final for this prompt, not a failure to try again."""
    assert "refused" == told({"status": "failed", "error": {"code": code, "message": "no"}}).state


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("2500", 2.5),
        ("0", None),
        ("-1", None),
        ("soon", None),
        ("9" * 8, 120.0),
        ("9" * 99, None),
        ("²", None),
    ],
)
def test_a_hint_when_to_ask_is_honoured_within_reason(header: str, seconds: float | None) -> None:
    """Milliseconds, at most two minutes."""
    assert seconds == told({"status": "queued"}, **{"openai-poll-after-ms": header}).poll_after_s


def test_an_error_body_is_no_job() -> None:
    """A status beside an error is not yet a job; a failed one under 500 is."""
    assert not is_job({"error": {"message": "x"}, "status": "error"})
    assert is_job({"id": "video_gen_1", "object": "video", "status": "failed"})


@pytest.mark.parametrize(
    ("remote_id", "name"),
    [("video_gen_0a", "vllm_omni"), ("task_1", "new_api"), ("gen-vid-1", "openrouter"), ("video_0a1b", "auto"),
     (packed("litellm:custom_llm_provider:openai;model_id:x;video_id:v"), "litellm"), ("video_!!", "auto")],
)  # fmt: skip
def test_an_id_tells_its_server(remote_id: str, name: str) -> None:
    """In the next run as well, which knows nothing else."""
    assert name == dialects.of_id(remote_id).name


def test_only_litellm_may_answer_under_another_id() -> None:
    """It packs ids anew each time; anybody else's other id is another order."""
    assert dialects.same_order(packed("litellm:a;video_id:1"), packed("litellm:b;video_id:1"))
    assert not dialects.same_order("video_1", "video_2")


@pytest.mark.parametrize(
    ("size", "asked"),
    [((1920, 1080), "1920x1088"), ((1280, 720), "1280x720"), ((1080, 1920), "1088x1920"), ((3840, 2160), "3840x2160"),
     ((7680, 4320), "3840x2160"), ((2160, 3840), "2160x3840"), ((4000, 1000), "2880x960"), ((64, 64), "64x64")],
)  # fmt: skip
def test_any_size_means_steps_of_sixteen(size: tuple[int, int], asked: str) -> None:
    """Never smaller than the canvas unless nothing so large or so wide is drawn."""
    assert asked == nearest_size(Model(name="m", any_size=True), *size)


@pytest.mark.parametrize(
    ("size", "asked"), [((1920, 1080), "1536x1024"), ((1080, 1920), "1024x1536"), ((500, 500), "1024x1024")]
)
def test_of_some_sizes_the_nearest_shape_is_taken(size: tuple[int, int], asked: str) -> None:
    """Shape before size: scaling loses less than cutting."""
    model = Model(name="m", sizes=("1024x1024", "1536x1024", "1024x1536"))
    assert asked == nearest_size(model, *size)
