"""Foreign text made safe for terminals, logs and one-line messages."""

import unicodedata

_CUT = 200
# Bidirectional overrides can make a line read as something else; joiners stay, words need them.
_DIRECTION = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)}


def printable(text: str, *, most: int = _CUT) -> str:
    r"""On one line, without control or direction characters, at most `most` characters.

    Bytes of a file name that are not UTF-8 (surrogates) are shown as `\xNN`.
    """
    readable = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    kept = "".join(_shown(char) for char in readable)
    line = " ".join(kept.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def counted(number: int, what: str) -> str:
    """A number of things, in the plural where that is so."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _shown(char: str) -> str:
    if char in _DIRECTION:
        return ""
    return " " if unicodedata.category(char) == "Cc" else char
