"""Whether an encoder works here: one frame tells, as a list of names does not."""

from functools import cache

from voxweave.core.encoding import VideoEncoder
from voxweave.core.film import Canvas
from voxweave.core.time import parse_rate
from voxweave.errors import MediaError, OutOfTime
from voxweave.media.ffmpeg import Ffmpeg, Job
from voxweave.media.filtergraph import black_input, encoded
from voxweave.media.stopping import StopSignal

_TRIAL = Canvas.model_validate({"width": 256, "height": 256, "rate": parse_rate("30")})
"""The smallest picture that every chip takes."""

_TIME_S = 60.0


@cache
def works(ffmpeg: Ffmpeg, encoder: VideoEncoder, stop: StopSignal) -> bool:
    """Whether this FFmpeg encodes a frame with it on this machine."""
    if not ffmpeg.lists("encoders", encoder.encoder):
        return False
    args = [*encoded(black_input(_TRIAL), _TRIAL, encoder, frames=1), "/dev/null"]
    try:
        ffmpeg.run(Job(args, f"trying {encoder.encoder}", time_limit_s=_TIME_S), stop)
    except (MediaError, OutOfTime):  # a chip's driver may hang
        return False
    return True
