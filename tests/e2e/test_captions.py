"""Captions: where they come from, and how they reach the viewer."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.data.make_pictures import GREY, plain, save
from tests.e2e.conftest import WORDS, Made, Make
from tests.e2e.reading import pictures

SRT = "1\n00:00:00,500 --> 00:00:01,200\nFirst words\n\n2\n00:00:01,700 --> 00:00:02,600\nSecond words,\nin two lines\n"
CUES = (
    (Fraction(1, 2), Fraction(12, 10), "First words"),
    (Fraction(17, 10), Fraction(26, 10), "Second words,\nin two lines"),
)


@pytest.fixture(scope="module")
def grey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one grey picture: whatever is bright or dark in the film is text."""
    folder = tmp_path_factory.mktemp("grey")
    save(folder / "grey.png", plain(GREY))
    return folder


@pytest.fixture(scope="module")
def burned(make: Make, sounds: Path, grey: Path) -> Made:
    """Given subtitles drawn into a grey film."""
    return make(
        sounds / "short.wav", "--resolution", "640x360", "--media", grey, "--no-progress-line", srt=SRT
    )


def test_burned_captions_stand_in_their_box_while_their_cue_is_on(burned: Made) -> None:
    """Pixels change near the bottom, within the frame's safe area, from a cue's first frame to its last."""
    on, off = pictures(burned.film, [16, 35, 52, 77]), pictures(burned.film, [2, 13, 38, 49, 80, 88])

    for frame in on:
        rows, columns = np.nonzero(np.abs(frame.astype(int) - int(np.median(frame))) > 24)
        assert len(rows) > 200
        assert rows.min() > 360 * 0.6
        assert rows.max() < 360 * 0.97
        assert columns.min() > 640 * 0.05
        assert columns.max() < 640 * 0.95
        assert abs((columns.min() + columns.max()) / 2 - 320) < 12
    for frame in off:
        assert np.abs(frame.astype(int) - int(np.median(frame))).max() <= 12


def test_burned_captions_can_be_read(burned: Made) -> None:
    """Some letters are far brighter than the picture, and have something dark around them."""
    frame = pictures(burned.film, [20])[0]

    assert frame.max() > 200
    assert frame.min() < 50


@pytest.mark.parametrize(
    ("output", "codec"), [("talk.mp4", "mov_text"), ("talk.mov", "mov_text"), ("talk.webm", "webvtt")]
)
def test_soft_captions_are_the_cues(make: Make, sounds: Path, output: str, codec: str) -> None:
    """A track in the container's own format, with each cue's words and times."""
    made = make(sounds / "short.wav", "--captions", "soft", "--language", "en", output=output, srt=SRT)

    assert made.seen.cue_codec == codec
    assert len(made.seen.cues) == 2
    for found, wanted in zip(made.seen.cues, CUES, strict=True):
        assert found[2] == wanted[2]
        assert [float(moment) for moment in found[:2]] == pytest.approx(
            [float(moment) for moment in wanted[:2]], abs=0.002
        )


def test_a_sidecar_is_a_file_beside_the_film(make: Make, sounds: Path) -> None:
    """SRT named with its language, that the next run does not mistake for the user's own."""
    made = make(
        sounds / "short.wav",
        "--captions",
        "sidecar",
        "--language",
        "de",
        vtt="WEBVTT\n\n00:00.500 --> 00:01.200\nErste Worte\n",
    )

    assert (
        made.film.with_name("short.de.srt")
    ).read_text() == "1\n00:00:00,500 --> 00:00:01,200\nErste Worte\n"
    assert made.seen.cues == ()
    assert made.report["captions"]["delivered"] == ["sidecar"]


def test_all_ways_at_once(make: Make, sounds: Path) -> None:
    """Burned, as a track and as a file."""
    made = make(sounds / "short.wav", "--captions", "burn,soft,sidecar", srt=SRT)

    assert made.report["captions"]["delivered"] == ["burn", "soft", "sidecar"]
    assert len(made.seen.cues) == 2
    assert len(list(made.film.parent.glob("short.*.srt"))) == 1


def test_without_words_the_film_is_made_and_says_so(make: Make, sounds: Path) -> None:
    """No words anywhere: a film without captions, one line on how to get them, and status 9."""
    made = make(sounds / "short.wav", status=9)

    assert made.seen.frames == 90
    assert made.report["captions"]["delivered"] == []
    assert sum("short.txt" in line and "--subtitles" in line for line in made.told.lines) >= 1
    assert len(made.report["shortfalls"]) == 1


def test_captions_none_is_no_shortfall(make: Make, sounds: Path) -> None:
    """Who wants no captions lacks none."""
    assert make(sounds / "short.wav", "--captions", "none").report["shortfalls"] == []


TEXTS = {
    "srt": SRT,
    "vtt": "WEBVTT\n\n00:00.500 --> 00:01.200\nOther words\n",
    "txt": "Plain words",
    "md": "# A title\n\nWords",
}


@pytest.mark.parametrize(
    ("given", "beside", "taken"),
    [
        (("--subtitles", "own.vtt", "--script", "own.txt"), ("srt", "txt"), "own.vtt"),
        (("--script", "own.txt"), ("srt", "txt"), "short.srt"),
        (("--script", "own.txt"), ("txt", "md"), "own.txt"),
        ((), ("vtt", "txt"), "short.vtt"),
        ((), ("txt", "md"), "short.txt"),
        ((), ("md",), "short.md"),
    ],
)
def test_the_order_of_sources(
    make: Make, sounds: Path, tmp_path: Path, given: tuple[str, ...], beside: tuple[str, ...], taken: str
) -> None:
    """Named subtitles, subtitles beside the narration, a named script, a script beside it."""
    for suffix, text in TEXTS.items():
        (tmp_path / f"own.{suffix}").write_text(text)
    flags = [word if word.startswith("--") else tmp_path / word for word in given]
    made = make(
        sounds / "short.wav", *flags, "--resolution", "64x64", "--captions", "sidecar", "--no-thumbnail",
        **{suffix: TEXTS[suffix] for suffix in beside},
    )  # fmt: skip

    assert made.report["captions"]["source"] == taken


def test_ass_subtitles_are_read_as_text(make: Make, sounds: Path) -> None:
    """ASS is reduced to its words and times."""
    ass = (
        "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Arial,20\n\n"
        "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Dialogue: 0,0:00:00.50,0:00:01.20,Default,,0,0,0,,{\\fs9000\\blur80}First words\n"
    )
    made = make(sounds / "short.wav", "--captions", "soft", ass=ass)

    assert [text for _, _, text in made.seen.cues] == ["First words"]


def test_a_script_is_placed_on_the_voice(film: Made) -> None:
    """English words are aligned: the first cue begins with the voice, and no cue is shown in the long pause."""
    assert film.report["captions"]["how"] == "alignment"
    assert film.report["captions"]["language"] == "en"
    assert film.report["captions"]["source"] == "spoken.txt"


def test_an_aligned_script_keeps_its_words_and_times(make: Make, spoken: Path) -> None:
    """All words in order, each cue within 0.35 s of where the sentence is said."""
    made = make(spoken, "--captions", "soft", "--no-thumbnail", txt=WORDS)
    cues = made.seen.cues

    assert " ".join(text.replace("\n", " ") for _, _, text in cues) == WORDS
    assert float(cues[0][0]) == pytest.approx(0.15, abs=0.35)
    third = next(start for start, _, text in cues if text.startswith("I'm"))
    assert float(third) == pytest.approx(6.41, abs=0.35)


def test_other_languages_are_spread_over_the_voice(make: Make, spoken: Path) -> None:
    """A script we cannot align is spread over the speech, and the user is told how good that is."""
    made = make(spoken, "--language", "es", "--captions", "soft", "--no-thumbnail", txt="Hola a todos. " * 8)

    assert made.report["captions"]["how"] == "spread"
    assert any("spread" in note for note in made.report["notes"])


def test_missing_letters_are_named(make: Make, sounds: Path) -> None:
    """A letter that no font has is told, and costs status 9, not the film."""
    made = make(
        sounds / "blip.wav", status=9, srt="1\n00:00:00,000 --> 00:00:00,400\nWords \U00013000 \U00012000\n"
    )

    assert made.report["captions"]["missing_letters"]
    assert made.seen.frames == 15


def test_subtitles_past_the_end_are_cut(make: Make, sounds: Path) -> None:
    """A cue that runs on is cut at the end, one that begins after it is left out, and both are told."""
    late = SRT + "\n3\n00:00:02,800 --> 00:00:09,000\nRuns on\n\n4\n00:01:00,000 --> 00:01:02,000\nToo late\n"
    made = make(sounds / "short.wav", "--captions", "soft", srt=late)

    assert [text for _, _, text in made.seen.cues][-1] == "Runs on"
    assert float(made.seen.cues[-1][1]) <= 3.0
    assert made.report["notes"]
