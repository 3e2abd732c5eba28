"""Cover art: named by the user, or carried by the narration."""

from dataclasses import replace
from fractions import Fraction

from voxweave.core.film import Canvas
from voxweave.core.looks import title_boxes
from voxweave.core.pictures import Emblem
from voxweave.core.speech import Narration
from voxweave.core.value import MediaFile, Value
from voxweave.errors import InputError, MediaError
from voxweave.media.child import Surroundings
from voxweave.media.ffmpeg import CHECK_LIMITS, Job, foreign_globals, foreign_input
from voxweave.media.files import fingerprint, opened_as, part_of
from voxweave.media.stills import prepare_still
from voxweave.pipeline.captions import Captions
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.tools import Tools
from voxweave.places import expanded

_LIMITS = replace(CHECK_LIMITS, cpu_s=15)
"""It is near the beginning, if it is anywhere."""
_TIME_S = 120
_RATE = Fraction(30)
"""A canvas wants one; a still has none."""


class Cover(Value):
    """Cover art as a square picture of ours, or none, and why not."""

    media: MediaFile | None = None
    note: str = ""


def cover_box(side: int) -> Canvas:
    """The square canvas cover art is made ready for."""
    even = max(64, side // 2 * 2)
    return Canvas(width=even, height=even, rate=_RATE)


def cover(tools: Tools, narration: Narration, chosen: MediaFile | None, side: int) -> Cover:
    """The cover made ready; a picture the user named must be usable, an embedded one may not be."""
    into = tools.folder / "pictures"
    if chosen is not None:
        return Cover(media=prepare_still(tools.ffmpeg, chosen, cover_box(side), into, tools.stop))
    if narration.cover_stream is None:
        return Cover()
    try:
        embedded = _extracted(tools, narration, narration.cover_stream)
        return Cover(media=prepare_still(tools.ffmpeg, embedded, cover_box(side), into, tools.stop))
    except (InputError, MediaError) as error:
        return Cover(note=f"the narration's cover art cannot be shown: {error}")


def cover_art(desk: Desk, narration: Narration) -> MediaFile | None:
    """The film's cover, as its settings have it; one that cannot be shown is said."""
    wanted = desk.studio.settings.cover
    if wanted == "none":
        return None
    chosen = fingerprint(expanded(wanted), "the cover") if wanted else None
    box = title_boxes(desk.studio.settings.canvas, with_cover=True).cover
    found = desk.step(cover, narration, chosen, min(box.width, box.height) if box else 0)
    desk.tell_all([found.note] if found.note else [])
    return found.media


def emblem_for(desk: Desk, captions: Captions, art: MediaFile | None) -> Emblem | None:
    """Cover art beside the title, for as long as the title stands."""
    box = title_boxes(desk.studio.settings.canvas, with_cover=True).cover
    if art is None or box is None or not captions.cards:
        return None
    card = captions.cards[0]
    return Emblem(media=art, box=box, first=card.first, last=card.last)


def _extracted(tools: Tools, narration: Narration, stream: int) -> MediaFile:
    """The picture within the narration, copied out as it is; it is checked as any stranger's picture."""
    file = tools.folder / "pictures" / f"cover-{narration.media.sha256[:12]}.bin"
    with opened_as(narration.media, "the narration") as fd, part_of(file) as part:
        args = [*foreign_globals(), *foreign_input(fd), "-map", f"0:{stream}", "-frames:v", "1", "-c", "copy"]
        job = Job(
            [*args, "-f", "image2pipe", f"file:{part.absolute()}"],
            "taking the cover art out of the narration",
            Surroundings(cwd=file.parent, fds=(fd,), limits=_LIMITS),
            time_limit_s=_TIME_S,
        )
        tools.ffmpeg.run(job, tools.stop)
    return fingerprint(file)
