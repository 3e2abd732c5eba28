"""Words that cost money: told and agreed to, paid once, and never asked for again by themselves."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.command import voxweave
from tests.e2e.hearing import KEY, NAMED, killed_when, sent
from tests.fakes.provider import FakeProvider


def test_nothing_is_sent_for_money_unless_someone_agreed(
    set_up: Callable[..., FakeProvider], talk: Path, tmp_path: Path
) -> None:
    """A key selects nobody; the sum is told before, counted after, and never paid twice."""
    server = set_up(free=False)
    refused = voxweave("transcribe", "talk.mp3", *NAMED, cwd=tmp_path, **KEY)
    assert (6, 0) == (refused.status, sent(server)), refused.err
    assert (
        "the words would cost $0.0011 (3 orders), and nobody agreed to it; agree with --max-cost 0.01"
        in refused.err
    )

    quote = json.loads(voxweave("estimate", "talk.mp3", *NAMED, "--json", cwd=tmp_path, **KEY).out)
    assert ("openai-speech", 0) == (quote["shares"][0]["provider"], sent(server))
    assert 0.0009 < quote["new_usd"] < 0.0013
    paid = voxweave("transcribe", "talk.mp3", *NAMED, "--max-cost", "0.01", cwd=tmp_path, **KEY)
    assert (0, 3) == (paid.status, sent(server)), paid.err
    (row,) = json.loads(voxweave("usage", "--json", cwd=tmp_path).out)
    assert ("openai-speech", 3) == (row["provider"], row["orders"])
    assert quote["new_usd"] == pytest.approx(row["actual_usd"])
    again = voxweave("transcribe", "talk.mp3", *NAMED, "--overwrite", cwd=tmp_path, **KEY)
    assert (0, 3) == (again.status, sent(server)), again.err


def test_a_killed_run_has_only_the_rest_recognised(
    set_up: Callable[..., FakeProvider], talk: Path, tmp_path: Path
) -> None:
    """What was heard is kept; at a server that costs nothing the window at work is asked for again."""
    server = set_up("speech_ok", "speech_hang")
    line = ("transcribe", "talk.mp3", *NAMED)
    killed_when(lambda: waits(server), *line, cwd=tmp_path, **KEY)
    first = heard(server)
    assert 1 == len(first)
    told = voxweave(*line, cwd=tmp_path, **KEY)
    assert told.status == 0, told.err
    every = heard(server)
    assert (3, 3, first) == (len(every), len(set(every)), every[:1])


@pytest.mark.parametrize("how", ["killed", "speech_cut", "speech_500"])
def test_a_window_in_doubt_is_sent_again_only_when_a_person_says_so(
    set_up: Callable[..., FakeProvider], talk: Path, tmp_path: Path, how: str
) -> None:
    """It may be paid for: it counts, ends each run with one line, and is sent once more after `orders rebuy`."""
    server = set_up("speech_ok", "speech_hang" if how == "killed" else how, free=False)
    line = ("transcribe", "talk.mp3", *NAMED, "--max-cost", "1")
    if how == "killed":
        killed_when(lambda: waits(server), *line, cwd=tmp_path, **KEY)
    told = voxweave(*line, cwd=tmp_path, **KEY)
    assert (5, 2) == (told.status, sent(server)), told.err
    found = re.search(r"voxweave orders list names them; voxweave orders rebuy (\S+) agrees", told.err)
    assert found is not None, told.err
    again = voxweave("make", "talk.mp3", *NAMED, "--max-cost", "1", cwd=tmp_path, **KEY)
    assert (5, 2, True) == (again.status, sent(server), found[1] in again.err), again.err
    rows = json.loads(voxweave("orders", "list", "--json", cwd=tmp_path).out)
    assert ["fetched", "unknown"] == [row["state"] for row in rows]
    assert f"voxweave orders rebuy {found[1]}" in voxweave("orders", "list", cwd=tmp_path).out
    quote = json.loads(voxweave("estimate", "talk.mp3", *NAMED, "--json", cwd=tmp_path, **KEY).out)
    assert (1, 1, 1) == (quote["orders"], quote["already"], quote["ended"])

    assert 0 == voxweave("orders", "rebuy", found[1], cwd=tmp_path).status
    told = voxweave(*line, cwd=tmp_path, **KEY)
    assert (0, 4) == (told.status, sent(server)), told.err
    listed = voxweave("orders", "list", cwd=tmp_path).out
    assert ("replaced" in listed, "unknown" in listed, "voxweave orders" in listed) == (True, False, False)
    assert f"again as {found[1][:-1]}2" in listed
    (row,) = json.loads(voxweave("usage", "--json", cwd=tmp_path).out)
    assert 4 == row["orders"]


def test_what_may_be_paid_for_counts_against_the_budget(
    set_up: Callable[..., FakeProvider], talk: Path, tmp_path: Path
) -> None:
    """Agreed to anew, the window must fit beside what its first try may have cost."""
    server = set_up("speech_cut", free=False)
    line = ("transcribe", "talk.mp3", *NAMED, "--max-cost")
    lost = voxweave(*line, "0.0005", cwd=tmp_path, **KEY)
    assert (5, 1) == (lost.status, sent(server)), lost.err
    (row,) = json.loads(voxweave("orders", "list", "--json", cwd=tmp_path).out)
    assert 0 == voxweave("orders", "rebuy", row["key"], cwd=tmp_path).status
    refused = voxweave(*line, "0.0005", cwd=tmp_path, **KEY)
    assert (6, 1, True) == (refused.status, sent(server), "does not fit" in refused.err), refused.err


def heard(server: FakeProvider) -> list[str]:
    """The sound of each window that was heard."""
    return [asked["files"]["file"]["sha256"] for asked in server.truth()["heard"]]


def waits(server: FakeProvider) -> bool:
    """Whether the second upload hangs at the service."""
    return "speech_hang" in server.truth()["faults"]


def test_a_service_in_trouble_is_asked_again_where_nothing_was_sent(
    set_up: Callable[..., FakeProvider], talk: Path, tmp_path: Path
) -> None:
    """A busy service is waited for; a dead key and a refusal end it, and cost nothing."""
    server = set_up("speech_429*2", free=False)
    told = voxweave("transcribe", "talk.mp3", *NAMED, "--max-cost", "1", cwd=tmp_path, **KEY)
    assert (0, 5) == (told.status, sent(server)), told.err
    assert 3 == json.loads(voxweave("usage", "--json", cwd=tmp_path).out)[0]["orders"]

    for script, status, words in (
        ("speech_401*", 5, "Incorrect API key"),
        ("speech_413*", 6, "Maximum content size"),
    ):
        set_up(script, free=False)
        told = voxweave(
            "transcribe", "talk.mp3", *NAMED, "--max-cost", "1", "--work", script[:-1], "--overwrite",
            cwd=tmp_path, **KEY,
        )  # fmt: skip
        assert (status, True) == (told.status, words in told.err), told.err
        assert "Traceback" not in told.err


def test_an_own_server_is_asked_again(
    set_up: Callable[..., FakeProvider], talk: Path, tmp_path: Path
) -> None:
    """What costs nothing may be asked for until it comes."""
    server = set_up("speech_cut", "speech_500")
    told = voxweave("transcribe", "talk.mp3", *NAMED, cwd=tmp_path)
    assert (0, 5) == (told.status, sent(server)), told.err
