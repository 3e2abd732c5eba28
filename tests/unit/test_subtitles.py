"""Reading subtitle files of strangers."""

import pytest

from voxweave.core.speech import Cue
from voxweave.core.subtitles import clip_cues, read_subtitles
from voxweave.core.time import Span
from voxweave.errors import InputError

TWO = (
    Cue(span=Span(start=1000, end=2500), lines=("Hello there,", "friend.")),
    Cue(span=Span(start=3000, end=4000), lines=("Good-bye.",)),
)
SRT = """1
00:00:01,000 --> 00:00:02,500
<i>Hello</i> there,
{\\an8}friend.

2
00:00:03,000 --> 00:00:04,000
<font size="8000">Good-bye.</font>
"""
VTT = """WEBVTT - a title
Kind: captions

STYLE
::cue { color: red }

NOTE
00:00 is not a time here

intro
00:01.000 --> 00:02.500 align:start position:10%
<v Roger><c.loud>Hello</c> <00:00:01.500>there,
friend.

00:00:03.000 --> 00:00:04.000
Good-bye.
"""
ASS = """[Script Info]
ScriptType: v4.00+
PlayResX: 1

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Evil,8000

[Fonts]
fontname: ../../x.ttf

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,not shown
Dialogue: 1,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\b1\\t(0,1,\\fs900)}Hello there,\\Nfriend.
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\blur9}Hello there,\\Nfriend.
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\p1}m 0 0 l 9 9
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,Good-bye.
"""


def read(text: str, suffix: str = ".srt") -> tuple[Cue, ...]:
    """The cues of a file's text."""
    return read_subtitles(text.encode(), suffix=suffix).cues


@pytest.mark.parametrize(("text", "suffix"), [(SRT, ".srt"), (VTT, ".vtt"), (ASS, ".ass"), (VTT, ".srt")])
def test_the_three_kinds_say_the_same(text: str, suffix: str) -> None:
    """SRT, WebVTT and ASS are read to the same cues, without markup, notes, styles, fonts or drawings."""
    assert read(text, suffix) == TWO


@pytest.mark.parametrize(
    "raw",
    [
        SRT.replace("\n", "\r\n").encode(),
        SRT.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + SRT.encode(),
        SRT.encode("utf-16"),
        SRT.encode("utf-16-be").join([b"\xfe\xff", b""]),
        SRT.replace("1\n00", "\x00\x071\n00", 1).encode(),
        SRT.rstrip("\n").encode(),
        SRT.replace("\n\n2\n", "\n2\n").encode(),
    ],
)
def test_newlines_marks_and_encodings_do_not_matter(raw: bytes) -> None:
    """CR, CRLF, byte order marks, UTF-16, a few control letters and missing blank lines are read alike."""
    assert read_subtitles(raw, suffix=".srt").cues == TWO


def test_windows_letters_are_read_and_noted() -> None:
    """What is not UTF-8 is taken for Windows-1252, and the report says so."""
    found = read_subtitles("1\n00:00:01,000 --> 00:00:02,000\nCafé “olé”\n".encode("cp1252"), suffix=".srt")

    assert ("Café “olé”",) == found.cues[0].lines
    assert found.repairs == ("not UTF-8: read as Windows-1252",)


@pytest.mark.parametrize(
    ("timing", "span", "repair"),
    [
        ("00:00:05,000 --> 00:00:02,000", Span(start=5000, end=5833), "line 2: ends before it begins"),
        ("-00:00:01,000 --> 00:00:02,000", Span(start=0, end=2000), "line 2: begins before the narration"),
        ("1:2:3.4 --> 01:02:04", Span(start=3723400, end=3724000), ""),
    ],
)
def test_odd_times_are_mended_and_named(timing: str, span: Span, repair: str) -> None:
    """A time that can be mended is, and the note has its line."""
    found = read_subtitles(f"1\n{timing}\nHi\n".encode(), suffix=".srt")

    assert span == found.cues[0].span
    assert [note.split(";")[0] for note in found.repairs] == ([repair] if repair else [])


@pytest.mark.parametrize(
    "timing", ["NaN --> 00:00:02,000", "9" * 400 + ":00:00,000 --> x", "-->", "-0:0:2 --> -0:0:1"]
)
def test_a_cue_without_a_time_is_left_out_by_line(timing: str) -> None:
    """Times that cannot be read cost one cue, not the file."""
    found = read_subtitles(f"{SRT}\n3\n{timing}\nlost\n".encode(), suffix=".srt")

    assert found.cues == TWO
    assert found.repairs[0].startswith("line 11: ")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "no cues"),
        (b"Just a text\nof two lines\n", "no cues"),
        (b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "playlist"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b'<?xml version="1.0"?><tt></tt>', "XML with times"),
        (b"\x7fELF\x02\x01\x01" + bytes(range(32)) * 30, "not text"),
        (b"1\n00:00:01,000 --> 00:00:02,000\n" + b"x" * 2001, "line 3 has 2,001 letters"),
        (b"x" * 5_000_001, "5.0 MB"),
        (b"00:00:01,000 --> 00:00:02,000\nx\n\n" * 20_001, "20,001 cues"),
    ],
)
def test_what_are_no_subtitles_is_refused(raw: bytes, reason: str) -> None:
    """One line says why."""
    with pytest.raises(InputError) as caught:
        read_subtitles(raw, suffix=".srt")
    assert reason in str(caught.value)


def test_cues_that_overlap_make_way() -> None:
    """The earlier of two cues ends where the later begins; what begins together is shown together."""
    text = "\n\n".join(
        f"{timing}\n{line}"
        for timing, line in [
            ("00:05 --> 00:09", "later"),
            ("00:01 --> 00:06", "first"),
            ("00:05.100 --> 00:08", "second voice"),
        ]
    )

    assert [
        Cue(span=Span(start=1000, end=5000), lines=("first",)),
        Cue(span=Span(start=5000, end=9000), lines=("later", "second voice")),
    ] == list(read(text))


def test_a_crowd_is_thinned() -> None:
    """Of many cues at once eight are kept, and the report counts the others."""
    found = read_subtitles(b"00:01 --> 00:09\nx\n\n" * 100, suffix=".srt")

    assert len(found.cues) == 1
    assert found.repairs[-1] == "and 72 more such lines"


def test_a_cue_left_out_leaves_no_trace() -> None:
    """Too many letters for one cue are left out, and their time with them."""
    long = "x" * 300
    found = read_subtitles(f"00:01 --> 00:02\na{long}\n\n00:01 --> 00:09\nb{long}\n".encode(), suffix=".srt")

    assert [(cue.span.start, cue.span.end) for cue in found.cues] == [(1000, 2000)]
    assert found.repairs == ("line 4: more than 500 letters at once; the cue is left out",)


def test_text_that_looks_like_markup_but_is_not_stays() -> None:
    """Only tags and override blocks go; comparisons, braces and arrows are text."""
    assert ("a < b > c -> d {e} & 50%",) == read("00:01 --> 00:02\na < b > c -> d {e} & 50%\n")[0].lines


def test_cues_past_the_end_are_clipped_and_told() -> None:
    """What begins after the narration is left out, what runs past its end is cut."""
    cues, notes = clip_cues(TWO, 2000)

    assert (TWO[0].model_copy(update={"span": Span(start=1000, end=2000)}),) == cues
    assert notes == ("1 of 2 cues begin after the narration's end (0:00:02.000); left out",)
