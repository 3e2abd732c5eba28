"""Words that a run has recognised serve those who plan or show, and recognise nothing themselves."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.command import voxweave
from tests.e2e.hearing import NAMED, sent
from tests.e2e.room import WORDS
from tests.fakes.provider import FakeProvider

ZAI = ("--provider", "zai", "--scene-min-s", "2", "--scene-max-s", "5")
TINY = ("--resolution", "160x90", "--no-thumbnail")
BBC = ("--caption-profile", "bbc")


def test_words_once_recognised_are_planned_with_and_shown(
    set_up: Callable[..., FakeProvider], talk: Path, tmp_path: Path
) -> None:
    """`estimate` and `captions preview` send nothing; before the words are known both say so.

    A preview takes the place of the one before it, and clears away what a killed one left.
    """
    server = set_up(speech=WORDS)
    key = {"ZAI_API_KEY": "not-a-real.key"}
    quote = json.loads(voxweave("estimate", "talk.mp3", *NAMED, *ZAI, "--json", cwd=tmp_path, **key).out)
    assert (0, True) == (sent(server), "the words are not known yet" in quote["notes"][0]), quote
    told = voxweave("captions", "preview", "talk.mp3", *NAMED, *TINY, cwd=tmp_path)
    assert (0, 0, True) == (told.status, sent(server), "a sample text is shown" in told.err), told.err

    assert 0 == voxweave("transcribe", "talk.mp3", *NAMED, "-o", "out/", cwd=tmp_path).status
    before = sent(server)
    (killed,) = (job / "voxweave-0123456789ab.part" for job in tmp_path.glob(".voxweave/talk-*"))
    (killed / "scenes").mkdir(parents=True)
    quote = json.loads(voxweave("estimate", "talk.mp3", *ZAI, "--json", cwd=tmp_path, **key).out)
    assert ([], True) == (quote["notes"], quote["orders"] > 0), quote
    told = voxweave("captions", "preview", "talk.mp3", *TINY, cwd=tmp_path)
    assert (0, False) == (told.status, "a sample text is shown" in told.err), told.err
    assert (before, False) == (sent(server), killed.exists())


def test_an_estimate_fetches_no_model(talk: Path, tmp_path: Path) -> None:
    """Where the best recognizer would be downloaded first, the film is planned without words."""
    models = {"HF_ENDPOINT": "http://127.0.0.1:9"}
    told = voxweave("estimate", "talk.mp3", *ZAI, cwd=tmp_path, ZAI_API_KEY="not-a-real.key", **models)
    assert (0, True) == (told.status, "note: the words are not known yet" in told.out), told.err
    assert "recognised" not in told.err


@pytest.mark.parametrize("more", [(), ("--recognizer", "whisper")])
def test_a_mistyped_model_is_not_replaced_by_another(
    talk: Path, tmp_path: Path, more: tuple[str, ...]
) -> None:
    """Neither by one that was not asked for nor by poor words: the nearest names are told."""
    told = voxweave("transcribe", "talk.mp3", "--speech-model", "bse", *more, cwd=tmp_path)
    assert (2, True) == (told.status, "no speech model is called 'bse', and no folder" in told.err), told.err
    assert "did you mean base" in told.err
    assert not (tmp_path / "talk.srt").exists()


def test_the_films_cuts_are_looked_at(talk: Path, tmp_path: Path) -> None:
    """The report beside a film names its cuts: what its own findings say is found, and so is text off a cut."""
    (tmp_path / "talk.txt").write_text(WORDS)
    flags = ("--scene-min-s", "1", "--scene-max-s", "2", *BBC, "--captions", "sidecar", "--json")
    told = voxweave("make", "talk.mp3", *TINY, *flags, cwd=tmp_path)
    assert told.status == 0, told.err
    own = broken("talk.en.srt", tmp_path)
    wanted = [(one["cue"], one["rule"], one["value"]) for one in told.report["captions"]["rules_broken"]]
    assert (wanted, True) == (own, bool(own))

    cuts = [scene["first_frame"] for scene in told.report["scenes"][1:]]
    ends = stamp(cuts[-1] * 1000 // 30 + 250)
    (tmp_path / "late.srt").write_text(f"1\n00:00:00,500 --> {ends}\nHey, welcome back\n")
    assert [(1, "shot change")] == [one[:2] for one in broken("late.srt", tmp_path)][-1:]
    (tmp_path / "talk.report.json").unlink()
    assert "shot change" not in [one[1] for one in broken("late.srt", tmp_path)]


def broken(name: str, folder: Path) -> list[tuple[int, str, float]]:
    """The rules of time and text that captions break, by the film beside them."""
    told = voxweave("captions", "check", name, "--video", "talk.mp4", *BBC, "--json", cwd=folder)
    found = json.loads(told.out)
    assert "talk.report.json" in found["measured"][-1]
    rules = [(one["cue"], one["rule"], one["value"]) for one in found["flaws"]]
    return [one for one in rules if one[1] not in ("contrast", "safe area")]


def stamp(ms: int) -> str:
    """As SRT writes a moment of the first minute."""
    return f"00:00:{ms // 1000:02},{ms % 1000:03}"


def test_a_reference_that_nothing_is_ordered_with_is_told_once(talk: Path, tmp_path: Path) -> None:
    """Our own art begins from no picture."""
    flags = (*TINY, "--captions", "none", "--reference", "x.png", "--json")
    told = voxweave("make", "talk.mp3", *flags, cwd=tmp_path)
    assert told.status == 0, told.err
    assert 1 == told.err.count("nothing is ordered, so --reference has no effect")
