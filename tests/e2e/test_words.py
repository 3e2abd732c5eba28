"""Words recognised by a service and by a stranger's engine, as processes; killed, told, agreed to and paid."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path

import pytest

from tests.e2e.command import Told, voxweave
from tests.e2e.conftest import SAMPLES
from tests.e2e.hearing import NAMED, killed_when, sent
from tests.e2e.room import WORDS
from tests.fakes.provider import FakeProvider

SMALL = ("--resolution", "256x144", "--scene-min-s", "3", "--no-thumbnail")
STRANGER = '''
"""An engine that knows by heart what is said."""

import time
from itertools import pairwise
from pathlib import Path

from voxweave.core.hearing import Heard, Phrase, Prospect
from voxweave.core.speech import Word
from voxweave.core.time import Span
from voxweave.providers.base import Provider

LOG = Path({log!r})


class Parrot(Provider):
    """Says its sentence over each stretch of voice, and writes down that it was asked."""

    def prospect(self, language, duration_ms):
        return Prospect(ready=True, model="grey", reason="it sits here")

    def prepare(self):
        LOG.open("a").write("prepared\\n")

    def hear(self, window):
        LOG.open("a").write(f"{{window.span.start}} {{window.language}}\\n")
        while {slow} and window.span.start and not LOG.with_suffix(".go").exists():
            time.sleep(0.05)
        words = "polly wants a cracker now".split()
        breath = window.speech[0]
        step = breath.duration // len(words)
        spans = (Span(start=breath.start + n * step, end=breath.start + (n + 1) * step) for n in range(len(words)))
        said = tuple(Word(text=text, span=span) for text, span in zip(words, spans, strict=True))
        return Heard(language="en-GB", phrases=(Phrase(words=said, confidence=-0.1),))
'''


def test_words_come_in_every_format(set_up: Callable[..., FakeProvider], talk: Path, tmp_path: Path) -> None:
    """One plan, five files; the choice is told with its reason, and what is there is not replaced unasked."""
    server = set_up()
    told = voxweave("transcribe", "talk.mp3", *NAMED, "--format", "srt,vtt,ass,txt,json", cwd=tmp_path)
    assert told.status == 0, told.err
    assert [f"talk.{kind}" for kind in ("srt", "vtt", "ass", "txt", "json")] == [
        Path(line).name for line in told.out.split()
    ]
    assert "words recognised by openai-speech whisper-1: named with --recognizer" in told.err

    found = json.loads((tmp_path / "talk.json").read_text())
    assert ("en", "recognition", "openai-speech", "whisper-1") == tuple(
        found[name] for name in ("language", "how", "engine", "model")
    )
    spans = [(word["start_ms"], word["end_ms"]) for word in found["words"]]
    assert all(start <= end for start, end in spans)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))
    shown = [line for cue in found["cues"] for line in cue["lines"]]
    assert [word["text"] for word in found["words"]] == " ".join(shown).split()
    for kind in ("srt", "vtt"):
        text = (tmp_path / f"talk.{kind}").read_text()
        assert all(line in text for line in shown)
    assert (tmp_path / "talk.txt").read_text().split() == " ".join(shown).split()
    assert "Dialogue:" in (tmp_path / "talk.ass").read_text()

    before = sent(server)
    again = voxweave("transcribe", "talk.mp3", *NAMED, cwd=tmp_path)
    assert (8, True) == (again.status, "talk.srt is there already" in again.err)
    quiet = voxweave("transcribe", "talk.mp3", *NAMED, "--overwrite", "-q", cwd=tmp_path)
    assert (0, "") == (quiet.status, quiet.err)
    watched = voxweave("transcribe", "talk.mp3", *NAMED, "--overwrite", "--events", cwd=tmp_path)
    events = [json.loads(line) for line in watched.out.splitlines()]
    assert ("done", 1.0, "talk.srt") == tuple(events[-1][name] for name in ("kind", "done", "text"))
    assert {"probe", "transcribe"} == {event["stage"] for event in events}
    assert before == sent(server)


@pytest.mark.parametrize(
    ("flags", "status", "words"),
    [
        (("-f", "doc"), 2, "--format: doc is no format we write; one or more of srt, vtt, ass, txt, json"),
        (("-f", ","), 2, "--format: nothing is no format we write"),
        (("-o", "talk.vtt"), 2, "talk.vtt is to hold srt; add --format vtt"),
        (("-f", "txt", "-o", "nowhere/talk.txt"), 8, "nowhere does not exist"),
        (("other.mp3", "-o", "one.srt"), 2, "the words of several narrations cannot all be one.srt"),
        (("-f", "mp3"), 2, "--format: mp3 is no format"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_before_the_work(
    talk: Path, tmp_path: Path, flags: tuple[str, ...], status: int, words: str
) -> None:
    """One line, no traceback, nothing heard."""
    told = voxweave("transcribe", "talk.mp3", *flags, cwd=tmp_path)
    assert (status, True) == (told.status, words in told.err), told.err
    assert "Traceback" not in told.err
    assert not (tmp_path / ".voxweave").exists()


def test_a_film_has_its_captions_recognised(
    set_up: Callable[..., FakeProvider], talk: Path, tmp_path: Path
) -> None:
    """Nobody tells the words, so they are recognised; the report says by whom, and what was left out."""
    set_up()
    told = voxweave("make", "talk.mp3", *NAMED, *SMALL, "--captions", "burn,soft", "--json", cwd=tmp_path)
    assert told.status == 0, told.err
    captions = told.report["captions"]
    assert ("recognition", "openai-speech whisper-1", "en") == tuple(
        captions[name] for name in ("how", "source", "language")
    )
    heard = captions["recognised"]
    assert ("openai-speech", "whisper-1", 0.0) == tuple(
        heard[name] for name in ("engine", "model", "paid_usd")
    )
    assert heard["words"] > 10
    assert captions["cues"] > 1


def test_english_without_times_is_aligned(
    set_up: Callable[..., FakeProvider], talk: Path, tmp_path: Path
) -> None:
    """A model that gives text alone: its words get the times a script would get."""
    set_up(speech=WORDS)
    (tmp_path / "script.txt").write_text(WORDS)
    config = tmp_path / ".config" / "voxweave" / "voxweave.toml"
    config.write_text(config.read_text().replace("most_mb = 0.2", "most_mb = 25"))
    line = ("transcribe", "talk.mp3", *NAMED, "--speech-model", "gpt-4o-transcribe", "-f", "json")
    told = voxweave(*line, cwd=tmp_path)
    assert told.status == 0, told.err
    assert "they were aligned with the voice" in told.err
    assert voxweave("align", "talk.mp3", "script.txt", "-f", "json", "-o", "out/", cwd=tmp_path).status == 0
    heard, placed = (json.loads((tmp_path / name / "talk.json").read_text()) for name in (".", "out"))
    assert ("en", "recognition") == (heard["language"], heard["how"])
    assert [one["start_ms"] for one in placed["words"]] == [one["start_ms"] for one in heard["words"]]


@pytest.fixture
def parrot(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """A stranger's recognizer, installed as pip would leave it; gives the environment it is found in."""

    def install(*, slow: bool = False) -> dict[str, str]:
        about = tmp_path / "site" / "voxweave_parrot-1.0.dist-info"
        about.mkdir(parents=True)
        code = STRANGER.format(log=str(tmp_path / "asked.log"), slow=slow)
        (about.parent / "voxweave_parrot.py").write_text(code)
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: voxweave-parrot\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text("[voxweave.providers]\nparrot = voxweave_parrot:Parrot\n")
        paths = [str(about.parent), os.environ.get("PYTHONPATH", "")]
        return {"PYTHONPATH": os.pathsep.join(filter(None, paths))}

    return install


def asked(folder: Path) -> list[str]:
    """What the parrot wrote down."""
    file = folder / "asked.log"
    return file.read_text().splitlines() if file.exists() else []


def test_a_strangers_engine_is_found_and_its_film_captioned(
    parrot: Callable[..., dict[str, str]], talk: Path, tmp_path: Path
) -> None:
    """Ready here, so it is chosen without being named; a second film asks it nothing, and loads nothing."""
    around = parrot()
    told = voxweave("make", "talk.mp3", *SMALL, "--json", cwd=tmp_path, **around)
    assert told.status == 0, told.err
    assert "words recognised by parrot grey: it sits here" in told.err
    assert ("parrot grey", "en-GB") == (
        told.report["captions"]["source"],
        told.report["captions"]["language"],
    )
    assert ["prepared", "0 "] == asked(tmp_path)
    again = voxweave("transcribe", "talk.mp3", "-f", "txt", cwd=tmp_path, **around)
    assert (0, 2) == (again.status, len(asked(tmp_path))), again.err
    assert "polly wants a cracker now\n" == (tmp_path / "talk.txt").read_text()


def test_windows_are_kept_through_a_kill(
    parrot: Callable[..., dict[str, str]], talk: Path, tmp_path: Path
) -> None:
    """Steps of the job: what one window gave is not asked for again; its language holds for those after it."""
    around = parrot(slow=True)
    long = tmp_path / "long.mp3"
    from voxweave.media.ffmpeg import find_ffmpeg

    line = [find_ffmpeg().program, "-v", "error", "-stream_loop", "39", "-i", talk, "-c", "copy", long]
    subprocess.run(line, check=True)
    killed_when(lambda: len(asked(tmp_path)) > 2, "transcribe", "long.mp3", cwd=tmp_path, **around)
    begun = asked(tmp_path)
    (tmp_path / "asked.go").touch()
    told = voxweave("transcribe", "long.mp3", cwd=tmp_path, **around)
    assert told.status == 0, told.err
    assert ["prepared", "0 "] == begun[:2]
    assert begun[2].endswith(" en-GB")
    assert [*begun, "prepared", begun[2]] == asked(tmp_path)


def test_poor_words_are_better_than_none_but_not_in_a_film(talk: Path, tmp_path: Path) -> None:
    """With no model and no network: `transcribe` warns, `make` makes the film without captions and says why."""
    told = voxweave("transcribe", "talk.mp3", "--offline", cwd=tmp_path)
    assert told.status == 0, told.err
    assert "words recognised by sphinx en-US, whose text is poor: " in told.err
    assert "-->" in (tmp_path / "talk.srt").read_text()
    (tmp_path / "talk.srt").unlink()
    made = voxweave("make", "talk.mp3", *SMALL, "--offline", "--json", cwd=tmp_path)
    assert (9, []) == (made.status, made.report["captions"]["delivered"])
    (line,) = made.report["shortfalls"]
    assert line.startswith("no captions: nobody here can recognise the words: ")
    assert "talk.txt" in line


def test_who_is_named_must_do_it(talk: Path, tmp_path: Path) -> None:
    """A name nobody has, one that lacks what it needs, and nobody at all are told in one line."""
    for name, status, words in (
        ("nobody", 2, "there is no recognizer 'nobody'"),
        ("none", 2, "nobody is to recognise the words"),
        ("openai-speech", 4, "openai-speech cannot recognise words here: no key is set"),
        ("art", 2, "there is no recognizer 'art'"),
    ):
        told = voxweave("transcribe", "talk.mp3", "--recognizer", name, cwd=tmp_path)
        assert (status, True) == (told.status, words in told.err), told.err
        assert "Traceback" not in told.err


def test_a_script_is_placed_and_written(talk: Path, tmp_path: Path) -> None:
    """`align` gives the same files; the words are the script's own."""
    (tmp_path / "script.txt").write_text(WORDS)
    told: Told = voxweave("align", "talk.mp3", "script.txt", "-f", "json,srt", "-o", "out/", cwd=tmp_path)
    assert told.status == 0, told.err
    found = json.loads((tmp_path / "out" / "talk.json").read_text())
    assert "alignment" == found["how"]
    assert WORDS.split() == [word["text"] for word in found["words"]]
    assert [] == found["unspoken"]
    assert (tmp_path / "out" / "talk.srt").exists()


def test_the_script_of_something_else_is_refused(talk: Path, tmp_path: Path) -> None:
    """With the share that was found, and nothing written."""
    (tmp_path / "script.txt").write_text((SAMPLES / "mycelium.txt").read_text())
    told = voxweave("align", "talk.mp3", "script.txt", cwd=tmp_path)
    assert told.status == 3, told.err
    assert re.search(r"script.txt: only \d+% of the script was heard", told.err)
    assert not (tmp_path / "talk.srt").exists()


def test_nothing_heard_falls_short(set_up: Callable[..., FakeProvider], talk: Path, tmp_path: Path) -> None:
    """What was asked for is written, empty, and the exit status says so; a film is made all the same."""
    set_up("speech_silence*")
    told = voxweave("transcribe", "talk.mp3", *NAMED, "-f", "txt,json", "-o", "out/", cwd=tmp_path)
    assert (9, "") == (told.status, (tmp_path / "out" / "talk.txt").read_text()), told.err
    assert "short of what was asked: no words: nobody was heard speaking" in told.err
    made = voxweave("make", "talk.mp3", *NAMED, *SMALL, "--json", cwd=tmp_path)
    assert (9, []) == (made.status, made.report["captions"]["delivered"])
    assert "no captions: nobody was heard speaking" in made.report["shortfalls"][0]


def test_the_real_recognizer_gives_captions_that_pass(whisper_base: Path, talk: Path, tmp_path: Path) -> None:
    """A film of a voice alone: the words are those that are said, and its burned captions keep every rule and are seen."""
    line = ("--speech-model", whisper_base, *SMALL, "--captions", "burn,sidecar", "--json")
    told = voxweave("make", "talk.mp3", *line, cwd=tmp_path)
    assert told.status == 0, told.err
    assert "words recognised by whisper base" in told.err
    shown = re.sub(r"[^a-z' ]", " ", (tmp_path / "talk.en.srt").read_text().lower()).split()
    wanted = re.sub(r"[^a-z' ]", " ", WORDS.lower()).split()
    assert SequenceMatcher(None, wanted, shown).ratio() > 0.9
    checked = voxweave("captions", "check", "talk.en.srt", "--video", "talk.mp4", "--strict", cwd=tmp_path)
    assert checked.status == 0, checked.out + checked.err
