"""Containers put together byte by byte, so that any number in them can lie."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_SECOND = bytes(range(256)) * 375  # 48,000 samples of 16 bits: a hum, and not silent


def pcm(seconds: float = 1.0) -> bytes:
    """16 bits a sample at 48 kHz, one channel."""
    return (_SECOND * (int(seconds) + 1))[: int(seconds * 48_000) * 2]


# ---- MP4 and MOV ----


def box(kind: bytes, *parts: bytes) -> bytes:
    """One atom."""
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def full(kind: bytes, *parts: bytes, flags: int = 0) -> bytes:
    """One atom with a version and flags."""
    return box(kind, struct.pack(">I", flags), *parts)


def _table(kind: bytes, rows: Sequence[tuple[int, ...]], claimed: int | None = None) -> bytes:
    packed = b"".join(struct.pack(f">{len(row)}I", *row) for row in rows)
    return full(kind, struct.pack(">I", len(rows) if claimed is None else claimed), packed)


@dataclass(frozen=True)
class Mov:
    """A QuickTime file of PCM sound; every claim can be another than the truth."""

    samples: int = 48_000
    sample_size: int = 2
    steps: tuple[tuple[int, int], ...] = ((48_000, 1),)
    per_chunk: int = 48_000
    chunks: int = 1
    """How many, all of them the same bytes."""
    duration: int = 48_000
    rate: int = 48_000
    clock: int = 48_000
    """Steps a second, by which the lengths of samples are told."""
    channels: int = 1
    codec: bytes = b"sowt"
    reference: bytes = field(default_factory=lambda: full(b"url ", flags=1))
    claimed: int | None = None
    """Rows that the tables say they have."""
    more: bytes = b""
    """Further atoms in the movie's."""
    handler: bytes = b"soun"

    def file(self) -> bytes:
        """All of it; the sound comes first, so that its place is known."""
        start = box(b"ftyp", b"qt  ", struct.pack(">I", 0), b"qt  ")
        return start + box(b"mdat", pcm()) + self.movie(len(start) + 8)

    def movie(self, at: int) -> bytes:
        """The index."""
        clock = struct.pack(">IIII", 0, 0, 48_000, self.duration)
        mvhd = full(b"mvhd", clock, struct.pack(">IH", 0x10000, 256), bytes(70), struct.pack(">I", 2))
        return box(b"moov", mvhd, self._track(at), self.more)

    def _track(self, at: int) -> bytes:
        tkhd = full(b"tkhd", struct.pack(">IIIII", 0, 0, 1, 0, self.duration), bytes(60), flags=7)
        mdhd = full(b"mdhd", struct.pack(">IIIIHH", 0, 0, self.clock, self.duration, 0, 0))
        kind = full(b"hdlr", b"mhlr", self.handler, bytes(13))
        sound = struct.pack(">HHIHHHHI", 0, 0, 0, self.channels, 16, 0, 0, (self.rate & 0xFFFF) << 16)
        entry = box(self.codec, bytes(6), struct.pack(">H", 1), sound)
        tables = (
            full(b"stsd", struct.pack(">I", 1), entry),
            _table(b"stts", self.steps, self.claimed),
            _table(b"stsc", [(1, self.per_chunk, 1)], self.claimed),
            full(b"stsz", struct.pack(">II", self.sample_size, self.samples)),
            _table(b"stco", [(at,)] * self.chunks, self.claimed),
        )
        where = box(b"dinf", full(b"dref", struct.pack(">I", 1), self.reference))
        media = box(b"minf", full(b"smhd", bytes(4)), where, box(b"stbl", *tables))
        return box(b"trak", tkhd, box(b"mdia", mdhd, kind, media))


def outside(path: Path) -> bytes:
    """A data reference that names another file, as QuickTime's aliases do."""
    name = str(path).encode()
    alias = bytes(10) + bytes(140) + struct.pack(">HH", 18, len(name)) + name + bytes(len(name) % 2)
    return full(b"alis", alias + struct.pack(">HH", 0xFFFF, 0))


def compressed_movie(claimed: int, body: bytes) -> bytes:
    """A movie's index packed with zlib, as QuickTime once did."""
    packed = struct.pack(">I", claimed) + zlib.compress(body, 9)
    return box(b"moov", box(b"cmov", box(b"dcom", b"zlib"), box(b"cmvd", packed)))


# ---- Matroska ----


def ebml(mark: int, body: bytes, claimed: int | None = None) -> bytes:
    """One element; its length is written in eight bytes."""
    name = mark.to_bytes((mark.bit_length() + 7) // 8, "big")
    return name + (1 << 56 | (len(body) if claimed is None else claimed)).to_bytes(8, "big") + body


@dataclass(frozen=True)
class Mka:
    """A Matroska file of PCM sound."""

    rate: float = 48_000.0
    channels: int = 1
    duration: float = 1000.0
    tracks: int = 1
    packed: bytes = b""
    """What each block holds when the track says it is compressed with zlib."""
    codec: bytes = b"A_PCM/INT/LIT"
    more: bytes = b""
    """Further elements of the segment, before the sound."""
    unit: int = 1_000_000

    def file(self) -> bytes:
        """All of it."""
        head = ebml(0x1A45DFA3, ebml(0x4282, b"matroska") + ebml(0x4287, b"\x04") + ebml(0x4285, b"\x02"))
        told = ebml(0x1549A966, ebml(0x2AD7B1, self.unit.to_bytes(8, "big")) + self._length())
        tracks = ebml(0x1654AE6B, b"".join(self._track(number + 1) for number in range(self.tracks)))
        sound = self.packed or pcm(0.1)
        blocks = (ebml(0xA3, b"\x81" + struct.pack(">h", 100 * n) + b"\x80" + sound) for n in range(10))
        cluster = ebml(0x1F43B675, ebml(0xE7, b"\0") + b"".join(blocks))
        return head + ebml(0x18538067, told + self.more + tracks + cluster)

    def _length(self) -> bytes:
        return ebml(0x4489, struct.pack(">d", self.duration))

    def _track(self, number: int) -> bytes:
        sound = ebml(0xB5, struct.pack(">d", self.rate)) + ebml(0x9F, self.channels.to_bytes(4, "big"))
        kind = (
            ebml(0xD7, number.to_bytes(2, "big"))
            + ebml(0x73C5, number.to_bytes(2, "big"))
            + ebml(0x83, b"\x02")
        )
        squeezed = ebml(0x5034, ebml(0x4254, b"\0"))
        packing = ebml(0x6D80, ebml(0x6240, squeezed)) if self.packed else b""
        return ebml(0xAE, kind + ebml(0x86, self.codec) + ebml(0xE1, sound + ebml(0x6264, b"\x10")) + packing)


def attachment(name: str, body: bytes) -> bytes:
    """A file within a Matroska file."""
    held = (
        ebml(0x466E, name.encode()) + ebml(0x4660, b"text/plain") + ebml(0x465C, body) + ebml(0x46AE, b"\x01")
    )
    return ebml(0x1941A469, ebml(0x61A7, held))


# ---- The simple ones ----


def riff(form: bytes, body: bytes, *, mark: bytes = b"RIFF", size: int | None = None) -> bytes:
    """A WAV or AVI file's outside."""
    return mark + struct.pack("<I", (4 + len(body) if size is None else size) & 0xFFFFFFFF) + form + body


def chunk(name: bytes, body: bytes, claimed: int | None = None) -> bytes:
    """One part of it."""
    return name + struct.pack("<I", len(body) if claimed is None else claimed) + body


def wav_form(rate: int = 48_000, channels: int = 1, bits: int = 16, code: int = 1) -> bytes:
    """The chunk that says what the samples are."""
    block = min(channels * bits // 8, 0xFFFF)
    return chunk(
        b"fmt ", struct.pack("<HHIIHH", code, channels, rate, min(rate * block, 2**32 - 1), block, bits)
    )


def id3(*frames: tuple[bytes, bytes], claimed: int | None = None) -> bytes:
    """A tag of version 2.3."""
    body = b"".join(name + struct.pack(">IH", len(held), 0) + held for name, held in frames)
    size = len(body) if claimed is None else claimed
    return b"ID3\x03\0\0" + bytes(size >> shift & 127 for shift in (21, 14, 7, 0)) + body


def cover(picture: bytes, kind: bytes = b"image/png") -> tuple[bytes, bytes]:
    """A picture as a tag's frame."""
    return b"APIC", b"\0" + kind + b"\0\x03\0" + picture


def png(width: int, height: int, *extra: tuple[bytes, bytes], pixels: bytes | None = None) -> bytes:
    """A picture of any claim; without `pixels` all of it is there, and black."""
    whole = zlib.compress(bytes((1 + width) * height), 9) if pixels is None else pixels
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        *extra,
        (b"IDAT", whole),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def ogg_crc(page: bytes) -> int:
    """The sum of an Ogg page whose own is zero."""
    crc = 0
    for byte in page:
        crc ^= byte << 24
        for _ in range(8):
            crc = crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)
        crc &= 0xFFFFFFFF
    return crc


def last_granule(ogg: bytes, claimed: int) -> bytes:
    """The file with its last page saying that so many samples have been."""
    at = ogg.rindex(b"OggS")
    page = bytearray(ogg[at:])
    page[6:14], page[22:26] = struct.pack("<q", claimed), bytes(4)
    page[22:26] = struct.pack("<I", ogg_crc(bytes(page)))
    return ogg[:at] + bytes(page)
