"""Foreign text under a fuzzer: `python scripts/fuzz.py [subtitles|scripts|words|tables] [SECONDS] [FOLDER]`.

Needs atheris (`pip install atheris`; wheels are there for Linux). Inputs that reach new code are kept in
FOLDER, so that the next run goes on from there. What breaks a promise ends the run and is written as
`crash-*`: it becomes a case in tests/data/make_subtitles.py or tests/property/test_foreign_text_any.py.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

with atheris.instrument_imports(include=["voxweave.core", "voxweave.settings", "voxweave.pipeline.checking"]):
    from voxweave.core.scripts import read_script
    from voxweave.core.storyboard import from_toml
    from voxweave.core.subtitles import read_subtitles
    from voxweave.errors import VoxWeaveError
    from voxweave.pipeline.checking import _from_json
    from voxweave.settings.looks import load_look
    from voxweave.settings.styles import load_style

from tests.data.make_subtitles import ODD

_SUFFIXES = (".srt", ".vtt", ".ass", ".sub", ".sbv", ".lrc", ".txt", ".md")
_SLOW_S = 2.0
_MOST_BYTES = 20_000
_HERE = Path(tempfile.mkdtemp(prefix="voxweave-fuzz-"))


def subtitles(raw: bytes) -> None:
    """Cues in order, with text."""
    found = read_subtitles(raw[1:], suffix=_SUFFIXES[raw[0] % len(_SUFFIXES)])
    ends = 0
    for cue in found.cues:
        if not (ends <= cue.span.start < cue.span.end and cue.lines and all(cue.lines)):
            raise AssertionError(f"no cue to be shown: {cue}")
        ends = cue.span.end


def scripts(raw: bytes) -> None:
    """Words of bounded length."""
    script = read_script(raw[1:], suffix=_SUFFIXES[raw[0] % 2 - 2])
    if not script.words or any(not 0 < len(word) <= 500 for word in script.words):
        raise AssertionError("no words to be spoken")


def words(raw: bytes) -> None:
    """Captions as JSON."""
    _from_json(raw, "words.json")


def tables(raw: bytes) -> None:
    """Storyboards, styles and looks."""
    file = _HERE / "mine.toml"
    file.write_bytes(raw[1:])
    if raw[0] % 3 == 0:
        from_toml(raw[1:].decode("utf-8", "replace"), 60_000, name="board.toml")
    elif raw[0] % 3 == 1:
        load_style(file)
    else:
        load_look(str(file))


_TARGETS: dict[str, Callable[[bytes], None]] = {
    "subtitles": subtitles,
    "scripts": scripts,
    "words": words,
    "tables": tables,
}
_SEEDS: dict[str, list[bytes]] = {
    "subtitles": [bytes([_SUFFIXES.index(odd.suffix) if odd.suffix in _SUFFIXES else 0]) + odd.raw for odd in ODD if len(odd.raw) < _MOST_BYTES],
    "scripts": [b"\1# Title\n\n> *A* [link](x) `code` &amp; &#38;\n\n1. one\n2. two\n\n```\nx\n```\n| a | b |\n|---|---|\n[Music]\n"],
    "words": [b'{"cues": [{"start_ms": 0, "end_ms": 9, "lines": ["x"]}], "words": [{"text": "x", "start_ms": 0, "end_ms": 9}]}', b'{"captions": {"cues": 3, "rules_broken": [{"cue": 1, "rule": "r", "value": 1, "limit": 2}], "drawn": []}}'],
    "tables": [b'\0[[scene]]\nstart = "0:00"\npicture = "a.png"\n', b'\1summary = "x"\n[palette]\n', b'\2size = 0.05\n[wide]\nposition = "low"\n'],
}  # fmt: skip


def main() -> None:
    """Run one target for its time."""
    name, seconds, *place = (*sys.argv[1:], *("subtitles", "300")[len(sys.argv) - 1 :])
    target = _TARGETS[name]
    corpus = Path(place[0]) if place else _HERE / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(_SEEDS[name]):
        (corpus / f"seed-{number}").write_bytes(seed)

    def one(raw: bytes) -> None:
        began = time.process_time()
        try:
            if raw:
                target(raw)
        except VoxWeaveError as error:
            if "\n" in str(error):
                raise AssertionError("more than one line") from error
        if time.process_time() - began > _SLOW_S:
            raise AssertionError("slow")

    options = [f"-max_total_time={seconds}", f"-max_len={_MOST_BYTES}", "-timeout=20", "-rss_limit_mb=2000"]
    atheris.Setup([sys.argv[0], *options, "-print_final_stats=1", str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
