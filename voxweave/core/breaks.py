"""Where text may be broken: what a break between two words costs the reader."""

import re

from voxweave.core.leaning import small_words

_SENTENCE = re.compile(r"[.!?…。！？؟۔।॥՜՞]+[\"'”’»)\]」』]*\Z")
_CLAUSE = re.compile(r"(?:[;:—–)\]；：]|--)[\"'”’»]*\Z")
_COMMA = re.compile(r"[,،、，]+[\"'”’»]*\Z")
_INITIAL = re.compile(r"(?:[A-ZА-ЯΑ-Ω]\.)+\Z")
_CLOSING = re.compile(r"\A[!?.,:;…»”’)\]}%。、，！？：；]+\Z")
_OPENING = re.compile(r"[«„“‘(\[{¿¡]\Z")
_ELIDED = re.compile(r"\w['’]\Z")
_CONTRACTED = re.compile(r"(?:n['’]t|['’](?:ll|re|ve|m|d))\Z", re.IGNORECASE)
"""English verb and auxiliary in one: what follows belongs to it."""
_EDGE = ".,;:!?…\"'“”‘’«»()[]{}—–-¿¡"

_ABBREVIATIONS = (
    "mr mrs ms dr prof st jr sr vs etc no vol fig dept gen sen rep gov capt lt col sgt rev hon inc ltd co "
    "e.g i.e cf al approx m mme mlle sra srta ud uds z.b d.h u.a bzw ca nr hr fr usw bijv dhr mevr ir tzn np "
    "ul ок ул г им т.е т.к sig sig.ra dott avv"
)
_SHORT = frozenset(_ABBREVIATIONS.split())
# Rank, kin and office before a name.
_TITLES = (
    "mr mrs ms dr prof st sir lord lady king queen prince princess president doctor professor captain "
    "general colonel major saint uncle aunt señor señora don doña monsieur madame maître herr frau "
    "signor signora dottor senhor senhora dom mevrouw meneer pan pani пан пані господин госпожа доктор "
    "царь король профессор"
)
_UNITS = (
    "percent per cent million millions billion trillion thousand hundred millones millón mil millionen "
    "milliarden millions milliards milioni miliardi milhões bilhões miljoen miljard тысяч тысячи миллион "
    "миллиона миллионов процентов процента процент тысячі мільйон мільйонів відсотків tysięcy milionów "
    "procent prozent euros euro dollars dollar pounds kg km cm mm m g l ml ms kb mb gb tb hz khz mhz °c °f "
    "am pm a.m p.m uhr"
)
_COUNTED = (
    "page chapter number no part act scene line room step volume year página capítulo número parte año page "
    "chapitre numéro partie seite kapitel nummer teil jahr pagina capitolo numero hoofdstuk nummer deel "
    "страница глава номер часть сторінка розділ частина strona rozdział numer część"
)
"""A number after one of these names it."""
_RANKS, _COUNTS, _NUMBERED = (frozenset(words.split()) for words in (_TITLES, _UNITS, _COUNTED))

FREE, SENTENCE, CLAUSE, COMMA, PHRASE = 0.0, 0.0, 1.0, 2.0, 4.5
PLAIN, GLUED, CLINGING, NAME, LEANING = 8.0, 9.0, 12.0, 13.0, 14.0
STRONG, WITHIN, NEVER = 30.0, 32.0, 60.0
"""What a break costs, from none at a sentence's end to one that only a lack of room excuses.

STRONG parts a small word that must lean from what it leans on, WITHIN tears a phrase of a script
without spaces.
"""


def ends_sentence(word: str, following: str = "") -> bool:
    """Whether a sentence ends with this word; abbreviations and initials do not end one."""
    if _SENTENCE.search(word) is None:
        return False
    if not word.endswith("."):
        return True
    if _INITIAL.match(word) or _bare(word) in _SHORT:
        return False
    return not following[:1].islower()


def break_cost(word: str, following: str, language: str = "") -> float:
    """What breaking between two neighbouring words costs."""
    if _CLOSING.match(following) or _OPENING.search(word):
        return NEVER
    for cost, holds in (
        (SENTENCE, ends_sentence(word, following)),
        (CLAUSE, _CLAUSE.search(word)),
        (COMMA, _COMMA.search(word)),
    ):
        if holds:
            return cost
    return _inside(word, following, language)


def glued_break_cost(word: str, following: str, *, within: bool = False) -> float:
    """What breaking costs where no space stands: between letters, or `within` a phrase or a long word."""
    cost = break_cost(word, following)
    if cost <= COMMA or cost == NEVER:
        return cost
    if within:
        return WITHIN
    return PHRASE if _kana(word[-1]) and not _kana(following[0]) else GLUED


def leans(word: str, language: str = "") -> bool:
    """Whether a line that ends with this word breaks the rule: it is an article, preposition or conjunction.

    Words that may also end a clause ("turn it on") are not blamed, nor is anything before a stop or comma.
    """
    return word[-1:].isalnum() and _small(word) in small_words(language).blamed


def _kana(char: str) -> bool:
    return "\u3041" <= char <= "\u309f"


def _inside(word: str, following: str, language: str) -> float:
    small, bare = small_words(language), _bare(word)
    if _small(word) in small.blamed or _ELIDED.search(word):
        return STRONG
    if bare in small.leaning or bare in _SHORT or _INITIAL.match(word):
        return LEANING
    if _one_name(word, following) or _one_number(word, following):
        return NAME
    if bare in small.clinging or _CONTRACTED.search(word):
        return CLINGING
    return PHRASE if _bare(following) in small.starting else PLAIN


def _bare(word: str) -> str:
    return word.strip(_EDGE).lower()


def _small(word: str) -> str:
    """The word, or what stands after its elision: the `une` of `qu'une`."""
    return _bare(word).replace("’", "'").rsplit("'", 1)[-1]


def _one_name(word: str, following: str) -> bool:
    """First and last name, or a title and a name."""
    shouted = word.isupper() and following.isupper()
    return not shouted and _capital(following) and (_capital(word) or _bare(word) in _RANKS)


def _capital(word: str) -> bool:
    """Begins with a capital: perhaps part of a name."""
    bare = word.strip(_EDGE)
    return bool(bare) and bare[0].isupper() and (len(bare) > 1 or word.endswith("."))


def _one_number(word: str, following: str) -> bool:
    """A number with its unit or the thing it counts, or with what it numbers."""
    if word[-1:].isdigit():
        first = following[:1]
        return first.islower() or first.isdigit() or first in "%°€$£" or _bare(following) in _COUNTS
    if following[:1].isdigit():
        return _bare(word) in _NUMBERED or _capital(word) or word[-1:] in "€$£#№§"
    return False
