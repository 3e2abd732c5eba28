"""A forward proxy on loopback: CONNECT and plain requests, with a password perhaps, and all it was asked for."""

import base64
import select
import socket
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

_HOP = {"proxy-authorization", "proxy-connection", "connection", "host"}
_PATIENCE_S = 60


class FakeProxy:
    """Listens while the `with` lasts; `asked` holds a line for each request: its method and where it goes."""

    def __init__(self, *, user: str = "", password: str = "", refuses: int = 0) -> None:
        self.asked: list[str] = []
        self.refuses = refuses
        self._word = base64.b64encode(f"{user}:{password}".encode()).decode() if user else ""
        self._listener = ThreadingHTTPServer(("127.0.0.1", 0), _exchange(self))
        self._listener.daemon_threads = True
        self._who = f"{user}:{password}@" if user else ""

    @property
    def address(self) -> str:
        """What a user sets."""
        return f"http://{self._who}127.0.0.1:{self._listener.server_port}"

    @property
    def bare(self) -> str:
        """The same without what opens it."""
        return f"http://127.0.0.1:{self._listener.server_port}"

    def opens(self, word: str) -> bool:
        """Whether it lets this one in."""
        return not self._word or word == f"Basic {self._word}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown()
        self._listener.server_close()


def _exchange(proxy: FakeProxy) -> type[BaseHTTPRequestHandler]:
    """How one connection is served."""

    class Exchange(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_CONNECT(self) -> None:
            if self._turned_down():
                return
            host, _, port = self.path.rpartition(":")
            with socket.create_connection((host.strip("[]"), int(port)), _PATIENCE_S) as far:
                self.send_response(200)
                self.end_headers()
                _pump(self.connection, far)
            self.close_connection = True

        def do_GET(self) -> None:
            if self._turned_down():
                return
            split = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            told = {name: text for name, text in self.headers.items() if name.lower() not in _HOP}
            line = HTTPConnection(split.hostname or "", split.port or 80, timeout=_PATIENCE_S)
            line.request(
                self.command, self.path.removeprefix(f"http://{split.netloc}"), body or None,
                {**told, "Host": split.netloc, "Connection": "close"},
            )  # fmt: skip
            answer = line.getresponse()
            found = answer.read()
            self.send_response(answer.status)
            for name, text in answer.getheaders():
                if name.lower() not in {"content-length", "connection", "transfer-encoding"}:
                    self.send_header(name, text)
            self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)
            line.close()

        do_POST = do_DELETE = do_GET  # noqa: N815

        def _turned_down(self) -> bool:
            proxy.asked.append(f"{self.command} {self.path}")
            status = 407 if not proxy.opens(self.headers.get("proxy-authorization", "")) else proxy.refuses
            if status:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()
            return bool(status)

        def log_message(self, *_words: Any) -> None:
            """Nothing is printed."""

    return Exchange


def _pump(near: socket.socket, far: socket.socket) -> None:
    """Bytes both ways until either side ends."""
    while True:
        ready, _, _ = select.select([near, far], [], [], _PATIENCE_S)
        for one in ready:
            try:
                found = one.recv(65536)
                (far if one is near else near).sendall(found)
            except OSError:  # one side tore it
                return
            if not found:
                return
        if not ready:
            return
