"""The command line: exit statuses, one-line errors, and what goes to which stream."""

import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.pace import soon
from tests.unit.alone import alone  # noqa: F401  for all tests here
from voxweave import __version__
from voxweave.cli import one_line, run, tell_error
from voxweave.cli.make import _status
from voxweave.cli.outputs import Namer
from voxweave.cli.running import Outcome
from voxweave.errors import InputError, MediaError, Stopped, UsageError
from voxweave.settings import ACCEPTED, Settings


def python(*args: str) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own."""
    return subprocess.run([sys.executable, *args], capture_output=True, text=True, check=False)


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    """`voxweave --help` needs click and the errors, and under 0.3 s of CPU."""
    code = (
        "import sys, time\n"
        "from voxweave.cli import run\n"
        "status = run(['--help'])\n"
        "heavy = {'pydantic', 'numpy', 'rich', 'av', 'cv2', 'asyncio'} & set(sys.modules)\n"
        "print(status, sorted(heavy), time.process_time())\n"
    )
    status, heavy, took_s = python("-c", code).stdout.splitlines()[-1].split()

    assert (status, heavy) == ("0", "[]")
    soon(float(took_s), 0.3, clock=time.process_time)


def test_python_dash_m_is_the_command() -> None:
    """`python -m voxweave --version` tells the version and ends well."""
    done = python("-m", "voxweave", "--version")

    assert (done.stdout, done.returncode) == (f"voxweave, version {__version__}\n", 0)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["mkae"], "voxweave: No such command 'mkae'; voxweave --help tells more\n"),
        (["make"], "voxweave: Missing argument 'NARRATION...'; voxweave make --help tells more\n"),
        (
            ["make", "a.mp3", "--fps"],
            "voxweave: Option '--fps' requires an argument; voxweave --help tells more\n",
        ),
        (
            ["make", "a.mp3", "--fps", "17"],
            f"voxweave: fps (flag --fps): '17' is not accepted; accepted: {ACCEPTED['fps']}\n",
        ),
        (
            ["make", "a.mp3", "--json", "--events"],
            "voxweave: --json and --events both want stdout; use one of them\n",
        ),
        (
            ["make", "a.mp3", "b.mp3", "-o", "film.mp4"],
            "voxweave: several films cannot all be film.mp4; with several narrations -o is an existing folder\n",
        ),
        (
            ["make", "a.mp3", "b.mp3", "--storyboard", "s.toml"],
            "voxweave: --storyboard belongs to one narration, and 2 are given; make them one by one\n",
        ),
        (["config", "get", "stlye"], "voxweave: no setting is called 'stlye'; did you mean style?\n"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(
    args: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is wrong with the line typed is said in one line, with what to do."""
    status = run(args)

    assert (status, capsys.readouterr()) == (2, ("", said))


def test_the_bare_command_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    """`voxweave` alone explains itself, and ends with 2."""
    assert run([]) == 2
    assert "Commands:" in capsys.readouterr().err


def test_a_failing_narration_does_not_stop_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    """Each narration is tried; the first failure's status is the command's, and all are named."""
    status = run(["make", "--", "a.mp3", "-b.mp3", "new\nline.mp3"])

    said = capsys.readouterr().err.splitlines()
    assert status == 3
    assert len(said) == 4
    assert said[-1] == (
        "voxweave: 3 of 3 films failed, with exit status: a.mp3 (3), -b.mp3 (3), new line.mp3 (3)"
    )


def test_json_tells_of_failures_too(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json stdout is one object, or an array, even when nothing could be made."""
    run(["make", "--json", "a.mp3"])
    one = json.loads(capsys.readouterr().out)
    run(["make", "--json", "a.mp3", "b.mp3"])
    both = json.loads(capsys.readouterr().out)

    assert (one["narration"], one["exit_code"]) == ("a.mp3", 3)
    assert [each["narration"] for each in both] == ["a.mp3", "b.mp3"]


def test_the_first_failure_decides_the_status(capsys: pytest.CaptureFixture[str]) -> None:
    """A failure comes before a film that is short of what was asked, wherever it stands."""
    short, failed, other = (
        Outcome("a", 9),
        Outcome("b", 3, error=InputError("x")),
        Outcome("c", 7, error=MediaError("x")),
    )

    assert _status([short, failed, other], of=3) == 3
    assert _status([Outcome("a", 0), short], of=2) == 9
    assert _status([Outcome("a", 0)], of=1) == 0
    assert _status([failed, Outcome("d", 143, error=Stopped())], of=3) == 143


def test_no_two_films_take_one_name(tmp_path: Path) -> None:
    """Narrations that would become the same film are refused from the second on."""
    namer = Namer(None, many=True)
    assert namer.name("talk.mp3", Settings()) is None

    with pytest.raises(UsageError, match=r"talk\.wav would become talk\.mp4, as talk\.mp3 does"):
        namer.name("talk.wav", Settings())


def test_an_output_ending_in_a_slash_is_a_folder_to_make(tmp_path: Path) -> None:
    """`-o films/` makes the folder and puts the film into it."""
    namer = Namer("new/films/", many=False)

    assert namer.name("talk.mp3", Settings()) == Path("new/films/talk.mp4")
    assert (tmp_path / "new" / "films").is_dir()


def test_a_bug_shows_its_traceback_and_where_to_report(capsys: pytest.CaptureFixture[str]) -> None:
    """What we did not expect ends with 1, a traceback and a plea."""
    try:
        raise ZeroDivisionError("oops")
    except ZeroDivisionError as error:
        status = tell_error(error)

    said = capsys.readouterr().err
    assert status == 1
    assert (
        "Traceback" in said
        and "ZeroDivisionError: oops" in said
        and "this is a bug; please report it" in said
    )


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (
            errno.EIO,
            "the disk fails at out/talk .mp4; check the disk, or choose another place with -o or --work",
        ),
        (errno.ESTALE, "the network disk lost what was there at out/talk .mp4; run again when it is back; "),
    ],
)
def test_a_failing_disk_is_no_bug(capsys: pytest.CaptureFixture[str], number: int, said: str) -> None:
    """Whatever look at whatever file the disk fails: one line that names it, and status 8."""
    assert tell_error(OSError(number, "oops", b"out/talk\n.mp4")) == 8
    assert capsys.readouterr().err.startswith(f"voxweave: {said}")


def test_verbose_tells_all_that_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    """-v adds an error's notes and its cause to the one line."""
    error = MediaError("FFmpeg failed")
    error.add_note("last line")
    error.__cause__ = ValueError("deeper")

    tell_error(error, verbose=True)

    assert capsys.readouterr().err == "voxweave: FFmpeg failed\n  last line\n  because: ValueError: deeper\n"


def test_errors_are_one_harmless_line() -> None:
    """A message with foreign text in it stays on one line; a stop has words of its own."""
    assert one_line(InputError("bad\nname\x1b[2J", hint="rename it")) == "voxweave: bad name [2J; rename it"
    assert one_line(Stopped()) == "voxweave: stopped; run the same command to go on"


def test_a_reader_that_has_gone_ends_quietly() -> None:
    """`voxweave … | head` neither complains nor fails."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as nobody:
        done = subprocess.run(
            [sys.executable, "-m", "voxweave", "config", "example"],
            stdout=nobody,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert (done.returncode, done.stderr) == (0, "")


def test_config_show_names_every_origin(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Each setting is shown with its value and where it comes from, as TOML and as JSON."""
    (tmp_path / "voxweave.toml").write_text('style = "ink"\n')

    assert run(["config", "show", "--fps", "29.97"]) == 0
    shown = capsys.readouterr().out
    assert run(["config", "show", "--json", "--fps", "29.97"]) == 0
    entries = json.loads(capsys.readouterr().out)

    assert ["fps", "=", "29.97", "#", "flag", "--fps"] in [line.split() for line in shown.splitlines()]
    assert set(entries) == set(Settings.model_fields)
    assert entries["style"] == {"value": "ink", "origin": "voxweave.toml:style"}


def test_config_names_another_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """--config FILE takes the place of the user's own file."""
    (tmp_path / "mine.toml").write_text("seed = 5\n")

    assert run(["--config", "mine.toml", "config", "get", "seed"]) == 0
    assert capsys.readouterr().out == "5\n"
    assert run(["--config", "none.toml", "config", "get", "seed"]) == 2


def test_every_setting_is_a_flag_that_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """`make --help` has each setting's flag, what it accepts and its default."""
    assert run(["make", "--help"]) == 0

    text = " ".join(capsys.readouterr().out.split())
    assert [key for key in Settings.model_fields if f"--{key.replace('_', '-')} " not in text] == []
    assert "--loudness LUFS Loudness of the film in LUFS" in text and "Default: -16." in text


def test_presets_and_styles_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """What --preset and --style take can be read from the command."""
    assert run(["presets", "list"]) == 0
    assert run(["styles", "list"]) == 0

    out = capsys.readouterr().out
    assert "shorts " in out and "cyberpunk" in out


def test_clean_removes_only_the_narration_s_own_job(tmp_path: Path) -> None:
    """The job of the narration goes, another's stays, and an empty work folder goes with the last."""
    from voxweave.jobs.job import job_folder

    folders = [job_folder(Path(name), None) for name in ("a.mp3", "b.mp3")]
    for folder in folders:
        (folder / "steps").mkdir(parents=True)

    assert run(["clean", "a.mp3"]) == 0
    assert [folder.exists() for folder in folders] == [False, True]
    assert run(["clean", "b.mp3"]) == 0
    assert not (tmp_path / ".voxweave").exists()


def test_a_name_that_is_not_utf_8_goes_to_stdout_as_it_is() -> None:
    """A program reading the film's path gets its very bytes."""
    code = "from pathlib import Path; from voxweave.cli.running import say_path; say_path(Path('a\\udcff\\n.mp4'))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert done.stdout == b"a\xff\n.mp4\n"
