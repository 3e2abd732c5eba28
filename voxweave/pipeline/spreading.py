"""Scenes made by other machines: how they are handed out, and how one is made of what was handed out."""

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from voxweave.core.encoders import software
from voxweave.core.film import Canvas
from voxweave.core.pictures import Drawing
from voxweave.core.timeline import Timeline
from voxweave.core.travelling import content_name, relocated
from voxweave.core.typefaces import FontPlan
from voxweave.core.value import MediaFile
from voxweave.errors import MediaError
from voxweave.jobs.fingerprints import fingerprint_of
from voxweave.media.ffmpeg import Ffmpeg
from voxweave.media.fonts import lay_fonts
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.pouring import Kitchen, Spread
from voxweave.pipeline.scenes import SceneOrder, encode_scenes
from voxweave.providers.base import DrawnArt, Paint, Toolkit
from voxweave.providers.registry import make_provider

QUEUE = "VOXWEAVE_QUEUE"
"""The variable that names the queue whose workers encode a film's scenes; a worker sets it for its films."""
TALK = "VOXWEAVE_TALK"
"""The variable that says for which film of the queue we work, and how urgent it is: `ID/PRIORITY`.

Without it we work for nobody's queue, though one may be named for other commands.
"""

_FILES, _MADE = "files", ("scenes", "pictures")
_FRESH_S = 600.0
"""A file that was asked for so lately need not be marked as asked for again."""
Fetch = Callable[[str, Path], None]
"""Brings the file with this SHA-256 to a path."""


def scene_spread(desk: Desk, timeline: Timeline) -> Spread | None:
    """Who else encodes the film's scenes; None where we do, as with a chip that others may not have."""
    settings = desk.studio.settings
    url = os.environ.get(QUEUE, "") if TALK in os.environ else ""
    chosen = desk.video_encoder(timeline).encoder if url else ""
    if not url or chosen != software(desk.codec, settings.effective_quality).encoder:
        return None
    return _spread(url, settings.artifacts, desk.studio.ffmpeg.build, desk.studio.stop)


@cache
def _spread(url: str, artifacts: str, build: str, stop: StopSignal) -> Spread:
    from voxweave.jobs.scene_queue import SceneQueue

    talk, _, priority = os.environ.get(TALK, "").partition("/")
    return SceneQueue(url, artifacts, build=build, stop=stop, talk=talk, priority=priority)


@dataclass
class SceneMaker:
    """Makes scenes that were handed out, from files that `fetch` brings; any thread may ask."""

    ffmpeg: Ffmpeg
    stop: StopSignal
    folder: Path
    fetch: Fetch
    _kitchens: dict[str, Kitchen] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _turns: dict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))

    def make(self, key: str, text: str) -> Path:
        """The scene's file; MediaError where its name shows that it was not made for us."""
        order = relocated(SceneOrder.model_validate_json(text), self._brought)
        (made,) = encode_scenes([order.cut], self._kitchen(order.fonts), lambda _: None)
        if made.file.stem != key:
            raise MediaError(f"scene {key} would become {made.file.stem} here", hint="update this worker")
        return made.file

    def forget_old(self, before: float) -> None:
        """Clear away what was brought and made before that moment; the fonts of a kitchen are laid only once."""
        for place in (_FILES, *(f"*/{part}" for part in _MADE)):
            for file in self.folder.glob(f"{place}/*"):
                with suppress(OSError):  # another thread was first
                    if file.is_file() and file.stat().st_mtime < before:
                        file.unlink()

    def _kitchen(self, fonts: tuple[MediaFile, ...]) -> Kitchen:
        """A folder with just these fonts, so that libass finds no others."""
        name = fingerprint_of(fonts)[:16]
        with self._turn:
            if name not in self._kitchens:
                self._kitchens[name] = self._furnished(self.folder / name, fonts)
            return self._kitchens[name]

    def _furnished(self, folder: Path, fonts: tuple[MediaFile, ...]) -> Kitchen:
        for part in _MADE:
            (folder / part).mkdir(parents=True, exist_ok=True)
        env = lay_fonts([FontPlan(files=tuple(font.path for font in fonts))], folder)
        art = _AnyArt(Toolkit(self.ffmpeg, self.stop, lambda _: None))
        return Kitchen(self.ffmpeg, art, self.stop, folder, env, workers=1)

    def _brought(self, media: MediaFile) -> MediaFile:
        """The file in our folder, brought there once, and again where it was cleared away."""
        file = self.folder / _FILES / content_name(media)
        with self._turns[media.sha256]:
            try:
                if time.time() - file.stat().st_mtime > _FRESH_S:  # each touch has its bytes summed up anew
                    os.utime(file)  # it is asked for, so it is not old
            except FileNotFoundError:
                file.parent.mkdir(parents=True, exist_ok=True)
                self.fetch(media.sha256, file)
        return MediaFile(path=file, sha256=media.sha256)


@dataclass(frozen=True)
class _AnyArt:
    """Our own art for the drawings of any film: a drawing holds all that decides it."""

    tools: Toolkit

    def painter(self, drawing: Drawing, canvas: Canvas) -> Paint:
        options = {"style": drawing.style, "film_frames": drawing.film_frames, "voice": drawing.voice}
        return make_provider("art", DrawnArt, options=options, tools=self.tools).painter(drawing, canvas)
