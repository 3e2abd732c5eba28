"""Narration: what the file is, decoded once from end to end."""

from voxweave.core.speech import Chapter, Narration
from voxweave.core.text import printable
from voxweave.core.time import Span, clock
from voxweave.core.value import MediaFile
from voxweave.media.audio import Source, listen
from voxweave.media.facts import Facts
from voxweave.media.files import changed, fingerprint, opened_as
from voxweave.media.probe import pick_cover, pick_sound
from voxweave.media.probe import probe as facts_of
from voxweave.pipeline.tools import Tools

_CLAIM_SLACK_MS = 1_000


def probe(tools: Tools, media: MediaFile) -> Narration:
    """The narration with its true length, loudness, voice and pauses; InputError for anything else."""
    facts = facts_of(tools.ffmpeg, media.path, tools.stop)
    sound = pick_sound(facts, media.path)
    name = printable(media.path.name)
    claim_s = (facts.duration_ms or 0) / 1000
    with opened_as(media, "the narration") as fd:
        source = Source(fd, sound.index, sound.channels or 1, name)
        heard = listen(
            tools.ffmpeg,
            source,
            folder=tools.folder,
            stop=tools.stop,
            advance=lambda seconds: tools.advance(seconds / claim_s if claim_s > seconds else 0.95),
        )
    duration_ms = round(heard.samples / 48)
    return Narration(
        media=media,
        stream=sound.index,
        codec=sound.codec,
        sample_rate_hz=sound.sample_rate_hz or 0,
        channels=sound.channels or 1,
        samples=heard.samples,
        loudness=heard.loudness,
        tags=facts.tags,
        chapters=_within(facts.chapters, duration_ms),
        cover_stream=pick_cover(facts),
        pauses=heard.pauses,
        speech=fingerprint(heard.speech),
        voice=fingerprint(heard.voice),
        warnings=_warnings(facts, duration_ms, name),
    )


def unchanged(narration: Narration) -> None:
    """InputError when the file is no longer the one that was probed."""
    if fingerprint(narration.media.path, "the narration").sha256 != narration.media.sha256:
        raise changed(narration.media.path)


def source_of(narration: Narration, fd: int) -> Source:
    """The narration's opened file as the decoder wants it."""
    return Source(fd, narration.stream, narration.channels, printable(narration.media.path.name))


def _within(chapters: tuple[Chapter, ...], duration_ms: int) -> tuple[Chapter, ...]:
    """The chapters that begin within the narration, cut at its end."""
    return tuple(
        Chapter(
            title=chapter.title, span=Span(start=chapter.span.start, end=min(chapter.span.end, duration_ms))
        )
        for chapter in chapters
        if chapter.span.start < duration_ms and chapter.span.end > chapter.span.start
    )


def _warnings(facts: Facts, duration_ms: int, name: str) -> tuple[str, ...]:
    """What the user should know: a length claimed that is not there may mean a broken download."""
    claim = facts.duration_ms
    if claim is None or abs(claim - duration_ms) <= max(_CLAIM_SLACK_MS, duration_ms // 100):
        return ()
    return (
        f"{name} claims to last {clock(claim)} but holds {clock(duration_ms)} of sound; the sound counts",
    )
