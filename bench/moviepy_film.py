"""The same minute as MoviePy 2 composes it: clips cut to shape, joined, captions laid over.

    python bench/moviepy_film.py one|three CLIPS NARRATION CUES.json OUT.mp4 SECONDS ENCODER_ARGS...

`one` is one composition, encoded once. `three` is how MoneyPrinterTurbo goes about it (seen in its code of 2026): each
clip is cut to shape and written, the files are joined by encoding them again, and captions and voice come with a third.
Run by bench/rendering.py with a Python that has MoviePy; it is not a dependency of ours.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from moviepy import (  # type: ignore[import-not-found]
    AudioFileClip,
    CompositeVideoClip,
    TextClip,
    VideoFileClip,
    concatenate_videoclips,
)
from moviepy.config import FFMPEG_BINARY  # type: ignore[import-not-found]

WIDTH, HEIGHT = 1920, 1080


def main() -> None:
    """Compose and write."""
    passes, library, talk, cues, out, length, *encoder = sys.argv[1:]
    seconds, film = int(length), Path(out)
    clips = [_fitted(VideoFileClip(str(file))) for file in _chosen(Path(library), seconds)]
    joined = concatenate_videoclips(clips) if passes == "one" else _rejoined(clips, film, encoder)
    texts = [_caption(**cue) for cue in json.loads(Path(cues).read_text()) if cue["start"] < seconds]
    whole = CompositeVideoClip([joined.subclipped(0, seconds), *texts], size=(WIDTH, HEIGHT))
    whole = whole.with_duration(seconds).with_audio(AudioFileClip(talk).subclipped(0, seconds))
    _write(whole, film, encoder)


def _rejoined(clips: Sequence[VideoFileClip], film: Path, encoder: Sequence[str]) -> VideoFileClip:
    """Each clip written by itself, and all of them encoded once more into one file."""
    files = [film.with_name(f"{film.stem}-{number}.mp4") for number in range(len(clips))]
    for clip, file in zip(clips, files, strict=True):
        _write(clip, file, encoder)
    listed, joined = film.with_suffix(".txt"), film.with_name(f"{film.stem}-joined.mp4")
    listed.write_text("".join(f"file '{file}'\n" for file in files))
    line = [FFMPEG_BINARY, "-v", "error", "-y", "-f", "concat", "-safe", "0", "-i", str(listed)]
    subprocess.run([*line, "-c:v", "libx264", "-threads", "2", *encoder, str(joined)], check=True)
    return VideoFileClip(str(joined), audio=False)


def _write(clip: VideoFileClip, file: Path, encoder: Sequence[str]) -> None:
    clip.write_videofile(
        str(file),
        fps=30,
        codec="libx264",
        preset="veryfast",  # the encoder arguments below name it again; without a preset of its own it runs "medium"
        audio_codec="aac",
        audio_bitrate="192k",
        threads=2,
        logger=None,
        ffmpeg_params=[*encoder, "-g", "60", "-pix_fmt", "yuv420p"],
    )


def _chosen(library: Path, seconds: int) -> list[Path]:
    files = sorted(library.iterdir())
    return [files[number % len(files)] for number in range(-(-seconds // 8))]


def _fitted(clip: VideoFileClip) -> VideoFileClip:
    scale = max(WIDTH / clip.w, HEIGHT / clip.h)
    return (
        clip.without_audio()
        .resized(scale)
        .cropped(width=WIDTH, height=HEIGHT, x_center=clip.w * scale / 2, y_center=clip.h * scale / 2)
    )


def _caption(*, start: float, end: float, text: str, font: str) -> TextClip:
    drawn = TextClip(
        font=font,
        text=text,
        font_size=52,
        color="white",
        stroke_color="black",
        stroke_width=3,
        text_align="center",
    )
    return drawn.with_start(start).with_end(end).with_position(("center", 880))


if __name__ == "__main__":
    main()
