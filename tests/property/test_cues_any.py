"""Whatever words or bytes come, cues keep their promises."""

import itertools
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pace import within
from voxweave.core.cue_rules import CueRules
from voxweave.core.cues import lay_out
from voxweave.core.letters import cleaned, columns
from voxweave.core.scripts import read_script
from voxweave.core.speech import Cue, Word
from voxweave.core.subtitles import clip_cues, read_subtitles
from voxweave.core.time import Span
from voxweave.core.timed_lines import MOST_LETTERS
from voxweave.errors import InputError

LETTERS = "abcdefghijklmnop ABC.,;:!?-'«»“”()日本語、。かなカナ한국ไทยเแ่שלוםहिन्दी1234é\u0301\u200d\n\t\u202e"
TEXTS = st.text(alphabet=LETTERS, max_size=30) | st.sampled_from(
    ["the", "and", "Dr.", "of", "a", "so,", "end."]
)


@st.composite
def spoken(draw: st.DrawFn) -> list[Word]:
    """Words in order, with pauses."""
    now, words = draw(st.integers(0, 5000)), []
    for text in draw(st.lists(TEXTS, max_size=60)):
        length = draw(st.integers(0, 900))
        words.append(Word(text=text, span=Span(start=now, end=now + length)))
        now += length + draw(st.sampled_from([0, 0, 0, 10, 200, 600, 3000]))
    return words


RULES = st.builds(CueRules, chars_per_line=st.integers(12, 42), max_lines=st.integers(1, 3))


def squeezed(text: str) -> str:
    """Text without spaces."""
    return "".join(cleaned(text).split())


@given(spoken(), RULES, st.sets(st.integers(0, 60)))
def test_no_letter_is_lost_or_moved(words: list[Word], rules: CueRules, paragraphs: set[int]) -> None:
    """The cues together say what the words say, letter by letter."""
    cues = lay_out(words, rules=rules, paragraphs=sorted(paragraphs))

    assert "".join(squeezed(word.text) for word in words) == "".join(squeezed(cue.text) for cue in cues)


@given(spoken(), RULES)
def test_cues_never_overlap(words: list[Word], rules: CueRules) -> None:
    """Each cue ends at least the gap before the next begins, and is on screen for some time."""
    cues = lay_out(words, rules=rules)

    assert all(cue.span.duration > 0 for cue in cues)
    assert all(a.span.end + rules.gap_ms <= b.span.start for a, b in itertools.pairwise(cues))


@given(spoken(), RULES)
def test_a_line_is_too_long_only_where_a_word_is(words: list[Word], rules: CueRules) -> None:
    """No line with a place to break in it is longer than the rule."""
    for cue in lay_out(words, rules=rules):
        assert len(cue.lines) <= rules.max_lines
        assert all(columns(line) <= rules.chars_per_line or " " not in line for line in cue.lines)


@given(spoken(), RULES)
def test_a_cue_begins_with_its_first_word(words: list[Word], rules: CueRules) -> None:
    """Where words do not crowd, a cue is on screen from the moment it is spoken."""
    starts = {word.span.start for word in words}
    crowded = any(b.span.start - a.span.start < 2 * rules.gap_ms for a, b in itertools.pairwise(words))
    whole = all(columns(cleaned(word.text)) <= rules.chars_per_line for word in words)
    alone = all(len(word.text.split()) == 1 and squeezed(word.text).isascii() for word in words)

    if whole and alone and not crowded:
        assert all(cue.span.start in starts for cue in lay_out(words, rules=rules))


LINES = st.sampled_from(
    [
        "WEBVTT",
        "1",
        "",
        "00:00:01,000 --> 00:00:02,000",
        "00:00:01.5 --> 00:00:09.25 align:start",
        "-00:00:01,000 --> 00:00:02,000",
        "00:00:05,000 --> 00:00:02,000",
        "NaN --> 00:00:02,000",
        "999999:00:00,000 --> 999999:00:01,000",
        "Hello <b>there</b> {\\an8}friend",
        "<font size=8000>x",
        "NOTE this",
        "[Script Info]",
        "[Events]",
        "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,Hi{\\b1}\\Nyou, {\\p1}m 0 0",
        "Dialogue: 0,-0:00:01.00,0:00:02.00,Default,,0,0,0,,Hi",
        "Dialogue: 0,0:00:03.00,0:00:01.00,Default",
        "1" * 400,
        "a -> b",
        "é漢字" * 50,
    ]
)
BYTES = st.binary(max_size=300) | st.lists(LINES | st.text(max_size=30), max_size=30).map(
    lambda lines: "\n".join(lines).encode("utf-8", "replace")
)


@settings(max_examples=300)
@given(BYTES, st.sampled_from([".srt", ".vtt", ".ass", ".txt"]))
def test_any_bytes_are_orderly_cues_or_one_error(raw: bytes, suffix: str) -> None:
    """A subtitle file gives cues in order that do not overlap, each with text; or InputError."""
    try:
        cues = read_subtitles(raw, suffix=suffix).cues
    except InputError:
        return
    assert all(cue.span.start >= 0 and cue.span.duration > 0 and cue.text.strip() for cue in cues)
    assert all(a.span.end <= b.span.start for a, b in itertools.pairwise(cues))
    assert all(sum(map(len, cue.lines)) <= MOST_LETTERS for cue in cues)


@given(st.lists(st.tuples(st.integers(0, 9000), st.integers(1, 3000)), max_size=20), st.integers(1, 9000))
def test_clipped_cues_end_with_the_narration(spans: list[tuple[int, int]], duration: int) -> None:
    """No cue goes on past the narration, and none within it is dropped."""
    cues = [Cue(span=Span(start=start, end=start + length), lines=("x",)) for start, length in spans]

    kept, _ = clip_cues(cues, duration)

    assert all(0 < cue.span.duration and cue.span.end <= duration for cue in kept)
    assert len(kept) == sum(start < duration for start, _ in spans)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_a_script_or_one_error(raw: bytes) -> None:
    """A script gives words without spaces in them; or InputError."""
    for suffix in (".txt", ".md"):
        try:
            script = read_script(raw, suffix=suffix)
        except InputError:
            continue
        assert all(word and len(word.split()) == 1 for word in script.words)


HOSTILE = (
    b"1" * 1_900 + b" --> x\n",
    b"00:00:01,000 --> " + b" " * 1_900 + b"\n",
    b"<" * 1_999 + b"\n",
    b"{\\" * 999 + b"\n",
    b"<b" * 999 + b"\n",
    b"&#" * 999 + b"\n",
    b"->\n",
    b"\n",
    b"00:00:01,000 --> 00:00:02,000\nab\n\n",
    b"00:00:01,000 --> 00:00:02,000\n" + "é\u0301".encode() * 900 + b"\n",
    b"Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,Hi\n",
    b"Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{" + b"\\t(" * 600 + b"\n",
)


def test_hostile_files_take_no_longer_than_their_length() -> None:
    """Five megabytes of the worst lines are read or refused in two seconds of work."""
    for line in HOSTILE:
        for head in (b"", b"WEBVTT\n\n", b"[Script Info]\n[Events]\n", b"00:00:01,000 --> 00:00:02,000\n"):
            raw = head + line * ((5_000_000 - len(head)) // len(line))
            with within(2, clock=time.process_time):
                try:
                    read_subtitles(raw, suffix=".srt")
                except InputError:
                    pass
