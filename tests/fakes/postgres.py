"""A real PostgreSQL in a folder of the test: started, stopped, killed in the middle, and cut off from its clients."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_NEEDED = "NO POSTGRESQL SERVER: the ledger in a database is not tested (apt-get install postgresql)"
_SETTINGS = {
    "max_connections": "60",
    "shared_buffers": "16MB",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "restart_after_crash": "off",
}


class Postgres:
    """One server on a port of 127.0.0.1 and a socket of its own; whoever may write to its folder is let in.

    `durable` waits for the disk at each COMMIT, as a server that is killed must; `also` is one more address of it.
    """

    def __init__(self, *, durable: bool = False, also: str = "") -> None:
        self._programs, self._also = _programs(), also
        self._folder = Path(tempfile.mkdtemp(prefix="vw-pg-"))  # short: a socket's path has 107 letters
        self._as = _somebody()
        if self._as:
            os.chown(self._folder, self._as.pw_uid, self._as.pw_gid)
        self.port = _free_port()
        self._durable = durable
        self._server: subprocess.Popen[bytes] | None = None
        self._run(
            "initdb", "-D", self._data, "-U", "voxweave", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"
        )
        if also:  # a neighbourhood of ours, where everybody is let in
            with (Path(self._data) / "pg_hba.conf").open("a") as rules:
                rules.write(f"host all all {also}/24 trust\n")

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    @property
    def url(self) -> str:
        """Where programs find it."""
        return self.at(self.port)

    @property
    def socket_url(self) -> str:
        """The same by its socket, as programs on one machine may."""
        return f"postgresql://voxweave@/postgres?host={self._folder}&port={self.port}"

    def at(self, port: int, base: str = "postgres") -> str:
        """Where they find it through another port."""
        return f"postgresql://voxweave@127.0.0.1:{port}/{base}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        sure = "on" if self._durable else "off"
        settings = {**_SETTINGS, "fsync": sure, "full_page_writes": sure, "port": str(self.port)}
        settings["listen_addresses"] = ",".join(filter(None, ("127.0.0.1", self._also)))
        line = [str(self._programs / "postgres"), "-D", self._data, "-k", str(self._folder)]
        for name, value in settings.items():
            line += ["-c", f"{name}={value}"]
        log = (self._folder / "log").open("ab")
        with log:
            self._server = subprocess.Popen(line, stdout=log, stderr=log, **self._identity())  # type: ignore[call-overload]
        until = time.monotonic() + 30
        while not self.answers():
            if self._server.poll() is not None or time.monotonic() > until:
                raise AssertionError((self._folder / "log").read_text()[-2000:])
            time.sleep(0.03)

    def answers(self) -> bool:
        """Whether it takes connections."""
        import psycopg

        try:
            psycopg.connect(self.url, connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Shut it down at once, as an administrator would: its clients are sent away."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL to the server and all that work for it, as when the machine dies."""
        if self._server is None:
            return
        workers = _children(self._server.pid)
        for pid in (self._server.pid, *workers):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._server.wait()
        self._server = None
        until = time.monotonic() + 10  # one that outlives the server holds its memory
        while any(map(_alive, workers)) and time.monotonic() < until:
            time.sleep(0.01)

    def restart(self, *, away_s: float = 0.0, hard: bool = False) -> None:
        """Take it away for a while, killed or shut down, and start it again."""
        (self.kill if hard else self.stop)()
        time.sleep(away_s)
        self.start()

    def freeze(self) -> None:
        """Stop signal to all of it: connections stay, and nothing answers."""
        self._all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._all(signal.SIGCONT)

    def clear(self) -> None:
        """Forget every row, and keep the tables."""
        there = self.ask("SELECT tablename FROM pg_tables WHERE schemaname='voxweave' AND tablename<>'books'")
        if there:
            self.ask(f"TRUNCATE {', '.join(f'voxweave.{name}' for (name,) in there)}")

    def ask(self, question: str) -> list[tuple[object, ...]]:
        """What a statement says, past our own code."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as link:
            found = link.execute(question.encode())
            return found.fetchall() if found.description else []

    def base(self, name: str) -> str:
        """A new, empty database, and where programs find it."""
        self.ask(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.ask(f"CREATE DATABASE {name}")
        return self.at(self.port, name)

    def close(self) -> None:
        """End it, and delete its folder."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _all(self, number: signal.Signals) -> None:
        assert self._server is not None
        for pid in (self._server.pid, *_children(self._server.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _signal(self, number: signal.Signals) -> None:
        if self._server is not None:
            self._server.send_signal(number)
            self._server.wait(timeout=30)
            self._server = None

    def _identity(self) -> dict[str, object]:
        """The server refuses to run as root."""
        if not self._as:
            return {"cwd": self._folder}
        return {"user": self._as.pw_uid, "group": self._as.pw_gid, "extra_groups": [], "cwd": self._folder}

    def _run(self, program: str, *words: str) -> None:
        line = [str(self._programs / program), *words]
        subprocess.run(line, check=True, capture_output=True, timeout=60, **self._identity())  # type: ignore[call-overload]


class Wire:
    """A way to a server that can be cut, and that loses the answer to a COMMIT when it is told to."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._losing = ""
        self.lost = 0
        self._closed = False
        threading.Thread(target=self._open, daemon=True).start()

    def lose(self, where: str) -> None:
        """Cut the line at the next COMMIT: `before` it arrives, or `after`, when only its answer is missing."""
        self._losing = where

    def cut(self) -> None:
        """Cut all lines that are open now."""
        for pair in self._pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self._pairs.clear()

    def close(self) -> None:
        """No more of it."""
        self._closed = True
        self._door.close()
        self.cut()

    def _open(self) -> None:
        while not self._closed:
            try:
                near = self._door.accept()[0]
                far = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                continue
            pair = (near, far)
            self._pairs.append(pair)
            threading.Thread(target=self._there, args=pair, daemon=True).start()
            threading.Thread(target=self._back, args=pair, daemon=True).start()

    def _there(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := near.recv(65536):
                where = self._losing if b"; COMMIT" in part else ""  # BEGIN says COMMITTED
                if where:
                    self._losing = ""
                    self.lost += 1
                if where == "after":
                    near.shutdown(socket.SHUT_WR)
                if where != "before":
                    far.sendall(part)
                if where:
                    time.sleep(0.1)  # it is written by then
                    break
        _end(near, far)

    def _back(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := far.recv(65536):
                near.sendall(part)
        _end(near, far)


@contextlib.contextmanager
def server(*, durable: bool = False, also: str = "") -> Iterator[Postgres]:
    """A server for a while; the test is skipped, loudly, where none can be started."""
    if not _installed():
        pytest.skip(_NEEDED)
    pytest.importorskip("psycopg", reason="NO PSYCOPG: pip install 'voxweave-film[cluster]'")
    one = Postgres(durable=durable, also=also)
    try:
        one.start()
        yield one
    finally:
        one.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server that all tests of a process share; `clear` it before you count rows."""
    with server() as one:
        yield one


@pytest.fixture
def wire(postgres: Postgres) -> Iterator[Wire]:
    """A line to the server that can be cut."""
    one = Wire(postgres.port)
    yield one
    one.close()


def _end(*ends: socket.socket) -> None:
    for one in ends:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


def _installed() -> list[Path]:
    """The folders of programs, the newest last."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    named = shutil.which("initdb")
    return sorted((one.parent for one in found), key=lambda one: float(one.parent.name)) or (
        [Path(named).parent] if named else []
    )


def _programs() -> Path:
    return _installed()[-1]


def _somebody() -> pwd.struct_passwd | None:
    """Whom the server runs as; None for ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    return None


def _alive(pid: int) -> bool:
    """Whether it still runs; one that nobody has buried yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            words = place.read_text().rpartition(")")[2].split()
            found += [int(place.parent.name)] if int(words[1]) == pid else []
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
        return port
