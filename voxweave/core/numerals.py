"""Whole numbers as words of German, Spanish, French, Italian and Portuguese, to compare them with what is heard.

The words are joined or parted as recognisers write them; forms that vary by what is counted are those
that are said alone. Other languages' figures stay figures, and match whatever stands in their place.
"""

from collections.abc import Callable

_MOST = 999_999


def _each(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_GERMAN = _each(
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn"
)
_GERMAN_TENS = _each("- - zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig")
_SPANISH = _each(
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
    "diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis "
    "veintisiete veintiocho veintinueve"
)
_SPANISH_TENS = _each("- - - treinta cuarenta cincuenta sesenta setenta ochenta noventa")
_SPANISH_HUNDREDS = _each(
    "- ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
)
_FRENCH = _each(
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix_sept "
    "dix_huit dix_neuf"
)
_FRENCH_TENS = _each("- - vingt trente quarante cinquante soixante soixante quatre_vingt quatre_vingt")
_ITALIAN = _each(
    "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici "
    "sedici diciassette diciotto diciannove"
)
_ITALIAN_TENS = _each("- - venti trenta quaranta cinquanta sessanta settanta ottanta novanta")
_PORTUGUESE = _each(
    "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis "
    "dezessete dezoito dezenove"
)
_PORTUGUESE_TENS = _each("- - vinte trinta quarenta cinquenta sessenta setenta oitenta noventa")
_PORTUGUESE_HUNDREDS = _each(
    "- cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos"
)


def spelled_number(number: int, language: str) -> str:
    """`1984` in Spanish is mil novecientos ochenta y cuatro; empty where we do not know the words."""
    say = _LANGUAGES.get(language.lower().split("-")[0])
    if say is None or number > _MOST:
        return ""
    return say(number).replace("_", " ")


def _german(number: int) -> str:
    if number < 20:
        return _GERMAN[number]
    if number < 100:
        ten, one = divmod(number, 10)
        return (f"{_ein(one)}und" if one else "") + _GERMAN_TENS[ten]
    if number < 1000 or (1100 <= number < 2000):
        hundred, rest = divmod(number, 100)
        return f"{_ein(hundred)}hundert" + (_german(rest) if rest else "")
    thousand, rest = divmod(number, 1000)
    return f"{_ein(thousand)}tausend" + (_german(rest) if rest else "")


def _ein(number: int) -> str:
    return _german(number).removesuffix("s") if number == 1 else _german(number)


def _spanish(number: int) -> str:
    if number < 30:
        return _SPANISH[number]
    if number < 100:
        ten, one = divmod(number, 10)
        return _SPANISH_TENS[ten] + (f" y {_SPANISH[one]}" if one else "")
    if number == 100:
        return "cien"
    if number < 1000:
        return _after(_SPANISH_HUNDREDS[number // 100], number % 100, _spanish)
    thousand, rest = divmod(number, 1000)
    return _after("mil" if thousand == 1 else f"{_spanish(thousand)} mil", rest, _spanish)


def _french(number: int) -> str:
    if number < 20:
        return _FRENCH[number]
    if number < 100:
        return _french_tens(number)
    if number < 1000:
        hundred, rest = divmod(number, 100)
        return _after("cent" if hundred == 1 else f"{_FRENCH[hundred]} cent", rest, _french)
    thousand, rest = divmod(number, 1000)
    return _after("mille" if thousand == 1 else f"{_french(thousand)} mille", rest, _french)


def _french_tens(number: int) -> str:
    ten, one = divmod(number, 10)
    rest = one + 10 if ten in (7, 9) else one
    joint = " et" if one == 1 and ten < 8 else ""
    return _FRENCH_TENS[ten] + (f"{joint} {_FRENCH[rest]}" if rest else "")


def _italian(number: int) -> str:
    if number < 20:
        return _ITALIAN[number]
    if number < 100:
        ten, one = divmod(number, 10)
        head = _ITALIAN_TENS[ten][:-1] if one in (1, 8) else _ITALIAN_TENS[ten]
        return head + (_ITALIAN[one] if one else "")
    if number < 1000:
        hundred, rest = divmod(number, 100)
        return ("" if hundred == 1 else _ITALIAN[hundred]) + "cento" + (_italian(rest) if rest else "")
    thousand, rest = divmod(number, 1000)
    return ("mille" if thousand == 1 else f"{_italian(thousand)}mila") + (_italian(rest) if rest else "")


def _portuguese(number: int) -> str:
    if number < 20:
        return _PORTUGUESE[number]
    if number < 100:
        ten, one = divmod(number, 10)
        return _PORTUGUESE_TENS[ten] + (f" e {_PORTUGUESE[one]}" if one else "")
    if number == 100:
        return "cem"
    if number < 1000:
        hundred, rest = divmod(number, 100)
        return _PORTUGUESE_HUNDREDS[hundred] + (f" e {_portuguese(rest)}" if rest else "")
    thousand, rest = divmod(number, 1000)
    head = "mil" if thousand == 1 else f"{_portuguese(thousand)} mil"
    joint = " e" if rest and (rest < 100 or rest % 100 == 0) else ""
    return _after(head + joint, rest, _portuguese)


def _after(head: str, rest: int, say: Callable[[int], str]) -> str:
    return f"{head} {say(rest)}" if rest else head


_LANGUAGES: dict[str, Callable[[int], str]] = {
    "de": _german,
    "es": _spanish,
    "fr": _french,
    "it": _italian,
    "pt": _portuguese,
}
