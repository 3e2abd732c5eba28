"""However many scenes there are, each begins on its own frame."""

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from voxweave.core.encoding import VIDEO_ENCODERS, Codec, Container, timescale
from voxweave.core.film import Canvas
from voxweave.core.speech import Tags
from voxweave.core.value import MediaFile
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.packets import FrameGrid, packets
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.join import Labels, Parts, join
from voxweave.pipeline.tools import Tools

SCENES = 300


@pytest.mark.parametrize("program", ["bundled", "system"])
@pytest.mark.parametrize(("container", "codec"), [("mp4", "h264"), ("webm", "vp9")])
@pytest.mark.parametrize("frames", [7, 8])
def test_scenes_do_not_drift(
    tmp_path: Path,
    ffmpeg: Callable[..., None],
    container: Container,
    codec: Codec,
    program: str,
    frames: int,
) -> None:
    """The last of three hundred scenes stands on the grid of frames as the first does, in every container."""
    if program == "system" and shutil.which("ffmpeg") is None:
        pytest.skip("no FFmpeg is installed on this system")
    rate = Fraction(24)
    canvas, encoder = Canvas(width=64, height=64, rate=rate), VIDEO_ENCODERS[codec]
    scene, sound = tmp_path / "scenes" / "scene.mp4", tmp_path / "sound.mka"
    scene.parent.mkdir()
    source = ["-f", "lavfi", "-i", f"testsrc2=s=64x64:r={rate}", "-frames:v", frames, "-pix_fmt", "yuv420p"]
    ffmpeg(
        *source, "-c:v", encoder.encoder, *encoder.args, "-video_track_timescale", timescale(canvas), scene
    )
    seconds = float(SCENES * frames / rate)
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=48000", "-t", seconds, "-c:a", "libopus", sound)

    tools = Tools(find_ffmpeg(program), StopSignal(), tmp_path, lambda share: None)
    parts = Parts(
        canvas=canvas,
        container=container,
        scenes=(scene,) * SCENES,
        frames=(frames,) * SCENES,
        sound=MediaFile(path=sound, sha256="0" * 64),
        track=None,
        labels=Labels(tags=Tags(), chapters=(), language="en"),
    )
    film = tmp_path / f"film.{container}"
    join(tools, parts, film)

    grid = FrameGrid(rate)
    for packet in packets(tools.ffmpeg, ["-i", f"file:{film}"], tmp_path, tools.stop):
        grid.add(packet)
    grid.close()
    assert grid.frames == SCENES * frames
