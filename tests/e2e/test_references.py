"""What orders are given beside their words: pictures of one's own, stills made first, the scene's own voice."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ffmpeg
from tests.e2e.command import voxweave
from tests.e2e.room import CUT, KEY, SCENES, TINY, Room
from tests.e2e.test_providers import sources
from tests.fakes.provider import FakeProvider


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory, ffmpeg: Ffmpeg) -> Path:
    """Two square pictures, for the first scene and the third."""
    folder = tmp_path_factory.mktemp("pictures")
    for number, source in ((1, "testsrc2"), (3, "smptebars")):
        ffmpeg(
            "-f", "lavfi", "-i", f"{source}=size=640x640", "-frames:v", "1", folder / f"look-0{number}.png"
        )
    return folder


def begun(server: FakeProvider, flavour: str, *script: str, provider: str = "openai") -> tuple[str, ...]:
    """The server in a manner, and the flags that lead to it."""
    server.reset(*script, flavour=flavour, job_seconds=0.1, clip_size="256x144")
    return ("--provider", provider, "--base-url", server.base_url)


def led(server: FakeProvider) -> list[tuple[list[int], str] | None]:
    """Size and content of the picture that each order came with, in the order of its words."""
    orders: list[dict[str, Any]] = sorted(server.truth()["orders"], key=lambda order: order["prompt"])
    files = [order["files"].get("input_reference") for order in orders]
    return [(file["size"], file["sha256"]) if file else None for file in files]


def painted(room: Room, server: FakeProvider) -> None:
    """Stills come from the same server."""
    room.setting(f'[providers.openai-images]\nbase_url = "{server.origin}/v1"\n')


def test_one_picture_leads_all_scenes(room: Room, server: FakeProvider, pictures: Path) -> None:
    """Each order comes with it at exactly the clip's size; what a film without it had ordered is another wish."""
    flags = begun(server, "vllm_omni")
    room.make(*flags, "--reference", pictures / "look-01.png")
    found = led(server)
    assert {(1280, 720)} == {tuple(one[0]) for one in found if one}
    assert (SCENES, 1) == (len(found), len({one[1] for one in found if one}))
    room.make(*flags)
    assert 2 * SCENES == server.truth()["orders_created"]


def test_a_folder_leads_each_scene_by_its_number(room: Room, server: FakeProvider, pictures: Path) -> None:
    """The storyboard's own word comes first: a file beside it, or none; a scene without a picture is named."""
    flags = (*begun(server, "vllm_omni"), "--reference", str(pictures))
    planned = voxweave("plan", "spoken.mp3", *CUT, *flags, cwd=room.folder)
    assert planned.status == 0, planned.err
    shutil.copy(pictures / "look-03.png", room.folder / "mine.png")
    board = room.folder / "spoken.storyboard.toml"
    parts = board.read_text().split("[[scene]]\n")
    parts[1] = 'reference = "none"\n' + parts[1]
    parts[2] = 'reference = "mine.png"\n' + parts[2]
    prompts = [re.search(r'prompt = "(.*)"', part) for part in parts[1:]]
    board.write_text("[[scene]]\n".join(parts))

    _, told = room.make(*flags, "--storyboard", board)
    by_words = {order["prompt"]: order["files"].get("input_reference") for order in server.truth()["orders"]}
    found = [by_words[prompt[1]] for prompt in prompts if prompt]
    assert found[0] is None
    assert found[1]["sha256"] == found[2]["sha256"]
    assert "has no picture for scene 2" in told.err


@pytest.mark.parametrize(
    ("reference", "status", "said"),
    [
        ("nothing.png", 3, "nothing.png is missing"),
        ("spoken.txt", 3, "spoken.txt"),
        ("https://example.com/a.png", 2, "is an address"),
        ("zai", 2, "makes no stills"),
    ],
)
def test_a_reference_that_cannot_be_is_said_before_any_request(
    room: Room, server: FakeProvider, reference: str, status: int, said: str
) -> None:
    """One line, and nothing ordered."""
    flags = begun(server, "zai", provider="zai")
    _, told = room.make(*flags, "--yes", "--reference", reference, status=status)
    assert said in told.err
    assert 0 == server.truth()["orders_created"]


def test_who_takes_no_picture_is_named_once(room: Room, server: FakeProvider, pictures: Path) -> None:
    """The clips are ordered all the same."""
    room.setting('[providers.openai]\ndialect = "openrouter"\n')
    flags = begun(server, "openrouter")
    _, told = room.make(*flags, "--yes", "--reference", pictures / "look-01.png")
    assert 1 == told.err.count("takes no picture, and is ordered without one")
    assert [None] * SCENES == led(server)


def test_stills_are_made_first_and_paid_once(room: Room, server: FakeProvider) -> None:
    """Both are in the estimate, the consent and the ledger; a second run, and one after clean, order nothing."""
    flags = (*begun(server, "zai", provider="zai"), "--reference", "openai-images")
    painted(room, server)
    told = voxweave("estimate", "spoken.mp3", *TINY, *CUT, *flags, cwd=room.folder, OPENAI_API_KEY=KEY)
    assert f"openai-images gpt-image-2: {SCENES} orders" in told.out
    assert re.search(rf"this run: {2 * SCENES} orders, \$0\.80", told.out), told.out
    _, refused = room.make(*flags, status=6)
    assert "--max-cost 0.81" in refused.err

    report, _ = room.make(*flags, "--max-cost", "0.81")
    assert (["zai"] * SCENES, pytest.approx(0.804)) == (sources(report), report["money"]["spent_usd"])
    truth = server.truth()
    assert (SCENES, SCENES) == (truth["orders_created"], len(truth["pictures"]))
    assert all(order["fields"]["image_url"].startswith("data:image/jpeg") for order in truth["orders"])
    assert sorted(one["prompt"] for one in truth["pictures"]) == sorted(
        one["prompt"] for one in truth["orders"]
    )
    room.make(*flags)
    assert 0 == voxweave("clean", "spoken.mp3", cwd=room.folder).status
    report, _ = room.make(*flags)
    assert (["zai"] * SCENES, 0.0) == (sources(report), report["money"]["spent_usd"])
    truth = server.truth()
    assert (SCENES, SCENES) == (truth["orders_created"], len(truth["pictures"]))


def test_a_still_that_fails_costs_no_clip(room: Room, server: FakeProvider) -> None:
    """The clip is ordered without it, which is said (status 9), and never ordered again with it."""
    flags = (*begun(server, "zai", "picture_moderated*", provider="zai"), "--reference", "openai-images")
    painted(room, server)
    for _ in range(2):
        report, _ = room.make(*flags, "--max-cost", "1", status=9)
        assert ["zai"] * SCENES == sources(report)
        assert any("ordered without a still of openai-images" in line for line in report["shortfalls"])
        assert (SCENES, []) == (server.truth()["orders_created"], server.truth()["pictures"])
        server.script()


def test_no_still_is_bought_for_a_clip_that_could_not_be_paid(room: Room, server: FakeProvider) -> None:
    """Where still and clip together do not fit, the money goes into the clip."""
    flags = (*begun(server, "zai", provider="zai"), "--reference", "openai-images", "--clips", "1")
    painted(room, server)
    report, _ = room.make(*flags, "--max-cost", "0.21", status=9)
    assert ["zai"] * SCENES == sources(report)
    assert (1, []) == (server.truth()["orders_created"], server.truth()["pictures"])


def test_the_voice_drives_the_picture_where_a_model_takes_it(room: Room, server: FakeProvider) -> None:
    """Each order has its scene's own piece, as long as the scene; nobody hears the narration unless asked to."""
    model = "Wan-AI/Wan2.2-T2V-A14B-Diffusers"
    room.setting(
        f'[providers.openai]\ndialect = "vllm_omni"\n[providers.openai.models."{model}"]\ntakes_sound = true\n'
    )
    flags = begun(server, "vllm_omni")
    room.make(*flags)
    report, _ = room.make(*flags, "--clip-audio", "drive")
    orders = server.truth()["orders"]
    assert [False] * SCENES + [True] * SCENES == ["audio_reference" in order["fields"] for order in orders]
    sent = [re.search(r"\((\d+) letters\)", order["fields"]["audio_reference"]) for order in orders[SCENES:]]
    seconds = sorted((int(match[1]) - 60) * 3 / 4 / 32_000 for match in sent if match)
    assert seconds == pytest.approx(sorted(scene["frames"] / 30 for scene in report["scenes"]), abs=0.04)


def test_a_model_without_ears_is_refused(room: Room, server: FakeProvider) -> None:
    """A usage line that names provider and model, before anything is ordered."""
    flags = begun(server, "zai", provider="zai")
    _, told = room.make(*flags, "--yes", "--clip-audio", "drive", status=2)
    assert "zai cogvideox-3 cannot be driven by a voice" in told.err
    assert 0 == server.truth()["orders_created"]


def test_replace_wants_a_prompt(room: Room, server: FakeProvider) -> None:
    """Without words of one's own there is nothing to put in the place of ours; drawn films do not care."""
    flags = begun(server, "zai", provider="zai")
    _, told = room.make(*flags, "--yes", "--prompt-mode", "replace", status=2)
    assert "say it with --prompt" in told.err
    assert 0 == server.truth()["orders_created"]


def test_a_clip_begins_from_no_address(room: Room, server: FakeProvider) -> None:
    """`clip -r` names a file, too."""
    flags = begun(server, "vllm_omni")
    told = voxweave("clip", "a boat", *flags, "-r", "http://example.com/a.png", cwd=room.folder)
    assert 2 == told.status
    assert "is an address" in told.err
    assert 0 == server.truth()["orders_created"]
