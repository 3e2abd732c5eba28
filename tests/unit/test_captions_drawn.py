"""Captions as FFmpeg really draws them: on the right frames, inside the safe area, for both FFmpegs."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from voxweave.core.captions import ass_text
from voxweave.core.film import Box, Canvas
from voxweave.core.looks import TitleCard, caption_box, look_for, title_boxes
from voxweave.core.speech import Cue
from voxweave.core.time import Span
from voxweave.core.word_times import shown_frames
from voxweave.media.fonts import lay_fonts, plan_fonts

RATES = (*map(Fraction, (24, 25, 30, 50, 60)), *(Fraction(rate, 1001) for rate in (24_000, 30_000, 60_000)))
FFMPEGS = tuple(path for path in (imageio_ffmpeg.get_ffmpeg_exe(), shutil.which("ffmpeg")) if path)
SIZES = ((1920, 1080), (1080, 1920), (1080, 1080), (1080, 1350), (640, 360))
WIDE = ("WWWWW MMMMMMM WHOOOOOO", "MMMMMM WHAT ÄÖÜ AMAZING")


def drawn(ffmpeg: str, ass: str, canvas: Canvas, folder: Path, *, frames: int) -> np.ndarray:
    """The light of every frame with captions drawn on black."""
    (folder / "scene.ass").write_text(ass)
    black = f"color=black:s={canvas.width}x{canvas.height}:r={canvas.rate}"
    command = [ffmpeg, "-nostdin", "-v", "error", "-f", "lavfi", "-i", black]
    command += ["-vf", "format=yuv420p,ass=scene.ass:fontsdir=fonts,format=gray", "-frames:v", str(frames)]
    env = {"PATH": os.environ["PATH"], "FONTCONFIG_FILE": str(folder / "fonts.conf")}
    raw = subprocess.run(
        [*command, "-f", "rawvideo", "-"], cwd=folder, env=env, check=True, capture_output=True
    )
    return np.frombuffer(raw.stdout, np.uint8).reshape(frames, canvas.height, canvas.width)


def extent(picture: np.ndarray) -> Box:
    """The box around everything that is not black."""
    rows, columns = np.nonzero(picture > 24)
    x, y = int(columns.min()), int(rows.min())
    return Box(x=x, y=y, width=int(columns.max()) + 1 - x, height=int(rows.max()) + 1 - y)


def inside(inner: Box, outer: Box) -> bool:
    """Whether one box lies within another."""
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


def cue(start: int, end: int, *lines: str) -> Cue:
    """A cue in milliseconds."""
    return Cue(span=Span(start=start, end=end), lines=lines)


def frames_with_text(pictures: np.ndarray) -> list[int]:
    """The numbers of the frames on which something is drawn."""
    return [number for number, picture in enumerate(pictures) if picture.max() > 24]


@pytest.mark.parametrize("ffmpeg", FFMPEGS)
@pytest.mark.parametrize("rate", RATES, ids=str)
def test_a_cue_is_on_exactly_the_frames_of_its_span(ffmpeg: str, rate: Fraction, tmp_path: Path) -> None:
    """A cue is drawn from the frame at its start up to the one at its end, also in a later scene's time."""
    canvas = Canvas(width=128, height=72, rate=rate)
    cues = (cue(101, 334, "a"), cue(401, 817, "b"), cue(1000, 1009, "c"), cue(1234, 1500, "d"))
    env = plan_fonts("abcd")
    lay_fonts([env], tmp_path)
    count = int(Fraction(14, 10) * canvas.rate)
    for scene in (0, 7):
        ass = ass_text(cues, canvas=canvas, look=look_for(canvas), frames=(scene, scene + count))

        pictures = drawn(ffmpeg, ass, canvas, tmp_path, frames=count)

        wanted = {frame - scene for one in cues for frame in range(*shown_frames(one, canvas))}
        assert sorted(wanted & set(range(count))) == frames_with_text(pictures)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_widest_captions_stay_in_the_safe_area(width: int, height: int, tmp_path: Path) -> None:
    """Nothing of a caption is drawn outside the caption box, however wide its letters."""
    canvas = Canvas(width=width, height=height, rate=Fraction(25))
    plan = plan_fonts(" ".join(WIDE))
    lay_fonts([plan], tmp_path)
    look = look_for(canvas, plan)
    ass = ass_text((cue(0, 1000, *WIDE),), canvas=canvas, look=look, frames=(0, 1))

    (picture,) = drawn(FFMPEGS[0], ass, canvas, tmp_path, frames=1)

    assert inside(extent(picture), caption_box(canvas, look))


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize(
    "title", ["Dust", "A very long title of a narration that goes on and on for many words"]
)
def test_a_title_stays_in_its_box(width: int, height: int, title: str, tmp_path: Path) -> None:
    """A title is wrapped and made smaller until it fits, with its line under it."""
    canvas = Canvas(width=width, height=height, rate=Fraction(25))
    card = title_card(canvas, title, "Somebody · 2026")
    lay_fonts([card.title_plan, card.subtitle_plan], tmp_path)
    ass = ass_text((), canvas=canvas, look=look_for(canvas), frames=(50, 51), titles=[card])

    (picture,) = drawn(FFMPEGS[0], ass, canvas, tmp_path, frames=1)

    pad = round(0.02 * min(width, height))
    box = Box(
        x=card.box.x - pad,
        y=card.box.y - pad,
        width=card.box.width + 2 * pad,
        height=card.box.height + 2 * pad,
    )
    assert inside(extent(picture), box)


def title_card(canvas: Canvas, title: str, subtitle: str) -> TitleCard:
    """A card of the film's first four seconds."""
    return TitleCard(
        title=title,
        subtitle=subtitle,
        first=0,
        last=round(4 * canvas.rate),
        box=title_boxes(canvas, with_cover=False).text,
        title_plan=plan_fonts(title, "VoxWeave Display", bold=True),
        subtitle_plan=plan_fonts(subtitle, bold=False),
    )


def test_a_title_that_crosses_a_cut_fades_without_a_seam(tmp_path: Path) -> None:
    """Two scenes draw the same frames of a title that one scene would."""
    canvas = Canvas(width=320, height=180, rate=Fraction(25))
    card = title_card(canvas, "Dust", "")
    lay_fonts([card.title_plan, card.subtitle_plan], tmp_path)

    whole = scene_of(card, canvas, tmp_path, (0, 100))
    parts = [scene_of(card, canvas, tmp_path, cut) for cut in ((0, 6), (6, 95), (95, 100))]

    assert np.array_equal(whole, np.concatenate(parts))


def scene_of(card: TitleCard, canvas: Canvas, folder: Path, frames: Sequence[int]) -> np.ndarray:
    """The frames of one scene with the card drawn in."""
    first, last = frames
    ass = ass_text((), canvas=canvas, look=look_for(canvas), frames=(first, last), titles=[card])
    return drawn(FFMPEGS[0], ass, canvas, folder, frames=last - first)
