"""Captions by profile: given subtitles kept or laid out anew."""

from pathlib import Path

from tests.e2e.conftest import Make

TEXT = "Given words stay as they are, unless somebody asks for other lines."
SRT = f"1\n00:00:00,200 --> 00:00:02,800\n{TEXT[:30].strip()}\n{TEXT[30:].strip()}\n"


def test_given_subtitles_are_kept(make: Make, sounds: Path) -> None:
    """Without --reflow a given cue keeps its lines and times, whatever the profile."""
    made = make(sounds / "short.wav", "--captions", "soft", "--caption-profile", "social", srt=SRT)

    ((start, end, text),) = made.seen.cues
    assert (200, 2800) == (round(start * 1000), round(end * 1000))
    assert SRT.split("\n", 2)[2].strip() == text


def test_given_subtitles_are_laid_out_anew_when_asked(make: Make, sounds: Path) -> None:
    """With --reflow the same words follow the profile's rules: at most four at once."""
    made = make(
        sounds / "short.wav", "--captions", "soft", "--caption-profile", "social", "--reflow", srt=SRT
    )

    assert len(made.seen.cues) >= 3
    assert all(len(text.split()) <= 4 for _, _, text in made.seen.cues)
    assert " ".join(text for _, _, text in made.seen.cues).split() == TEXT.split()
