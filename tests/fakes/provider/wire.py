"""Requests as they come and answers as they leave, whole or broken."""

import json
import re
import select
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

CRLF = b"\r\n"


@dataclass(frozen=True)
class Upload:
    """A file that came in a form."""

    name: str
    kind: str
    body: bytes


@dataclass(frozen=True)
class Ask:
    """One request, read to its end."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @cached_property
    def encoding(self) -> str:
        """How the body is written: multipart, form, json, or nothing."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        known = {"multipart/form-data": "multipart", "application/x-www-form-urlencoded": "form"}
        return known.get(kind, "json" if self.body else "")

    @cached_property
    def _form(self) -> tuple[dict[str, Any], dict[str, Upload]]:
        if self.encoding == "multipart":
            return _parts(self.headers["content-type"], self.body)
        if self.encoding == "form":
            return dict(parse_qsl(self.body.decode())), {}
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            return {}, {}
        return (found if isinstance(found, dict) else {}), {}

    @property
    def fields(self) -> dict[str, Any]:
        """The body's fields by name; text when it was a form, anything when it was JSON."""
        return self._form[0]

    def without(self, header: str) -> "Ask":
        """The same, as if this header had not come."""
        return replace(self, headers={name: text for name, text in self.headers.items() if name != header})

    @property
    def uploads(self) -> dict[str, Upload]:
        """The files of a form by the name of their field."""
        return self._form[1]

    @property
    def key(self) -> str:
        """The bearer key, or nothing."""
        scheme, _, key = self.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""


def _parts(kind: str, body: bytes) -> tuple[dict[str, Any], dict[str, Upload]]:
    """Split by hand: the standard library's mail parser may touch line ends in binary parts."""
    found = re.search(r'boundary="?([^";]+)', kind)
    fields: dict[str, Any] = {}
    uploads: dict[str, Upload] = {}
    if found is None:
        return fields, uploads
    for part in (CRLF + body).split(CRLF + b"--" + found[1].encode())[1:-1]:
        head, _, content = part.removeprefix(CRLF).partition(CRLF + CRLF)
        name = re.search(rb'[; ]name="([^"]*)"', head)
        file = re.search(rb'filename="([^"]*)"', head)
        label = name[1].decode() if name else ""
        if file is None:
            fields[label] = content.decode()
        else:
            mime = re.search(rb"(?i)content-type: *([^\r\n;]+)", head)
            uploads[label] = Upload(file[1].decode(), mime[1].decode() if mime else "", content)
    return fields, uploads


@dataclass
class Line:
    """The connection, for answers that must not leave in one piece."""

    socket: socket.socket
    patience_s: float
    open: bool = True

    def write(self, raw: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(raw)

    def hang(self, seconds: float | None = None) -> None:
        """Say nothing until the other side has gone or our patience has."""
        end = time.monotonic() + (self.patience_s if seconds is None else seconds)
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([self.socket], [], [], min(left, 0.2))
            if ready and not self.socket.recv(65536):
                return

    def reset(self) -> None:
        """Tear the connection down, so that the other side sees a reset and not an end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.close(self.socket.detach())
        self.open = False


@dataclass(frozen=True)
class Answer:
    """What goes back. `deliver` sends it in a way of its own, and the connection ends after it."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    deliver: "Deliver | None" = None

    def head(self, length: int | None = None, **more: str) -> bytes:
        """The status line and headers; without a length the body's own counts."""
        headers = {
            "Content-Length": str(len(self.body) if length is None else length),
            **self.headers,
            **more,
        }
        if self.status == HTTPStatus.NO_CONTENT:
            headers.pop("Content-Length")
        lines = [f"HTTP/1.1 {self.status} {phrase(self.status)}"]
        lines += [f"{name}: {value}" for name, value in headers.items() if value]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def but(self, **changes: Any) -> "Answer":
        """The same with some things changed."""
        return replace(self, **changes)

    def with_headers(self, **more: str) -> "Answer":
        """The same with more headers, whose names are written with underscores."""
        return self.but(
            headers={**self.headers, **{name.replace("_", "-"): text for name, text in more.items()}}
        )

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


Deliver = Callable[[Line, Answer], None]


def phrase(status: int) -> str:
    """The usual words for a status."""
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Something"


def as_json(found: Any, status: int = 200) -> Answer:
    """An answer in JSON; NaN is written as Python writes it, which is what broken servers do."""
    return Answer(status, json.dumps(found).encode(), {"Content-Type": "application/json"})


def as_html(status: int = 200, title: str = "Bad gateway") -> Answer:
    """A page where JSON or a clip was expected."""
    page = f"<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Answer(status, page.encode(), {"Content-Type": "text/html"})
