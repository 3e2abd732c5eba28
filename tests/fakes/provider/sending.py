"""Clips on their way: whole, in ranges, or broken in a chosen manner."""

import gzip
import hashlib
import re
from typing import TYPE_CHECKING

from tests.fakes.provider.jobs import Job
from tests.fakes.provider.wire import Answer, Ask, Deliver, Line

if TYPE_CHECKING:
    from tests.fakes.provider.service import Service

TICK_S = 0.02


def clip_answer(service: "Service", ask: Ask, job: Job) -> Answer:
    """The clip of a job, or the range of it that was asked for."""
    job.fetches += 1
    return ranged(ask, service.clip(service.shape(job)))


def packed(ask: Ask, answer: Answer) -> Answer:
    """The same under gzip for whoever takes that; no range of it can be asked for."""
    kept = {name: text for name, text in answer.headers.items() if name not in {"ETag", "Accept-Ranges"}}
    if "gzip" not in ask.headers.get("accept-encoding", ""):
        return answer.but(headers=kept)
    return answer.but(body=gzip.compress(answer.body, 1), headers={**kept, "Content-Encoding": "gzip"})


def ranged(ask: Ask, body: bytes, kind: str = "video/mp4") -> Answer:
    """Bytes under a strong ETag, by range when the range is meant for them."""
    tag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
    headers = {"Content-Type": kind, "ETag": tag, "Accept-Ranges": "bytes"}
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", ask.headers.get("range", ""))
    if asked is None or ask.headers.get("if-range", tag) != tag:
        return Answer(200, body, headers)
    first, last = int(asked[1]), min(int(asked[2] or len(body) - 1), len(body) - 1)
    if first > last:
        return Answer(416, b"", {**headers, "Content-Range": f"bytes */{len(body)}"})
    place = f"bytes {first}-{last}/{len(body)}"
    return Answer(206, body[first : last + 1], {**headers, "Content-Range": place})


def cut(share: float = 0.5, length: int | None = None) -> Deliver:
    """Part of the body under the whole one's length, or another; then the end."""

    def deliver(line: Line, answer: Answer) -> None:
        line.write(answer.head(length))
        line.write(answer.body[: int(len(answer.body) * share)])

    return deliver


def without_length(share: float = 0.5) -> Deliver:
    """Part of the body with no length at all: its end looks like the end."""

    def deliver(line: Line, answer: Answer) -> None:
        line.write(answer.head(0, **{"Content-Length": "", "Connection": "close"}))
        line.write(answer.body[: int(len(answer.body) * share)])

    return deliver


def chunk_cut(line: Line, answer: Answer) -> None:
    """Chunks, the last of which never ends."""
    half = answer.body[: len(answer.body) // 2]
    line.write(answer.head(0, **{"Content-Length": "", "Transfer-Encoding": "chunked"}))
    line.write(b"%x\r\n" % len(half) + half + b"\r\n")
    line.write(b"%x\r\n" % len(half) + half[: len(half) // 2])


def stall(line: Line, answer: Answer) -> None:
    """Half of it, and then silence."""
    line.write(answer.head() + answer.body[: len(answer.body) // 2])
    line.hang()


def hang(line: Line, _answer: Answer) -> None:
    """Silence."""
    line.hang()


def reset(line: Line, _answer: Answer) -> None:
    """A torn connection."""
    line.reset()


def close(_line: Line, _answer: Answer) -> None:
    """An end without a word."""


def drip(line: Line, answer: Answer) -> None:
    """A byte at a time: every read is quick, and the whole has no end."""
    line.write(answer.head())
    for place in range(len(answer.body)):
        line.write(answer.body[place : place + 1])
        line.hang(TICK_S)


def endless(line: Line, answer: Answer) -> None:
    """Chunks until nobody takes them."""
    line.write(answer.head(0, **{"Content-Length": "", "Transfer-Encoding": "chunked"}))
    block = b"10000\r\n" + answer.body[:64].ljust(0x10000, b"\0") + b"\r\n"
    for _ in range(1 << 15):
        line.write(block)


def promised(length: int) -> Deliver:
    """Noughts under a length that no disk holds."""

    def deliver(line: Line, answer: Answer) -> None:
        line.write(answer.head(length) + answer.body)
        for _ in range(1 << 15):
            line.write(bytes(0x10000))

    return deliver
