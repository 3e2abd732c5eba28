"""The fake provider breaks in the ways it is told to, and in no other."""

import gzip
import io
import json
import math
import time
from urllib.parse import urlencode

import httpx
import pytest

from tests.contract.asking import FAST, FORM, TIMEOUT, outcome, placed
from tests.fakes.provider import FakeProvider
from tests.fakes.provider.clips import Clips
from tests.fakes.provider.faults import FAULTS
from tests.fakes.provider.flavours import FLAVOURS
from tests.fakes.provider.server import answered
from tests.fakes.provider.service import Service
from tests.fakes.provider.settings import Settings
from tests.fakes.provider.wire import Ask

UNCLEAR = {
    "create_500_after_job": 500,
    "create_502_after_job": 502,
    "create_409_after_job": 409,
    "create_hang_after_job": TIMEOUT,
    "create_hang_mid_body": TIMEOUT,
    "create_reset_after_job": "ReadError",
    "create_close_after_job": "RemoteProtocolError",
    "create_cut_after_job": "RemoteProtocolError",
    "create_bad_json": 200,
    "create_empty": 200,
    "create_array": 200,
    "create_missing_id": 200,
    "create_null_id": 200,
    "create_html": 200,
}
REFUSED = {
    "create_429_seconds": 429,
    "create_429_date": 429,
    "create_429_ms": 429,
    "create_429_none": 429,
    "create_429_garbage": 429,
    "create_429_huge": 429,
    "create_429_quota": 429,
    "create_503_retry_after": 503,
    "create_503": 503,
    "create_400": 400,
    "create_moderated": 400,
    "create_401": 401,
    "create_403": 403,
    "create_404": 404,
    "create_410": 410,
    "create_echo_key": 400,
    "create_500": 500,
    "create_reset": "ReadError",
    "create_close": "RemoteProtocolError",
    "create_hang": TIMEOUT,
    "create_redirect_canary": 302,
}
ROWS = """
create_429_seconds create_429_date create_429_ms create_503_retry_after create_429_none create_429_garbage
create_429_huge create_429_forever create_429_quota create_500_after_job create_502_after_job
create_409_after_job create_hang_after_job create_hang_mid_body create_reset_after_job create_close_after_job
create_bad_json create_empty create_array create_missing_id create_null_id create_slow create_400 create_401
create_403 create_404 create_410 create_echo_key create_bad_id create_long_id create_nulls create_types
create_extra create_completed create_html create_huge_json create_gzip_bomb poll_gzip_bomb
create_redirect_canary poll_429 poll_500_burst poll_hang poll_reset poll_html poll_bad_json poll_empty
vanish_once poll_500_forever never_ends stuck_queued unknown_forever status_backwards status_flap
unknown_status progress_150 progress_negative progress_null progress_text progress_nan vanishes fails
fails_null cancelled failed_then_ok fails_ansi poll_401_midway id_changes expires_past content_truncated
content_chunk_cut content_truncated_nolen content_truncated_wronglen content_truncated_playable content_html
content_html_as_mp4 content_json_error content_empty content_204 content_png content_playlist
content_audio_only content_silent content_other_fps content_other_size content_short content_hang
content_stall content_slowloris content_endless content_huge_len content_gzip_bomb content_403_expired_once
content_404_early content_429 content_500_burst content_403_expired content_410 content_range_changes
content_range_ignored content_redirect_internal content_redirect_localhost content_redirect_zero
content_redirect_decimal content_redirect_mapped content_redirect_metadata url_metadata content_redirect_file
url_file url_data url_ftp url_crlf url_relative url_null url_missing url_internal url_userinfo url_cdn_port
content_redirect_ok content_redirect_loop
"""


def test_every_known_fault_can_be_played() -> None:
    """Each fault of a provider that is written down has its scenario."""
    assert [] == [name for name in ROWS.split() if name not in FAULTS]


@pytest.mark.parametrize("name", UNCLEAR)
def test_an_unclear_answer_has_made_one_job(name: str, provider: FakeProvider, line: httpx.Client) -> None:
    """Whatever the client saw, somebody has to pay; the next order is as usual."""
    provider.reset(name, **FAST)

    assert UNCLEAR[name] == outcome(line, hangs=UNCLEAR[name] == TIMEOUT)
    assert 1 == provider.truth()["orders_created"]
    assert 200 == outcome(line)


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_has_made_no_job(name: str, provider: FakeProvider, line: httpx.Client) -> None:
    """Nothing was taken in, and nobody pays."""
    provider.reset(name, **FAST)

    assert REFUSED[name] == outcome(line, hangs=REFUSED[name] == TIMEOUT)
    assert (0, {name: 1}, []) == tuple(
        provider.truth()[part] for part in ("orders_created", "faults", "canary")
    )


ASKS = (
    ("POST", "/v1/videos"),
    ("GET", "/v1/videos"),
    ("GET", "/v1/videos/{id}"),
    ("GET", "/v1/videos/{id}"),
    ("GET", "/v1/videos/{id}/content"),
    ("POST", "/v1/images/generations"),
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/moderations"),
    ("POST", "/v1/audio/transcriptions"),
)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_every_scenario_plays_in_every_manner(flavour: str) -> None:
    """No scenario breaks the fake itself, and each is met where it belongs."""
    unmet = []
    body = {"prompt": "A boat", "model": FLAVOURS[flavour].model, "input": "A boat"}
    for name in FAULTS:
        service = Service(
            Settings(flavour=flavour, script=[name], job_seconds=0, slow_s=0, hang_s=0), Clips()
        )
        for method, path in ASKS:
            ids = [job.told_id for job in service.jobs.ordered] or ["none"]
            where = FLAVOURS[flavour].bases[0] + path.removeprefix("/v1") if "videos" in path else path
            form = flavour == "vllm_omni"
            kind = {"content-type": "application/x-www-form-urlencoded" if form else "application/json"}
            kind |= {"authorization": "Bearer sk-any"}  # one manner wants a key, whatever it is
            sent = urlencode(body) if form else json.dumps(body)
            answered(service, Ask(method, where.format(id=ids[0]), {}, kind, sent.encode()))
        if not service.truth.told(service.jobs)["faults"]:
            unmet.append(name)

    absent = {"list", "poll", "content"} if flavour == "dynamo" else {"list"}
    lists = flavour not in {"dynamo", "litellm", "new_api", "openrouter"}
    assert [] == [name for name in unmet if lists or FAULTS[name].stage not in absent]


def test_an_order_may_be_taken_in_late(provider: FakeProvider, line: httpx.Client) -> None:
    """The connection tears first, and a look at the list finds nothing until a while later."""
    provider.reset("create_late_job", **FAST)
    assert "ReadError" == outcome(line)
    assert [] == line.get("/videos").json()["data"]
    time.sleep(0.5)
    assert 1 == len(line.get("/videos").json()["data"])


def test_waits_are_said_in_every_form(provider: FakeProvider, line: httpx.Client) -> None:
    """Seconds, a date, milliseconds, far too long, and words."""
    provider.reset(
        "create_429_seconds",
        "create_429_date",
        "create_429_ms",
        "create_429_huge",
        "create_429_garbage",
        **FAST,
    )
    said = [line.post("/videos", files=FORM).headers for _ in range(5)]

    assert ["0.1", "86400", "soon, maybe"] == [said[place]["retry-after"] for place in (0, 3, 4)]
    assert said[1]["retry-after"].endswith("GMT")
    assert "100" == said[2]["retry-after-ms"]


def test_a_script_is_played_in_order(provider: FakeProvider, line: httpx.Client) -> None:
    """Some pass, some fail so many times, some only with a word in the prompt, and then all is well."""
    provider.reset("create_ok", "create_503*2", "create_400@tower", **FAST)
    statuses = [outcome(line) for _ in range(4)]
    tower = {**FORM, "prompt": (None, "A tower")}

    assert [200, 503, 503, 200] == statuses
    assert [400, 200] == [line.post("/videos", files=tower).status_code for _ in range(2)]
    provider.reset("create_500_forever", **FAST)
    assert [500] * 4 == [outcome(line) for _ in range(4)]
    with pytest.raises(ValueError, match="no_such_scenario"):
        provider.script("no_such_scenario")


def test_chances_follow_the_seed(provider: FakeProvider, line: httpx.Client) -> None:
    """In the errors form, the same seed gives the same request the same fate."""
    runs = []
    for seed in (7, 7, 8):
        provider.reset(errors=True, seed=seed, **FAST)
        runs.append([outcome(line) for _ in range(40)])

    assert runs[0] == runs[1] != runs[2]
    assert {200, 503} <= set(runs[0]) | set(runs[2])


LOOKS: dict[str, list[int | str]] = {
    "poll_429": [429, 200],
    "poll_500_burst": [500, 500, 500, 200],
    "poll_hang": [TIMEOUT, 200],
    "poll_reset": ["ReadError", 200],
    "vanish_once": [404, 200],
    "vanishes": [200, 404, 404],
    "poll_401_midway": [200, 401, 401],
}


@pytest.mark.parametrize("name", LOOKS)
def test_looks_fail_and_go_on(name: str, provider: FakeProvider, line: httpx.Client) -> None:
    """A look at a job fails as it is told to, and no more often."""
    provider.reset(name, **FAST)
    job = placed(line)

    assert LOOKS[name] == [outcome(line, f"/videos/{job}", hangs=look == TIMEOUT) for look in LOOKS[name]]


STATUSES = {
    "failed_then_ok": ["failed", "completed", "completed"],
    "cancelled": ["cancelled"],
    "status_flap": ["completed", "in_progress", "completed"],
    "status_backwards": ["in_progress", "queued", "in_progress", "queued", "completed"],
    "never_ends": ["in_progress"] * 3,
    "stuck_queued": ["queued"] * 3,
    "unknown_forever": ["thinking"] * 3,
    "fails_null": ["failed"],
}


@pytest.mark.parametrize("name", STATUSES)
def test_a_job_takes_the_way_it_is_told(name: str, provider: FakeProvider, line: httpx.Client) -> None:
    """Forward, backward, round and round, or nowhere."""
    provider.reset(name, **FAST)
    job = placed(line)

    assert STATUSES[name] == [line.get(f"/videos/{job}").json()["status"] for _ in STATUSES[name]]


def test_progress_can_be_anything(provider: FakeProvider, line: httpx.Client) -> None:
    """Too much, too little, nothing, words, and no number."""
    names = ("progress_150", "progress_negative", "progress_null", "progress_text", "progress_nan")
    provider.reset(*names, **FAST)
    seen = [line.get(f"/videos/{placed(line)}").json()["progress"] for _ in names]

    assert [150, -20, None, "50%"] == seen[:4]
    assert math.isnan(seen[4])


def test_answers_can_be_packed_or_far_too_long(provider: FakeProvider, line: httpx.Client) -> None:
    """Honest gzip, a bomb of 256 MB in a few hundred kB, and JSON of 32 MB."""
    provider.reset("poll_gzip", "poll_gzip_bomb", "poll_huge_json", **FAST)
    path = f"/videos/{placed(line)}"
    bodies = []
    for packing in ("gzip", "gzip", None):
        with line.stream("GET", path) as answer:
            bodies.append(b"".join(answer.iter_raw()))
            assert (200, packing) == (answer.status_code, answer.headers.get("content-encoding"))

    assert "completed" == json.loads(gzip.decompress(bodies[0]))["status"]
    assert len(bodies[1]) < 1 << 20
    assert len(bodies[2]) > 32 << 20
    with gzip.open(io.BytesIO(bodies[1])) as bomb:
        assert 256 << 20 == bomb.seek(0, 2)


def test_stills_and_words_fail_too(provider: FakeProvider, line: httpx.Client) -> None:
    """The create faults are there for stills, and chat has its own."""
    names = ("picture_moderated", "picture_429_seconds", "picture_reset_after_job", "chat_500", "chat_prose")
    provider.reset(*names, **FAST)
    wanted = {"prompt": "A hill", "size": "64x64"}
    statuses = [line.post("/images/generations", json=wanted).status_code for _ in range(2)]
    with pytest.raises(httpx.ReadError):
        line.post("/images/generations", json=wanted)
    talks = [line.post("/chat/completions", json={"messages": []}) for _ in range(2)]

    assert [400, 429] == statuses
    assert 1 == len(provider.truth()["pictures"])
    assert 500 == talks[0].status_code
    assert talks[1].json()["choices"][0]["message"]["content"].startswith("Sure!")
