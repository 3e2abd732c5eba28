"""Scripts placed on the voice as processes: by alignment, by what a recognizer hears, or spread; told which."""

import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.e2e.command import Told, voxweave
from tests.e2e.conftest import SAMPLES

HEARD = "hola y bienvenidos a todos hoy vamos a bajar juntos hasta el fondo del mar donde duermen 300 cables"
SCRIPT = "¡Hola, y bienvenidos a todos! Hoy vamos a bajar juntos hasta el fondo del mar, donde duermen trescientos cables."
LEFT_OUT = "Esta frase tan larga no la leyó nadie nunca jamás."
SMALL = ("--resolution", "320x180", "--no-thumbnail", "--captions", "sidecar")
LISTENER = '''
"""An engine that hears the same words in every narration, two a second."""

from voxweave.core.hearing import Heard, Phrase, Prospect
from voxweave.core.speech import Word
from voxweave.core.time import Span
from voxweave.providers.base import Provider


class Listener(Provider):
    """Begins with the voice."""

    def prospect(self, language, duration_ms):
        return Prospect(ready=True, model="small")

    def prepare(self):
        pass

    def hear(self, window):
        start = window.speech[0].start
        said = tuple(
            Word(text=text, span=Span(start=start + 500 * n, end=start + 500 * n + 460))
            for n, text in enumerate({heard!r}.split())
        )
        return Heard(language="es", phrases=(Phrase(words=said, confidence=-0.1),))
'''

Run = Callable[..., Told]


@pytest.fixture
def run(spoken: Path, tmp_path: Path) -> Run:
    """The command in a folder with ten seconds of speech, a script, and a recognizer that is always ready."""
    shutil.copy(spoken, tmp_path / "talk.mp3")
    about = tmp_path / "site" / "voxweave_listener-1.0.dist-info"
    about.mkdir(parents=True)
    (about.parent / "voxweave_listener.py").write_text(LISTENER.format(heard=HEARD))
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: voxweave-listener\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[voxweave.providers]\nlistener = voxweave_listener:Listener\n")

    def with_script(script: str, command: str, *flags: str) -> Told:
        (tmp_path / "script.txt").write_text(script)
        named = ("talk.mp3", "script.txt") if command == "align" else ("talk.mp3", "--script", "script.txt")
        return voxweave(
            command, *named, *flags, cwd=tmp_path, PYTHONPATH=str(about.parent), HF_HUB_OFFLINE="1"
        )

    return with_script


def test_another_language_is_placed_by_what_is_heard(run: Run, tmp_path: Path) -> None:
    """The script keeps its words and takes the times heard; a sentence nobody read is told and has none."""
    told = run(f"{SCRIPT} {LEFT_OUT}", "align", "--format", "json")
    found = json.loads((tmp_path / "talk.json").read_text())

    assert 0 == told.status, told.err
    assert ("matching", "es") == (found["how"], found["language"])
    assert f"{SCRIPT} {LEFT_OUT}".split() == [word["text"] for word in found["words"]]
    assert (LEFT_OUT, 19) == (found["unspoken"][0]["text"], found["unspoken"][0]["first"])
    starts = [word["start_ms"] for word in found["words"][:19]]
    assert all(before < after for before, after in pairwise(starts))
    assert all(abs(start - starts[0] - 500 * n) <= 500 for n, start in enumerate(starts))
    assert "nunca" not in " ".join(line for cue in found["cues"] for line in cue["lines"])
    assert "placed by the words recognised" in told.err
    assert "10 words of the script were not heard" in told.err


def test_a_film_reports_what_nobody_said(run: Run, tmp_path: Path) -> None:
    """The report names the first words of what was left out, how many they are, and when they would have come."""
    told = run(f"{SCRIPT} {LEFT_OUT}", "make", *SMALL)
    captions = json.loads((tmp_path / "talk.report.json").read_text())["captions"]

    assert 0 == told.status, told.err
    assert "matching" == captions["how"]
    assert [(LEFT_OUT.rsplit(" ", 2)[0], 10)] == [(one["text"], one["count"]) for one in captions["unspoken"]]
    assert [] == captions["offscript"]


@pytest.mark.parametrize("command", ["align", "make"])
def test_the_script_of_something_else_is_refused(run: Run, tmp_path: Path, command: str) -> None:
    """No nonsense captions: one line with the share that was heard, what to do, and nothing written."""
    told = run((SAMPLES / "panaderia.txt").read_text(), command)

    assert 3 == told.status
    assert "% of the script was heard" in told.err
    assert "--recognizer none" in told.err
    assert not list(tmp_path.glob("talk.s*"))
    assert not list(tmp_path.glob("talk.mp4"))


def test_who_insists_has_the_script_spread(run: Run, tmp_path: Path) -> None:
    """Without a recognizer the words are taken on trust, and the line says how good that is."""
    told = run(SCRIPT, "align", "--recognizer", "none", "--format", "json")

    assert 0 == told.status, told.err
    assert "spread" == json.loads((tmp_path / "talk.json").read_text())["how"]
    assert "spread over the voice by its letters (--recognizer is none)" in told.err


def test_english_says_why_it_is_aligned(run: Run) -> None:
    """The choice is told with its reason."""
    words = (SAMPLES / "cables.txt").read_text().split()[:33]
    told = run(" ".join(words), "align")

    assert 0 == told.status, told.err
    assert "placed by forced alignment, as it is English" in told.err
