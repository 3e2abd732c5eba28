"""A program runs under limits, in a group and an environment of its own, and ends when we do."""

import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from tests.pace import within
from voxweave.errors import DependencyError, Exit, OutOfTime, Stopped
from voxweave.media.child import Child, Limits, Surroundings, clean_environment
from voxweave.media.stopping import StopSignal


def _said(*args: str, around: Surroundings | None = None) -> str:
    with Child(args, StopSignal(), around=around) as child:
        said = child.stdout.read().decode()
        assert child.wait() == 0, child.errors
    return said


def test_a_child_sees_a_clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, no FFREPORT and no locale of ours reaches it; what it needs does."""
    for name in ("OPENAI_API_KEY", "FFREPORT", "LC_NUMERIC", "LD_PRELOAD_NOT", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "secret")
    seen = dict(
        line.split("=", 1)
        for line in _said("/usr/bin/env", around=Surroundings(env={"MORE": "x"})).splitlines()
    )

    assert "secret" not in seen.values()
    assert (seen["LC_ALL"], seen["MORE"], seen["PATH"]) == ("C.UTF-8", "x", os.environ["PATH"])
    assert clean_environment({})["HOME"] == os.environ["HOME"]


def test_a_child_leads_a_session_of_its_own() -> None:
    """A Ctrl-C in the terminal reaches us, not it; we end it in order."""
    session = _said(sys.executable, "-c", "import os; print(os.getsid(0), os.getpid())").split()

    assert session[0] == session[1]


def test_limits_hold() -> None:
    """Memory beyond the limit is refused, and no core is dumped."""
    code = "import resource as r; print(r.getrlimit(r.RLIMIT_AS)[0] >> 20, r.getrlimit(r.RLIMIT_CORE)[0], r.getrlimit(r.RLIMIT_CPU)[0])"

    assert (
        _said(sys.executable, "-c", code, around=Surroundings(limits=Limits(memory_mb=300, cpu_s=9)))
        == "300 0 9\n"
    )


def test_only_named_descriptors_are_passed_on(tmp_path: Path) -> None:
    """An open file of ours is closed in the child, unless it was named."""
    fd = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(fd, True)
    code = "import os, sys; print(sorted(int(n) for n in os.listdir('/proc/self/fd') if int(n) > 2))"
    without, with_it = (
        _said(sys.executable, "-c", code),
        _said(sys.executable, "-c", code, around=Surroundings(fds=(fd,))),
    )
    os.close(fd)

    assert str(fd) not in without
    assert str(fd) in with_it


def test_the_last_words_are_kept() -> None:
    """Of standard error only the last lines are kept, each cut, however much is written."""
    code = "import sys\nfor n in range(3000): print('x' * 500, n, file=sys.stderr)\nprint('last', file=sys.stderr)"
    with Child([sys.executable, "-c", code], StopSignal()) as child:
        child.wait()

    assert child.errors[-1] == "last"
    assert len(child.errors) <= 40
    assert max(map(len, child.errors)) <= 400


def test_a_stop_ends_it_at_once() -> None:
    """Whoever waits for it is told Stopped, with the status of the signal."""
    stop = StopSignal()
    threading.Timer(0.1, stop.set, [Exit.TERMINATED]).start()
    with within(5), pytest.raises(Stopped) as caught, Child(["sleep", "300"], stop) as child:
        child.wait()

    assert caught.value.exit_code == Exit.TERMINATED


def test_its_children_end_with_it() -> None:
    """The whole group is killed, not only the program we know."""
    with Child(["sh", "-c", "sleep 300 & echo $!; wait"], StopSignal()) as child:
        grandchild = int(child.stdout.readline())
        child.kill()
    ends = time.monotonic() + 30
    while _alive(grandchild) and time.monotonic() < ends:
        time.sleep(0.02)

    assert not _alive(grandchild)


def _alive(number: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{number}/stat").read_text()
    except FileNotFoundError:
        return False


def test_leaving_the_block_ends_it() -> None:
    """An error in our own code leaves no program behind."""
    with pytest.raises(ZeroDivisionError), Child(["sleep", "30"], StopSignal()) as child:
        number = child._popen.pid
        raise ZeroDivisionError

    assert not _alive(number)


@pytest.mark.skipif(sys.platform != "linux", reason="PDEATHSIG is Linux's own")
def test_it_ends_when_we_are_killed() -> None:
    """SIGKILL gives us no chance to end it, so the kernel does."""
    code = """
        import sys, time
        from voxweave.media.child import Child
        from voxweave.media.stopping import StopSignal
        with Child(["sleep", "60"], StopSignal()) as child:
            print(child._popen.pid, flush=True)
            time.sleep(60)
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        number = int(parent.stdout.readline())
        assert _alive(number)
        parent.kill()
    ends = time.monotonic() + 30
    while _alive(number) and time.monotonic() < ends:
        time.sleep(0.02)

    assert not _alive(number)


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    """Missing, or not to be run: a dependency's failure, with where to look."""
    (tmp_path / "text").write_text("no program")
    for name in ("/nowhere/ffmpeg", str(tmp_path / "text")):
        with pytest.raises(DependencyError, match="cannot be started") as caught:
            Child([name], StopSignal())
        assert caught.value.hint == "voxweave doctor"


def test_what_does_not_come_to_an_end_is_ended() -> None:
    """All that was said until then is given, in about the time that was allowed, and that it was late is told."""
    with within(20), Child(["sh", "-c", "echo begun; exec sleep 600"], StopSignal(), limit_s=0.5) as child:
        assert b"begun\n" == child.stdout.read()
        with pytest.raises(OutOfTime, match=r"^sh took longer than 0\.5 s$") as caught:
            child.wait()

    assert caught.value.retryable


def test_what_fails_by_itself_was_not_late() -> None:
    """A program that somebody else kills, or that fails within its limit, is told by its status."""
    with Child(["sh", "-c", "kill -9 $$"], StopSignal(), limit_s=600) as child:
        assert -9 == child.wait()


def test_our_own_memory_is_written_to_no_core_file() -> None:
    """It holds keys: the command forbids it before anything else is done."""
    code = """
        import resource, sys
        from voxweave.cli import main
        sys.argv = ["voxweave", "--version"]
        try:
            main()
        finally:
            print(resource.getrlimit(resource.RLIMIT_CORE)[0])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60, check=True
    )
    assert "0" == done.stdout.splitlines()[-1]
