"""One frame drawn, captioned, encoded and decoded: proof that an FFmpeg works."""

from pathlib import Path
from typing import IO

from voxweave.errors import MediaError
from voxweave.media.child import Surroundings
from voxweave.media.ffmpeg import Ffmpeg, Job
from voxweave.media.scratch import scratch
from voxweave.media.stopping import StopSignal

_WIDTH, _HEIGHT = 320, 180
_FRAME = bytes([16]) * (_WIDTH * _HEIGHT) + bytes([128]) * (_WIDTH * _HEIGHT // 2)
_LIGHT = 120  # luma of text on the black frame; what compression leaves around it stays far below

_CAPTION = f"""[Script Info]
ScriptType: v4.00+
PlayResX: {_WIDTH}
PlayResY: {_HEIGHT}

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Alignment
Style: Default,VoxWeave Sans,60,&H00FFFFFF,5

[Events]
Format: Start, End, Style, Text
Dialogue: 0:00:00.00,0:00:10.00,Default,VoxWeave
"""
_TIME_LIMIT_S = 30.0


def trial(ffmpeg: Ffmpeg) -> str:
    """What was proved, as a sentence; MediaError says what does not work."""
    stop = StopSignal()
    with scratch() as folder:
        captioned = ffmpeg.lists("filters", "ass")
        _encode(ffmpeg, folder, stop, captioned=captioned)
        luma = _decode(ffmpeg, folder, stop)
    if captioned and max(luma, default=0) < _LIGHT:
        raise MediaError(
            "a caption burned into a frame cannot be seen", hint="voxweave doctor --ffmpeg bundled"
        )
    return f"a frame was drawn, {'captioned, ' if captioned else ''}encoded and decoded"


def _encode(ffmpeg: Ffmpeg, folder: Path, stop: StopSignal, *, captioned: bool) -> None:
    (folder / "trial.ass").write_text(_CAPTION, encoding="utf-8")
    (folder / "fonts").symlink_to(_fonts(), target_is_directory=True)
    shape = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{_WIDTH}x{_HEIGHT}", "-r", "25", "-i", "pipe:0"]
    burn = ["-vf", "ass=f=trial.ass:fontsdir=fonts"] if captioned else []
    args = [
        *shape,
        *burn,
        "-frames:v",
        "1",
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-f",
        "mp4",
        "trial.mp4",
    ]
    ffmpeg.run(_job(args, folder, "encoding a frame"), stop, feed=_feed)


def _decode(ffmpeg: Ffmpeg, folder: Path, stop: StopSignal) -> bytes:
    args = ["-i", "trial.mp4", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"]
    with ffmpeg.reading(_job(args, folder, "decoding a frame"), stop) as child:
        luma = child.stdout.read()
    if len(luma) != _WIDTH * _HEIGHT:
        raise MediaError(f"one frame went in, {len(luma) // (_WIDTH * _HEIGHT)} came out")
    return luma


def _job(args: list[str], folder: Path, purpose: str) -> Job:
    return Job(args, purpose, around=Surroundings(cwd=folder), time_limit_s=_TIME_LIMIT_S)


def _feed(pipe: IO[bytes]) -> None:
    pipe.write(_FRAME)


def _fonts() -> Path:
    import voxweave

    return Path(voxweave.__file__).parent / "fonts"
