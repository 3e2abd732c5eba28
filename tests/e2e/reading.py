"""A finished film read by other means than ours: packets and pictures by PyAV, boxes by hand."""

import re
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

LEVELS_HZ = 100
Luma = NDArray[np.uint8]


@dataclass(frozen=True)
class Track:
    """One stream's packets, in the order of the file."""

    codec: str
    starts: tuple[Fraction, ...]
    decodes: tuple[Fraction, ...]
    ends: Fraction
    keys: tuple[Fraction, ...]
    digest: int
    language: str


@dataclass(frozen=True)
class Seen:
    """What a film holds."""

    container: str
    size: tuple[int, int]
    rate: Fraction
    frames: int
    picture: Track
    sound: Track
    heard: Fraction
    cues: tuple[tuple[Fraction, Fraction, str], ...]
    cue_codec: str
    tags: dict[str, str]
    chapters: tuple[tuple[float, float, str], ...]


def look_at(path: Path) -> Seen:
    """Every packet demuxed, every picture and sample decoded."""
    with av.open(str(path)) as film:
        video = film.streams.video[0]
        size, rate = (video.width, video.height), Fraction(video.average_rate or 0)
        tags = {name.lower(): value for name, value in film.metadata.items()}
        chapters = tuple(_chapter(chapter) for chapter in film.chapters())
        frames = sum(1 for _ in film.decode(video))
        container = film.format.name
        cue_codec = next((stream.codec_context.name for stream in film.streams.subtitles), "")
    with av.open(str(path)) as film:
        heard = sum(
            Fraction(frame.samples, frame.sample_rate) for frame in film.decode(film.streams.audio[0])
        )
    return Seen(
        container=container,
        size=size,
        rate=rate,
        frames=frames,
        picture=_track(path, "video"),
        sound=_track(path, "audio"),
        heard=Fraction(heard),
        cues=_cues(path),
        cue_codec=cue_codec,
        tags=tags,
        chapters=chapters,
    )


def _chapter(chapter: object) -> tuple[float, float, str]:
    base = float(chapter["time_base"])  # type: ignore[index]
    return chapter["start"] * base, chapter["end"] * base, chapter["metadata"].get("title", "")  # type: ignore[index]


def _track(path: Path, kind: str) -> Track:
    with av.open(str(path)) as film:
        stream = getattr(film.streams, kind)[0]
        packets = [packet for packet in film.demux(stream) if packet.size]
        base = stream.time_base
        return Track(
            codec=stream.codec_context.name,
            starts=tuple(packet.pts * base for packet in packets),
            decodes=tuple(packet.dts * base for packet in packets),
            ends=max((packet.pts + (packet.duration or 0)) * base for packet in packets),
            keys=tuple(packet.pts * base for packet in packets if packet.is_keyframe),
            digest=hash(tuple((packet.pts, packet.dts, bytes(packet)) for packet in packets)),
            language=stream.language or "",
        )


def _cues(path: Path) -> tuple[tuple[Fraction, Fraction, str], ...]:
    with av.open(str(path)) as film:
        if not film.streams.subtitles:
            return ()
        stream = film.streams.subtitles[0]
        cues = []
        for packet in film.demux(stream):
            raw = bytes(packet) if packet.size else b""
            text = (
                raw[2 : 2 + int.from_bytes(raw[:2], "big")]
                if stream.codec_context.name == "mov_text"
                else raw
            )
            if text.strip():
                start = packet.pts * stream.time_base
                cues.append((start, start + packet.duration * stream.time_base, text.decode()))
        return tuple(cues)


def picture_at(path: Path, number: int) -> Luma:
    """The brightness of one frame, counted from nought."""
    return pictures(path, [number])[0]


def pictures(path: Path, numbers: list[int]) -> list[Luma]:
    """The brightness of these frames."""
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        wanted, found = set(numbers), {}
        for count, frame in enumerate(film.decode(stream)):
            if count in wanted:
                found[count] = np.asarray(frame.to_ndarray(format="gray"), np.uint8)
            if len(found) == len(wanted):
                break
    return [found[number] for number in numbers]


def colours_at(path: Path, number: int) -> NDArray[np.uint8]:
    """One frame as height by width by red, green, blue."""
    with av.open(str(path)) as film:
        for count, frame in enumerate(film.decode(film.streams.video[0])):
            if count == number:
                return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    raise AssertionError(f"there is no frame {number}")


def levels_of(path: Path) -> NDArray[np.float64]:
    """How loud a file is a hundred times a second, as RMS."""
    with av.open(str(path)) as sound:
        stream = sound.streams.audio[0]
        resampler = av.AudioResampler(format="flt", layout="mono", rate=100 * LEVELS_HZ)
        parts = [out.to_ndarray() for frame in sound.decode(stream) for out in resampler.resample(frame)]
    samples = np.concatenate(parts, axis=1)[0]
    rows = samples[: len(samples) // 100 * 100].reshape(-1, 100)
    return np.asarray(np.sqrt((rows.astype(np.float64) ** 2).mean(axis=1)))


def boxes(path: Path) -> list[str]:
    """The names of an MP4's outermost boxes, in order."""
    names, raw, at = [], path.read_bytes(), 0
    while at + 8 <= len(raw):
        size = int.from_bytes(raw[at : at + 4], "big")
        names.append(raw[at + 4 : at + 8].decode("latin-1"))
        at += size if size > 1 else int.from_bytes(raw[at + 8 : at + 16], "big")
    return names


def loudness(ffmpeg: Path, path: Path) -> tuple[float, float]:
    """Integrated LUFS and true peak in dBTP, by FFmpeg's meter run by us."""
    meter = ["-nostats", "-i", f"file:{path}", "-map", "0:a:0", "-af", "ebur128=peak=true", "-f", "null", "-"]
    said = subprocess.run(
        [ffmpeg, *meter], capture_output=True, text=True, errors="replace", check=True
    ).stderr
    summary = said[said.rindex("Summary:") :]
    found = [re.search(rf"{name}:\s+(-?[\d.]+|-inf)", summary) for name in ("I", "Peak")]
    level, peak = (float(match[1]) for match in found if match)
    return level, peak
