"""TOML that anybody may have written, parsed in bounded time and depth."""

import re
import tomllib

_MOST_POINTS = 200
"""Tables within tables on one line. The parser's time grows with their square: 80 kB of them take 15 s."""
_QUOTED = re.compile(
    r""""{3}(?:[^"\\]|\\.|""?(?!"))*+"{0,5}"""
    r"""|'{3}(?:[^']|''?(?!'))*+'{0,5}"""
    r"""|"(?:[^"\\\n]|\\[^\n])*+"?|'[^'\n]*+'?|#[^\n]*+""",
    re.DOTALL,
)
"""What has no tables in it: strings of the four kinds and remarks; one that never ends goes on to the end."""


def parsed(text: str) -> dict[str, object]:
    """The top table; ValueError in words for a reader when it is not TOML, or would never end."""
    bare = _QUOTED.sub(lambda found: "\n" * found[0].count("\n"), text)
    for number, line in enumerate(bare.split("\n"), start=1):
        if line.count(".") > _MOST_POINTS:
            raise ValueError(f"line {number} has over {_MOST_POINTS} points")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
