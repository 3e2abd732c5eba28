"""The same minute as MoviePy 2 composes it: clips cut to shape, joined, captions laid over, one encode.

    python bench/moviepy_film.py CLIPS NARRATION CUES.json OUT.mp4 SECONDS ENCODER_ARGS...

Run by bench/rendering.py with a Python that has MoviePy; it is not a dependency of ours.
"""

import json
import sys
from pathlib import Path

from moviepy import (  # type: ignore[import-not-found]
    AudioFileClip,
    CompositeVideoClip,
    TextClip,
    VideoFileClip,
    concatenate_videoclips,
)

WIDTH, HEIGHT = 1920, 1080


def main() -> None:
    """Compose and write."""
    library, talk, cues, out, seconds, *encoder = sys.argv[1:]
    clips = [_fitted(VideoFileClip(str(file))) for file in _chosen(Path(library), int(seconds))]
    film = concatenate_videoclips(clips).subclipped(0, int(seconds))
    texts = [_caption(**cue) for cue in json.loads(Path(cues).read_text()) if cue["start"] < int(seconds)]
    whole = CompositeVideoClip([film, *texts], size=(WIDTH, HEIGHT)).with_duration(int(seconds))
    whole = whole.with_audio(AudioFileClip(talk).subclipped(0, int(seconds)))
    whole.write_videofile(
        out,
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
