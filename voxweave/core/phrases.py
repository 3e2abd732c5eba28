"""Phrases in scripts written without spaces: where a reader would take a breath."""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budoux import Parser

_KANA = re.compile("[\u3041-\u30ff]")
_THAI = re.compile("[\u0e01-\u0e5b]")
# Letters of everyday words that only one of the two ways of writing Chinese has.
_TRADITIONAL = re.compile("[這個們來時說會對過還後沒樣經現發問開動長見兩從話點電無國學為與東車馬語們嗎]")
_SIMPLIFIED = re.compile("[这个们来时说会对过还后没样经现发问开动长见两从话点电无国学为与东车马语们吗]")
_MOST = 4000
"""Letters looked at in one go."""


def phrase_starts(text: str, language: str = "") -> frozenset[int] | None:
    """Where in a text without spaces a phrase begins; None where no segmenter knows the script."""
    model = _model_for(text, language.lower().replace("_", "-"))
    if not model:
        return None
    starts, at = set(), 0
    for first in range(0, len(text), _MOST):
        for phrase in _parser(model).parse(text[first : first + _MOST]):
            starts.add(at)
            at += len(phrase)
    return frozenset(starts)


def _model_for(text: str, language: str) -> str:
    if _THAI.search(text):
        return "th"
    if language.startswith("ja") or _KANA.search(text):
        return "ja"
    if not any("\u3400" <= char <= "\u9fff" for char in text):
        return ""
    if language.startswith(("zh-hant", "zh-tw", "zh-hk", "zh-mo")):
        return "zh-hant"
    traditional = len(_TRADITIONAL.findall(text)) > len(_SIMPLIFIED.findall(text))
    return "zh-hant" if traditional and not language.startswith(("zh-hans", "zh-cn")) else "zh-hans"


@cache
def _parser(model: str) -> "Parser":
    """BudouX's small model, loaded when a text first asks for it."""
    import budoux

    parsers = {
        "ja": budoux.load_default_japanese_parser,
        "th": budoux.load_default_thai_parser,
        "zh-hans": budoux.load_default_simplified_chinese_parser,
        "zh-hant": budoux.load_default_traditional_chinese_parser,
    }
    return parsers[model]()
