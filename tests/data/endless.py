"""Small files that hold more sound than anybody hears."""

from collections.abc import Iterator
from functools import cache

from tests.data.containers import Mov

_BLOCK = 65_535
_RATE_HZ = 4_000


def repeated(hours: float, *, clock: int = 48_000) -> bytes:
    """MOV of one second of sound, which its index names over and over: four bytes a second."""
    seconds = round(hours * 3600)
    samples = 48_000 * seconds
    return Mov(chunks=seconds, samples=samples, steps=((samples, 1),), clock=clock).file()


@cache
def constant(hours: float) -> bytes:
    """FLAC of the longest blocks at the lowest rate, each one value throughout: a byte a second."""
    bits = _RATE_HZ << 44 | 15 << 36
    about = _BLOCK.to_bytes(2, "big") * 2 + bytes(6) + bits.to_bytes(8, "big") + bytes(16)
    return b"fLaC\x80\0\0\x22" + about + b"".join(_blocks(int(hours * 3600 * _RATE_HZ / _BLOCK) + 1))


def _blocks(count: int) -> Iterator[bytes]:
    for number in range(count):
        head = b"\xff\xf8\x70\x08" + _numbered(number) + (_BLOCK - 1).to_bytes(2, "big")
        head += _crc(head, 0x07, 8)
        block = head + b"\0" + (-8_000 if number % 2 else 8_000).to_bytes(2, "big", signed=True)
        yield block + _crc(block, 0x8005, 16)


def _numbered(number: int) -> bytes:
    return chr(number).encode("utf-8", "surrogatepass")


def _crc(block: bytes, polynomial: int, bits: int) -> bytes:
    crc, top = 0, 1 << bits - 1
    for byte in block:
        crc ^= byte << bits - 8
        for _ in range(8):
            crc = (crc << 1 ^ (polynomial if crc & top else 0)) & (2 * top - 1)
    return crc.to_bytes(bits // 8, "big")
