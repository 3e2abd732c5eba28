"""Caption profiles: the numbers broadcasters publish and those of our own, each with its source."""

from typing import Final, Literal, NamedTuple

Profile = Literal["netflix", "bbc", "social", "karaoke"]

_TIMING = "Netflix Subtitle Timing Guidelines 360051554394"
_GENERAL = "Netflix General Requirements 215758617"
_GUIDES = "Netflix language guides, as SubtitleEdit's NetflixQualityController has them (2026-08)"
_BBC = "BBC Subtitle Guidelines"
_OURS = "our own choice"


class Limit(NamedTuple):
    """A number and where it comes from."""

    value: float
    source: str


class Reading(NamedTuple):
    """Columns of a full 16:9 line and columns read in a second; a Chinese letter has two columns."""

    columns: int
    speed_cps: float
    source: str


# Netflix: letters a line and adult reading speed; wide letters count twice. Japanese has 23 letters a
# line, of which a 16:9 line of 42 columns takes 21.
LANGUAGES: Final[dict[str, Reading]] = {
    "en": Reading(42, 20, "Netflix English guide 217350977"),
    "ar": Reading(42, 20, _GUIDES),
    "hi": Reading(42, 22, _GUIDES),
    "th": Reading(35, 17, _GUIDES),
    "ru": Reading(39, 17, _GUIDES),
    "ja": Reading(46, 8, _GUIDES),
    "ko": Reading(32, 24, _GUIDES),
    "zh": Reading(32, 18, _GUIDES),
    "": Reading(42, 20, "language unknown: as English"),
}
OTHERS: Final = Reading(42, 17, _GUIDES)
BY_LETTERS: Final = frozenset({"ja", "zh", "th", "lo", "km", "my"})
"""Written without spaces: their reading speed is counted in letters, never in words."""

GAP_FRAMES: Final[dict[Profile, Limit]] = {
    "netflix": Limit(2, f"{_TIMING}: at least two frames at any rate"),
    "bbc": Limit(0, f"{_BBC} 4.5: no gap, or one to be seen"),
    "social": Limit(0, f"{_OURS}: words follow each other without flicker"),
    "karaoke": Limit(2, f"{_TIMING}, for want of a rule for singing"),
}

RULES: Final[dict[Profile, dict[str, Limit]]] = {
    "netflix": {
        "columns": Limit(42, f"{_GENERAL}: fewer in some languages"),
        "max_lines": Limit(2, _GENERAL),
        "shortest_ms": Limit(833, f"{_GENERAL}: 5/6 of a second"),
        "longest_ms": Limit(7000, _GENERAL),
        "close_ms": Limit(500, f"{_TIMING}: gaps up to half a second are closed to two frames"),
        "linger_ms": Limit(500, f"{_TIMING}: half a second past speech, where reading asks for it"),
        "early_ms": Limit(
            250, f"{_OURS}: into silence, for text that could not be read; {_TIMING} allow 500"
        ),
        "snap_ms": Limit(500, f"{_TIMING} 2: times within half a second of a shot change move to it"),
    },
    "bbc": {
        "columns": Limit(37, f"{_BBC} 3.1: 37 of fixed width for broadcast"),
        "max_lines": Limit(2, f"{_BBC} 3.3: two lines in 16:9, 4:3 and 1:1"),
        "words_a_minute": Limit(180, f"{_BBC} 4: 160 to 180 words a minute, 0.33 to 0.375 s a word"),
        "shortest_ms": Limit(300, f"{_BBC} 4.1: 0.3 s for one word"),
        "shortest_word_ms": Limit(300, f"{_BBC} 4.1: about 0.3 s a word, 1.2 s for four words"),
        "longest_ms": Limit(10_000, f"{_OURS}: the guidelines name none"),
        "close_ms": Limit(1000, f"{_BBC} 4.5: a gap is at least one second, better 1.5"),
        "linger_ms": Limit(1500, f"{_BBC} 5.2: not on screen more than 1.5 s after speech"),
        "early_ms": Limit(500, f"{_BBC} 5.2: not more than 1.5 s before speech"),
        "snap_ms": Limit(500, f"{_BBC} 6.1: start on the shot's first frame, end on its last; {_TIMING}"),
    },
    "social": {
        "columns": Limit(20, f"{_OURS}: one large line"),
        "max_lines": Limit(1, f"{_OURS}: one large line"),
        "max_words": Limit(4, f"{_OURS}: one to four words, as short-film captions have them"),
        "speed_cps": Limit(30, f"{_OURS}: the words are read as they are heard"),
        "shortest_ms": Limit(200, f"{_OURS}: a word is seen for six frames of 30"),
        "longest_ms": Limit(3000, _OURS),
        "close_ms": Limit(500, f"{_OURS}: the words stay until the next, unless the voice rests"),
        "linger_ms": Limit(300, _OURS),
        "pause_ms": Limit(300, _OURS),
        "rest_ms": Limit(700, _OURS),
    },
    "karaoke": {
        "columns": Limit(42, f"{_GENERAL}: one full line"),
        "max_lines": Limit(1, f"{_OURS}: sung line by line"),
        "speed_cps": Limit(30, f"{_OURS}: the words are read as they are sung"),
        "shortest_ms": Limit(500, _OURS),
        "longest_ms": Limit(15_000, f"{_OURS}: held notes are sung out"),
        "close_ms": Limit(1000, f"{_OURS}: a line stays until the next one comes"),
        "linger_ms": Limit(1000, f"{_OURS}: long enough to sing the last word out"),
        "lead_ms": Limit(400, f"{_OURS}: a line is there before it is sung"),
        "rest_ms": Limit(2500, f"{_OURS}: breaths belong to the line"),
    },
}

TALL_LINES: Final = Limit(3, f"{_BBC} 3.3: three lines in 9:16")
TALL_COLUMNS: Final = Limit(25, f"{_BBC} 3.1: about 25 letters in 9:16")


def number_of(profile: Profile, rule: str, default: float = 0) -> float:
    """A profile's number for a rule."""
    found = RULES[profile].get(rule)
    return found.value if found else default
