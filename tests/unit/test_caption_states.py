"""Captions laid over as pictures are the captions that libass draws into every frame, for both FFmpegs."""

import os
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.test_looks_drawn import CUE, FFMPEGS, dressed
from voxweave.core.caption_states import Lettering, lettering
from voxweave.core.captions import ass_text
from voxweave.core.encoding import VideoEncoder
from voxweave.core.film import Canvas
from voxweave.core.looks import TitleCard, title_boxes
from voxweave.media.filtergraph import Ass, Stream, black_input, captioned, encoded, exactly, giving_way
from voxweave.settings.looks import load_look, looks

CANVAS = Canvas(width=480, height=270, rate=Fraction(30_000, 1001))
FRAMES = 60
RAW = VideoEncoder(encoder="rawvideo", args=())


def blue(canvas: Canvas) -> Stream:
    """A ground with colours of its own."""
    return black_input(canvas).filter("drawbox", color="0x4a7fb0", t="fill").filter("format", "yuv420p")


def shown(
    shown: Lettering, folder: Path, ffmpeg: str, *, canvas: Canvas = CANVAS, ground: Stream = None
) -> NDArray[np.uint8]:
    """Every frame as it would be encoded, light above colours."""
    (folder / "scene.ass").write_text(shown.text)
    stream = captioned(ground or blue(canvas), canvas, Ass("scene.ass", "fonts", shown), frames=FRAMES)
    args = encoded(stream, canvas, RAW, frames=FRAMES)
    args = [*args[: args.index("-video_track_timescale")], "-f", "rawvideo", "pipe:1"]
    env = {"PATH": os.environ["PATH"], "FONTCONFIG_FILE": str(folder / "fonts.conf")}
    command = [ffmpeg, "-nostdin", "-v", "error", *args]
    raw = subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(FRAMES, canvas.height * 3 // 2, canvas.width)


@pytest.mark.parametrize("ffmpeg", FFMPEGS)
@pytest.mark.parametrize("name", ["classic", "highlight", "boxed", "neon", "hype"])
def test_letters_laid_over_are_those_drawn_into_every_frame(name: str, ffmpeg: str, tmp_path: Path) -> None:
    """Light differs by no more than three levels, colours at an edge by no more than an eighth, on any frame."""
    look = dressed(load_look(name), CUE.text, CANVAS, tmp_path)
    ass = ass_text((CUE,), canvas=CANVAS, look=look, frames=(0, FRAMES))
    laid = lettering(ass, CANVAS, frames=FRAMES, often=2, tall=1)

    after = shown(laid, tmp_path, ffmpeg)
    # FFmpeg 5.1 draws into frames as if they were BT.601; pictures laid over have the colours that were meant.
    before = shown(Lettering(ass, 0, CANVAS.height, ()), tmp_path, FFMPEGS[0])

    assert laid.changes
    wrong = np.abs(after.astype(int) - before)
    light, colour = wrong[:, : CANVAS.height], wrong[:, CANVAS.height :]
    assert light.max() <= 3
    assert colour.max() <= 30


@pytest.mark.parametrize("name", looks())
def test_a_picture_is_drawn_for_every_change(name: str, tmp_path: Path) -> None:
    """Frames that are not named as changes look like the frame before them, and nothing is outside the rows."""
    look = dressed(load_look(name), CUE.text, CANVAS, tmp_path)
    card = TitleCard(title="A title", first=0, last=40, box=title_boxes(CANVAS, with_cover=False).text)
    ass = ass_text((CUE,), canvas=CANVAS, look=look, frames=(0, FRAMES), titles=(card,))
    laid = lettering(ass, CANVAS, frames=FRAMES, often=2, tall=1)

    drawn = shown(Lettering(ass, 0, CANVAS.height, ()), tmp_path, FFMPEGS[0])

    other = {at for at in range(1, FRAMES) if not np.array_equal(drawn[at], drawn[at - 1])}
    assert other <= set(laid.changes)
    rows = drawn[:, : CANVAS.height].astype(int)
    outside = np.r_[0 : laid.top, laid.bottom : CANVAS.height]
    assert (rows[:, outside] == rows[:, :1, :1]).all()


@pytest.mark.parametrize("rate", [Fraction(24_000, 1001), Fraction(60_000, 1001)])
@pytest.mark.parametrize("length", [5, 10])
def test_letters_change_on_their_frames_while_a_picture_dips(
    length: int, rate: Fraction, tmp_path: Path
) -> None:
    """Two pictures joined by way of black have frames whose times are rounded; the letters are not late."""
    canvas = Canvas(width=320, height=180, rate=rate)
    look = dressed(load_look("underline"), CUE.text, canvas, tmp_path)
    ass = ass_text((CUE,), canvas=canvas, look=look, frames=(0, FRAMES))
    dark = black_input(canvas).filter("format", "yuv420p")

    def dipped() -> Stream:
        return exactly(giving_way(dark, blue(canvas), "dip", canvas, frames=length), FRAMES)

    laid = lettering(ass, canvas, frames=FRAMES, often=2, tall=1)
    before = shown(Lettering(ass, 0, canvas.height, ()), tmp_path, FFMPEGS[0], canvas=canvas, ground=dipped())
    after = shown(laid, tmp_path, FFMPEGS[0], canvas=canvas, ground=dipped())

    assert np.abs(after[:, : canvas.height].astype(int) - before[:, : canvas.height]).max() <= 4


def test_what_moves_all_the_time_is_drawn_into_every_frame(tmp_path: Path) -> None:
    """Where colours run through words a picture for each frame would cost more than it saves."""
    look = dressed(load_look("karaoke"), CUE.text, CANVAS, tmp_path)
    ass = ass_text((CUE,), canvas=CANVAS, look=look, frames=(0, FRAMES))

    assert lettering(ass, CANVAS, frames=FRAMES) == Lettering(ass, 0, CANVAS.height, ())


@pytest.mark.parametrize("ffmpeg", FFMPEGS)
def test_a_scene_may_have_hundreds_of_changes(ffmpeg: str, tmp_path: Path) -> None:
    """FFmpeg takes no sum of more than a hundred terms; a long scene of many words has more changes."""
    canvas = Canvas(width=64, height=64, rate=Fraction(30))
    changes = tuple(range(0, 2400, 8))
    black = black_input(canvas).filter("format", "yuv420p")
    look = dressed(load_look("classic"), CUE.text, canvas, tmp_path)
    text = ass_text((CUE,), canvas=canvas, look=look, frames=(0, FRAMES))

    pictures = shown(Lettering(text, 0, 64, changes), tmp_path, ffmpeg, canvas=canvas, ground=black)

    assert len(pictures) == FRAMES


def test_a_title_over_captions_is_drawn_into_every_frame(tmp_path: Path) -> None:
    """Pictures nearly as tall as the film's own would take a third more memory."""
    look = dressed(load_look("classic"), CUE.text, CANVAS, tmp_path)
    card = TitleCard(title="A title", first=0, last=40, box=title_boxes(CANVAS, with_cover=False).text)
    ass = ass_text((CUE,), canvas=CANVAS, look=look, frames=(0, 600), titles=(card,))

    assert not lettering(ass, CANVAS, frames=600).changes
