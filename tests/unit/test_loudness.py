"""The gain a narration gets, and that it does what it says."""

import os
import subprocess
from pathlib import Path

import pytest

from voxweave.core.speech import Loudness
from voxweave.media.audio import Source, listen
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.loudness import Gain, Levelling, gain_chain, plan_gain
from voxweave.media.stopping import StopSignal


def loudness(lufs: float, peak: float) -> Loudness:
    """Figures of a narration; its range does not matter here."""
    return Loudness(integrated_lufs=lufs, range_lu=5, true_peak_dbtp=peak)


@pytest.mark.parametrize(
    ("measured", "target", "wanted"),
    [
        (loudness(-23, -9), -16, Gain(gain_db=7, limit_dbtp=-2.3)),
        (loudness(-23, -12), -16, Gain(gain_db=7)),
        (loudness(-10, -1), -16, Gain(gain_db=-6)),
        (loudness(-23, -9), None, Gain()),
        (loudness(-23, 0.5), None, Gain(limit_dbtp=-2.3)),
        (loudness(-70, -30), -16, Gain()),
        (loudness(-68, -59), -16, Gain(gain_db=40)),
    ],
)
def test_the_gain_is_the_difference(measured: Loudness, target: float | None, wanted: Gain) -> None:
    """One linear gain to the target, a limiter only where a peak would pass the ceiling, no hiss blown up."""
    assert wanted == plan_gain(measured, target)


def test_a_lower_ceiling_lowers_the_limit() -> None:
    """A film whose encoder added to the peaks is levelled again with a lower ceiling."""
    assert -3.8 == plan_gain(loudness(-23, -2), -16, ceiling_dbtp=-3.0).limit_dbtp


def test_without_peaks_there_is_no_limiter() -> None:
    """A plain gain is a plain gain, and the number of samples is pinned."""
    assert gain_chain(Gain(gain_db=3.5), 96_000) == (
        "volume=3.50dB:precision=double,apad=whole_len=96000,atrim=end_sample=96000"
    )


@pytest.mark.parametrize(
    "sound",
    [
        "sine=f=300:d=4,volume='0.01+0.02*between(mod(t,1),0.1,0.7)':eval=frame",
        "sine=f=300:d=4,volume='if(lt(mod(t,1.3),0.03),7,0.3)':eval=frame",
    ],
    ids=["quiet", "claps"],
)
def test_the_narration_comes_out_as_asked(tmp_path: Path, sound: str) -> None:
    """Quiet and peaky sound alike measure the target within half a unit and stay under the ceiling."""
    ffmpeg, stop = find_ffmpeg("bundled"), StopSignal()
    path = tmp_path / "a.flac"
    subprocess.run([ffmpeg.program, "-v", "error", "-f", "lavfi", "-i", sound, path], check=True)
    fd = os.open(path, os.O_RDONLY)
    source = Source(fd, 0, 1, "a.flac")
    heard = listen(ffmpeg, source, folder=tmp_path, stop=stop)
    levelling = Levelling(ffmpeg, source, heard.samples, heard.loudness)

    after = levelling.trial(levelling.settle(-16, stop), stop)
    os.close(fd)

    assert after.integrated_lufs == pytest.approx(-16, abs=0.5)
    assert after.true_peak_dbtp <= -1.5
