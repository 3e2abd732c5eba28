"""A fake model hub on loopback, as a process of its own: whole files, or sent in a chosen bad manner.

`with FakeHub(folder) as hub:` serves `folder/REPO/FILE` as `hub.origin/REPO/resolve/REVISION/FILE`. What is
sent next of a file is said by `hub.play("model.bin", "cut", "ok")`; when the script is over, all is well.
Manners: ok, cut, drip, wrong, long, 404, 500, 429, renamed (a new ETag), unranged, redirect (to the same
origin), astray (to another one).
"""

import hashlib
import json
import re
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import httpx

_ROOT = Path(__file__).parents[2]
_PIECE = 4096
_DRIP_S = 0.2
_STATUS = {"404": 404, "500": 500, "429": 429}


class FakeHub:
    """Starts the fake and asks it what it was asked; ends with the `with`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: subprocess.Popen[str] | None = None
        self.origin = ""

    def __enter__(self) -> Self:
        line = [sys.executable, "-m", "tests.fakes.hub", str(self._folder)]
        self._running = subprocess.Popen(
            line, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._running.stdout is not None
        self.origin = self._running.stdout.readline().strip()
        return self

    def __exit__(self, *error: object) -> None:
        assert self._running is not None
        self._running.kill()
        self._running.communicate(timeout=10)

    def play(self, file: str, *manners: str) -> None:
        """What happens to the next requests for a file."""
        told = {"file": file, "manners": manners}
        httpx.post(f"{self.origin}/_play", json=told, trust_env=False).raise_for_status()

    @property
    def asked(self) -> list[dict[str, str]]:
        """Every request so far: `path`, and `range` and `if-range` where they were sent."""
        found: list[dict[str, str]] = httpx.get(f"{self.origin}/_asked", trust_env=False).json()
        return found

    def paths(self, file: str) -> list[str]:
        """The ranges asked of a file, empty for the whole."""
        return [one.get("range", "") for one in self.asked if one["path"].endswith(f"/{file}")]


class _Hub:
    """What the process keeps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[dict[str, str]] = []
        self.scripts: dict[str, list[str]] = {}
        self.lock = threading.Lock()

    def manner(self, file: str) -> str:
        with self.lock:
            script = self.scripts.get(file, [])
            return script.pop(0) if script else "ok"

    def listing(self, repo: str) -> bytes:
        """What the hub's own interface says of a repository."""
        files = sorted((self.folder / repo).iterdir())
        told = {"sha": "c0ffee" + "0" * 34, "siblings": [_sibling(file) for file in files]}
        return json.dumps(told).encode()


def _sibling(file: Path) -> dict[str, Any]:
    raw = file.read_bytes()
    git = hashlib.sha1(b"blob %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest()
    plain: dict[str, Any] = {"rfilename": file.name, "size": len(raw), "blobId": git}
    if file.suffix == ".bin":
        plain["lfs"] = {"sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw), "pointerSize": 134}
    return plain


class _Talk(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    hub: _Hub

    def do_GET(self) -> None:
        if self.path == "/_asked":
            self._send(200, json.dumps(self.hub.asked).encode())
            return
        ranges = {name: self.headers[name] for name in ("range", "if-range") if self.headers[name]}
        self.hub.asked.append({"path": self.path, **ranges})
        listing = re.fullmatch(r"/api/models/([\w.-]+/[\w.-]+)/revision/main\?blobs=true", self.path)
        found = re.fullmatch(r"/(?:moved/)?([\w.-]+/[\w.-]+)/resolve/[0-9a-f]+/([\w.-]+)", self.path)
        if listing and (self.hub.folder / listing[1]).is_dir():
            self._send(200, self.hub.listing(listing[1]))
        elif found and (self.hub.folder / found[1] / found[2]).is_file():
            self._file(self.hub.folder / found[1] / found[2])
        else:
            self._send(404, b"Entry not found")

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.hub.scripts[told["file"]] = list(told["manners"])
        self._send(200, b"")

    def log_message(self, *args: Any) -> None:
        """Quiet."""

    def _file(self, file: Path) -> None:
        manner = "ok" if self.path.startswith("/moved/") else self.hub.manner(file.name)
        if manner in _STATUS:
            self._send(_STATUS[manner], b"{}")
        elif manner in ("redirect", "astray"):
            port = self.server.server_port + (1 if manner == "astray" else 0)  # type: ignore[attr-defined]
            self._send(302, b"", Location=f"http://127.0.0.1:{port}/moved{self.path}")
        else:
            self._bytes(file.read_bytes(), manner)

    def _bytes(self, raw: bytes, manner: str) -> None:
        """The file or the range of it that was asked for, sent as the manner has it."""
        tag = '"' + hashlib.sha256(raw + manner.encode() * (manner == "renamed")).hexdigest() + '"'
        if manner == "wrong":
            raw = raw[:-1] + bytes([raw[-1] ^ 1])
        if manner == "long":
            raw += b"and more"
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers["range"] or "")
        meant = self.headers["if-range"] in (None, tag) and manner != "unranged"
        first = int(asked[1]) if asked and meant else 0
        place = {"Content-Range": f"bytes {first}-{len(raw) - 1}/{len(raw)}"} if first else {}
        self._head(206 if first else 200, len(raw) - first, ETag=tag, **place)
        self._body(raw[first:], manner)

    def _body(self, raw: bytes, manner: str) -> None:
        if manner == "cut":
            self.wfile.write(raw[: len(raw) // 2])
            self.close_connection = True
        elif manner == "drip":
            for start in range(0, len(raw), _PIECE):
                self.wfile.write(raw[start : start + _PIECE])
                self.wfile.flush()
                time.sleep(_DRIP_S)
        else:
            self.wfile.write(raw)

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self._head(status, len(body), **headers)
        self.wfile.write(body)

    def _head(self, status: int, length: int, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()


def _serve(folder: str) -> None:
    """Serve until the one that started us is gone."""
    _Talk.hub = _Hub(Path(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Talk)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201
    sys.stdin.read()


if __name__ == "__main__":
    _serve(sys.argv[1])
