"""What a file is by its first bytes, before any program may look at it."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_HEAD = 4096
_SEARCH = 1 << 18  # how far an MPEG stream may hide behind padding
_TAGS = 8  # ID3 tags in a row before we stop believing it
_FRAMES_IN_A_ROW = 3  # random bytes show two now and then, three hardly ever

_BITRATES = {  # kbit/s by MPEG version 1 or 2 and layer, index 1 to 14
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES_HZ = (44100, 48000, 32000)


@dataclass(frozen=True)
class Kind:
    """What a file is in a reader's words, and the FFmpeg demuxer for it; none means we refuse it.

    `media` is set for sound and pictures of a kind we do not read.
    """

    name: str
    demuxer: str = ""
    media: bool = False


_STARTS = (
    (b"fLaC", Kind("FLAC sound", "flac")),
    (b"OggS", Kind("an Ogg file", "ogg")),
    (b"\x1aE\xdf\xa3", Kind("a Matroska or WebM file", "matroska")),
    (b"riff\x2e\x91\xcf\x11", Kind("Wave64 sound", "w64")),
    (b"caff", Kind("CAF sound", "caf")),
    (b"\x89PNG\r\n\x1a\n", Kind("a PNG picture", "png_pipe")),
    (b"\xff\xd8\xff", Kind("a JPEG picture", "jpeg_pipe")),
    (b"GIF87a", Kind("a GIF picture", "gif")),
    (b"GIF89a", Kind("a GIF picture", "gif")),
    (b"II*\0", Kind("a TIFF picture", "tiff_pipe")),
    (b"MM\0*", Kind("a TIFF picture", "tiff_pipe")),
    (b"PK\x03\x04", Kind("a zip archive")),
    (b"\x1f\x8b", Kind("a gzip archive")),
    (b"7z\xbc\xaf", Kind("a 7-Zip archive")),
    (b"Rar!", Kind("a RAR archive")),
    (b"%PDF", Kind("a PDF document")),
    (b"\x7fELF", Kind("a program")),
    (b"MZ", Kind("a program")),
    (b"\xfe\xed\xfa", Kind("a program")),
    (b"\xcf\xfa\xed\xfe", Kind("a program")),
    (b"\x30\x26\xb2\x75", Kind("a Windows Media file", media=True)),
    (b"\0\0\x01\xba", Kind("an MPEG program stream", media=True)),
    (b"FLV\x01", Kind("a Flash film", media=True)),
    (b"MThd", Kind("a MIDI score", media=True)),
    (b"#!AMR", Kind("AMR sound", media=True)),
    (b"ADIF", Kind("raw AAC in the ADIF form", media=True)),
)
_FORMS = {  # the type within RIFF, RF64, BW64 and FORM
    b"WAVE": Kind("WAV sound", "wav"),
    b"WEBP": Kind("a WebP picture", "webp_pipe"),
    b"AIFF": Kind("AIFF sound", "aiff"),
    b"AIFC": Kind("AIFF sound", "aiff"),
    b"AVI ": Kind("an AVI film", "avi"),
}
_TEXTS = (
    (b"#extm3u", "a playlist"),
    (b"[playlist]", "a playlist"),
    (b"ffconcat", "a list of files"),
    (b"file ", "a list of files"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<svg", "an SVG drawing"),
    (b"<mpd", "a streaming manifest"),
    (b"<", "an XML document"),
    (b"{", "JSON text"),
    (b"[", "JSON text"),
    (b"v=0", "a stream description"),
    (b"#!", "a script"),
)
_XML_ROOTS = (b"<html", b"<svg", b"<mpd")
_MOV_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_ANIMATED = 2  # a flag of WebP's extended header; FFmpeg reads such files from 9 on only
_PHOTO_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis", b"crx "}


def recognise(fd: int) -> Kind:
    """What the open file is; `Kind("")` for what nothing tells."""
    head = os.pread(fd, _HEAD, 0)
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[8:16] == b"WEBPVP8X" and head[20:21] and head[20] & _ANIMATED:
        return Kind("an animated WebP", media=True)
    if head[:4] in (b"RIFF", b"RF64", b"BW64", b"FORM"):
        return _FORMS.get(head[8:12], Kind(""))
    if head[4:8] in _MOV_BOXES:
        photo = head[4:8] == b"ftyp" and head[8:12] in _PHOTO_BRANDS
        return Kind("a HEIC or AVIF photo", media=True) if photo else Kind("an MP4 or MOV file", "mov")
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return Kind("a BMP picture", "bmp_pipe")
    if all(head[at : at + 1] == b"G" for at in (0, 188, 376)):
        return Kind("an MPEG transport stream", "mpegts")
    return _text(head) or _tagged(fd)


def _text(head: bytes) -> Kind | None:
    """Text of any kind: nothing in it is sound, and some of it names other files."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    lower = start.lower()
    if any(byte < 9 or 13 < byte < 27 for byte in head) or not start:
        return None
    if lower.startswith(b"<?xml"):
        lower = next((root for root in _XML_ROOTS if root in lower), lower)
    for mark, name in _TEXTS:
        if lower.startswith(mark):
            return Kind(name)
    try:
        head[: _HEAD - 4].decode()
    except UnicodeDecodeError:
        return None
    return Kind("text")


def _tagged(fd: int) -> Kind:
    """MPEG sound or FLAC, perhaps behind ID3 tags; some writers get a tag's length wrong."""
    start = _after_tags(fd)
    for body in (os.pread(fd, _SEARCH, at) for at in sorted({start, 0}, reverse=True)):
        if start and body.startswith(b"fLaC"):
            return Kind("FLAC sound", "flac")
        if _in_a_row(body, _mpeg_length):
            return Kind("MP3 sound", "mp3")
        if _in_a_row(body, _adts_length):
            return Kind("AAC sound", "aac")
    return Kind("")


def _after_tags(fd: int) -> int:
    """Where the sound begins: behind the ID3v2 tags, whose lengths count seven bits a byte."""
    at = 0
    for _ in range(_TAGS):
        tag = os.pread(fd, 10, at)
        if len(tag) < 10 or tag[:3] != b"ID3" or max(tag[6:10]) > 127:
            break
        at += 10 + (tag[6] << 21 | tag[7] << 14 | tag[8] << 7 | tag[9])
        at += 10 if tag[5] & 0x10 else 0  # a footer
    return at


def _in_a_row(body: bytes, length: Callable[[bytes], int]) -> bool:
    """Whether some frame is followed by others where it says they are; `length` is 0 for no frame."""
    return any(_chain(body, at, length) for at in _syncs(body))


def _chain(body: bytes, at: int, length: Callable[[bytes], int]) -> bool:
    for _ in range(_FRAMES_IN_A_ROW):
        step = length(body[at : at + 7])
        if not step:
            return False
        at += step
    return True


def _syncs(body: bytes) -> Iterator[int]:
    at = body.find(b"\xff")
    while at >= 0:
        if at + 1 < len(body) and body[at + 1] >= 0xE0:
            yield at
        at = body.find(b"\xff", at + 1)


def _mpeg_length(header: bytes) -> int:
    """Bytes of the MPEG audio frame with this header, 0 when it is none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] < 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    rate, index = header[2] >> 2 & 3, header[2] >> 4
    if version == 1 or layer == 4 or rate == 3 or not 0 < index < 15:
        return 0
    bits = 1000 * _BITRATES[1 if version == 3 else 2, layer][index - 1]
    hertz = _RATES_HZ[rate] // {3: 1, 2: 2, 0: 4}[version]
    padding = header[2] >> 1 & 1
    if layer == 1:
        return (12 * bits // hertz + padding) * 4
    return (72 if layer == 3 and version != 3 else 144) * bits // hertz + padding


def _adts_length(header: bytes) -> int:
    """Bytes of the ADTS frame with this header, 0 when it is none."""
    if len(header) < 6 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0 or header[2] >> 2 & 15 > 12:
        return 0
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return length if length > 7 else 0
