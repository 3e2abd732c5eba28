"""Facts of files: the same from ffprobe and from PyAV, and true."""

import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from tests.data.containers import id3
from tests.data.make_media import honest
from voxweave.core.speech import Tags
from voxweave.errors import InputError, Stopped
from voxweave.media.facts import Facts, read_facts
from voxweave.media.ffmpeg import AUDIO_FORMATS, CLIP_FORMATS, Ffmpeg, find_ffmpeg
from voxweave.media.magic import recognise
from voxweave.media.probe import PICTURE_CODECS, pick_cover, pick_sound, probe
from voxweave.media.stopping import StopSignal

ALL_FORMATS = (*AUDIO_FORMATS, *CLIP_FORMATS, *PICTURE_CODECS)
CLAIMS_APART_MS = 60
"""FFmpeg 8 leaves an mp3's padding out of the length it tells, 5.1 does not; both are only claims."""


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an ordinary file of each kind."""
    folder = tmp_path_factory.mktemp("media")
    honest(find_ffmpeg().program, folder)
    return folder


@pytest.fixture(scope="module")
def bundled() -> Ffmpeg:
    """The FFmpeg that comes with us; it has no ffprobe."""
    return find_ffmpeg()


@pytest.fixture(scope="module")
def system() -> Ffmpeg:
    """The system's FFmpeg, with its ffprobe."""
    if not shutil.which("ffprobe"):
        pytest.skip("no system FFmpeg here")
    return find_ffmpeg("system")


def _facts(ffmpeg: Ffmpeg, path: Path) -> Facts:
    return probe(ffmpeg, path, StopSignal(), formats=ALL_FORMATS)


def test_both_probers_tell_the_same(media: Path, bundled: Ffmpeg, system: Ffmpeg) -> None:
    """PyAV in a child and ffprobe give equal facts of every kind of file, but for a claim's last ms."""
    for path in sorted(media.iterdir()):
        if path.suffix == ".txt":
            continue
        ours, theirs = _facts(bundled, path), _facts(system, path)
        assert abs((ours.duration_ms or 0) - (theirs.duration_ms or 0)) <= CLAIMS_APART_MS, path.name
        assert ours == theirs.model_copy(update={"duration_ms": ours.duration_ms}), path.name


@pytest.mark.parametrize(
    ("name", "container", "codec"),
    [
        ("plain.mp3", "mp3", "mp3"),
        ("plain.wav", "wav", "pcm_s16le"),
        ("plain.w64", "w64", "pcm_s16le"),
        ("plain.flac", "flac", "flac"),
        ("plain.ogg", "ogg", "vorbis"),
        ("plain.opus", "ogg", "opus"),
        ("plain.aac", "aac", "aac"),
        ("plain.m4a", "mov", "aac"),
        ("plain.aiff", "aiff", "pcm_s16be"),
        ("plain.caf", "caf", "pcm_s16be"),
        ("plain.mka", "matroska", "aac"),
        ("plain.webm", "matroska", "opus"),
    ],
)
def test_sound_is_described(media: Path, bundled: Ffmpeg, name: str, container: str, codec: str) -> None:
    """Container, codec, rate and channels of each kind of sound."""
    facts = _facts(bundled, media / name)
    sound = pick_sound(facts, media / name)
    assert (container, codec) == (facts.format.split(",")[0], sound.codec)
    assert (48_000, 1) == (sound.sample_rate_hz, sound.channels)
    assert 900 <= (facts.duration_ms or 0) <= 1100


def test_unusual_sound_is_described(media: Path, bundled: Ffmpeg) -> None:
    """High rates and many channels are kept as they are."""
    deep, surround = (_facts(bundled, media / name).streams[0] for name in ("deep.wav", "surround.wav"))
    assert (96_000, "pcm_s24le") == (deep.sample_rate_hz, deep.codec)
    assert (6, "5.1") == (surround.channels, surround.layout)


def test_pictures_are_described(media: Path, bundled: Ffmpeg) -> None:
    """Size, rate, pixel shape, turn, fields and colours of clips are kept."""
    streams = {path.name: _facts(bundled, path).streams[0] for path in media.glob("*.m[op][v4]")}
    assert (320, 180, Fraction(25)) == (
        streams["plain.mp4"].width,
        streams["plain.mp4"].height,
        streams["plain.mp4"].rate,
    )
    assert Fraction(30000, 1001) == streams["plain.mov"].rate
    assert Fraction(4, 3) == streams["anamorphic.mp4"].sar
    assert "bt709" == streams["anamorphic.mp4"].colour.matrix
    assert 270 == streams["turned.mp4"].rotation
    assert (True, False) == (streams["interlaced.mp4"].interlaced, streams["plain.mp4"].interlaced)
    hdr = streams["hdr.mp4"]
    assert ("yuv420p10le", "smpte2084", "bt2020") == (
        hdr.pixel_format,
        hdr.colour.transfer,
        hdr.colour.primaries,
    )


def test_tags_chapters_and_covers_are_found(media: Path, bundled: Ffmpeg) -> None:
    """Tags of the container or of the stream, chapters in milliseconds, and the picture on the cover."""
    for name in ("plain.mp3", "plain.flac", "plain.ogg", "plain.m4a"):
        assert Tags(title="A talk", artist="Ann", date="2026") == _facts(bundled, media / name).tags, name
    chapters = _facts(bundled, media / "chapters.m4a").chapters
    assert [("First", 0, 400), ("Second", 400, 1000)] == [
        (chapter.title, chapter.span.start, chapter.span.end) for chapter in chapters
    ]
    assert [1, 1, None] == [
        pick_cover(_facts(bundled, media / name)) for name in ("cover.mp3", "cover.m4a", "plain.mp3")
    ]


def test_the_default_sound_is_taken(media: Path, bundled: Ffmpeg) -> None:
    """Of two voices the one marked default, whatever its place; a film without sound is refused."""
    two, silent = media / "two-voices.mkv", media / "anamorphic.mp4"
    assert 1 == pick_sound(_facts(bundled, two), two).index
    with pytest.raises(InputError, match=r"anamorphic\.mp4 has no sound"):
        pick_sound(_facts(bundled, silent), silent)


def test_a_picture_is_no_narration(media: Path, bundled: Ffmpeg) -> None:
    """A file of another kind is told by name before any program has seen it."""
    with pytest.raises(InputError, match=r"still\.png is a PNG picture, not sound"):
        probe(bundled, media / "still.png", StopSignal())


def test_a_stop_ends_a_probe(media: Path, bundled: Ffmpeg) -> None:
    """Once someone asked to end, no program is started."""
    stop = StopSignal()
    stop.set()
    with pytest.raises(Stopped):
        probe(bundled, media / "plain.mp3", stop)


def test_claims_that_cannot_be_are_dropped() -> None:
    """No length, no rate and no chapter comes from figures that make no sense."""
    told = {
        "format": {"format_name": "mp3", "duration": "nan", "tags": {"TITLE": "a\x1b[31m\nb"}},
        "streams": [
            {
                "index": 0,
                "codec_type": "video",
                "codec_name": "h264",
                "avg_frame_rate": "0/0",
                "start_time": "inf",
            },
            {"index": 1, "codec_type": "nonsense"},
        ],
        "chapters": [{"start_time": "5", "end_time": "5"}, {"start_time": "x", "end_time": "-1"}],
    }
    facts = read_facts(told)
    assert (None, (), 1) == (facts.duration_ms, facts.chapters, len(facts.streams))
    assert (None, 0) == (facts.streams[0].rate, facts.streams[0].start_ms)
    assert "a [31m b" == facts.tags.title


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"#EXTM3U\n#EXT-X", "a playlist"),
        (b"\xef\xbb\xbf\n #ExtM3U", "a playlist"),
        (b"[playlist]\nFile1=x", "a playlist"),
        (b"ffconcat version 1.0", "a list of files"),
        (b"<!DOCTYPE HTML><p>", "a web page"),
        (b'<?xml version="1.0"?>\n<svg>', "an SVG drawing"),
        (b"\x7fELF\x02\x01", "a program"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\0\0\0\x18ftypheic", "a HEIC or AVIF photo"),
        (b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02", "an animated WebP"),
        (b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x10", "a WebP picture"),
        (b"Dear all,\n", "text"),
        (b"\xff\xfb\x90\x64" + bytes(413), ""),
        ((b"\xff\xfb\x90\x64" + bytes(413)) * 3, "MP3 sound"),
        (b"ID3\x03\0\0\0\0\0\x05hello" + bytes(999) + (b"\xff\xfb\x90\x64" + bytes(413)) * 3, "MP3 sound"),
        ((b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(9)) * 3, "AAC sound"),
    ],
)
def test_first_bytes_tell(start: bytes, name: str, tmp_path: Path) -> None:
    """What a file is shows in its first bytes; MPEG sound must show three frames in a row."""
    path = tmp_path / "file.mp3"
    path.write_bytes(start)
    with path.open("rb") as stream:
        assert name == recognise(stream.fileno()).name


def test_more_tags_than_anybody_reads(system: Ffmpeg, media: Path, tmp_path: Path) -> None:
    """An answer over our limit is refused at once, not waited for."""
    path = tmp_path / "tags.mp3"
    frames = ((b"TXXX", b"\0%06d\0" % n + b"x" * 900) for n in range(10_500))
    path.write_bytes(id3(*frames) + (media / "plain.mp3").read_bytes())
    with pytest.raises(InputError, match=r"tags\.mp3 carries too many tags"):
        _facts(system, path)


@pytest.mark.parametrize("number", [900, 5_000])
def test_many_tags_are_counted(tmp_path: Path, bundled: Ffmpeg, system: Ffmpeg, number: int) -> None:
    """Each opening of a file takes the longer the more tags it has: an archivist's are read, a bomb's refused."""
    sound = (b"\xff\xfb\x90\x64" + bytes(413)) * 60
    path = tmp_path / "tags.mp3"
    path.write_bytes(id3(*[(b"TXXX", b"\0%d\0x" % one) for one in range(number)]) + sound)
    for ffmpeg in (bundled, system):
        if number > 1_000:
            with pytest.raises(InputError, match=r"tags\.mp3 carries too many tags"):
                _facts(ffmpeg, path)
        else:
            assert "mp3" == _facts(ffmpeg, path).format
