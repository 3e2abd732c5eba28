"""Whether a clip from a provider is what its first bytes and its index say: decoded from end to end."""

from pathlib import Path

from voxweave.core.text import printable
from voxweave.core.value import Value
from voxweave.errors import InputError, MediaError, ProviderFailed
from voxweave.media.facts import StreamFacts
from voxweave.media.ffmpeg import Advance, Ffmpeg
from voxweave.media.length import Reading, reached
from voxweave.media.probe import probe, readable
from voxweave.media.stopping import StopSignal

_SLACK_S = 0.5  # between what the index claims and what is decoded; whole frames are rounded, no more
_SHORTEST_S = 0.2
_LONGEST_S = 120


class Accepted(Value):
    """A clip that decodes to its end: its real measures, and what differs from what was asked."""

    width: int
    height: int
    frames: int
    seconds: float
    has_sound: bool
    notes: tuple[str, ...] = ()


def accept_clip(ffmpeg: Ffmpeg, path: Path, seconds: float, stop: StopSignal) -> Accepted:
    """The clip's real measures; ProviderFailed when it is cut, damaged, or holds no moving picture.

    Another length or size than asked is no fault: scenes are fitted to what came. It is noted.
    """
    try:
        facts = probe(ffmpeg, path, stop, formats=("mov",), what="the clip")
    except InputError as error:
        raise _unusable(str(error)) from error
    pictures = [stream for stream in facts.streams if stream.kind == "video" and not stream.attached_picture]
    if not pictures or not readable(pictures[0]) or not pictures[0].width:
        raise _unusable(f"{printable(path.name)} holds no moving picture that can be read")
    end = _decoded(ffmpeg, path, pictures[0], stop)
    length_s = end.out_us / 1e6
    claimed_s = min((facts.duration_ms or 0) / 1000, _LONGEST_S)
    if length_s < _SHORTEST_S or claimed_s - length_s > _SLACK_S:
        raise _unusable(f"it says {claimed_s:.1f} s and holds {length_s:.1f} s")
    far = abs(length_s - seconds) > _SLACK_S
    return Accepted(
        width=pictures[0].width,
        height=pictures[0].height,
        frames=end.frame,
        seconds=length_s,
        has_sound=any(stream.kind == "audio" for stream in facts.streams),
        notes=(f"{length_s:.1f} s came where {seconds:g} s were asked",) if far else (),
    )


def _decoded(ffmpeg: Ffmpeg, path: Path, picture: StreamFacts, stop: StopSignal) -> Advance:
    """How far the picture goes when any damage ends it."""
    strictly = Reading(picture.index, ("mov",), ("-xerror", "-err_detect", "explode"), _LONGEST_S)
    try:
        return reached(ffmpeg, path, strictly, stop)
    except MediaError as error:
        raise _unusable("it is damaged or cut short") from error


def _unusable(reason: str) -> ProviderFailed:
    return ProviderFailed(f"the provider's clip cannot be used: {reason}")
