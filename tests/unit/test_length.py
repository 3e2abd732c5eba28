"""Clips counted by their packets are as long as those that are decoded, or they are decoded."""

import shutil
from pathlib import Path

import av
import pytest

from tests.data.make_media import run
from voxweave.media.ffmpeg import CLIP_FORMATS, Ffmpeg, find_ffmpeg
from voxweave.media.length import Reading, listed, reached
from voxweave.media.probe import probe
from voxweave.media.stopping import StopSignal
from voxweave.providers.folder import measure

READING = Reading(0, CLIP_FORMATS, ("-skip_loop_filter", "all"), 300)
SOURCE = ("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=30000/1001:duration=2")


@pytest.fixture(params=["bundled", "system"])
def ffmpeg(request: pytest.FixtureRequest) -> Ffmpeg:
    """Each FFmpeg in turn."""
    if request.param == "system" and not shutil.which("ffmpeg"):
        pytest.skip("no system FFmpeg here")
    return find_ffmpeg(request.param)


def clip(folder: Path, name: str, *args: str) -> Path:
    """A clip made by the bundled FFmpeg."""
    return run(find_ffmpeg().program, folder / name, *args)


@pytest.mark.parametrize(
    "args",
    [
        ("a.mp4", "-c:v", "libx264", "-bf", "3"),
        ("a.mkv", "-c:v", "libx264"),
        ("a.webm", "-c:v", "libvpx-vp9"),
    ],
    ids=["mp4", "mkv", "webm"],
)
def test_an_even_clip_is_as_long_as_it_is_when_decoded(
    args: tuple[str, ...], ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    """Every packet is a picture: the count is the same, the length to a millisecond or two."""
    name, *coded = args
    file = clip(tmp_path, name, *SOURCE, "-pix_fmt", "yuv420p", *coded)

    by_packets = listed(ffmpeg, file, READING, StopSignal())
    decoded = reached(ffmpeg, file, READING, StopSignal())

    assert by_packets is not None
    assert by_packets.frame == decoded.frame == 60
    assert abs(by_packets.out_us - decoded.out_us) <= 40_000


def test_a_clip_cut_short_is_left_to_the_decoder(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    """An index that names more than is there is not believed."""
    whole = clip(tmp_path, "a.mp4", *SOURCE, "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-g", "15")
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])

    found = listed(ffmpeg, cut, READING, StopSignal())

    assert found is None or found.frame < 60


@pytest.mark.parametrize("kept", ["not(between(n\\,20\\,30))", "gt(mod(n\\,3)\\,0)"], ids=["gap", "uneven"])
def test_uneven_clips_are_decoded(kept: str, ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    """Where pictures do not follow one another evenly their number says nothing of the length."""
    file = clip(
        tmp_path, "a.mp4", *SOURCE, "-vf", f"select={kept}", "-fps_mode", "vfr", "-pix_fmt", "yuv420p"
    )

    assert listed(ffmpeg, file, READING, StopSignal()) is None


def test_zeros_for_pictures_are_decoded(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    """Packets whose bytes are gone are no pictures, however well they are listed."""
    file = clip(tmp_path, "a.mp4", *SOURCE, "-pix_fmt", "yuv420p", "-movflags", "+faststart")
    told = bytearray(file.read_bytes())
    begin = told.index(b"mdat") + 4
    told[begin:] = bytes(len(told) - begin)
    file.write_bytes(told)

    assert listed(ffmpeg, file, READING, StopSignal()) is None


@pytest.mark.parametrize("codec", ["libx264", "libx265", "libvpx-vp9", "libvpx", "libsvtav1"])
def test_packets_overwritten_later_on_are_not_counted(codec: str, ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    """A download broken off in a file of full size is as long as what of it can be decoded."""
    name = "a.webm" if codec.startswith("libvpx") else "a.mp4"
    coded = ("-c:v", codec, "-pix_fmt", "yuv420p", "-bf", "0", "-g", "25")
    source = ("-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25:duration=4")
    file = clip(tmp_path, name, *source, *coded, "-cpu-used", "8")
    told = bytearray(file.read_bytes())
    for begin, end in packets(file)[75:]:
        told[begin:end] = bytes(end - begin)
    file.write_bytes(told)

    found = measure(ffmpeg, file, probe(ffmpeg, file, StopSignal()).streams[0], StopSignal())

    assert found.frames == 75
    assert abs(found.duration_ms - 3000) <= 40


def packets(file: Path) -> list[tuple[int, int]]:
    """Where each packet lies in a file."""
    told, found, at = file.read_bytes(), [], 0
    with av.open(str(file)) as media:
        for raw in (bytes(packet) for packet in media.demux(video=0) if packet.size):
            begin = told.index(raw, at)
            at = begin + len(raw)
            found.append((begin, at))
    return found
