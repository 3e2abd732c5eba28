"""Whatever words, profile, film and cuts come: cues keep the rules, or the check says which they cannot keep."""

import itertools
import time
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.pace import within
from voxweave.core.cue_rules import CueRules, check, rules_for
from voxweave.core.cue_words import agree, refit, until, worded
from voxweave.core.cues import lay_out
from voxweave.core.film import Canvas
from voxweave.core.last_cues import ended
from voxweave.core.letters import cleaned, columns
from voxweave.core.profiles import Profile
from voxweave.core.speech import Cue, Word
from voxweave.core.subtitles import read_subtitles
from voxweave.core.time import Span, ms_of
from voxweave.core.word_times import shown_frames, timed_words
from voxweave.errors import InputError

LETTERS = "abcdefgh ABC.,;:!?-'«»“”()日本語、。かなカナ한국ไทยเแ่ລາວខ្មែរမြန်မာשלוםمرحباहिन्दी1234é\u0301\u200d\n\t\u202e"
TEXTS = st.text(alphabet=LETTERS, max_size=24) | st.sampled_from(
    "the of and Dr. Maria Santos because it, end. 12 km went qu'une der die на και".split()  # noqa: SIM905
)
RATES = st.sampled_from([Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30), Fraction(60)])
PROFILES: st.SearchStrategy[Profile] = st.sampled_from(["netflix", "bbc", "social", "karaoke"])
LANGUAGES = st.sampled_from(["", "en", "de", "ru", "ja", "zh-Hant", "th", "ar", "fi"])


@st.composite
def spoken(draw: st.DrawFn) -> list[Word]:
    """Words in order, with pauses."""
    now, words = draw(st.integers(0, 3000)), []
    for text in draw(st.lists(TEXTS, max_size=50)):
        length = draw(st.integers(0, 900))
        words.append(Word(text=text, span=Span(start=now, end=now + length)))
        now += length + draw(st.sampled_from([0, 0, 0, 30, 250, 700, 3000]))
    return words


@st.composite
def rules(draw: st.DrawFn) -> CueRules:
    """The rules of a profile for a film."""
    width, height = draw(st.sampled_from([(1920, 1080), (1080, 1920), (1080, 1080)]))
    canvas = Canvas(width=width, height=height, rate=draw(RATES))
    return rules_for(canvas, draw(LANGUAGES), profile=draw(PROFILES))


CROWD = [
    Word(text=text, span=Span(start=9940 + at * 5, end=9945 + at * 5))
    for at, text in enumerate("And then, she said. Never again would anyone.".split())  # noqa: SIM905
]
CUTS = st.lists(st.integers(1, 900), max_size=8)


def squeezed(texts: Sequence[str]) -> str:
    """Texts without spaces."""
    return "".join("".join(cleaned(text).split()) for text in texts)


@settings(deadline=None)
@given(spoken(), rules(), CUTS)
def test_words_are_kept_in_order_and_cues_apart(words: list[Word], rules: CueRules, cuts: list[int]) -> None:
    """No letter is lost or moved, lines and words agree, cues never overlap and begin and end on frames."""
    cues = lay_out(words, rules=rules, cuts=cuts)

    assert squeezed([word.text for word in words]) == squeezed([line for cue in cues for line in cue.lines])
    assert squeezed([word.text for cue in cues for word in cue.words]) == squeezed([cue.text for cue in cues])
    assert all(agree(cue) and cue.words for cue in cues)
    assert all(cue.span.duration > 0 and cue.span.start >= 0 for cue in cues)
    assert all(a.span.end <= b.span.start for a, b in itertools.pairwise(cues))
    for moment in {moment for cue in cues for moment in (cue.span.start, cue.span.end)}:
        assert ms_of(rules.frames(moment), rules.rate) == moment


@settings(deadline=None)
@given(spoken(), rules(), CUTS)
def test_every_rule_is_kept_or_named(words: list[Word], rules: CueRules, cuts: list[int]) -> None:
    """A cue without a finding is short enough, slow enough, long enough and far enough from the next."""
    cues = lay_out(words, rules=rules, cuts=cuts)
    broken = {finding.cue for finding in check(cues, rules, cuts)}

    for number, cue in enumerate(cues, start=1):
        if number in broken:
            continue
        assert len(cue.lines) <= rules.max_lines
        assert all(columns(line) <= rules.chars_per_line for line in cue.lines)
        assert rules.shortest_ms <= cue.span.duration <= rules.longest_ms
        assert not rules.max_words or len(cue.words) <= rules.max_words
        spent = rules.reading_ms(columns(cue.text), len(cue.text.split()))
        assert spent <= cue.span.duration * 1.005
        if number < len(cues):
            assert rules.frames(cues[number].span.start - cue.span.end) >= rules.frames(rules.gap_ms)


@settings(deadline=None)
@given(spoken(), rules(), CUTS)
def test_what_can_always_be_kept_is(words: list[Word], rules: CueRules, cuts: list[int]) -> None:
    """Lines, gaps, order and the words themselves depend on nobody's voice: never a finding."""
    found = {finding.rule for finding in check(lay_out(words, rules=rules, cuts=cuts), rules, cuts)}

    assert not found & {"lines", "gap", "overlap", "order", "longest", "text", "words"}


@settings(deadline=None, max_examples=50)
@given(spoken(), rules(), CUTS, st.integers(1, 900))
@example(
    CROWD, rules_for(Canvas(width=1920, height=1080, rate=Fraction(30)), "en", profile="social"), [], 300
)
def test_a_film_s_end_loses_no_word(words: list[Word], rules: CueRules, cuts: list[int], frames: int) -> None:
    """However words crowd at the end or after it, cues have them all, apart and within the film."""
    cues = ended(lay_out(words, rules=rules, cuts=cuts, frames=frames), rules, frames)

    assert squeezed([word.text for word in words]) == squeezed([line for cue in cues for line in cue.lines])
    assert all(agree(cue) for cue in cues)
    assert all(a.span.end <= b.span.start for a, b in itertools.pairwise(cues))
    assert all(cue.span.duration > 0 and rules.frames(cue.span.start) < frames for cue in cues)
    assert not cues or cues[-1].span.end * rules.rate <= frames * 1000
    canvas = Canvas(width=1920, height=1080, rate=rules.rate)
    for cue in cues:
        assert all(word.first < shown_frames(cue, canvas)[1] for word in timed_words(cue, canvas))


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=3), st.integers(6, 42), st.integers(1, 4000))
def test_given_cues_keep_their_words(lines: list[str], most: int, end: int) -> None:
    """Breaking a given cue anew or cutting it short loses no letter of its lines or words."""
    cue = worded(Cue(span=Span(start=0, end=5000), lines=tuple(map(cleaned, lines))))

    for changed in (refit(cue, most), until(cue, end), until(refit(cue, most), end)):
        assert squeezed(cue.lines) == squeezed(changed.lines)
        assert agree(changed)


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=400) | st.text("{}[]|0125.,\n", max_size=24).map(str.encode),
    st.sampled_from(["[00:01.00]", "{1}{2}", "{1}{1}", "0:01,0:02\n", "0:01 --> 0:02\n", "[Events]\n"]),
)
@example(b"00\n{10}{20}hi", "{1}{1}")
def test_any_bytes_after_any_head_are_cues_or_one_error(raw: bytes, head: str) -> None:
    """However a file begins, it gives cues in order of time, or InputError."""
    try:
        cues = read_subtitles(head.encode() + raw, suffix=".sub").cues
    except InputError as error:
        assert "\n" not in str(error)
        return
    assert all(cue.span.duration > 0 and cue.text.strip() for cue in cues)
    assert all(a.span.end <= b.span.start for a, b in itertools.pairwise(cues))


@pytest.mark.parametrize(
    "unit",
    ["[00:01.00]" * 30 + "x\n", "[1:1]" * 19 + "[" + "1:1." * 400 + "\n", "<a" * 900 + "\n", "&#" * 900 + "\n",
     "0" * 100 + "->" * 50 + "\n", "00 : 00 : 01 , 000 --> 1:\n", "{\\" * 900 + "\n", "{1}{2}" * 300 + "\n",
     "é" * 900 + "\n", "[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,a,b,0,0,0,,x\n"],
)  # fmt: skip
@pytest.mark.parametrize("codec", ["utf-8", "cp1252"])
def test_the_largest_file_is_read_or_refused_in_a_second(unit: str, codec: str) -> None:
    """Five megabytes of anything take under a second of work."""
    raw = ("0:01 --> 0:02\nx\n" + unit * (4_900_000 // len(unit.encode(codec)))).encode(codec)[:5_000_000]
    with within(1, clock=time.process_time):
        try:
            read_subtitles(raw, suffix=".srt")
        except InputError as error:
            assert "\n" not in str(error)
