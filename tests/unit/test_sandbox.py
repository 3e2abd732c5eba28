"""A cage around what reads strangers' files: it sees its folder and what it was handed, and nothing else."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from voxweave.cli import run
from voxweave.errors import DependencyError, Exit, InputError, Stopped
from voxweave.jobs.log import set_up
from voxweave.media.cage import ROOT_WALLS, WALLS, Cage, told
from voxweave.media.child import Child, Limits, Surroundings
from voxweave.media.ffmpeg import Ffmpeg, Job, find_ffmpeg
from voxweave.media.sandbox import Found, look, sandbox_for
from voxweave.media.stopping import StopSignal


@pytest.fixture(scope="module", params=[WALLS, ROOT_WALLS], ids=["walls", "root-walls"])
def cage(request: pytest.FixtureRequest) -> Cage:
    """One that works here: of either way in where both are open, as they are to root."""
    found = look(find_ffmpeg("bundled", "off").program)
    if found.cage is None:
        pytest.skip(f"NO SANDBOX: {found.missing} (apt-get install bubblewrap)")
    if request.param == ROOT_WALLS and os.geteuid() != 0:
        pytest.skip("these walls are for root")
    return replace(found.cage, walls=request.param)


def said(
    cage: Cage, script: str, *, cwd: Path | None = None, fds: tuple[int, ...] = (), **more: object
) -> str:
    """What a shell in the cage prints, its complaints with it."""
    around = Surroundings(cwd=cwd, fds=fds, cage=cage, **more)  # type: ignore[arg-type]
    handed = [f"file:/dev/fd/{fd}" for fd in fds]
    with Child(
        ["/bin/sh", "-c", f"({script}) 2>&1", "sh", *handed], StopSignal(), around=around, limit_s=20
    ) as child:
        words = child.stdout.read().decode()
        child.wait()
    return words


def test_nothing_of_the_machine_is_to_be_seen(cage: Cage, tmp_path: Path) -> None:
    """Neither the users' list, nor homes, nor other folders, nor other processes."""
    (tmp_path / "secret.txt").write_text("secret")
    words = said(
        cage, f"cat /etc/passwd /etc/shadow '{tmp_path}/secret.txt'; ls / /proc; ls -d /root /home /tmp"
    )

    assert "root:" not in words and "secret\n" not in words
    assert words.count("No such file") >= 3
    assert not any(line.isdigit() and int(line) > 20 for line in words.split())


def test_only_its_folder_takes_files(cage: Cage, tmp_path: Path) -> None:
    """What is written elsewhere fails; the folder may have any name."""
    folder = tmp_path / "it's a\nfolder, [really] é"
    folder.mkdir()
    words = said(
        cage, "echo x > here.txt; echo y > ../there.txt; echo z > /usr/z.txt; echo w > /w.txt", cwd=folder
    )

    assert ["here.txt"] == os.listdir(folder) and [folder.name] == os.listdir(tmp_path)
    assert words.count("Read-only file system") + words.count("Directory nonexistent") == 3
    assert not Path("/w.txt").exists() and not Path("/usr/z.txt").exists()


def test_there_is_no_network(cage: Cage) -> None:
    """A server of this machine cannot be reached from within."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        python = os.path.realpath("/usr/bin/python3") if Path("/usr/bin/python3").exists() else sys.executable
        around = Surroundings(cage=cage, reads=(Path(sys.base_prefix),))
        with Child([python, "-I", "-c", code], StopSignal(), around=around, limit_s=20) as child:
            child.stdout.read()
            assert child.wait() == 1
    assert "refused" in child.errors[-1] or "unreachable" in child.errors[-1]


@pytest.fixture
def narration(tmp_path: Path) -> Path:
    """A file whose owner alone may read it, or write to it."""
    file = tmp_path / "narration"
    file.write_text("words")
    file.chmod(0o600)
    return file


GIVEN = "file=${1#file:}; "
"""In the shell's words, the opened file as a program is told of it."""


def test_an_open_file_is_handed_in(cage: Cage, narration: Path) -> None:
    """It is read though its folder and its name are not there, and its rights are its owner's alone."""
    if cage.walls == ROOT_WALLS:  # others' users are unknown behind the other walls
        os.chown(narration, 12345, 12345)
    with narration.open("rb") as file:
        assert said(cage, f"{GIVEN} cat $file", fds=(file.fileno(),)) == "words"


def test_a_file_that_is_read_cannot_be_written_to(cage: Cage, narration: Path) -> None:
    """Neither by its name there, nor by any descriptor of any process, nor in the folder of the work itself."""
    assert cage.binds, "an old bubblewrap: the file is handed in open"
    tries = (
        GIVEN
        + "echo x > $file; echo x >> $file; cp /bin/true $file; truncate -s 0 $file; rm $file; mv $file $file.x;"
        "echo x > narration; rm narration; mv narration elsewhere; ln -f narration again && echo x > again;"
        "mount -o remount,rw $file; mount --bind /dev/null $file; umount $file;"
        "for fd in /proc/[0-9]*/fd/*; do [ $(stat -Lc %i $fd) = $(stat -c %i $file) ] && echo x > $fd; done; cat $file"
    )
    with narration.open("rb") as file:
        words = said(cage, tries, cwd=narration.parent, fds=(file.fileno(),))

    assert narration.read_text() == "words" and words.endswith("words")
    assert os.listdir(narration.parent) == ["narration"]
    assert words.count("Read-only file system") >= 5


def test_the_file_shown_is_the_one_that_was_opened(cage: Cage, narration: Path) -> None:
    """A new file under the name is not taken for it: moved, it is read; replaced, it is read or the run ends."""
    kept, other = narration.with_name("kept"), narration.with_name("other")
    with narration.open("rb") as file:
        narration.rename(kept)
        narration.write_text("others' words")
        assert said(cage, f"{GIVEN} cat $file", fds=(file.fileno(),)) == "words"
        other.hardlink_to(kept)
        narration.replace(kept)
        with pytest.raises(InputError, match="moved or replaced"):
            said(cage, f"{GIVEN} cat $file", fds=(file.fileno(),))
        other.unlink()  # now nobody has a name for it
        assert said(cage, f"{GIVEN} cat $file", fds=(file.fileno(),)) == "words"


def test_limits_hold_within(cage: Cage) -> None:
    """Memory and processor time are as they are without."""
    words = said(cage, "ulimit -v; ulimit -t; ulimit -c", limits=Limits(memory_mb=300, cpu_s=9))

    assert words.split() == [str(300 << 10), "9", "0"]


def test_it_has_no_rights_over_the_machine(cage: Cage) -> None:
    """Of root's powers it keeps at most the one to read and write what it was given."""
    words = said(cage, "grep CapEff /proc/self/status")

    assert int(words.split()[1], 16) in {0, 1 << 1}


def test_a_status_is_told_as_without_a_cage(cage: Cage) -> None:
    """Its own number, or the signal that ended it, as a negative number."""
    for script, status in (("exit 7", 7), ("kill -9 $$", -9), ("kill -24 $$", -24), ("exit 255", 255)):
        with Child(
            ["/bin/sh", "-c", script], StopSignal(), around=Surroundings(cage=cage), limit_s=20
        ) as child:
            assert child.wait() == status
    assert [told(137), told(200), told(0)] == [-9, 200, 0]


def test_a_stop_ends_all_of_it(cage: Cage, tmp_path: Path) -> None:
    """The program in the cage and what it has started are gone when a stop has come."""
    stop = StopSignal()
    around = Surroundings(cwd=tmp_path, cage=cage)
    mark = f"{4000 + os.getpid() % 1000}.5"
    with (
        pytest.raises(Stopped),
        Child(["/bin/sh", "-c", f"sleep {mark} & echo up; sleep {mark}"], stop, around=around) as child,
    ):
        child.stdout.readline()
        stop.set(Exit.TERMINATED)
        child.wait()
    assert gone(mark)


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is Linux's own")
def test_it_ends_when_we_are_killed(cage: Cage) -> None:
    """SIGKILL to us ends bubblewrap, and with it everything inside."""
    mark = f"{5000 + os.getpid() % 1000}.5"
    code = f"""
        import time
        from pathlib import Path
        from voxweave.media.cage import Cage
        from voxweave.media.child import Child, Surroundings
        from voxweave.media.stopping import StopSignal
        cage = Cage(Path({str(cage.program)!r}), {tuple(cage.walls)!r})
        with Child(["/bin/sh", "-c", "echo up; sleep {mark}"], StopSignal(), around=Surroundings(cage=cage)) as child:
            print(child.stdout.readline().decode(), flush=True)
            time.sleep(60)
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None and parent.stdout.readline()
        ends = time.monotonic() + 5
        while not _running(mark) and time.monotonic() < ends:
            time.sleep(0.05)
        assert _running(mark)
        parent.send_signal(signal.SIGKILL)
    assert gone(mark)


def gone(mark: str, within_s: float = 5) -> bool:
    """Whether no process has the mark in its command line, at the latest then."""
    ends = time.monotonic() + within_s
    while _running(mark) and time.monotonic() < ends:
        time.sleep(0.05)
    return not _running(mark)


def _running(mark: str) -> bool:
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path(f"/proc/{name}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[:2] == [b"sleep", mark.encode()]:
            return True
    return False


def test_only_what_reads_a_strangers_file_is_caged(cage: Cage, tmp_path: Path) -> None:
    """A job that is handed a descriptor runs in the cage; one on our own files does not."""
    file = tmp_path / "ffmpeg"
    file.write_text("#!/bin/sh\n[ -e /etc/passwd ] && echo out >&2 || echo in >&2\n")
    file.chmod(0o755)
    fake = Ffmpeg(file, None, (9,), "fake", bundled=False, cage=cage)
    fd = os.open(file, os.O_RDONLY)
    try:
        foreign = fake.run(Job([], "reading", Surroundings(fds=(fd,))), StopSignal())
    finally:
        os.close(fd)

    assert ("in",) == foreign
    assert ("out",) == fake.run(Job([], "reading"), StopSignal())


def wrapper(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bubblewrap that does as the script says."""
    folder.mkdir()
    program = folder / "bwrap"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_what_does_not_work_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where bubblewrap may not make a namespace, auto does without, and on is refused with status 4."""
    wrapper(tmp_path / "bin", "echo 'bwrap: No permissions to create new namespace' >&2; exit 1", monkeypatch)
    program = find_ffmpeg("bundled", "off").program

    assert sandbox_for(program, "auto").cage is None
    assert "No permissions to create new namespace" in look(program).missing
    with pytest.raises(DependencyError, match="No permissions") as caught:
        sandbox_for(program, "on")
    assert caught.value.exit_code == 4


def test_a_sandbox_that_fails_once_is_tried_again(
    cage: Cage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crowded machine is told of, and has its sandbox back with the next film."""
    crowded = tmp_path / "crowded"
    crowded.touch()
    script = f"""[ -e {crowded} ] || exec {cage.program} "$@"
echo 'bwrap: Creating new namespace failed: Resource temporarily unavailable' >&2; exit 1"""
    wrapper(tmp_path / "bin", script, monkeypatch)
    set_up(stream=(told := StringIO()))

    first = find_ffmpeg("bundled")
    assert (first.cage, "Resource temporarily unavailable" in first.uncaged) == (None, True)
    crowded.unlink()
    assert find_ffmpeg("bundled").cage is not None
    (line,) = told.getvalue().splitlines()
    assert "without a sandbox: bubblewrap does not work here" in line


def test_without_bubblewrap_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without it is no failure, unless a sandbox is asked for."""
    program = find_ffmpeg("bundled", "off").program
    monkeypatch.setenv("PATH", str(tmp_path))

    assert look(program) == Found(None, "bubblewrap (bwrap) is not installed")
    with pytest.raises(DependencyError, match="not installed"):
        sandbox_for(program, "on")
    assert sandbox_for(program, "off").cage is None


def test_a_trial_does_not_read_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One may be allowed to run it and not to read it: the file that is handed in is another."""
    wrapper(tmp_path / "bin", "echo 'bwrap: tried' >&2; exit 1", monkeypatch)
    assert look(tmp_path / "unreadable").missing == "bubblewrap does not work here: the sandbox failed: tried"


def test_a_cage_that_breaks_is_nobodys_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bubblewrap failing later on is a dependency's failure, not bad input."""
    wrapper(tmp_path / "bin", "echo 'bwrap: Can not mount' >&2; exit 1", monkeypatch)
    around = Surroundings(cage=Cage(tmp_path / "bin" / "bwrap"))
    with (
        pytest.raises(DependencyError, match="sandbox failed: Can not mount"),
        Child(["/bin/true"], StopSignal(), around=around, limit_s=20) as child,
    ):
        child.wait()


def test_a_file_cannot_speak_as_the_cage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words that come after others are the program's, or its file's."""
    wrapper(tmp_path / "bin", "echo reading >&2; echo 'bwrap: turn me off' >&2; exit 1", monkeypatch)
    around = Surroundings(cage=Cage(tmp_path / "bin" / "bwrap"))
    with Child(["/bin/true"], StopSignal(), around=around, limit_s=20) as child:
        assert child.wait() == 1


def test_the_setting_reaches_the_command(
    sounds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--sandbox on` on a machine without one ends with 4 and one line, before anything is read."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert run(["make", str(sounds / "blip.wav"), "--sandbox", "on", "-q"]) == 4
    assert "sandbox = on, and bubblewrap (bwrap) is not installed" in capsys.readouterr().err


def test_it_is_tried_once(cage: Cage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often FFmpeg is looked for, bubblewrap is started for a trial once."""
    wrapper(tmp_path / "bin", f'echo tried >> {tmp_path}/trials; exec {cage.program} "$@"', monkeypatch)

    found = [find_ffmpeg("bundled", "on").cage for _ in range(3)]
    assert found == [replace(cage, program=tmp_path / "bin" / "bwrap", walls=found[0].walls)] * 3
    assert (tmp_path / "trials").read_text() == "tried\n"


def test_an_old_bubblewrap_is_made_do_with(
    cage: Cage, narration: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that cannot show an opened file gets its descriptor: the file is read, and the doctor is told."""
    script = f'case "$*" in *--ro-bind-fd*) echo "bwrap: Unknown option --ro-bind-fd" >&2; exit 1;; esac; exec {cage.program} "$@"'
    wrapper(narration.parent / "bin", script, monkeypatch)
    found = look(find_ffmpeg("bundled", "off").program).cage

    assert found is not None and not found.binds
    with narration.open("rb") as file:
        assert said(found, f"{GIVEN} cat $file", fds=(file.fileno(),)) == "words"
