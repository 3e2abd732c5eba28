"""Playlists, manifests and scripts under the names of sound, and behind the first bytes of sound."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from tests.data.containers import box, chunk, id3, pcm, riff, wav_form

_MEDIA = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n{more}#EXTINF:1,\n{uri}\n#EXT-X-ENDLIST\n"
_SUFFIXES = ("mp3", "wav", "flac", "m4a", "aac", "ogg", "opus", "mka", "webm", "mov", "aiff", "caf", "w64")


def playlists(victim: Path) -> Iterator[tuple[str, bytes, Literal["refused", "either"]]]:
    """Name, bytes, and how a run on it must end; `victim` is a sound file that must not be opened."""
    plain = _MEDIA.format(more="", uri=victim.absolute())
    for suffix in _SUFFIXES:
        yield f"hls.{suffix}", plain.encode(), "refused"
    for name, text in _lists(victim).items():
        yield name, text.encode(), "refused"
    for name, raw in (
        ("bom.mp3", b"\xef\xbb\xbf" + plain.encode()),
        ("utf16.mp3", plain.encode("utf-16")),
        ("crlf.mp3", plain.replace("\n", "\r\n").encode()),
        ("nul-first.mp3", b"\0" + plain.encode()),
        ("padded.mp3", bytes(2000) + plain.encode()),
    ):
        yield name, raw, "refused"
    yield from _polyglots(plain.encode())


def _lists(victim: Path) -> dict[str, str]:
    path = victim.absolute()
    return {
        "file-url.mp3": _MEDIA.format(more="", uri=f"file://{path}"),
        "http.mp3": _MEDIA.format(more="", uri="http://127.0.0.1:9/a.mp3"),
        "key.mp3": _MEDIA.format(more='#EXT-X-KEY:METHOD=AES-128,URI="http://127.0.0.1:9/k"\n', uri=path),
        "map.mp3": _MEDIA.format(more=f'#EXT-X-MAP:URI="{path}"\n', uri=path),
        "crypto.mp3": _MEDIA.format(more="", uri=f"crypto+file:{path}"),
        "concat-protocol.mp3": _MEDIA.format(more="", uri=f"concat:{path}|/etc/passwd"),
        "data.mp3": _MEDIA.format(more="", uri="data:audio/mpeg;base64,AAAA"),
        "subfile.mp3": _MEDIA.format(more="", uri=f"subfile,,start,0,end,99,,:{path}"),
        "pipe.mp3": _MEDIA.format(more="", uri="pipe:0"),
        "master-fifo.mp3": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\npipe.mp3\n",
        "master-passwd.mp3": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n/etc/passwd\n",
        "no-marks.mp3": f"#EXTM3U\n{path}\n",
        "concat-abs.mp3": f"ffconcat version 1.0\nfile '{path}'\n",
        "concat-bare.mp3": f"file '{path}'\nfile '/etc/passwd'\n",
        "sdp-file.mp4": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
        "rtsp.mp4": "rtsp://127.0.0.1:9/live\n",
        "winamp.mp3": f"[playlist]\nFile1={path}\nNumberOfEntries=1\n",
        "windows.mp3": f'<ASX version="3.0"><ENTRY><REF HREF="{path}"/></ENTRY></ASX>',
        "spiff.mp3": f'<?xml version="1.0"?><playlist><trackList><track><location>{path}</location></track></trackList></playlist>',
        "smil.mp3": f'<smil><body><audio src="{path}"/></body></smil>',
        "dash-abs.mp4": f'<?xml version="1.0"?><MPD mediaPresentationDuration="PT1S"><Period><AdaptationSet><Representation id="1"><BaseURL>{path}</BaseURL></Representation></AdaptationSet></Period></MPD>',
        "smooth.mp4": '<?xml version="1.0"?><SmoothStreamingMedia/>',
        "entity.svg.mp3": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><svg>&e;</svg>',
        "cue.wav": f'FILE "{path}" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n',
        "script.mp3": "#!/bin/sh\ntouch pwned\n",
    }


def _polyglots(text: bytes) -> Iterator[tuple[str, bytes, Literal["refused", "either"]]]:
    """First bytes of sound, and a playlist behind them."""
    frames = (b"\xff\xfb\x90\x64" + bytes(413)) * 4
    yield "tag-then-list.mp3", id3((b"TIT2", b"\0x")) + text * 50, "refused"
    yield "frames-then-list.mp3", frames + text * 50, "either"
    yield "list-in-title.mp3", id3((b"TIT2", b"\0" + text)) + frames * 30, "either"
    yield "riff-then-list.wav", riff(b"WAVE", text * 20), "refused"
    yield (
        "list-in-chunk.wav",
        riff(b"WAVE", chunk(b"LIST", text) + wav_form() + chunk(b"data", pcm())),
        "either",
    )
    yield "ftyp-then-list.m4a", box(b"ftyp", b"M4A ", bytes(4)) + text, "refused"
    yield "flac-then-list.flac", b"fLaC" + text, "refused"
    yield "ogg-then-list.ogg", b"OggS" + text, "refused"
    yield "ebml-then-list.mka", b"\x1aE\xdf\xa3" + text, "refused"
    yield "caf-then-list.caf", b"caff" + text, "refused"
