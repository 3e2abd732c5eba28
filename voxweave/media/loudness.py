"""Bringing the narration to its loudness: one linear gain, and a limiter only where peaks need it."""

from dataclasses import dataclass

from voxweave.core.speech import Loudness
from voxweave.core.value import Value
from voxweave.media.audio import MEASURING, QUIETEST_LUFS, Source, decode_options, loudness_of, master_chain
from voxweave.media.child import Surroundings
from voxweave.media.ffmpeg import CHECK_LIMITS, Ffmpeg, Job
from voxweave.media.stopping import StopSignal

CEILING_DBTP = -1.5
MOST_GAIN_DB = 40.0
"""More would make a film of hiss."""

_HEADROOM_DB = 0.8  # what AAC and Opus add to a peak; measured on speech and claps at 128 to 192 kbit/s
_LIMIT_HZ = 192_000  # four times the clock: peaks between samples are limited, too
_HARD_DB = 0.5  # peaks so far over the ceiling may take loudness with them
_CLOSE_LU = 0.15
_TRIALS = 3
_TRIAL_S = 2 * 3600


class Gain(Value):
    """What is done to the narration's level; `limit_dbtp` is None where no peak comes near."""

    gain_db: float = 0.0
    limit_dbtp: float | None = None


def plan_gain(measured: Loudness, target_lufs: float | None, ceiling_dbtp: float = CEILING_DBTP) -> Gain:
    """The gain that brings the narration to its target; without one only the peaks are kept down."""
    gain_db = 0.0
    if target_lufs is not None and measured.integrated_lufs > QUIETEST_LUFS:
        gain_db = min(round(target_lufs - measured.integrated_lufs, 2), MOST_GAIN_DB)
    return _with_limit(gain_db, measured, ceiling_dbtp)


def gain_chain(gain: Gain, samples: int) -> str:
    """The filters after `master_chain` that carry the gain out; exactly so many samples come out.

    Speech and soft claps stay under the ceiling through AAC and Opus; bursts of white noise do not, so
    the encoded film is measured again, and levelled with a lower ceiling where it must be.
    """
    steps = [f"volume={gain.gain_db:.2f}dB:precision=double"]
    if gain.limit_dbtp is not None:
        limit = 10 ** (gain.limit_dbtp / 20)
        steps += [
            f"aresample={_LIMIT_HZ}",
            f"alimiter=level=disabled:limit={limit:.6f}:attack=4:release=60:latency=1",
            "aresample=48000",
        ]
    return ",".join((*steps, f"apad=whole_len={samples}", f"atrim=end_sample={samples}"))


@dataclass(frozen=True)
class Levelling:
    """A narration to be levelled: its file, its length on the master clock and what was measured."""

    ffmpeg: Ffmpeg
    source: Source
    samples: int
    measured: Loudness

    def settle(self, target_lufs: float | None, stop: StopSignal, ceiling_dbtp: float = CEILING_DBTP) -> Gain:
        """The planned gain, corrected by trial where the limiter works so hard that it costs loudness."""
        gain = plan_gain(self.measured, target_lufs, ceiling_dbtp)
        if target_lufs is None or _excess_db(gain, self.measured) < _HARD_DB:
            return gain
        for _ in range(_TRIALS):
            lacking = target_lufs - self.trial(gain, stop).integrated_lufs
            if abs(lacking) <= _CLOSE_LU:
                break
            gain = gain.model_copy(update={"gain_db": round(min(gain.gain_db + lacking, MOST_GAIN_DB), 2)})
        return gain

    def trial(self, gain: Gain, stop: StopSignal) -> Loudness:
        """How loud the narration comes out with this gain, before any encoder."""
        graph = f"{master_chain(self.source)},{gain_chain(gain, self.samples)},{MEASURING}[out]"
        options = ["-nostats", *decode_options(self.source)]
        job = Job(
            [*options, "-filter_complex", graph, "-map", "[out]", "-f", "null", "-"],
            f"measuring the loudness of {self.source.name}",
            Surroundings(fds=(self.source.fd,), limits=CHECK_LIMITS),
            log_level="info",
            time_limit_s=_TRIAL_S,
        )
        return loudness_of(self.ffmpeg.run(job, stop))


def _with_limit(gain_db: float, measured: Loudness, ceiling_dbtp: float) -> Gain:
    limit_dbtp = ceiling_dbtp - _HEADROOM_DB
    needed = measured.true_peak_dbtp + gain_db > limit_dbtp
    return Gain(gain_db=gain_db, limit_dbtp=round(limit_dbtp, 2) if needed else None)


def _excess_db(gain: Gain, measured: Loudness) -> float:
    """How far the loudest peak would stand over the limit."""
    if gain.limit_dbtp is None:
        return 0.0
    return measured.true_peak_dbtp + gain.gain_db - gain.limit_dbtp
