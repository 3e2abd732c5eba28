"""The rules of each profile, the words cues keep, and the cuts they keep to."""

from fractions import Fraction
from itertools import pairwise

import pytest

from voxweave.core.cue_rules import CueRules, Finding, check, rules_for
from voxweave.core.cue_words import agree, refit, until, worded
from voxweave.core.cues import lay_out
from voxweave.core.film import Canvas
from voxweave.core.profiles import GAP_FRAMES, LANGUAGES, RULES, Profile
from voxweave.core.speech import Cue, Word
from voxweave.core.time import Span, ms_of

WIDE, TALL = (Canvas(width=w, height=h, rate=Fraction(30)) for w, h in ((1920, 1080), (1080, 1920)))
PROFILES: tuple[Profile, ...] = ("netflix", "bbc", "social", "karaoke")
TEXT = "Far out in the Sahara there is a lake that nobody has ever sailed. Some say it was deep once."


def say(text: str, *, start: int = 0, letter_ms: int = 70, pause_ms: int = 400) -> list[Word]:
    """Words spoken one after another, with a rest after each sentence."""
    now, words = start, []
    for word in text.split():
        words.append(Word(text=word, span=Span(start=now, end=now + letter_ms * len(word))))
        now = words[-1].span.end + (pause_ms if word[-1] in ".?!" else 20)
    return words


def cue(start: int, end: int, *lines: str) -> Cue:
    """A cue in milliseconds, without words."""
    return Cue(span=Span(start=start, end=end), lines=lines)


def test_every_number_names_its_source() -> None:
    """No number stands in the table without saying where it is from."""
    limits = [limit for rules in RULES.values() for limit in rules.values()]

    assert all(len(limit.source) > 8 for limit in [*limits, *GAP_FRAMES.values()])
    assert all(reading.source for reading in LANGUAGES.values())


@pytest.mark.parametrize(
    ("language", "columns", "speed"),
    [("en", 42, 20), ("en-GB", 42, 20), ("fr", 42, 17), ("ar", 42, 20), ("hi", 42, 22), ("th", 35, 17),
     ("ru", 39, 17), ("ja", 42, 8), ("ko", 32, 24), ("zh-Hant", 32, 18), ("fi", 42, 17)],
)  # fmt: skip
def test_netflix_by_language(language: str, columns: int, speed: float) -> None:
    """Letters a line and reading speed are the language's; a wide letter is two columns."""
    rules = rules_for(WIDE, language)

    assert (columns, speed, 2) == (rules.chars_per_line, rules.speed_cps, rules.max_lines)
    assert (833, 7000, 66, 500) == (rules.shortest_ms, rules.longest_ms, rules.gap_ms, rules.close_ms)


def test_bbc_counts_words() -> None:
    """37 letters, 180 words a minute, no gap or a second; three lines in 9:16; letters where words are none."""
    wide, tall = rules_for(WIDE, "en", profile="bbc"), rules_for(TALL, "en", profile="bbc")

    assert (37, 2, 0, 1000) == (wide.chars_per_line, wide.max_lines, wide.gap_ms, wide.close_ms)
    assert (180, 300, 0) == (wide.words_a_minute, wide.shortest_word_ms, wide.speed_cps)
    assert (22, 3) == (tall.chars_per_line, tall.max_lines)
    assert (0, 8) == (
        rules_for(WIDE, "ja", profile="bbc").words_a_minute,
        rules_for(WIDE, "ja", profile="bbc").speed_cps,
    )


def test_social_shows_one_to_four_words() -> None:
    """One short line, one to four words, each there until the next."""
    cues = lay_out(say(TEXT), rules=rules_for(TALL, "en", profile="social"))

    assert all(1 <= len(cue.words) <= 4 and len(cue.lines) == 1 for cue in cues)
    assert all(a.span.end == b.span.start for a, b in pairwise(cues))


def test_karaoke_shows_lines_before_they_are_sung_and_after() -> None:
    """One full line at a time, there before its first word and until the last is sung out."""
    words = say("Row, row, row your boat", start=1000)
    (only,) = lay_out(words, rules=rules_for(WIDE, "en", profile="karaoke"))

    assert only.span.start == 600
    assert only.span.end >= words[-1].span.end
    assert ("Row, row, row your boat",) == only.lines


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("canvas", [WIDE, TALL])
def test_a_calm_voice_breaks_no_rule(profile: Profile, canvas: Canvas) -> None:
    """Words spoken at an ordinary pace are laid out without a finding."""
    rules = rules_for(canvas, "en", profile=profile)
    cues = lay_out(say(TEXT, letter_ms=105), rules=rules)

    assert check(cues, rules) == ()


def test_cues_keep_the_words_behind_their_text() -> None:
    """Each shown word is a word of the cue, with the time, confidence and speaker it was spoken with."""
    words = [Word(text=word.text, span=word.span, confidence=0.5, speaker="A") for word in say(TEXT)]

    assert words == [word for cue in lay_out(words, rules=CueRules()) for word in cue.words]


def test_japanese_words_are_phrases() -> None:
    """Letters of one phrase are one word, from the first letter's time to the last one's."""
    letters = [
        Word(text=char, span=Span(start=n * 250, end=n * 250 + 250))
        for n, char in enumerate("名前はまだ無い。")
    ]
    (only,) = lay_out(letters, rules=rules_for(WIDE, "ja"))

    assert ["名前は", "まだ", "無い。"] == [word.text for word in only.words]
    assert Span(start=0, end=750) == only.words[0].span


def test_given_cues_share_their_time_among_words() -> None:
    """Words of a given cue follow each other from its first moment to its last."""
    found = worded(cue(1000, 3000, "- Hi there,", "- friend."))

    assert ["-", "Hi", "there,", "-", "friend."] == [word.text for word in found.words]
    assert (1000, 3000) == (found.words[0].span.start, found.words[-1].span.end)
    assert all(a.span.end == b.span.start for a, b in pairwise(found.words))


def test_words_stay_with_a_cue_that_is_cut_or_broken_anew() -> None:
    """Breaking lines anew keeps the words, cutting a cue short keeps them within it."""
    whole = worded(cue(0, 2000, "Somebody told me yesterday that nothing grows here"))

    assert agree(refit(whole, 20))
    assert whole.words == refit(whole, 20).words
    assert all(word.span.end <= 500 for word in until(whole, 500).words)
    assert agree(until(whole, 500))


def test_times_fall_on_frames() -> None:
    """Every cue comes and goes on a frame of the film."""
    rate = Fraction(30000, 1001)
    rules = rules_for(Canvas(width=1920, height=1080, rate=rate), "en")
    frames = {ms_of(frame, rate) for frame in range(2000)}

    for one in lay_out(say(TEXT), rules=rules):
        assert {one.span.start, one.span.end} <= frames


@pytest.mark.parametrize(
    ("cut", "first_ends", "second_comes"),
    [
        (76, 2467, 2533),  # in the pause: text leaves with its shot, and comes with the next
        (70, 2267, 2333),  # just after the voice: the next cue comes with the new shot
        (82, 2667, 2733),  # just after the second voice begins: it waits for the shot
        (89, 2400, 2467),  # nearly half a second later: it comes half a second before the shot
        (200, 2533, 2600),  # far off: by the voice
    ],
)
def test_cues_keep_to_the_cuts(cut: int, first_ends: int, second_comes: int) -> None:
    """Within half a second of a cut text comes on it, or half a second before it, and goes two frames before it."""
    words = [
        *say("This was the first sentence.", letter_ms=90),
        *say("And here is another one.", start=2600, letter_ms=90),
    ]
    rules = rules_for(WIDE, "en")

    first, second = lay_out(words, rules=rules, cuts=[cut])

    assert (first_ends, second_comes) == (first.span.end, second.span.start)
    assert check([first, second], rules, [cut]) == ()


def test_text_crosses_a_cut_only_with_the_voice() -> None:
    """A voice that goes on past a cut takes its cue with it, for half a second at least."""
    rules = rules_for(WIDE, "en")
    words = say("This goes on and on across the cut", letter_ms=90)
    last = words[-1].span.end

    (over,) = lay_out(words, rules=rules, cuts=[rules.frames(last) - 5])
    (short,) = lay_out(words, rules=rules, cuts=[rules.frames(last) + 5])

    assert rules.frames(over.span.end) == rules.frames(last) - 5 + 15
    assert rules.frames(short.span.end) == rules.frames(last) + 5 - 2


def test_the_last_cue_ends_with_the_film() -> None:
    """No cue runs on past the last frame, and the words before it make room for it to be read."""
    words = say("Nothing was left. Then it ended", letter_ms=60)
    rules = rules_for(WIDE, "en")
    frames = rules.frames(words[-1].span.end) + 1

    assert rules.frames(lay_out(words, rules=rules, frames=frames)[-1].span.end) == frames


@pytest.mark.parametrize(
    ("profile", "cues", "cuts", "finding"),
    [
        ("bbc", [cue(0, 1500, "One two three four five")], (), ("words a minute", 200, 180)),
        ("bbc", [cue(0, 3000, "One two"), cue(3500, 5000, "three")], (), ("small gap", 500, 0)),
        ("social", [cue(0, 2000, "one two three a b")], (), ("words", 5, 4)),
        ("netflix", [cue(0, 3000, "Nobody ever heard of", "the lake.")], (), ("line end", 1, 0)),
        ("netflix", [cue(0, 2000, "He told the"), cue(2067, 4000, "truth.")], (), ("line end", 1, 0)),
        ("netflix", [cue(1000, 3000, "Late by ten frames")], (20,), ("shot change", 333.3, 500)),
        ("netflix", [cue(1000, 3000, "Hangs over a little")], (80,), ("shot change", 333.3, 500)),
    ],
)
def test_what_breaks_a_profile_is_found(
    profile: Profile, cues: list[Cue], cuts: tuple[int, ...], finding: tuple[str, float, float]
) -> None:
    """The check names the rule, the value and the limit."""
    (found,) = check(cues, rules_for(WIDE, "en", profile=profile), cuts)

    assert finding == (found.rule, found.value, found.limit)


def test_text_that_is_not_the_words_is_found() -> None:
    """A cue whose lines do not say its words lost something."""
    lost = worded(cue(0, 2000, "one two three")).model_copy(update={"lines": ("one two",)})

    assert check([lost], CueRules()) == (Finding(rule="text", cue=1, value=4, limit=0),)
