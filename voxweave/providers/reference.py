"""A reference picture as providers want it: of exactly the clip's size, small, and of our own making."""

import tempfile
from fractions import Fraction
from pathlib import Path

from voxweave.core.film import Canvas
from voxweave.core.value import MediaFile
from voxweave.media.ffmpeg import Ffmpeg, Job
from voxweave.media.files import disk_errors
from voxweave.media.stills import prepare_still
from voxweave.media.stopping import StopSignal

_TIME_S = 120


def exact_picture(ffmpeg: Ffmpeg, picture: MediaFile, size: tuple[int, int], stop: StopSignal) -> bytes:
    """The picture as a JPEG of this width and height: other sizes are refused, stretched or cut by servers."""
    width, height = size
    canvas = Canvas(width=width, height=height, rate=Fraction(24))
    at = Path(tempfile.gettempdir())
    with disk_errors(at), tempfile.TemporaryDirectory(prefix="voxweave-", dir=at) as folder:
        still = prepare_still(ffmpeg, picture, canvas, Path(folder), stop)
        made = Path(folder) / "reference.jpg"
        args = [
            *("-i", f"file:{still.path}", "-vf", f"scale={width}:{height}:flags=lanczos,format=yuvj420p"),
            *("-frames:v", "1", "-c:v", "mjpeg", "-q:v", "2", "-f", "image2pipe", f"file:{made}"),
        ]
        ffmpeg.run(Job(args, "preparing a reference picture", time_limit_s=_TIME_S), stop)
        return made.read_bytes()
