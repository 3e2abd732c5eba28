"""Keys are seen by their services and by nobody else: not in a log, a report, an output, a child or a crash."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.command import Told, voxweave
from tests.e2e.room import CUT, QUICK, TINY, Room
from tests.fakes.provider import FakeProvider
from tests.fakes.provider.truth import key_mark
from voxweave.cli import tell_error
from voxweave.core.redaction import learn
from voxweave.errors import Exit
from voxweave.media.sandbox import look

ROOT = Path(__file__).parents[2]
KEYS = {
    "openai": "sk-of-openai-7f3a91c2d4e5",
    "openai-images": "images-2c9d8e7f6a5b4c3d",
    "openai-speech": "speech-51f0e9d8c7b6a594",
    "zai": "0123456789abcdef0123456789abcdef.Zq8Lw2Xr5Tn1",
    "writer": "wr1ter+k3y/with=signs0987",
    "moderator": "moderator_9a8b7c6d5e4f",
    "leaky": "leaky-a1b2c3d4e5f60718",
}
"""A key for each provider; no two alike, so that one that strays is known by its owner."""
LOOKS = ("config show", "doctor", "providers list", "providers show openai", "history --json", "usage --json")
LEAKY = """
from voxweave.core.orders import Offer, Price
from voxweave.providers.base import Provider
from voxweave.providers.options import WireOptions


class Leaky(Provider):
    Options = WireOptions

    def offers(self):
        return (Offer(model="m", lengths_s=(4,), sizes=("1280x720",), price=Price(per_clip=0.1, dated="2026-11-20")),)

    def reach(self):
        self.order(None)

    def order(self, wanted):
        raise RuntimeError("Illegal header value b'" + KEY + "' in {'Authorization': 'Bearer " + KEY + "'}")

    check = find = collect = picture = order
"""
"""A provider that breaks with its key in its words, wherever it is asked."""

SPY = """#!/bin/sh
# What any child of ours is given, written down; then the program itself.
{{ tr '\\0' '\\n' < /proc/$$/environ; tr '\\0' '\\n' < /proc/$$/cmdline; ls -l /proc/$$/fd; }} >> {log}
exec {program} "$@"
"""


@dataclass
class House:
    """A user with a key for every provider, each in a place of another kind."""

    room: Room
    server: FakeProvider
    log: Path
    extra: dict[str, str]
    said: list[Told] = field(default_factory=list)

    def run(self, *args: str, status: int | None = None, **more: str) -> Told:
        """The command; what it said is searched in the end."""
        told = voxweave(*args, cwd=self.room.folder, **{**self.extra, **more})
        assert status is None or told.status == status, told.err
        self.said.append(told)
        return told

    def words(self) -> Iterator[tuple[str, bytes]]:
        """All that was said, written and given to children, and where."""
        for number, told in enumerate(self.said):
            yield f"what run {number} said", (told.out + told.err).encode()
        yield "what children were given", self.log.read_bytes()
        for top in (self.room.folder, Path(f"{self.room.folder}.state"), Path(f"{self.room.folder}.cache")):
            for file in top.rglob("*"):
                yield str(file), os.fsencode(file)
                if file.is_file() and file.name != "keys.toml":
                    yield str(file), file.read_bytes()

    def strayed(self) -> list[str]:
        """Where a key is that should not be there."""
        keys = {name: key.encode() for name, key in KEYS.items()}
        return [
            f"{name}: {where}" for where, words in self.words() for name, key in keys.items() if key in words
        ]


@pytest.fixture
def caged(tmp_path_factory: pytest.TempPathFactory, bundled: Path) -> Callable[[House], dict[str, str]]:
    """What has FFmpeg run in a sandbox whose maker is spied upon; nothing where no sandbox works."""
    place, found = tmp_path_factory.mktemp("walls"), look(bundled).cage

    def settings(house: House) -> dict[str, str]:
        if found is None:
            return {}
        spied(place, found.program, house.log)
        path = f"{place}:{os.environ['PATH']}"
        return {"VOXWEAVE_FFMPEG": "bundled", "VOXWEAVE_SANDBOX": "on", "PATH": path}

    return settings


@pytest.fixture
def house(
    fake: Callable[..., FakeProvider],
    small_room: Room,
    bundled: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> House:
    """Everything is served by one machine, which knows whose key came."""
    server, away = fake("openai"), tmp_path_factory.mktemp("away")
    origin, home = server.origin, small_room.folder
    (home / "spoken.txt").unlink()  # the words are recognised
    v1 = ("openai", "openai-images", "openai-speech", "writer", "moderator")
    tables = [f'[providers.{name}]\nbase_url = "{origin}/v1"\n' for name in v1]
    tables[3] += 'model = "m"\nfree = false\n'
    small_room.setting("".join(tables) + f'[providers.zai]\nbase_url = "{origin}/api/paas/v4"\n')
    config, site = home / ".config" / "voxweave", away / "site"
    private(config / "keys.toml", f'openai = "{KEYS["openai"]}"\nmoderator = ["{KEYS["moderator"]}"]\n')
    private(away / "zai.key", KEYS["zai"] + "\n")
    site.mkdir()
    (site / "keyring.py").write_text(
        f"def get_password(service, name):\n    return {KEYS['openai-speech']!r} if name == 'openai-speech' else None\n"
    )
    (site / "leaky.py").write_text(LEAKY.replace("KEY", repr(KEYS["leaky"])))
    about = site / "leaky-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: leaky\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[voxweave.providers]\nleaky = leaky:Leaky\n")
    extra = {
        "VOXWEAVE_WRITER_KEY": KEYS["writer"],
        "VOXWEAVE_OPENAI_IMAGES_KEY": KEYS["openai-images"],
        "VOXWEAVE_LEAKY_KEY": KEYS["leaky"],
        "ZAI_API_KEY_FILE": str(away / "zai.key"),
        "PYTHONPATH": str(site),
        "VOXWEAVE_FFMPEG": str(spied(away, bundled, away / "given")),
    }
    return House(small_room, server, away / "given", extra)


def private(file: Path, text: str) -> None:
    """A file that only its owner reads."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o600)


def spied(folder: Path, program: Path, log: Path) -> Path:
    """A program that writes down what it is given."""
    folder.mkdir(exist_ok=True)
    spy = folder / program.name.partition("-")[0]
    spy.write_text(SPY.format(log=log, program=program))
    spy.chmod(spy.stat().st_mode | stat.S_IXUSR)
    return spy


def test_no_key_is_seen_by_anybody_else(house: House, caged: Callable[[House], dict[str, str]]) -> None:
    """Through every provider, at every volume, refused with the key in the answer, and in a crash: nothing strays.

    Its programs run without a sandbox, which would keep the spy out, and once in one, where its maker is the spy.
    """
    paid = ("--yes", "--max-cost", "9", "-vv", *TINY, *CUT, *QUICK)
    words = ("--writer", "llm", "--recognizer", "openai-speech", "--moderation", "endpoint")
    house.run("make", "spoken.mp3", "--provider", "openai", *words, *paid, status=0)
    clip = ("clip", "a lighthouse", "--max-cost", "9", "--yes", "--poll-s", "0.05", "-vv", "--provider")
    house.run(*clip, "zai", status=0)
    house.run("make", "spoken.mp3", "--provider", "openai-images", *paid, status=0, **caged(house))
    marks = {request["key"] for request in house.server.truth()["log"]}
    assert {key_mark(key) for name, key in KEYS.items() if name != "leaky"} == marks - {
        ""
    }  # a file from a bare address

    for fault in ("create_echo_key", "create_401", "poll_401_midway"):
        house.server.script(fault)
        house.run(*clip, "openai", "--json")
    for line in LOOKS:
        house.run(*line.split())
    for command in ("check leaky", "show leaky"):
        house.run("providers", *command.split())
    crash = house.run(*clip, "leaky")
    assert "Illegal header value" in crash.err
    assert [] == house.strayed()
    assert {told.status for told in house.said} <= {0, 1, 4, 5, 6}
    given = house.log.read_text()
    assert "-progress" in given
    assert ("--unshare-pid" in given or "--unshare-all" in given) == bool(caged(house))
    assert not [name for name in ("/lock", ".lock", ".sqlite3") if name in given]  # locks are no child's


def test_a_crash_shows_no_key(capsys: pytest.CaptureFixture[str]) -> None:
    """A bug's traceback is told in full, but for the keys and signed addresses in its words."""
    learn("k3y-of-nobody-in-particular")
    try:
        raise RuntimeError("k3y-of-nobody-in-particular and https://clips.example/a.mp4?sig=abcdef0123456789")
    except RuntimeError as error:
        assert tell_error(error) == Exit.BUG
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "https://clips.example/a.mp4?[cut]" in said
    assert "k3y-of" not in said.replace("raise RuntimeError", "").split("RuntimeError:")[-1]


def test_no_library_prints_a_known_key() -> None:
    """Whatever writes to our streams, also from C or another thread's crash, a known key does not leave."""
    program = (
        "import sys, threading; from voxweave.cli.streams import stand_in; from voxweave.core.redaction import learn;"
        "stand_in(); key = 'k3y-of-' + 'nobody-else'; learn(key); print('x' * 8180, key); sys.stderr.write(key);"
        "threading.Thread(target=lambda: 1 / len(key[99:]), name=key).start()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "k3y-of-nobody" not in done.stdout + done.stderr
    assert done.stdout.count("[key]") == 1
