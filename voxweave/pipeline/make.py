"""Narration in, film out: the order of the stages."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from voxweave.core.quotes import Quote
from voxweave.core.speech import Narration, Tags, Transcript
from voxweave.core.storyboard import ART, Storyboard, to_toml
from voxweave.core.text import printable
from voxweave.core.time import clock
from voxweave.core.timeline import Timeline, assemble
from voxweave.core.value import Value
from voxweave.errors import OutputExists
from voxweave.jobs.job import output_held
from voxweave.media.files import remove_leftovers, write_atomically
from voxweave.pipeline.captions import Heading, captioned, delivered
from voxweave.pipeline.chain import open_chain
from voxweave.pipeline.cover import cover_art, emblem_for
from voxweave.pipeline.desk import Desk, open_desk
from voxweave.pipeline.early import early
from voxweave.pipeline.foresight import check_own, check_tools, own_files
from voxweave.pipeline.guides import Guides, local_file
from voxweave.pipeline.illustrate import Illustration, usable
from voxweave.pipeline.lanes import check_lane
from voxweave.pipeline.outputs import Outputs, bytes_needed, check_outputs, check_places, outputs_for, spare
from voxweave.pipeline.plan import edited, filled, plan
from voxweave.pipeline.probe import probe, unchanged
from voxweave.pipeline.prompting import scribe_for
from voxweave.pipeline.recognize import word_quote
from voxweave.pipeline.render import Film, published, tidy
from voxweave.pipeline.report import Report, report_of
from voxweave.pipeline.scenes import Encoded
from voxweave.pipeline.side_by_side import sound_and_scenes
from voxweave.pipeline.studio import Studio
from voxweave.pipeline.supplies import Supplies
from voxweave.pipeline.supplying import Buying
from voxweave.pipeline.transcribe import find_words
from voxweave.pipeline.upkeep import check_free, film_key, keep, up_to_date
from voxweave.pipeline.wording import planning_notes, told_by, words_for
from voxweave.places import expanded

_NO_FILES = ("", "none")
"""What a storyboard may say in place of a reference's path."""


class Request(Value):
    """One film asked for; whatever is None is found or named by us."""

    source: Path
    output: Path | None = None
    subtitles: Path | None = None
    script: Path | None = None
    storyboard: Path | None = None
    overwrite: bool = False


@dataclass(frozen=True)
class Planned:
    """What is known of a film before a picture of it is made."""

    narration: Narration
    transcript: Transcript
    story: Storyboard
    words_from: str
    buying: Buying
    media: tuple[Path, ...] = ()
    """Own media that take over where orders fall through."""
    words_quote: Quote | None = None
    """What recognising the words would cost, where that was not done."""


def weave(request: Request, studio: Studio) -> Report:
    """Make the film; what an earlier run finished is not made again."""
    container = studio.settings.container(request.output.suffix if request.output else "")
    outputs = outputs_for(request.source, request.output, container)
    check_places(outputs, _inputs(request))
    check_free(request.source, studio, outputs, overwrite=request.overwrite)
    with output_held(outputs.film), open_desk(request.source, studio, container) as desk:
        remove_leftovers(outputs.film.parent)
        planned = _planned(request, desk, outputs=outputs)
        film = _laid_out(desk, planned)
        down = [f"{link.name}: {link.down.text}" for link in planned.buying.links if link.down]
        key = film_key(desk, film, planned.story, shown=_shown(request, planned), down=down)
        report = None if request.overwrite else up_to_date(desk, outputs, key)
        if report is None:
            report, scenes = _made(request, desk, planned, replace(film, key=key), outputs)
            tidy(desk, scenes)
        desk.teller.done(printable(str(outputs.film)))
        return report


def _made(
    request: Request, desk: Desk, planned: Planned, film: Film, outputs: Outputs
) -> tuple[Report, list[Encoded]]:
    """Illustrate, render, join, verify: the film under its name, and the scenes it is joined of."""
    _check_room(desk, outputs, planned.narration)
    _spare_inputs(request, film, outputs)
    desk.check_encoders(film.timeline)
    film = _illustrated(request, desk, planned, film)
    recording, scenes = sound_and_scenes(desk, film)
    unchanged(film.narration)
    with published(desk, film, scenes, recording, outputs) as whole:
        desk.weigh(whole.verified.bytes, whole.verified.picture_bytes, film.timeline)
        report = report_of(
            desk,
            film,
            scenes,
            recording,
            whole.verified,
            files=whole.files,
            words_from=planned.words_from,
            transcript=planned.transcript,
        )
        write_atomically(outputs.report, report.to_json())
        keep(desk, outputs, film.key, report, whole=whole.part)
    return report, scenes


def _shown(request: Request, planned: Planned) -> list[Path]:
    """The pictures and clips of others that may be in the film, each once."""
    base = _base(request)
    scenes = planned.story.scenes
    named = [Path(scene.picture) for scene in scenes if scene.picture != ART]
    if planned.buying.links:  # a reference is looked at where something may be ordered
        ordered = (scene.reference for scene in scenes if scene.picture == ART)
        named += [local_file(name) for name in ordered if name not in _NO_FILES]
    shown = [*(base / expanded(path) for path in named), *planned.media]
    return list(dict.fromkeys([*shown, *planned.buying.guides.files()]))


def quoted(request: Request, studio: Studio) -> Quote:
    """What the film's orders would come to; nothing is ordered."""
    with open_desk(request.source, studio, "mp4") as desk:
        planned = _planned(request, desk, spends=False)
        timeline = assemble(planned.story, studio.settings.canvas, planned.narration.samples)
        pictures = planned.buying.quoted(planned.story, timeline).noting(
            planning_notes(desk, planned.transcript)
        )
        return planned.words_quote.also(pictures) if planned.words_quote else pictures


def plan_only(request: Request, studio: Studio, *, into: Path | None) -> tuple[Path, tuple[str, ...]]:
    """Write the storyboard for a person to edit; its path, and a line for each scene."""
    file = into or request.source.with_name(f"{request.source.stem}.storyboard.toml")
    check_outputs(
        Outputs(film=file, report=file, thumbnail=file), _inputs(request), overwrite=request.overwrite
    )
    with open_desk(request.source, studio, "mp4") as desk:
        planned = _planned(request, desk)
        story, _ = planned.buying.drafted(planned.story, what="the prompts")
    write_atomically(file, to_toml(story, printable(request.source.name)))
    return file, tuple(
        f"{scene.number:4}  {clock(scene.span.start)}  {scene.span.duration / 1000:5.1f} s  "
        f"{printable(Path(scene.picture).name)}  {printable(scene.text, most=70)}"
        for scene in story.scenes
    )


def _inputs(request: Request) -> tuple[Path, ...]:
    given = (request.source, request.subtitles, request.script, request.storyboard)
    return tuple(path for path in given if path is not None)


def _free_or_ours(file: Path, text: str) -> bool:
    """Whether nothing is there, or the very captions we would write: a run that was killed left them."""
    return not os.path.lexists(file) or (file.is_file() and file.read_bytes() == text.encode())


def _spare_inputs(request: Request, film: Film, outputs: Outputs) -> None:
    """Nothing we write may take the place of what the film shows or says, or of captions by another hand."""
    base = _base(request)
    shown = [base / expanded(shot.scene.picture) for shot in film.timeline.shots]
    texts = film.captions.sidecars(film.timeline.canvas)
    sidecars = {outputs.sidecar(film.captions.language, kind): text for kind, text in texts.items()}
    spare((*sidecars, outputs.film), (*_inputs(request), *shown))
    for file, text in sidecars.items():
        if not request.overwrite and not _free_or_ours(file, text):
            raise OutputExists(
                f"{printable(file.name)} is there already",
                hint="replace it with --overwrite, or move it away",
            )


def _check_room(desk: Desk, outputs: Outputs, narration: Narration) -> None:
    desk.check_room(outputs.film.parent, bytes_needed(desk.studio.settings.canvas, narration.duration))


def _base(request: Request) -> Path:
    """Where relative paths of pictures count from."""
    return (request.storyboard or request.source).parent


def _check_beforehand(
    request: Request, desk: Desk, narration: Narration, given: Storyboard | None, outputs: Outputs
) -> None:
    """What may end the run and costs nothing to know: even the words may have to be paid for."""
    if request.overwrite or not os.path.lexists(outputs.film):  # else it may be up to date, and need no room
        _check_room(desk, outputs, narration)
    check_tools(desk)
    spare([outputs.film], own_files(given, _base(request)))


def _planned(request: Request, desk: Desk, *, outputs: Outputs | None = None, spends: bool = True) -> Planned:
    check_lane(desk.studio)
    desk.enter("probe")
    narration = desk.step(probe, desk.media)
    desk.tell_all(narration.warnings)
    desk.check_fit(narration)
    given = edited(request.storyboard, narration) if request.storyboard else None
    if outputs is not None:
        _check_beforehand(request, desk, narration, given, outputs)
    if spends:
        check_own(desk, narration, given, _base(request))
    links = open_chain(desk.studio, desk.job.folder, spends=spends)
    guides = Guides(desk, links, narration, _base(request))
    if spends:
        guides.check(given)
    desk.enter("transcribe")
    words = find_words(request.source, request.subtitles, request.script)
    priced = None if spends or words.kind != "none" else word_quote(desk, narration)
    transcript = words_for(desk, narration, words, spends=spends)
    desk.tell_all(transcript.notes)
    desk.enter("plan")
    story, spare_media = _story(desk, given, narration, transcript)
    title = _tags(narration.tags, desk.studio.settings.title, "").title
    scribe = scribe_for(desk, links, title=title, language=transcript.language)
    return Planned(
        narration=narration,
        transcript=transcript,
        story=scribe.prompted(story),
        words_from=told_by(words, transcript),
        buying=Buying(desk, links, scribe, guides),
        media=spare_media,
        words_quote=priced,
    )


def _story(
    desk: Desk, given: Storyboard | None, narration: Narration, transcript: Transcript
) -> tuple[Storyboard, tuple[Path, ...]]:
    """The edited storyboard, or one of ours, showing own media where a folder was named; media kept in reserve."""
    settings, first = desk.studio.settings, desk.studio.media_first
    story = given or desk.step(plan, narration, transcript, desk.studio.rules)
    if not settings.media or (given and not desk.studio.suppliers):
        return story, ()
    files, refused = usable(desk, expanded(settings.media).absolute(), most=len(story.scenes))
    for line in refused:
        desk.fall_short(line)
    if given or not first:
        return story, tuple(files)
    return filled(story, files, spread=settings.media_order == "spread"), ()


def _laid_out(desk: Desk, planned: Planned) -> Film:
    """Captions and title laid out on the film's frames; no picture yet."""
    desk.enter("illustrate")
    studio, narration = desk.studio, planned.narration
    timeline = assemble(planned.story, studio.settings.canvas, narration.samples)
    tags = _tags(narration.tags, studio.settings.title, studio.settings.artist)
    # Cover art is drawn by our own art; over other pictures the title stands alone.
    drawn_first = planned.story.scenes[0].picture == ART and not studio.suppliers
    art = cover_art(desk, narration) if drawn_first else None
    heading = Heading(
        title=tags.title, subtitle=tags.artist, with_cover=art is not None, typography=studio.style.typography
    )
    captions = delivered(desk, captioned(desk, planned.transcript, heading, timeline))
    calm = captions.calm(timeline.canvas, frames=timeline.frames)
    artist = desk.artist(timeline, narration, calm, emblem=emblem_for(desk, captions, art))
    return Film(narration, timeline, (), captions, tags, artist)


def _illustrated(request: Request, desk: Desk, planned: Planned, film: Film) -> Film:
    """A picture for every shot: ordered, or of one's own, or drawn."""
    illustration = Illustration(desk, film.timeline.canvas, film.artist, _base(request))
    with early(desk, film, illustration, art_last=not planned.media) as ahead:
        buying = replace(planned.buying, settled=ahead.settled)
        supplies = buying.supplied(planned.story, film.timeline)
    timeline = _with_reserve(film.timeline, planned, supplies, desk.studio.settings.media_order)
    pictures = replace(illustration, ordered=supplies.files).pictures(timeline)
    made = frozenset(ahead.made)
    return replace(film, timeline=timeline, pictures=pictures, supplies=supplies, ahead=made)


def _with_reserve(timeline: Timeline, planned: Planned, supplies: Supplies, order: str) -> Timeline:
    """Own media in the scenes that nothing came for."""
    bare = [shot.scene for shot in timeline.shots if shot.scene.picture == ART]
    bare = [scene for scene in bare if scene.number not in supplies.bought]
    if not planned.media or not bare:
        return timeline
    story = Storyboard(duration_ms=planned.story.duration_ms, scenes=tuple(bare))
    shown = {scene.number: scene for scene in filled(story, planned.media, spread=order == "spread").scenes}
    shots = tuple(
        shot.model_copy(update={"scene": shown.get(shot.scene.number, shot.scene)}) for shot in timeline.shots
    )
    return timeline.model_copy(update={"shots": shots})


def _tags(tags: Tags, title: str, artist: str) -> Tags:
    """The file's tags, with what the user named in their place."""
    return tags.model_copy(update={"title": title or tags.title, "artist": artist or tags.artist})
