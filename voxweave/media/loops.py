"""Clips made endless: a unit that ends where it begins."""

from pathlib import Path

from voxweave.core.encoding import VideoEncoder
from voxweave.core.film import Canvas
from voxweave.core.fitting import CROSSFADE_MS
from voxweave.core.pictures import Clip
from voxweave.core.time import frame_at
from voxweave.media.child import Surroundings
from voxweave.media.ffmpeg import ENCODE_LIMITS, Ffmpeg, Job, foreign_globals
from voxweave.media.files import opened_as, part_of
from voxweave.media.filtergraph import clip_input, encoded, exactly, fitted, joined_ends, there_and_back
from voxweave.media.stopping import StopSignal

# Seen only by the scene's own encode, so it costs next to nothing and loses next to nothing.
_LOOP_S = 3600
_MEZZANINE = VideoEncoder(encoder="libx264", args=("-preset", "ultrafast", "-crf", "10"))


def loop_unit(ffmpeg: Ffmpeg, clip: Clip, canvas: Canvas, *, unit: Path, stop: StopSignal) -> None:
    """Write to `unit` a film of the canvas's size whose end runs on into its start."""
    frames = max(2, frame_at(clip.duration_ms, canvas.rate))
    overlap = min(frame_at(CROSSFADE_MS, canvas.rate), frames // 3)
    with opened_as(clip.media, "the clip") as fd, part_of(unit) as part:
        stream = exactly(fitted(clip_input(clip, fd), clip, canvas), frames)
        if clip.fit == "boomerang" and frames > 2:
            stream, frames = there_and_back(stream, frames), 2 * frames - 2
        elif overlap:
            stream, frames = joined_ends(stream, canvas, frames=frames, overlap=overlap), frames - overlap
        args = [
            *foreign_globals(),
            *encoded(stream, canvas, _MEZZANINE, frames=frames),
            f"file:{part.absolute()}",
        ]
        around = Surroundings(cwd=unit.parent, fds=(fd,), limits=ENCODE_LIMITS)
        ffmpeg.run(Job(args, f"looping {clip.media.path.name}", around, time_limit_s=_LOOP_S), stop)
