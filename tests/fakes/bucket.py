"""An S3-compatible store on loopback, and a line to it that can be cut."""

import logging
import socket
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from obstore.store import S3Store

NAME = "films"
KEYS = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "not-a-secret-at-all"}
_CHUNK = 1 << 16


class FakeBucket:
    """A bucket while the `with` lasts; it holds all in memory."""

    def __init__(self) -> None:
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.get_host_and_port()[1]

    def address(self, prefix: str, *, port: int = 0, bucket: str = NAME) -> str:
        """What a user sets; `port` is that of a line to it."""
        return f"s3://{bucket}/{prefix}?endpoint=http://127.0.0.1:{port or self.port}"

    def raw(self, prefix: str) -> "S3Store":
        """The store as anybody may write to it, past all our checks."""
        from obstore.store import S3Store

        return S3Store(
            NAME,
            prefix=prefix,
            endpoint=f"http://127.0.0.1:{self.port}",
            region="us-east-1",
            access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
            client_options={"allow_http": True},
        )

    def __enter__(self) -> Self:
        self._server.start()
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            line.sendall(f"PUT /{NAME} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
            assert b" 200 " in line.recv(_CHUNK)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()


class Line:
    """A TCP line to a port on loopback, for as long as the `with` lasts.

    `up` is whether it carries anything; it is cut while it is not. `cut_after` cuts the connection that
    next carries so many bytes to (`up`) or from (`down`) the far side, once, or for good. `carried` counts both.
    """

    def __init__(self, far: int) -> None:
        self._far = far
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.carried = {"up": 0, "down": 0}
        self._cuts: dict[str, int] = {}
        self._for_good = False
        self._up = True
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

    @property
    def up(self) -> bool:
        """Whether it carries anything."""
        return self._up

    @up.setter
    def up(self, carries: bool) -> None:
        self._up = carries
        if not carries:
            self._drop_all()

    def cut_after(self, way: str, most: int, *, for_good: bool = False) -> None:
        """Cut the connection that carries so many bytes one way, once; `for_good` all others with it."""
        self._cuts[way], self._for_good = most, for_good

    @property
    def uncut(self) -> bool:
        """Whether a cut that was asked for has not come yet."""
        return bool(self._cuts)

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self._drop_all()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:  # closed
                return
            if not self._up:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._far))
            except OSError:
                near.close()
                continue
            with self._lock:
                self._open |= {near, far}
            for way, one, other in (("up", near, far), ("down", far, near)):
                threading.Thread(target=self._carry, args=(way, one, other), daemon=True).start()

    def _carry(self, way: str, one: socket.socket, other: socket.socket) -> None:
        carried = 0
        try:
            while found := one.recv(_CHUNK):
                most = self._cuts.get(way)
                if most is not None and carried + len(found) > most:
                    del self._cuts[way]
                    self._up = not self._for_good
                    other.sendall(found[: most - carried])
                    break
                other.sendall(found)
                carried += len(found)
                self.carried[way] += len(found)
        except OSError:  # cut, or one side is gone
            pass
        self._close({one, other})

    def _drop_all(self) -> None:
        with self._lock:
            gone = set(self._open)
        self._close(gone)

    def _close(self, ends: set[socket.socket]) -> None:
        with self._lock:
            self._open -= ends
        for end in ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:  # closed by the other side already
                pass
            end.close()
