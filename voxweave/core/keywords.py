"""What a scene is about: its things and names, the rarer within the film the weightier. No network."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from voxweave.core.breaks import ends_sentence
from voxweave.core.stopwords import ELIDED, JOINING, STOP_WORDS
from voxweave.core.value import Value

_MOST_WORDS = 4
_MOST_SUBJECTS = 3
_EDGE = " \t.,;:!?…\"'“”‘’„‚«»‹›()[]{}<>|*_~`^=+#@/\\—–-¿¡、。，！？：；「」『』（）"
_BOUND = re.compile(r"[.,;:!?…)\]}»”—–、。，！？：；」）]+[\"'”’»]*\Z|\A[\"“„«‹(\[{¿¡「（]")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1780-\u17ff]")
_CLAUSES = re.compile(r"[\s、。，！？：；…「」『』（）!?,.;:]+")
_CLAUSE_LETTERS = 16
_NAME_WEIGHT = 1.5
_DOING = re.compile(r"[a-z]+(?:ed|ing)")
_DOING_WEIGHT = 0.6
"""English words of doing alone (`sailed`, `swimming`) show less than things."""

_HEAD_FIRST = ("es", "fr", "it", "pt", "ca", "ro", "gl")
_FAMILIAR = 0.35
"""How much a word that is everywhere in the film still weighs: it is the film's subject, after all."""


class Keyword(Value):
    """A thing or name as spoken, its chief word, and what it weighs in its scene."""

    text: str
    head: str
    weight: float
    name: bool = False


class _Token(Value):
    """A word as shown, its stem for counting, and where phrases may run."""

    shown: str
    key: str
    stop: bool
    capital: bool
    opens: bool  # first of a sentence
    breaks: bool  # nothing runs on after it


class _Film(Value):
    """What one scene's words are weighed against."""

    spread: dict[str, int]  # in how many scenes each word is
    names: frozenset[str]
    tag: str
    scenes: int


Phrase = tuple[_Token, ...]


def keywords(texts: Sequence[str], language: str = "", *, most: int = 8) -> tuple[tuple[Keyword, ...], ...]:
    """The weightiest phrases of each scene, in the order they are spoken; scenes may have none."""
    tag = _language(texts, language)
    tokens = [_tokens(text, tag) for text in texts]
    names = _names(tokens)
    phrases = [list(_phrases(scene)) for scene in tokens]
    spread = Counter(key for scene in phrases for key in {token.key for phrase in scene for token in phrase})
    film = _Film(spread=dict(spread), names=names, tag=tag, scenes=len(texts))
    return tuple(_weightiest(scene, film, most) for scene in phrases)


def subjects(scenes: Sequence[Sequence[Keyword]]) -> tuple[str, ...]:
    """What the whole film is about: the things and names its scenes share, else its weightiest one."""
    heads = {_stem(word.head.lower()): word for scene in reversed(scenes) for word in reversed(scene)}
    spread = Counter(key for scene in scenes for key in heads.keys() & _stems(scene))
    worth = {key: spread[key] * (_NAME_WEIGHT if heads[key].name else 1) for key in spread if spread[key] > 1}
    order = {key: index for index, key in enumerate(reversed(heads))}
    ranked = sorted(worth, key=lambda key: (-worth[key], order[key]))
    if ranked:
        return tuple(heads[key].head for key in ranked[:_MOST_SUBJECTS])
    every = [word for scene in scenes for word in scene]
    return (max(every, key=lambda word: (word.name, word.weight)).text,) if every else ()


def _stems(scene: Sequence[Keyword]) -> set[str]:
    words = {_stem(word.lower()) for keyword in scene for word in keyword.text.split()}
    return words | {_stem(keyword.head.lower()) for keyword in scene}


def _language(texts: Sequence[str], language: str) -> str:
    """The primary tag given, else the one whose small words are met most; empty when none is."""
    tag = language.lower().replace("_", "-").split("-")[0]
    if tag:
        return tag
    spoken = Counter(word.strip(_EDGE).lower() for text in texts for word in text.split())
    met = {tag: sum(spoken[word] for word in words) for tag, words in STOP_WORDS.items()}
    best = max(met, key=lambda tag: met[tag])
    return best if met[best] else ""


def _tokens(text: str, tag: str) -> list[_Token]:
    if len(_UNSPACED.findall(text)) * 3 > len(text):
        return [_whole(part) for part in _CLAUSES.split(text) if part]
    words = text.split()
    made, opens = [], True
    for word, following in pairwise((*words, "")):
        made.append(_token(word, tag, opens=opens, breaks=bool(_breaks(word, following))))
        opens = ends_sentence(word, following)
    return made


def _whole(part: str) -> _Token:
    """A clause of a language that writes no spaces, kept as it is."""
    shown = part[:_CLAUSE_LETTERS]
    return _Token(shown=shown, key=shown, stop=False, capital=False, opens=True, breaks=True)


def _token(word: str, tag: str, *, opens: bool, breaks: bool) -> _Token:
    bare = _unelided(word.strip(_EDGE).replace("’", "'"), tag)
    key = bare.lower()
    stop = key in STOP_WORDS.get(tag, frozenset()) or not _meaningful(bare, tag)
    capital = len(bare) > 1 and bare[0].isupper()
    return _Token(shown=bare, key=_stem(key), stop=stop, capital=capital, opens=opens, breaks=breaks)


def _meaningful(bare: str, tag: str) -> bool:
    if not any(char.isalpha() for char in bare):
        return False  # a bare figure draws itself as text
    return len(bare) > (2 if tag in STOP_WORDS else 3) or bare.isupper()


def _unelided(bare: str, tag: str) -> str:
    head, mark, rest = bare.partition("'")
    if mark and tag in ("fr", "it") and head.lower() in ELIDED:
        return rest
    return bare[:-2] if tag == "en" and bare.endswith("'s") else bare


def _breaks(word: str, following: str) -> bool:
    return bool(_BOUND.search(word.rstrip("\"'”’")) or _BOUND.match(following) or not following)


def _stem(key: str) -> str:
    """One form for one and many, roughly; only for counting."""
    if len(key) > 4 and key.endswith("ies"):
        return key[:-3] + "y"
    return key[:-1] if len(key) > 3 and key.endswith("s") and not key.endswith("ss") else key


def _names(scenes: Sequence[Sequence[_Token]]) -> frozenset[str]:
    """Words seen capitalised within a sentence and never small there."""
    large = {token.key for scene in scenes for token in scene if token.capital and not token.opens}
    small = {token.key for scene in scenes for token in scene if not token.capital}
    return frozenset(large - small)


def _phrases(tokens: Sequence[_Token]) -> Iterator[Phrase]:
    """Runs of words that carry a picture; a small joining word may stand within."""
    run: list[_Token] = []
    for index, token in enumerate(tokens):
        if token.stop and not (run and _joins(token, tokens[index + 1 : index + 2], run)):
            yield from _parts(run)
            run = []
            continue
        if _begins_name(token, tokens[index + 1 : index + 2], run):
            yield from _parts(run)
            run = []
        run.append(token)
        if token.breaks:
            yield from _parts(run)
            run = []
    yield from _parts(run)


def _joins(token: _Token, following: Sequence[_Token], run: Sequence[_Token]) -> bool:
    """Whether a small word ties what stands before it to what follows."""
    if token.breaks or not following or following[0].stop or token.shown.lower() not in JOINING:
        return False
    return token.shown.lower() in ("of", "de", "di", "du", "da", "do") or (
        run[-1].capital and following[0].capital
    )


def _begins_name(token: _Token, following: Sequence[_Token], run: Sequence[_Token]) -> bool:
    """Whether a name of several words begins here, which must not be torn by what stands before it."""
    alone = not run or run[-1].capital or run[-1].stop
    return not alone and token.capital and not token.breaks and any(after.capital for after in following)


def _parts(run: list[_Token]) -> Iterator[Phrase]:
    while run and run[-1].stop:
        run = run[:-1]
    while run:
        size = _MOST_WORDS
        while size > 1 and len(run) > size and run[size - 1].stop:
            size -= 1
        part, run = run[:size], run[size:]
        yield tuple(part)
        while run and run[0].stop:
            run = run[1:]


def _weightiest(phrases: Sequence[Phrase], film: _Film, most: int) -> tuple[Keyword, ...]:
    found: dict[str, Keyword] = {}
    for phrase in phrases:
        keyword = _keyword(phrase, film)
        key = " ".join(token.key for token in phrase)
        before = found.get(key)
        weight = keyword.weight + (before.weight if before else 0.0)
        found[key] = keyword.model_copy(update={"weight": round(weight, 4)})
    order = {key: index for index, key in enumerate(found)}
    kept = sorted(found, key=lambda key: (-found[key].weight, order[key]))[:most]
    return tuple(found[key] for key in sorted(kept, key=order.__getitem__))


def _keyword(phrase: Phrase, film: _Film) -> Keyword:
    bare = [token for token in phrase if not token.stop]
    name = all(token.key in film.names for token in bare)
    rarity = (_FAMILIAR + math.log((film.scenes + 1) / (film.spread[token.key] + 0.5)) for token in bare)
    weight = sum(rarity) / math.sqrt(len(bare))
    if name:
        weight *= _NAME_WEIGHT
    elif film.tag == "en" and len(bare) == 1 and _DOING.fullmatch(bare[0].shown):
        weight *= _DOING_WEIGHT
    shown = [_shown(token, film.names) for token in phrase]
    head = " ".join(shown) if name else shown[0 if film.tag in _HEAD_FIRST else -1]
    return Keyword(text=" ".join(shown), head=head, weight=round(weight, 4), name=name)


def _shown(token: _Token, names: frozenset[str]) -> str:
    """Small where only its place in the sentence made it large; `NASA` and names stay."""
    if token.capital and token.opens and token.key not in names and not token.shown[1:2].isupper():
        return token.shown[0].lower() + token.shown[1:]
    return token.shown
