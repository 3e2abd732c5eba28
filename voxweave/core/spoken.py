"""How written English is spoken: numbers, money, times, abbreviations and letters as words."""

import re
import unicodedata
from collections.abc import Sequence


def _each(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ONES = _each(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = _each("- - twenty thirty forty fifty sixty seventy eighty ninety")
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_MONEY = {"$": "dollars", "£": "pounds", "€": "euros", "¥": "yen"}
_SHORT = {
    "dr.": "doctor", "mr.": "mister", "mrs.": "missus", "mr": "mister", "mrs": "missus", "dr": "doctor",
    "ms.": "miss", "prof.": "professor", "st.": "saint", "vs.": "versus", "vs": "versus",
    "etc.": "et cetera", "etc": "et cetera", "e.g.": "for example", "i.e.": "that is", "no.": "number",
    "jr.": "junior", "sr.": "senior", "mt.": "mount", "approx.": "approximately", "&": "and",
    "+": "plus", "=": "equals", "@": "at", "%": "percent", "°c": "degrees celsius", "°f": "degrees fahrenheit",
}  # fmt: skip
_UNITS = {
    "km": "kilometres", "cm": "centimetres", "mm": "millimetres", "m": "metres", "kg": "kilograms",
    "g": "grams", "mg": "milligrams", "ghz": "gigahertz", "mhz": "megahertz", "khz": "kilohertz",
    "hz": "hertz", "w": "watts", "kw": "kilowatts", "v": "volts", "ml": "millilitres", "l": "litres",
    "ft": "feet", "in": "inches", "lb": "pounds", "lbs": "pounds", "oz": "ounces", "mph": "miles per hour",
    "gb": "gigabytes", "mb": "megabytes", "tb": "terabytes", "kb": "kilobytes", "%": "percent", "am": "a m",
    "pm": "p m", "°c": "degrees celsius", "°f": "degrees fahrenheit", "k": "thousand", "bn": "billion",
}  # fmt: skip
_HUMS = {
    "hm",
    "hmm",
    "mm",
    "mhm",
    "sh",
    "shh",
    "pst",
    "psst",
    "brr",
    "grr",
    "tsk",
    "nth",
    "mr",
    "mrs",
    "dr",
    "st",
}
_STOP_WORDS = frozenset(
    _each(
        "the a an and or but of to in on at by for with from as is are was were be been it its this that these "
        "those he she they we you i his her their our your my not no so if then than there here what which who "
        "when where how all one into over out up down about after before can could will would has have had do "
        "did does just more some any"
    )
)

_NUMBERED = {"chapter", "part", "volume", "book", "section", "act", "scene", "war", "phase", "type", "figure"}
_ROMAN = re.compile(r"(?=[IVX])(X{0,3})(IX|IV|V?I{0,3})")
_NUMBER = re.compile(r"(\d{1,3}(?:,\d{3}){1,5}|\d{1,15})(\.\d{1,12})?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_MIXED = re.compile(r"[a-z']+|\d[\d,]*(?:\.\d+)?|[$£€¥%&+=@]")
_EDGES = "\"'“”‘’«»()[]{}<>*_~`#,;:!?…|"


def spoken_words(written: Sequence[str]) -> list[tuple[str, ...]]:
    """For each written word the lower-case words it is spoken as; none for a dash or an ornament.

    Initialisms such as GPU come as `G.P.U.`: whoever pronounces them decides between word and letters.
    """
    plain = [_plain(word) for word in written]
    found = []
    for here, word in enumerate(plain):
        after = plain[here + 1] if here + 1 < len(plain) else ""
        before = plain[here - 1] if here else ""
        found.append(tuple(_spoken(word, before, after).split()))
    return found


def looks_english(text: str) -> bool:
    """Whether about as many words are English function words as in any English text (a third or more)."""
    words = re.findall(r"[^\W\d_]+", text[:200_000].lower())
    common = sum(word in _STOP_WORDS for word in words)
    return len(words) > 0 and common >= 0.27 * len(words)


def cardinal(number: int) -> str:
    """`1250` is one thousand two hundred fifty."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _joined(_TENS[number // 10], number % 10)
    if number < 1000:
        return _joined(f"{_ONES[number // 100]} hundred", number % 100)
    for scale, name in _SCALES:
        if number >= scale:
            return _joined(f"{cardinal(number // scale)} {name}", number % scale)
    raise ValueError(number)


def ordinal(number: int) -> str:
    """`3` is third."""
    first, _, last = cardinal(number).rpartition(" ")
    regular = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return f"{first} {_ORDINALS.get(last, regular)}".strip()


def year(number: int) -> str:
    """`1984` is nineteen eighty four, `1905` nineteen oh five, `2010` twenty ten."""
    century, rest = divmod(number, 100)
    if rest == 0 and century % 10:
        return f"{cardinal(century)} hundred"
    if century % 10 == 0 and rest < 10:
        return cardinal(number)
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def _joined(head: str, rest: int) -> str:
    return f"{head} {cardinal(rest)}" if rest else head


def _plain(word: str) -> str:
    """Accents, typographic quotes and outer punctuation gone; case and inner signs kept."""
    word = unicodedata.normalize("NFKD", word.replace("’", "'").replace("–", "-").replace("—", "-"))
    word = "".join(char for char in word if not unicodedata.combining(char))
    return word.strip(_EDGES)


def _spoken(word: str, before: str, after: str) -> str:
    lower = word.lower()
    if lower == "st." and not after[:1].isupper():
        return "street"
    if before.lower() in _NUMBERED and (found := _ROMAN.fullmatch(word.rstrip("."))):
        return cardinal(_roman(found[0]))
    if lower == "no." and not after[:1].isdigit():
        return "no"
    if lower.rstrip(".") in _UNITS and before[-1:].isdigit():
        return _UNITS[lower.rstrip(".")]
    if lower in _SHORT:
        return _SHORT[lower]
    if not any(char.isalnum() for char in word):
        return ""
    return _money(word, before, after) or _parts(word.rstrip("."))


def _money(word: str, before: str, after: str) -> str:
    """`$20` is twenty dollars, but `$20 million` is twenty million dollars."""
    scales = {name for _, name in _SCALES}
    bare = word.rstrip(".")
    if bare.lower() in scales and before[:1] in _MONEY:
        return f"{bare.lower()} {_MONEY[before[0]]}"
    if bare[:1] not in _MONEY or not (amount := _NUMBER.fullmatch(bare[1:])):
        return ""
    if after.lower().rstrip(".") in scales:
        return _parts(bare[1:])
    unit = _MONEY[bare[0]]
    cents = (amount[2] or "")[1:]
    whole = cardinal(_integer(amount[1]))
    return (
        f"{whole} {unit} {cardinal(int(cents))}"
        if cents.strip("0") and len(cents) == 2
        else f"{whole} {unit}"
    )


def _parts(word: str) -> str:
    return (
        " ".join(filter(None, (_part(part) for part in re.split(r"[-/]", word))))
        if "1/2" != word
        else "one half"
    )


def _part(part: str) -> str:
    lower = part.lower().strip(".")
    if found := _CLOCK.fullmatch(lower):
        return _clock(int(found[1]), int(found[2]))
    if found := re.fullmatch(r"(\d{1,15})(st|nd|rd|th)", lower):
        return ordinal(int(found[1]))
    if found := re.fullmatch(r"(\d{1,4})'?s", lower):
        return _decade(int(found[1]))
    found = re.fullmatch(r"([\d.,]*\d)([a-z°%]{1,3})", lower)
    if found and found[2] in _UNITS:
        return f"{_number(found[1])} {_UNITS[found[2]]}"
    if part.isalpha() and part.isupper() and 2 <= len(part) <= 6:
        return ".".join(part) + "."
    if re.fullmatch(r"(?:[a-z]\.)+[a-z]", lower):
        return " ".join(lower.split("."))
    lower = re.sub(r"(?<=[a-z]{2})\.(?=[a-z]{2})", " dot ", lower)
    return " ".join(filter(None, (_piece(piece) for piece in _MIXED.findall(lower))))


def _piece(piece: str) -> str:
    if piece[0].isdigit():
        return _number(piece.rstrip(","))
    if piece.isalpha() and len(piece) > 1 and piece not in _HUMS and not set(piece) & set("aeiouy"):
        return ".".join(piece) + "."
    return _SHORT.get(piece, _MONEY.get(piece, piece.strip("'")))


def _clock(hour: int, minute: int) -> str:
    if minute == 0:
        return cardinal(hour)
    return f"{cardinal(hour)} {'oh ' if minute < 10 else ''}{cardinal(minute)}"


def _decade(number: int) -> str:
    said = year(number) if number > 999 else cardinal(number)
    return f"{said[:-1]}ies" if said.endswith("y") else f"{said}s"


def _number(text: str) -> str:
    found = _NUMBER.fullmatch(text)
    if found is None:
        return " ".join(_ONES[int(digit)] for digit in text if digit.isdigit())
    whole = _integer(found[1])
    if found[2]:
        return f"{cardinal(whole)} point {' '.join(_ONES[int(digit)] for digit in found[2][1:])}"
    if "," not in found[1] and len(found[1]) == 4 and 1100 <= whole <= 2099:
        return year(whole)
    if found[1][0] == "0" and len(found[1]) > 1:
        return " ".join(_ONES[int(digit)] for digit in found[1])
    return cardinal(whole)


def _roman(numeral: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[char] for char in numeral]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def _integer(text: str) -> int:
    return int(text.replace(",", ""))
