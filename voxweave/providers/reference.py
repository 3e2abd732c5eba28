"""A reference picture as providers want it: of exactly the clip's size, small, and of our own making."""

from fractions import Fraction

from voxweave.core.film import Canvas
from voxweave.core.value import MediaFile
from voxweave.media.ffmpeg import Ffmpeg, Job
from voxweave.media.scratch import scratch
from voxweave.media.stills import prepare_still
from voxweave.media.stopping import StopSignal

_TIME_S = 120


def exact_picture(ffmpeg: Ffmpeg, picture: MediaFile, size: tuple[int, int], stop: StopSignal) -> bytes:
    """The picture as a JPEG of this width and height: other sizes are refused, stretched or cut by servers."""
    width, height = size
    canvas = Canvas(width=width, height=height, rate=Fraction(24))
    with scratch() as folder:
        still = prepare_still(ffmpeg, picture, canvas, folder, stop)
        made = folder / "reference.jpg"
        args = [
            *("-i", f"file:{still.path}", "-vf", f"scale={width}:{height}:flags=lanczos,format=yuvj420p"),
            *("-frames:v", "1", "-c:v", "mjpeg", "-q:v", "2", "-f", "image2pipe", f"file:{made}"),
        ]
        ffmpeg.run(Job(args, "preparing a reference picture", time_limit_s=_TIME_S), stop)
        return made.read_bytes()
