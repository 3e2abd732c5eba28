"""The report's own words."""

from fractions import Fraction
from pathlib import Path

import pytest

from voxweave.core.cue_rules import Finding
from voxweave.core.film import Canvas
from voxweave.core.speech import Loudness
from voxweave.pipeline.report import CaptionReport, Report, SceneReport, SoundReport
from voxweave.pipeline.verify import Verified

LOUDNESS = Loudness(integrated_lufs=-16.04, range_lu=3.0, true_peak_dbtp=-1.6)
SCENE = SceneReport(
    number=1,
    start="0:00:00.000",
    first_frame=0,
    frames=300,
    shows="a.png",
    source="folder",
    reused=True,
    text="",
)
REPORT = Report(
    film=Path("films/talk\x1b[31m.mp4"),
    narration=Path("talk.mp3"),
    duration="0:00:20.000",
    canvas=Canvas(width=1920, height=1080, rate=Fraction(30000, 1001)),
    container="mp4",
    codec="h264",
    style="cyberpunk",
    seed=0,
    frames=599,
    worst_cut_error_ms=12.34,
    verified=Verified(
        frames=599, video_ms=1.0, audio_ms=1.0, end_error_ms=-0.26, loudness=LOUDNESS, bytes=12_340_000, streams=()
    ),
    sound=SoundReport(target_lufs=-16, before=LOUDNESS, after=LOUDNESS, gain_db=0, limited=False),
    captions=CaptionReport(
        source="talk.txt", how="alignment", language="en", delivered=("burn", "soft"), cues=7, rules_kept=6,
        rules_broken=(Finding(rule="shortest", cue=3, value=500, limit=833),),
    ),
    scenes=(SCENE, SCENE.model_copy(update={"reused": False})),
    files=(),
    shortfalls=(),
    notes=(),
    times_s={},
    versions={},
)  # fmt: skip


def test_the_summary_is_a_few_plain_lines() -> None:
    """What a person wants to know, with nothing that could steer a terminal."""
    assert REPORT.summary() == (
        "talk [31m.mp4  0:00:20.000, 1920x1080, 29.97 frames a second, 12.3 MB",
        "pictures  2 scenes (1 made now), style cyberpunk",
        "sound     -16.0 LUFS, peak -1.6 dBTP (was -16.0 LUFS, -1.6 dBTP)",
        "captions  7 cues from alignment, burn, soft; 1 rule finding, see the report",
        "sync      599 frames, every cut within 12.3 ms, sound and picture end 0.3 ms apart",
    )


@pytest.mark.parametrize(("shortfalls", "status"), [((), 0), (("no captions",), 9)])
def test_a_shortfall_is_status_9(shortfalls: tuple[str, ...], status: int) -> None:
    """A film short of what was asked says so in its summary and its status."""
    report = REPORT.model_copy(update={"shortfalls": shortfalls})

    assert report.exit_code == status
    assert sum(line.startswith("short of what was asked: ") for line in report.summary()) == len(shortfalls)


def test_a_film_without_captions_says_none() -> None:
    """No cue delivered is no caption."""
    none = REPORT.model_copy(update={"captions": REPORT.captions.model_copy(update={"delivered": ()})})

    assert "captions  none" in none.summary()


def test_a_report_comes_back_from_its_json() -> None:
    """What is written is all of it, rates exact."""
    assert Report.model_validate_json(REPORT.model_dump_json()) == REPORT
