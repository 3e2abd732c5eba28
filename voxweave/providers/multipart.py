"""Forms with a file in them, as services take uploads."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

_LINE = b"\r\n"


@dataclass(frozen=True)
class Upload:
    """A file to send: the field it stands in, its name, its kind, its bytes."""

    field: str
    name: str
    kind: str
    body: bytes


def form(fields: Sequence[tuple[str, str]], upload: Upload) -> tuple[bytes, str]:
    """The body of a form and its kind; a field may come several times. Names are ours, never a stranger's."""
    mark = secrets.token_hex(16)
    parts = [_part(mark, f'name="{name}"', text.encode()) for name, text in fields]
    head = f'name="{upload.field}"; filename="{upload.name}"'
    parts.append(_part(mark, head, upload.body, kind=upload.kind))
    return b"".join((*parts, f"--{mark}--".encode(), _LINE)), f"multipart/form-data; boundary={mark}"


def _part(mark: str, head: str, body: bytes, *, kind: str = "") -> bytes:
    lines = [f"--{mark}", f"Content-Disposition: form-data; {head}"]
    lines += [f"Content-Type: {kind}"] if kind else []
    return "\r\n".join([*lines, "", ""]).encode() + body + _LINE
