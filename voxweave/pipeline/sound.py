"""The film's sound: the narration levelled and encoded once, with the clips' own sound under it if wanted."""

from collections.abc import Callable
from pathlib import Path

from voxweave.core.encoding import AudioEncoder
from voxweave.core.speech import Loudness, Narration
from voxweave.core.time import CLOCK_HZ
from voxweave.core.value import MediaFile, Value
from voxweave.media.audio import MEASURING, Source, decode_options, loudness_of, master_chain
from voxweave.media.child import Surroundings
from voxweave.media.ffmpeg import ENCODE_LIMITS, Advance, Job
from voxweave.media.files import fingerprint, opened_as, part_of
from voxweave.media.loudness import CEILING_DBTP, Gain, Levelling, gain_chain
from voxweave.pipeline.bed import Bed
from voxweave.pipeline.probe import source_of
from voxweave.pipeline.tools import Tools

_TRIES = 3
_ENCODE_S = 4 * 3600
_MARGIN_DB = 0.1


class Recording(Value):
    """The encoded sound, what was done to it, and how it measures now."""

    media: MediaFile
    gain: Gain
    loudness: Loudness
    samples: int
    """So many come out of a decoder; FFmpeg 5.1 gives the last block of AAC whole."""


def record(
    tools: Tools, narration: Narration, encoder: AudioEncoder, target_lufs: float | None, bed: Bed | None
) -> Recording:
    """Level the narration and encode it; measured again, and levelled lower where a peak came out too high."""
    with opened_as(narration.media, "the narration") as fd:
        source = source_of(narration, fd)
        levelling = Levelling(tools.ffmpeg, source, narration.samples, narration.loudness)
        gain = Gain() if target_lufs is None else levelling.settle(target_lufs, tools.stop)
        file = tools.folder / f"sound.{encoder.suffix}"
        for _ in range(_TRIES):
            _encode(tools, _Take(source, narration.samples, gain, encoder, bed), file)
            measured, samples = measure(tools, file)
            over = measured.true_peak_dbtp - CEILING_DBTP
            if target_lufs is None or over <= 0:
                break
            ceiling = (gain.limit_dbtp or CEILING_DBTP) - over - _MARGIN_DB
            gain = gain.model_copy(update={"limit_dbtp": round(ceiling, 2)})
    return Recording(media=fingerprint(file), gain=gain, loudness=measured, samples=samples)


class _Take:
    """One encode of the narration."""

    def __init__(
        self, source: Source, samples: int, gain: Gain, encoder: AudioEncoder, bed: Bed | None
    ) -> None:
        self.source, self.samples, self.gain = source, samples, gain
        self.encoder, self.bed = encoder, bed


def _encode(tools: Tools, take: _Take, file: Path) -> None:
    bed = ["-i", f"file:{take.bed.media.path}"] if take.bed and take.bed.media else []
    with part_of(file) as part:
        args = [
            *decode_options(take.source),
            *bed,
            *("-filter_complex", _graph(take), "-map", "[out]"),
            *("-c:a", take.encoder.encoder, "-b:a", f"{take.encoder.kbps}k"),
            *("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"),
            f"file:{part.absolute()}",
        ]
        around = Surroundings(cwd=tools.folder, fds=(take.source.fd,), limits=ENCODE_LIMITS)
        job = Job(args, "encoding the sound", around, time_limit_s=_ENCODE_S)
        tools.ffmpeg.run(job, tools.stop, advance=_share(tools, take.samples))


def _graph(take: _Take) -> str:
    voice = f"{master_chain(take.source)},{gain_chain(take.gain, take.samples)}"
    if take.bed is None or take.bed.media is None:
        return f"{voice}[out]"
    if take.bed.mix == "keep":
        return (
            f"{voice}[voice];[1:a]volume=-9dB[bed];[voice][bed]amix=duration=first:normalize=0,{_LIMIT}[out]"
        )
    return (
        f"{voice},asplit[voice][key];[1:a]volume=-6dB[bed];"
        "[bed][key]sidechaincompress=threshold=0.02:ratio=12:attack=15:release=400[low];"
        f"[voice][low]amix=duration=first:normalize=0,{_LIMIT}[out]"
    )


_LIMIT = "alimiter=level=disabled:limit=0.76:latency=1"


def measure(tools: Tools, file: Path) -> tuple[Loudness, int]:
    """How loud a file of ours is, and how many samples it holds, decoded from end to end."""
    source = ["-nostats", "-xerror", "-i", f"file:{file.absolute()}"]
    args = [*source, "-map", "0:a:0", "-af", f"asetpts=N/SR/TB,{MEASURING}", "-f", "null", "-"]
    reached_us = 0

    def heard(step: Advance) -> None:
        nonlocal reached_us
        reached_us = step.out_us

    job = Job(args, "measuring the sound", log_level="info")
    loudness = loudness_of(tools.ffmpeg.run(job, tools.stop, advance=heard))
    return loudness, round(reached_us * CLOCK_HZ / 1_000_000)


def _share(tools: Tools, samples: int) -> Callable[[Advance], None]:
    whole_us = samples * 1_000_000 / CLOCK_HZ
    return lambda step: tools.advance(0.9 * step.out_us / whole_us)
