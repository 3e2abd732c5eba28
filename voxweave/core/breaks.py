"""Where text may be broken: what a break between two words costs the reader."""

import re

_SENTENCE = re.compile(r"[.!?…。!?؟۔।॥՜՞]+[\"'”’»)\]」』]*\Z")
_CLAUSE = re.compile(r"(?:[;:—–)\]；：]|--)[\"'”’»]*\Z")
_COMMA = re.compile(r"[,،、,]+[\"'”’»]*\Z")
_INITIAL = re.compile(r"(?:[A-ZА-ЯΑ-Ω]\.)+\Z")
_CLOSING = re.compile(r"\A[!?.,:;…»”’)\]}%。、，！？：；]+\Z")
_OPENING = re.compile(r"[«„“‘(\[{¿¡]\Z")
_EDGE = ".,;:!?…\"'“”‘’«»()[]{}—–-¿¡"

_ABBREVIATIONS = (
    "mr mrs ms dr prof st jr sr vs etc no vol fig dept gen sen rep gov capt lt col sgt rev hon inc ltd co "
    "e.g i.e cf al approx m mme mlle sra srta ud uds z.b d.h u.a bzw ca nr hr fr usw"
)
# Words that lean on the next one: never last on a line (captions.md, "breaks"). Articles,
# possessives, prepositions, conjunctions, auxiliaries, subject pronouns.
_LEANING = {
    "en": "a an the this that these those my your his her its our their no every each some any of in on at "
    "to for from by with about into over under after before between through during without within against "
    "across behind beyond near upon toward towards than as and or but nor so if when while because although "
    "though since until unless whether where which who whose what how why is are was were be been being am "
    "do does did has have had will would shall should can could may might must not i you he she it we they "
    "very more most just only also even too",
    "es": "el la los las un una unos unas lo al del de en con por para sin sobre entre hasta desde hacia y e "
    "o u pero que si como cuando donde porque se le les me te nos mi su sus tu no ha han es son",
    "it": "il gli i uno di da nel nella dal alla allo delle dei degli che per tra fra ma è si",
    "pt": "os as um uma dos das do da na nas nos num ao à com sem mas quando",
    "fr": "le les des une du aux au dans sur sous avec sans pour par chez vers et ou où mais donc car ni que "
    "qui ce cette ces mon ma mes ton ta tes son sa ses notre votre leur leurs je tu il elle on nous vous ils "
    "ne est sont était très plus",
    "de": "der die das den dem des ein eine einen einem einer eines und oder aber sondern denn dass ob wenn "
    "weil als wie in im an am auf aus bei mit nach von vom zu zum zur über unter vor hinter zwischen für "
    "gegen ohne um durch ich du er sie es wir ihr nicht kein keine mein dein sein ist sind war hat haben sehr",
    "ru": "и а но или в во на с со к ко о об от до из за по под над при для без у не ни что как если когда "
    "это я ты он она мы вы они",
    "uk": "й та або але що як якщо коли від із зі це ми ви вони не",
}
# Words that begin a phrase: a good place to break before.
_STARTING = {
    "en": "and or but nor so yet because although though while when where which who that if unless until since "
    "as than of in on at to for from by with about into over under after before between through during "
    "without within against across behind",
    "es": "y e o pero que porque cuando donde si como con por para sin sobre en de",
    "fr": "et ou mais donc car qui dans sur avec sans pour par",
    "de": "und oder aber sondern dass weil wenn als mit nach von auf für ohne durch",
    "ru": "и а но или что как если когда потому чтобы который где",
    "uk": "та під але що або",
}
_SHORT = frozenset(_ABBREVIATIONS.split())
_LEAN = frozenset(word for words in _LEANING.values() for word in words.split())
_START = frozenset(word for words in _STARTING.values() for word in words.split())

FREE, SENTENCE, CLAUSE, COMMA, PHRASE = 0.0, 0.0, 1.0, 2.0, 4.5
PLAIN, GLUED, NAME, LEANING, NEVER = 8.0, 9.0, 12.0, 14.0, 60.0
"""What a break costs, from none at a sentence's end to one that only a lack of room excuses."""


def ends_sentence(word: str, following: str = "") -> bool:
    """Whether a sentence ends with this word; abbreviations and initials do not end one."""
    if _SENTENCE.search(word) is None:
        return False
    if not word.endswith("."):
        return True
    if _INITIAL.match(word) or _bare(word) in _SHORT:
        return False
    return not following[:1].islower()


def break_cost(word: str, following: str) -> float:
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
    return _inside(word, following)


def glued_break_cost(word: str, following: str) -> float:
    """What breaking costs where no space stands: between letters, or within a word cut for its length.

    Japanese words mostly begin where the plain kana of the one before end.
    """
    cost = break_cost(word, following)
    if cost <= COMMA or cost == NEVER:
        return cost
    return PHRASE if _kana(word[-1]) and not _kana(following[0]) else GLUED


def _kana(char: str) -> bool:
    return "\u3041" <= char <= "\u309f"


def _inside(word: str, following: str) -> float:
    if _bare(word) in _LEAN or _bare(word) in _SHORT or _INITIAL.match(word):
        return LEANING
    if _named(word) and _named(following):
        return NAME
    if word[-1:].isdigit() and following[:1].islower() or word[-1:].isdigit() and following[:1].isdigit():
        return NAME
    return PHRASE if _bare(following) in _START else PLAIN


def _bare(word: str) -> str:
    return word.strip(_EDGE).lower()


def _named(word: str) -> bool:
    """Capitalised and more than a letter: perhaps part of a name."""
    bare = word.strip(_EDGE)
    return len(bare) > 1 and bare[0].isupper() and not bare.isupper()
