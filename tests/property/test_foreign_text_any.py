"""Files of text from anybody: whatever is in them, they give a value or one error of ours, and soon."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.data.make_subtitles import ODD
from tests.pace import within
from voxweave.core.scripts import read_script
from voxweave.core.storyboard import from_toml
from voxweave.core.subtitles import MOST_BYTES, read_subtitles
from voxweave.errors import InputError, VoxWeaveError
from voxweave.pipeline.checking import _read
from voxweave.settings.looks import load_look
from voxweave.settings.styles import load_style
from voxweave.settings.tables import read_table

# Processor seconds: what is measured is our code, not what else the machine does.
SOON_S = 10

TIMES = "00:00:01,000 --> 00:00:02,500\n"
PIECES = st.sampled_from(
    [
        *(
            "1\n",
            TIMES,
            "0:1 --> 0:2\n",
            "-->",
            "->",
            "\n",
            "\n\n",
            "WEBVTT\n\n",
            "NOTE ",
            "STYLE\n",
            "[Events]\n",
        ),
        *(
            "Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,",
            "[Script Info]\n",
            "Format: Start, End, Text\n",
        ),
        *(
            "{1}{2}",
            "[10][20]",
            "[00:01.00]",
            "0:00:01.000,0:00:02.000\n",
            "<b>",
            "</",
            "{\\an8}",
            "{\\",
            "&#",
            "&amp;",
        ),
        *(
            "9" * 30,
            "-",
            ":",
            ",",
            ".",
            "\x00",
            "\ufeff",
            "\u202e",
            "é",
            "日",
            "🎬",
            "\r",
            "|",
            "x y z",
            "# ",
            "[",
            "](",
            "```",
        ),
    ]
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)
BYTES = (
    st.binary(max_size=300)
    | st.builds(lambda text, codec: text.encode(codec, "replace"), TEXTS, st.sampled_from(["utf-8", "utf-16", "cp1252", "shift_jis"]))
    | st.builds(lambda head, odd: odd.raw[:3000] + head, st.binary(max_size=60), st.sampled_from(ODD))
)  # fmt: skip
SUFFIXES = st.sampled_from([".srt", ".vtt", ".ass", ".sub", ".sbv", ".lrc", ".txt", ".md", ""])


def orderly(raw: bytes, suffix: str) -> None:
    """Cues in order that can be shown, or one line."""
    try:
        found = read_subtitles(raw, suffix=suffix)
    except InputError as error:
        assert "\n" not in str(error)
        return
    ends = 0
    for cue in found.cues:
        assert ends <= cue.span.start < cue.span.end and cue.lines
        assert all(line.strip() and not any(ord(char) < 32 for char in line) for line in cue.lines)
        ends = cue.span.end
    assert all("\n" not in repair for repair in found.repairs)


@settings(deadline=None, max_examples=300)
@given(BYTES, SUFFIXES)
def test_any_bytes_are_subtitles_or_one_error(raw: bytes, suffix: str) -> None:
    """Cues come out in order, with text; or an InputError of one line."""
    orderly(raw, suffix)


@settings(deadline=None, max_examples=200)
@given(BYTES, SUFFIXES)
@example(b"&#" + b"9" * 5000 + b";", ".md")
@example(b"a &#x" + b"f" * 5000, ".md")
def test_any_bytes_are_a_script_or_one_error(raw: bytes, suffix: str) -> None:
    """Words come out, each of at most 500 letters; or an InputError of one line."""
    try:
        script = read_script(raw, suffix=suffix)
    except InputError as error:
        assert "\n" not in str(error)
        return
    assert script.words and all(0 < len(word) <= 500 and not word.isspace() for word in script.words)


DEEP = "x = " + "[" * 100_000
DIGITS = "x = " + "9" * 5000
POINTS = "a." * 40_000 + "a = 1"
TABLES = (
    st.binary(max_size=100) | st.sampled_from([one.encode() for one in (DEEP, DIGITS, POINTS, "x = 1e999", "x = nan")])
)  # fmt: skip


def _storyboard(file: Path) -> object:
    return from_toml(file.read_bytes().decode("utf-8", "replace"), 60_000, name="board.toml")


@pytest.mark.parametrize(
    "read", [read_table, load_style, load_look, _storyboard], ids=lambda read: read.__name__
)
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TABLES)
def test_any_bytes_are_a_table_or_one_error(
    tmp_path: Path, read: Callable[[Path], object], raw: bytes
) -> None:
    """Settings, styles, looks and storyboards: nested without end, or of numbers without end, they are refused."""
    file = tmp_path / "mine.toml"
    file.write_bytes(raw)
    with within(SOON_S, clock=time.process_time):
        try:
            read(file)
        except VoxWeaveError as error:
            assert "\n" not in str(error)


MANY = {"words": [{"text": "x", "start_ms": n, "end_ms": n + 1} for n in range(20_000)]}
NUMBER = '{"captions": {"cues": 1e999}}'


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        '{"captions": {"rules_broken": [1]}}',
        '{"captions": {"cues": ' + "9" * 5000 + "}}",
        '{"cues": [{"start_ms": Infinity, "end_ms": NaN, "lines": ["x"]}]}',
        '{"cues": [{"start_ms": -5, "end_ms": 5, "lines": ["x"]}]}',
        '{"cues": [{"start_ms": 0, "end_ms": 1e300, "lines": ["x"]}]}',
        '{"cues": [{"start_ms": 0, "end_ms": 5, "lines": 7}]}',
        '{"cues": [{"start_ms": 0, "end_ms": 5, "lines": ["' + "x" * 100_000 + '"]}]}',
        '{"a": ' + "[" * 100_000,
        json.dumps(MANY | {"cues": [{"start_ms": n, "end_ms": n + 1, "lines": ["x"]} for n in range(20_001)]}),
    ],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_a_report_that_lies_is_refused(tmp_path: Path, text: str) -> None:
    """Captions as JSON: endless, without end, or out of all measure, they end in one line."""
    file = tmp_path / "words.json"
    file.write_text(text)
    with pytest.raises(InputError, match=r"words\.json"):
        _read(file)


def test_many_words_take_no_longer_for_many_cues(tmp_path: Path) -> None:
    """Twenty thousand cues of twenty thousand words are read in seconds."""
    cues = [{"start_ms": n, "end_ms": n + 1, "lines": ["x"]} for n in range(20_000)]
    file = tmp_path / "words.json"
    file.write_text(json.dumps(MANY | {"cues": cues}))
    with within(SOON_S, clock=time.process_time):
        found = _read(file)

    assert len(found.cues) == 20_000 and found.cues[-1].words[0].text == "x"


@pytest.mark.parametrize(
    "unit",
    ["-->\n", "<", "{\\", "&#x1F600;", "\u202e", "a\u0301", "0:0:0,0 --> 0:0:0,0\n", "[00:01.00]", "{1}{2}x|\n", "\u0441\u043b\n"],
    ids=ascii,
)  # fmt: skip
def test_the_largest_files_are_read_soon(unit: str) -> None:
    """Five megabytes of anything, in lines as long as they may be, take seconds."""
    length = 1990 if "\n" not in unit else 10**9
    line = (unit * (length // len(unit)))[:length] + "\n" if length < 10**9 else unit * 1000
    raw = (f"1\n{TIMES}" + line * (MOST_BYTES // len(line.encode()) - 1)).encode()[:MOST_BYTES]
    with within(SOON_S, clock=time.process_time):
        orderly(raw, ".srt")
