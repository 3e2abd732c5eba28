"""A fake provider for a test: a process that lives as long as the `with`."""

import json
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_ROOT = Path(__file__).parents[3]
_BASES = {"openrouter": "/api/v1", "zai": "/api/paas/v4"}
_PATIENCE_S = 60


def _played(flavour: str) -> str:
    """Z.ai's routes are always there; what `/v1/videos` is beside them does not matter."""
    return "openai" if flavour == "zai" else flavour


class FakeProvider:
    """Starts the fake as a process of its own and asks it for the truth.

    Any switch of `settings.Settings` is a keyword; `ffmpeg` makes real clips, without it they are stubs.
    """

    def __init__(
        self,
        flavour: str = "openai",
        script: list[str] | None = None,
        *,
        ffmpeg: Path | str = "",
        port: int = 0,
        tls: tuple[Path, Path] | None = None,
        **switches: Any,
    ) -> None:
        self.flavour = self._first = flavour
        self._port = port
        told = {"script": script or [], **switches}
        self._line = [
            sys.executable,
            "-m",
            "tests.fakes.provider",
            "--with-parent",
            "--flavour",
            _played(flavour),
        ]
        self._line += ["--settings", json.dumps(told), "--ffmpeg", str(ffmpeg)]
        if tls is not None:
            self._line += ["--tls", *map(str, tls)]
        self.origin = ""
        self.canary_port = 0
        self._running: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        """Start it, on the same port as before if it ran before; it begins with nothing in memory."""
        line = [*self._line, "--port", str(self._port)]
        self._running = subprocess.Popen(
            line, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._running.stdout is not None
        told = json.loads(self._running.stdout.readline())
        self._port, self.canary_port, self.origin = told["port"], told["canary_port"], told["origin"]
        return self

    def stop(self) -> None:
        """End it at once, as a crash does."""
        if self._running is not None:
            self._running.kill()
            self._running.communicate(timeout=_PATIENCE_S)
            self._running = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    @property
    def base_url(self) -> str:
        """What a user sets as the address of this service."""
        return self.origin + _BASES.get(self.flavour, "/v1")

    @property
    def canary(self) -> str:
        """The origin where nobody should be sent."""
        return f"http://127.0.0.1:{self.canary_port}"

    def truth(self) -> dict[str, Any]:
        """What really happened."""
        found = self._control("truth")
        assert isinstance(found, dict)
        return found

    def reset(self, *script: str, **switches: Any) -> Self:
        """Begin anew as at the start, with another script and other switches; much faster than another process."""
        self.flavour = switches.get("flavour", self._first)
        self._control("reset", {**switches, "script": list(script), "flavour": _played(self.flavour)})
        return self

    def restart(self) -> None:
        """Lose the job table, as servers do that keep it in memory; the truth stays."""
        self._control("restart", {})

    def script(self, *names: str, **switches: Any) -> None:
        """Play these scenarios from now on, and set any other switch."""
        self._control("script", {**switches, "script": list(names)})

    def _control(self, name: str, told: dict[str, Any] | None = None) -> Any:
        body = None if told is None else json.dumps(told).encode()
        line = HTTPConnection("127.0.0.1", self.canary_port, timeout=_PATIENCE_S)
        line.request("GET" if body is None else "POST", f"/__{name}__", body)
        with line.getresponse() as answer:
            found = json.load(answer)
        line.close()
        if answer.status >= 400:
            raise ValueError(found["error"])
        return found
