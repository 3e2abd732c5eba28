"""From words to prompts: what each scene should show, as a picture service is told. No network."""

import hashlib
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from pydantic import Field

from voxweave.core.breaks import ends_sentence
from voxweave.core.keywords import Keyword, keywords, subjects
from voxweave.core.shortening import Part, fitted, shortened
from voxweave.core.storyboard import Storyboard
from voxweave.core.text import printable
from voxweave.core.value import Value

CLEAN = "No text, no letters, no captions, no logos, no watermark."
"""Stands at the end of every prompt: our captions are drawn by us."""

_FRAMINGS = ("Wide view", "Medium view", "Close detail", "Wide view from above", "View at eye level")
_MOST_CHARS = 20_000
_TITLE_CHARS = 80
_WORDS_SHARE = 0.5
"""What the scene's own words may take of a prompt when all does not fit."""

# A sentence that speaks to a model, not to a listener: never a source of words.
_ORDER = re.compile(
    r"\b(?:ignor\w*|disregard\w*|forget|override|bypass|olvid\w+|oubli\w+|vergiss|vergesst|missacht\w+|dimentica\w*|"
    r"esque[cç]\w+)\b.{0,60}?\b(?:instruc\w+|instruk\w+|instruç\w+|istruzion\w+|anweisung\w*|consignes?|prompts?|rules?|"
    r"guidelines?|previous|prior|above|anterior\w*|pr[ée]c[ée]dent\w*|vorherig\w*|obig\w*)\b"
    r"|\bsystem\s+prompt\b|\bjailbreak\w*\b|\bdeveloper\s+mode\b|<\|[^|]*\|>|\[/?INST\]"
    r"|\byou\s+are\s+(?:now\s+)?(?:an?\s+)?(?:ai|chatbot|assistant|language\s+model)\b",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(r"\S*(?:://|www\.|@)\S*", re.IGNORECASE)
_WRITING = re.compile(
    r"\b(?:texts?|letterings?|letters?|captions?|subtitles?|logos?|watermarks?|prompts?|instructions?|subtítulos?|"
    r"logotipos?|sous-titres?|untertitel|wasserzeichen|sottotitoli|legendas?)\b",
    re.IGNORECASE,
)

_QUOTES = re.compile(r"[\"“”„«»<>]")
_NOTHING = "a calm open landscape"
_REST_CHARS = 700
"""What all the rest of a prompt needs at most, as our own styles are told."""

Mode = Literal["add", "replace"]
Writer = Literal["words", "model"]


class LookText(Value):
    """A style in words; `text` is the look in a few, and stands in every prompt."""

    text: str = ""
    palette: str = ""
    lens: str = ""
    light: str = ""
    motion: str = ""
    avoid: str = ""


class Brief(Value):
    """What all prompts of a film have in common; `custom` is the user's own prompt."""

    title: str = ""
    look: LookText = LookText()
    custom: str = ""
    mode: Mode = "add"
    language: str = ""
    seed: int = 0


class Prompt(Value):
    """What one scene should show, and the seed it shares with the whole film."""

    scene: int
    text: str = Field(min_length=1)
    seed: int
    keywords: tuple[str, ...] = ()
    written_by: Writer = "words"
    beside: str = ""
    """A name for what is sent beside the words: the same words with another picture are another wish."""


class Flag(Value):
    """A scene whose prompt a moderation check will not let pass, and why."""

    scene: int
    categories: tuple[str, ...]


class Written(Value):
    """The prompts of all scenes, and what the user should be told about how they came about."""

    prompts: tuple[Prompt, ...]
    notes: tuple[str, ...] = ()


class Series(Value):
    """What ties the scenes of one film together, and how long a prompt may be."""

    brief: Brief
    subjects: tuple[str, ...]
    seed: int
    longest: int = Field(ge=1)

    def prompt(
        self, scene: int, words: str, *, shown: Sequence[str] = (), written_by: Writer = "words"
    ) -> Prompt:
        """A scene's words with all that the film has in common, within the limit."""
        text = fitted(_parts(words, self), self.longest) or _NOTHING[: self.longest].strip()
        return Prompt(scene=scene, text=text, seed=self.seed, keywords=tuple(shown), written_by=written_by)


def write_prompts(story: Storyboard, brief: Brief, *, longest: int) -> tuple[Prompt, ...]:
    """A prompt for every scene from its things and names, at most `longest` characters each.

    The same words give the same prompt, so that scenes which repeat each other share one clip. A
    scene without words goes on with what the one before it showed.
    """
    series = series_of(story, brief, longest=longest)
    prompts: list[Prompt] = []
    shown: tuple[str, ...] = series.subjects or (_NOTHING,)
    found = keywords(_texts(story), brief.language)
    for scene, words in zip(story.scenes, found, strict=True):
        shown = tuple(word.text for word in _visible(words)) or shown
        prompts.append(series.prompt(scene.number, _sentence(shown), shown=shown))
    return tuple(prompts)


def series_of(story: Storyboard, brief: Brief, *, longest: int) -> Series:
    """What the prompts of this film share: its subjects, and a seed that no edit of a scene changes."""
    every = keywords(_texts(story), brief.language, most=99)
    named = f"{brief.title}\n{brief.seed}\n{story.duration_ms}".encode("utf-8", "surrogatepass")
    return Series(
        brief=brief,
        subjects=subjects([_visible(words) for words in every]),
        seed=int.from_bytes(hashlib.blake2b(named, digest_size=4).digest(), "big")
        >> 1,  # 31 bits fit every service
        longest=longest,
    )


def harmless(text: str) -> str:
    """What a stranger's words may give to a prompt: one line, no addresses, no orders to a model."""
    words = printable(text, most=_MOST_CHARS).split()
    kept: list[str] = []
    sentence: list[str] = []
    for word, following in pairwise((*words, "")):
        sentence.append(word)
        if not following or ends_sentence(word, following):
            if not _ORDER.search(" ".join(sentence)):
                kept += sentence
            sentence = []
    return " ".join(_ADDRESSED.sub("", " ".join(kept)).split())


def _texts(story: Storyboard) -> list[str]:
    return [harmless(scene.text) for scene in story.scenes]


def _visible(words: Sequence[Keyword]) -> tuple[Keyword, ...]:
    """Without what would be painted as writing."""
    return tuple(word for word in words if not _WRITING.search(word.text))


def _sentence(shown: Sequence[str]) -> str:
    """The things of a scene, framed in a way that follows from them, so that neighbours differ."""
    listed = ", ".join(shown)
    choice = hashlib.blake2b(listed.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return f"{_FRAMINGS[int.from_bytes(choice, 'big') % len(_FRAMINGS)]}: {listed}."


def _parts(words: str, series: Series) -> list[Part]:
    brief, look = series.brief, series.brief.look
    custom = _ended(brief.custom)
    if custom and brief.mode == "replace":
        room = series.longest - len(CLEAN) - 1
        return [Part(0, shortened(custom, room) if room > len(CLEAN) else custom), Part(1, CLEAN, whole=True)]
    own = shortened(words, max(1, round(_WORDS_SHARE * series.longest)))
    details = (("Palette", look.palette), ("Lens", look.lens), ("Light", look.light), ("Motion", look.motion))
    return [
        Part(0, words if len(words) + _REST_CHARS <= series.longest else own),
        Part(3, custom),
        Part(2, _ended(f"Style: {look.text}" if look.text else "")),
        Part(4, _shared(series), whole=True),
        *(Part(5, _ended(f"{name}: {text}"), whole=True) for name, text in details if text),
        Part(6, _ended(f"Avoid {look.avoid}" if look.avoid else ""), whole=True),
        Part(1, CLEAN, whole=True),
    ]


def _shared(series: Series) -> str:
    """The series sentence, the same in all prompts; the title unquoted, for quoted words get painted."""
    title = shortened(harmless(_QUOTES.sub("", series.brief.title)), _TITLE_CHARS).rstrip(" .!?")
    of = f"One shot of a film on {title}" if title else "One shot of a film"
    *most, last = series.subjects or ("",)
    listed = f"{', '.join(most)} and {last}" if most else last
    same = f"the same {listed}, " if listed else ""
    return f"{of}: {same}the same place, light and colours throughout."


def _ended(text: str) -> str:
    """On one line, closed by a full stop; nothing stays nothing."""
    bare = printable(text, most=_MOST_CHARS)
    return bare if not bare or bare[-1] in ".!?…。！？" else bare + "."
