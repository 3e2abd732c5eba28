"""Which speech model is taken, what is decoded with it, and what the table of models promises."""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave.core.time import Span
from voxweave.providers.whisper.catalog import WEIGHTS, Model, catalog, known, spelled
from voxweave.providers.whisper.choosing import Choice, choose
from voxweave.providers.whisper.clips import LONGEST_MS, MARGIN_MS, clips
from voxweave.providers.whisper.machine import Machine, this_machine
from voxweave.providers.whisper.options import WhisperOptions
from voxweave.providers.whisper.store import NOTE

SMALL = Machine(free_bytes=4 << 30, cores=2, cuda=False)
LARGE = Machine(free_bytes=64 << 30, cores=32, cuda=False)
CARD = Machine(free_bytes=64 << 30, cores=4, cuda=True)

Choose = Callable[..., Choice]


def hollow(folder: Path, model: Model) -> None:
    """Files of the right sizes with nothing in them: what is looked at before anything is read."""
    folder.mkdir(parents=True)
    for name, file in model.files.items():
        with (folder / name).open("wb") as empty:
            empty.truncate(file.bytes)


@pytest.fixture
def ours(tmp_path: Path) -> Callable[..., None]:
    """Puts models into our own folder, by name."""

    def put(*names: str) -> None:
        for name in names:
            model = catalog()[name]
            place = tmp_path / "models" / model.place
            hollow(place, model)
            (place / NOTE).write_text(model.to_json())

    return put


@pytest.fixture
def chosen(tmp_path: Path) -> Choose:
    """What is chosen with these options, in folders of the test's own."""

    def take(machine: Machine = SMALL, language: str = "", **options: object) -> Choice:
        told = {"folder": tmp_path / "models", "hub_cache": tmp_path / "hub", **options}
        return choose(WhisperOptions.model_validate(told), machine, language)

    return take


@pytest.mark.parametrize("model", catalog().values(), ids=list(catalog()))
def test_every_model_is_pinned(model: Model) -> None:
    """A commit, and for each file its size and SHA-256; the files are those the engine reads."""
    assert re.fullmatch(r"[0-9a-f]{40}", model.revision)
    assert {WEIGHTS, "config.json", "tokenizer.json"} < set(model.files)
    assert all(re.fullmatch(r"[0-9a-f]{64}", file.sha256) and file.bytes for file in model.files.values())
    assert model.english == model.name.endswith(".en")
    assert not model.first_use


def test_the_table_grows() -> None:
    """Models stand from the smallest to the largest in what they can, and turbo's other name is known."""
    names = [name.removesuffix(".en") for name in catalog()]

    assert list(dict.fromkeys(names)) == ["tiny", "base", "small", "medium", "large-v3-turbo", "large-v3"]
    assert known("turbo") == known("large-v3-turbo") == catalog()["large-v3-turbo"]
    assert known("gigantic") is None


@pytest.mark.parametrize(
    ("tag", "code"),
    [("en-GB", "en"), ("zh-Hant", "zh"), ("nb", "no"), ("fil", "tl"), ("jv", "jw"), ("ga", ""), ("", "")],
)
def test_languages_are_spelled_as_whisper_does(tag: str, code: str) -> None:
    """BCP 47 tags by their first part; what Whisper does not know is none of its languages."""
    assert code == spelled(tag)


def test_cantonese_takes_a_large_model(chosen: Choose) -> None:
    """Only the newest vocabulary has a token for it; a model without is refused, and none is fetched instead."""
    assert ["large-v3-turbo", "large-v3"] == [
        name for name, one in catalog().items() if one.suits("yue", "transcribe")
    ]
    assert "base does not know yue" in chosen(language="yue", model="base").prospect.reason
    assert "fits this machine" in chosen(language="yue").prospect.reason


def test_with_nothing_here_a_download_is_offered(chosen: Choose) -> None:
    """Its size is said, and it is the model this machine should have."""
    assert (chosen().prospect.model, chosen().prospect.ready) == ("base", False)
    assert chosen().prospect.download_bytes == catalog()["base"].bytes
    assert "base is not here yet" in chosen().prospect.reason
    assert chosen(language="en").prospect.model == "base.en"
    assert chosen(LARGE).prospect.model == "small"
    assert chosen(LARGE, "en").prospect.model == "small.en"
    assert chosen(CARD).prospect.model == "large-v3-turbo"
    assert chosen(CARD, task="translate").prospect.model == "small"


def test_offline_nothing_is_offered(chosen: Choose) -> None:
    """What is not here stays away, and the line says what to do."""
    told = chosen(offline=True).prospect

    assert (told.ready, told.download_bytes) == (False, 0)
    assert "nothing may be downloaded" in told.reason
    assert "--speech-model" in told.hint


def test_the_largest_here_that_keeps_pace_is_taken(chosen: Choose, ours: Callable[..., None]) -> None:
    """More cores take a larger one; English takes its own; where all are too large the smallest must do."""
    ours("tiny", "base", "base.en", "medium")

    assert chosen().here and chosen().prospect.ready
    assert chosen().prospect.model == "base"
    assert chosen(language="es").prospect.model == "base"
    assert chosen(language="en").prospect.model == "base.en"
    assert chosen(LARGE).prospect.model == "medium"
    assert chosen(Machine(64 << 30, cores=4, cuda=False)).prospect.model == "medium"


def test_a_model_too_large_for_the_pace_beats_a_download(chosen: Choose, ours: Callable[..., None]) -> None:
    """What is here and finds memory is used, however slow."""
    ours("medium")

    assert chosen().prospect.model == "medium"


def test_memory_is_twice_the_model(chosen: Choose, ours: Callable[..., None]) -> None:
    """A model that would crowd out the rest is not chosen, and where none fits that is said."""
    ours("tiny", "small")
    tight = Machine(free_bytes=900 << 20, cores=32, cuda=False)

    assert chosen(tight).prospect.model == "tiny"
    assert "100 MB of memory are free" in chosen(Machine(100 << 20, 32, cuda=False)).prospect.reason


def test_the_hubs_own_cache_is_looked_into(chosen: Choose, tmp_path: Path) -> None:
    """A model another program fetched at our revision, under the repository's old name too, is used."""
    turbo = catalog()["large-v3-turbo"]
    name = f"models--{turbo.was[0].replace('/', '--')}"
    hollow(tmp_path / "hub" / name / "snapshots" / turbo.revision, turbo)

    assert chosen(LARGE).prospect.ready
    assert chosen(LARGE).prospect.model == "large-v3-turbo"
    assert not chosen(LARGE, task="translate").prospect.ready


def test_half_a_model_is_none(chosen: Choose, ours: Callable[..., None], tmp_path: Path) -> None:
    """A file that is short or missing makes the model not here."""
    ours("base")
    with (tmp_path / "models" / catalog()["base"].place / WEIGHTS).open("r+b") as weights:
        weights.truncate(1000)

    assert not chosen().prospect.ready


def test_a_named_model_is_taken_or_refused(chosen: Choose, ours: Callable[..., None]) -> None:
    """By name it is found or offered; one that cannot hear the language says which can."""
    ours("tiny", "base.en")

    assert chosen(LARGE, model="tiny").prospect.ready
    assert chosen(model="large").prospect.model == "large-v3"
    assert chosen(language="en", model="base.en").prospect.ready
    refused = chosen(language="es", model="base.en").prospect
    assert "hears English only, and the narration is es" in refused.reason
    assert "take base" in refused.hint
    assert "does not translate" in chosen(language="es", model="turbo", task="translate").prospect.reason


def test_a_folder_is_taken_as_it_is(chosen: Choose, tmp_path: Path) -> None:
    """With all it needs it is ready; else the first file that is missing is named."""
    mine = tmp_path / "mine"
    hollow(mine, catalog()["base"])

    assert chosen(model=str(mine)).prospect.ready
    (mine / "tokenizer.json").unlink()
    assert "has no tokenizer.json" in chosen(model=str(mine)).prospect.reason
    wrong = chosen(model="bse").prospect
    assert (True, True) == (wrong.mistaken, "no speech model is called" in wrong.reason)
    assert wrong.hint.startswith("did you mean base")


def test_a_folder_that_hears_english_only_is_known_by_its_vocabulary(chosen: Choose, tmp_path: Path) -> None:
    """For other languages it is refused before anything is loaded."""
    mine = tmp_path / "mine"
    hollow(mine, catalog()["base.en"])
    (mine / "vocabulary.txt").write_text("x\n" * 51_864)

    assert chosen(language="en", model=str(mine)).prospect.ready
    assert "English only" in chosen(language="de", model=str(mine)).prospect.reason


def test_this_machine_has_something() -> None:
    """Memory and cores are found; on `cpu` no graphics card is asked."""
    found = this_machine("cpu")

    assert found.free_bytes > 0
    assert found.cores > 0
    assert not found.cuda


def spans(*pairs: tuple[int, int]) -> tuple[Span, ...]:
    """Spans from plain numbers."""
    return tuple(Span(start=start, end=end) for start, end in pairs)


def test_long_rests_are_not_decoded() -> None:
    """Voice on both sides of two still seconds becomes two clips with their margins."""
    found = clips(spans((1000, 3000), (3500, 5000), (9000, 11000)), Span(start=0, end=11_100))

    assert found == spans((800, 5200), (8800, 11_100))


def test_half_a_minute_is_cut_at_the_longest_rest_of_its_later_half() -> None:
    """The model's half minute is filled, and ends where a sentence may."""
    speech = spans((0, 14_000), (14_900, 20_000), (20_600, 28_000), (28_100, 40_000))

    found = clips(speech, Span(start=0, end=40_000))

    assert [clip.start for clip in found] == [0, 20_400]


def test_without_rests_a_clip_is_as_long_as_the_voice() -> None:
    """Nothing is cut where nobody pauses."""
    assert clips(spans((0, 90_000)), Span(start=0, end=90_000)) == spans((0, 90_000))


@st.composite
def voices(draw: st.DrawFn) -> tuple[Span, ...]:
    """Any ordered stretches of voice."""
    found, at = [], 0
    for gap, length in draw(st.lists(st.tuples(st.integers(10, 5000), st.integers(10, 20_000)), max_size=40)):
        found.append(Span(start=at + gap, end=at + gap + length))
        at += gap + length
    return tuple(found)


@given(voices())
def test_clips_hold_all_voice_in_order(speech: tuple[Span, ...]) -> None:
    """Whatever the voice does: none of it is left out, clips never overlap, only long voice makes long clips."""
    window = Span(start=0, end=speech[-1].end + 50 if speech else 50)

    found = clips(speech, window)

    assert all(any(clip.start <= one.start and one.end <= clip.end for clip in found) for one in speech)
    assert all(one.end <= two.start for one, two in pairwise(found))
    assert all(window.start <= clip.start and clip.end <= window.end for clip in found)
    longest = max((one.duration for one in speech), default=0)
    assert all(clip.duration <= max(LONGEST_MS, longest) + 2 * MARGIN_MS for clip in found)
