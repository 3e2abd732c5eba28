"""Looks as both FFmpegs really draw them: words on their frames, no seam at a cut, inside the safe area."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from numpy.typing import NDArray

from voxweave.core.captions import ass_text
from voxweave.core.film import Canvas
from voxweave.core.looks import CaptionLook, Look, Spoken, TitleCard, caption_box, look_for, title_boxes
from voxweave.core.speech import Cue, Word
from voxweave.core.time import Span
from voxweave.core.word_times import timed_words
from voxweave.media.contrast import contrast
from voxweave.media.fonts import lay_fonts, plan_fonts
from voxweave.pipeline.contrasts import _around, _at
from voxweave.settings.looks import load_look, looks

FFMPEGS = tuple(path for path in (imageio_ffmpeg.get_ffmpeg_exe(), shutil.which("ffmpeg")) if path)
SMALL = Canvas(width=480, height=270, rate=Fraction(25))
SIZES = ((1280, 720), (720, 1280), (900, 900))
GREY = 96
Pictures = NDArray[np.uint8]
WORDS = (("Words", 120, 480), ("said", 480, 760), ("aloud,", 840, 1200), ("now.", 1320, 1700))
CUE = Cue(
    span=Span(start=40, end=1880),
    lines=("Words said", "aloud, now."),
    words=tuple(Word(text=text, span=Span(start=start, end=end)) for text, start, end in WORDS),
)


def dressed(look: Look, text: str, canvas: Canvas, folder: Path) -> CaptionLook:
    """A look on a canvas, its fonts laid where libass looks."""
    shown = text.upper() if look.upper else text
    plan = plan_fonts(shown, look.font, bold=look.bold)
    lay_fonts([plan], folder)
    return look_for(canvas, plan, look)


def drawn(
    cue: Cue, look: CaptionLook, canvas: Canvas, folder: Path, frames: Sequence[int], ffmpeg: str = FFMPEGS[0]
) -> Pictures:
    """Every frame of a scene from one frame of the film up to another, on grey."""
    first, last = frames
    ass = ass_text((cue,), canvas=canvas, look=look, frames=(first, last))
    return painted(ass, canvas, folder, last - first, ffmpeg)


def painted(
    ass: str, canvas: Canvas, folder: Path, count: int, ffmpeg: str = FFMPEGS[0], *, ground: int = GREY
) -> Pictures:
    """An ASS text on so many frames of one grey, in red, green and blue."""
    (folder / "scene.ass").write_text(ass)
    grey = f"color=0x{ground:02x}{ground:02x}{ground:02x}:s={canvas.width}x{canvas.height}:r={canvas.rate}"
    command = [ffmpeg, "-nostdin", "-v", "error", "-f", "lavfi", "-i", grey, "-vf"]
    command += ["format=gbrp,ass=scene.ass:fontsdir=fonts,format=rgb24" if ass else "format=rgb24"]
    command += ["-frames:v", str(count), "-f", "rawvideo", "-"]
    env = {"PATH": os.environ["PATH"], "FONTCONFIG_FILE": str(folder / "fonts.conf")}
    raw = subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(count, canvas.height, canvas.width, 3)


def changes(pictures: Pictures) -> list[int]:
    """The frames that differ from the one before."""
    return [at for at in range(1, len(pictures)) if not np.array_equal(pictures[at], pictures[at - 1])]


@pytest.mark.parametrize("ffmpeg", FFMPEGS)
@pytest.mark.parametrize("name", ["highlight", "underline", "neon"])
def test_a_word_is_lit_on_exactly_its_frames(name: str, ffmpeg: str, tmp_path: Path) -> None:
    """The picture changes when a word begins, when the cue comes and goes, and at no other frame."""
    look = dressed(load_look(name), CUE.text, SMALL, tmp_path)

    found = changes(drawn(CUE, look, SMALL, tmp_path, (0, 50), ffmpeg))

    assert found == [1, *(word.first for word in timed_words(CUE, SMALL)), 47]


@pytest.mark.parametrize("name", looks())
def test_a_cue_that_crosses_a_cut_has_no_seam(name: str, tmp_path: Path) -> None:
    """Scenes that cut a cue anywhere, in the middle of a word or of its animation, draw what one would."""
    look = dressed(load_look(name), CUE.text, SMALL, tmp_path)

    whole = drawn(CUE, look, SMALL, tmp_path, (0, 50))
    parts = [
        drawn(CUE, look, SMALL, tmp_path, cut) for cut in ((0, 5), (5, 14), (14, 23), (23, 45), (45, 50))
    ]

    joined = np.concatenate(parts)
    assert np.abs(whole.astype(int) - joined).max() <= 24
    assert np.abs(whole.astype(int) - joined).mean() < 0.01


@pytest.mark.parametrize("name", looks())
def test_both_ffmpegs_draw_the_same(name: str, tmp_path: Path) -> None:
    """The bundled program and the system's make one picture of a look."""
    look = dressed(load_look(name), CUE.text, SMALL, tmp_path)

    one, *others = (drawn(CUE, look, SMALL, tmp_path, (15, 25), ffmpeg) for ffmpeg in FFMPEGS)

    for other in others:
        assert np.mean(np.abs(one.astype(int) - other).max(axis=3) > 48) < 0.002


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("name", looks())
def test_every_look_stays_in_the_safe_area(name: str, width: int, height: int, tmp_path: Path) -> None:
    """The widest words, all shown, lie inside the caption box in every shape of frame."""
    canvas = Canvas(width=width, height=height, rate=Fraction(25))
    cue = Cue(span=Span(start=0, end=4000), lines=("MMMM WWWWW OUTRAGEOUS MMM", "WHAT AMAZING HOMEWORK WW"))
    look = dressed(load_look(name), cue.text, canvas, tmp_path)
    box = caption_box(canvas, look)

    for picture in drawn(cue, look, canvas, tmp_path, (94, 96)):
        rows, columns = np.nonzero(np.abs(picture.astype(int) - GREY).max(axis=2) > 24)
        assert box.x <= columns.min()
        assert columns.max() < box.x + box.width
        assert box.y <= rows.min()
        assert rows.max() < box.y + box.height


@pytest.mark.parametrize("ffmpeg", FFMPEGS)
@pytest.mark.parametrize(
    "text",
    [
        "مرحبا بكم في العرض",
        "שלום לכולם 2024 abc",
        "نص عربي مع English كلمات",
        "क्षत्रिय विद्यार्थी शक्ति",
        "สวัสดี ทุกคน ค่ะ",
    ],
)
def test_lit_words_do_not_break_shaping(text: str, ffmpeg: str, tmp_path: Path) -> None:
    """Where letters join, lean or read from the right, lighting a word moves none: only colours change."""
    look = load_look("neon").model_copy(update={"glow": None, "spoken": Spoken(mark="colour", stays=True)})
    resolved = dressed(look, text, SMALL, tmp_path)
    if resolved.plan.missing:
        pytest.skip(f"no font here has {resolved.plan.missing}: install fonts-noto-core or fonts-dejavu-core")
    cue = Cue(span=Span(start=0, end=1600), lines=(text,))

    pictures = drawn(cue, resolved, SMALL, tmp_path, (0, 40), ffmpeg)

    ink = np.abs(pictures.astype(int) - GREY).max(axis=3) > 40
    assert len(changes(pictures)) == len(text.split()) - 1
    assert all(np.mean(one != ink[0]) < 0.002 for one in ink)


def test_lines_set_one_by_one_are_swept_one_after_the_other(tmp_path: Path) -> None:
    """Where fonts of other heights make each line an event of its own, the later one waits for its words."""
    look = dressed(load_look("karaoke"), CUE.text, SMALL, tmp_path)
    tall = look.model_copy(update={"plan": look.plan.model_copy(update={"line_em": 1.4})})
    ass = ass_text((CUE,), canvas=SMALL, look=tall, frames=(0, 50))

    bodies = [line.split("}", 1)[1] for line in ass.splitlines() if line.startswith("Dialogue")]
    assert bodies == [
        "{\\k10\\kf36}Words {\\kf36}said",
        "{\\k82\\kf48}aloud, {\\kf56}now.",
    ]


@pytest.mark.parametrize("ground", [10, 128, 245])
@pytest.mark.parametrize("name", looks())
def test_every_look_can_be_read_on_any_picture(name: str, ground: int, tmp_path: Path) -> None:
    """Letters stand out 4.5 to 1 from what touches them, on dark, grey and bright pictures."""
    canvas = Canvas(width=1280, height=720, rate=Fraction(25))
    chosen = load_look(name)
    look = dressed(chosen, CUE.text, canvas, tmp_path)
    ass = ass_text((CUE,), canvas=canvas, look=look, frames=(44, 45))
    (picture,) = painted(ass, canvas, tmp_path, 1, ground=ground)
    layout = _at(CUE, canvas, look, 1760)
    assert layout is not None
    box = _around(layout)

    part = picture[box.y : box.y + box.height, box.x : box.x + box.width]
    letters = [chosen.colour, *([chosen.spoken.colour] if chosen.spoken.mark != "none" else [])]
    found = contrast(part, letters, layout.em_px)

    assert found.seen
    assert found.ratio >= 4.5


@pytest.mark.parametrize("ffmpeg", FFMPEGS)
def test_only_our_own_fonts_are_seen(ffmpeg: str, tmp_path: Path) -> None:
    """A font of the system that nobody named is not used, though it is asked for by its name."""
    look = dressed(Look(), "Wide words", SMALL, tmp_path)
    cue = Cue(span=Span(start=0, end=40), lines=("Wide words",))
    ours = ass_text((cue,), canvas=SMALL, look=look, frames=(0, 1))
    foreign = ours.replace("VoxWeave Sans", "DejaVu Serif")

    assert np.array_equal(*(painted(text, SMALL, tmp_path, 1, ffmpeg) for text in (ours, foreign)))


def test_a_look_at_the_top_makes_way_for_the_title(tmp_path: Path) -> None:
    """While a title stands, captions stand at the bottom, wherever the look would have them."""
    top = Look().model_copy(update={"wide": Look().wide.model_copy(update={"position": "top"})})
    look = dressed(top, CUE.text, SMALL, tmp_path)
    card = TitleCard(title="T", first=0, last=20, box=title_boxes(SMALL, with_cover=False).text)
    with_title = ass_text((CUE,), canvas=SMALL, look=look, frames=(0, 50), titles=[card])

    assert f"\\pos(240,{look_for(SMALL).box.y + look_for(SMALL).box.height})" in with_title
    assert "\\an8\\pos(240," in ass_text((CUE,), canvas=SMALL, look=look, frames=(0, 50))
