"""Whether a film is still what we would make of the same things: then nothing is made."""

import os
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from voxweave.core.storyboard import Storyboard
from voxweave.core.text import printable
from voxweave.jobs.films import as_made, made_before, remember_film
from voxweave.jobs.fingerprints import code_identity, fingerprint_of
from voxweave.jobs.job import job_folder
from voxweave.media.files import fingerprint
from voxweave.media.fonts import fonts_identity
from voxweave.pipeline.captions import font_plans
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.outputs import Outputs, taken
from voxweave.pipeline.render import Film
from voxweave.pipeline.report import Report
from voxweave.pipeline.studio import Studio
from voxweave.settings.matters import CHANGES_NO_FILM


def asked_key(studio: Studio) -> str:
    """A name for the settings as far as they can change a film."""
    settings = studio.settings.model_dump(exclude=set(CHANGES_NO_FILM))
    made_by = (studio.style, studio.order_shape, studio.ffmpeg.build, code_identity())
    return fingerprint_of(settings, studio.settings.tables, *made_by)


def film_key(desk: Desk, film: Film, story: Storyboard, *, shown: Iterable[Path], down: Iterable[str]) -> str:
    """A name for all a film is made of, known before a picture of it is ordered or drawn.

    `shown` are the pictures and clips of others that may be in it, `down` says which providers cannot be asked.
    """
    canvas = film.timeline.canvas
    first = film.artist.illustrate(film.timeline.shots[0], canvas, desk.job.folder)
    others = [fingerprint(path, "the picture").sha256 for path in shown]
    fonts = fonts_identity(font_plans(film.captions))
    made_of = (film.narration, film.timeline, film.captions, film.tags, story, first, others, fonts)
    made_by = (asked_key(desk.studio), desk.container, desk.video_encoder(film.timeline), tuple(down))
    return fingerprint_of(*made_of, *made_by)


def check_free(source: Path, studio: Studio, outputs: Outputs, *, overwrite: bool) -> None:
    """OutputExists for a film that is there, unless it may be the very one we would make."""
    if overwrite or not os.path.lexists(outputs.film):
        return
    made = made_before(job_folder(source, studio.work), outputs.film)
    if made is None or made.asked != asked_key(studio):
        raise taken(outputs)


def up_to_date(desk: Desk, outputs: Outputs, key: str) -> Report | None:
    """The report of the film that is there, if nothing has changed since; OutputExists if something has."""
    if not os.path.lexists(outputs.film):
        return None
    made = made_before(desk.job.folder, outputs.film)
    report = _report(made.report) if made and made.key == key else None
    if report is None or not all(file.is_file() for file in (*report.files, outputs.report)):
        raise taken(outputs)
    line = f"nothing has changed: {printable(outputs.film.name)} is up to date"
    desk.tell_all([line])
    scenes = tuple(scene.model_copy(update={"reused": True}) for scene in report.scenes)
    told = {"scenes": scenes, "notes": (*report.notes, line), "times_s": desk.teller.times_s()}
    return report.model_copy(update={**told, "up_to_date": True})


def keep(desk: Desk, outputs: Outputs, key: str, report: Report, *, whole: Path) -> None:
    """Remember a film that came out as it was asked for; one that falls short is tried again.

    Before it takes its name: killed in between, the next run must not find it and not know it.
    """
    if not report.shortfalls:
        asked = asked_key(desk.studio)
        note = as_made(whole, asked=asked, key=key, report=report.to_json())
        remember_film(desk.job.folder, outputs.film, note)


def _report(text: str) -> Report | None:
    try:
        return Report.model_validate_json(text)
    except ValidationError:  # another version's
        return None
