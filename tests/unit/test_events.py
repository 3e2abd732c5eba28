"""One bar out of many stages."""

import pytest

from voxweave.core.events import GROUPS, WEIGHTS, Bands, Stage, clip_percent
from voxweave.pipeline.telling import Teller


def test_the_stages_fill_the_bar() -> None:
    """The weights add up to a hundred, and every stage has a group."""
    assert sum(WEIGHTS.values()) == 100
    assert GROUPS.keys() == WEIGHTS.keys()


def test_the_bar_never_falls() -> None:
    """Whatever the stages say, and in whatever order, the share of the whole only rises."""
    bands, said = Bands(), []
    steps: list[tuple[Stage, float]] = [
        ("probe", 0.5),
        ("probe", 0.2),
        ("render", 0.5),
        ("plan", 1.0),
        ("render", 9.0),
        ("render", -1.0),
        ("verify", 1.0),
    ]
    for stage, share in steps:
        said.append(bands.whole(stage, share))

    assert said == sorted(said)
    assert said[0] == pytest.approx(0.02)
    assert said[-1] == pytest.approx(1.0)


@pytest.mark.parametrize(("percent", "shown"), [(0, 20), (50, 55), (100, 90), (-5, 20), (700, 90)])
def test_one_clips_generation_owns_20_to_90(percent: float, shown: float) -> None:
    """A provider's own percent lies within the band kept for generation."""
    assert clip_percent(percent) == pytest.approx(shown)


def test_a_teller_names_film_stage_and_group() -> None:
    """Every event says which film and stage it is about; the last carries the path."""
    told = []
    teller = Teller("talk.mp3", told.append)
    teller.enter("probe")
    teller.notice("odd")
    teller.enter("render")
    teller.advance(0.5)
    teller.done("talk.mp4")

    assert [
        (event.kind, event.stage, event.text) for event in told if event.kind != "progress" or event.done
    ] == [
        ("notice", "probe", "odd"),
        ("progress", "render", ""),
        ("progress", "render", ""),
        ("done", "render", "talk.mp4"),
    ] or [event.kind for event in told] == ["progress", "notice", "progress", "progress", "done"]
    assert {event.film for event in told} == {"talk.mp3"}
    assert told[-1].done == 1.0


def test_times_count_the_stage_at_work() -> None:
    """Asked while a stage runs, its time so far is there."""
    teller = Teller("talk.mp3", lambda event: None)
    teller.enter("verify")

    assert teller.times_s()["verify"] >= 0
