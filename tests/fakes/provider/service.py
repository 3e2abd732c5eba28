"""What the routes share: the settings, the jobs, what was seen, and the gate before paid work."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.fakes.provider.clips import STUB, Clips, Shape
from tests.fakes.provider.flavours import FLAVOURS, Flavour
from tests.fakes.provider.jobs import Job, Jobs
from tests.fakes.provider.script import Script
from tests.fakes.provider.settings import Settings
from tests.fakes.provider.truth import Truth
from tests.fakes.provider.wire import Answer, Ask

MINUTE_S = 60.0


@dataclass(frozen=True)
class Scene:
    """What a fault sees: the service, the request, the server's manner and, where there is one, the job."""

    service: "Service"
    ask: Ask
    flavour: Flavour
    job: Job | None = None


class Service:
    """Everything that one fake remembers."""

    def __init__(self, settings: Settings, clips: Clips) -> None:
        self._first = settings
        self.settings = replace(settings)
        self.clips = clips
        self.origin: str = ""
        self.canary: str = ""
        self.lock = threading.RLock()
        self.stopping = threading.Event()
        self.jobs = Jobs()
        self.truth = Truth()
        self.script = Script(self.settings)

    def reset(self, told: dict[str, Any]) -> None:
        """Begin anew as at the start, but for these settings: no orders, no counters, the script at its first entry."""
        with self.lock:
            self.settings = replace(self._first)
            self.change(told)
            self.jobs = Jobs()
            self.truth = self.truth.after()

    def change(self, told: dict[str, Any]) -> None:
        """New settings; a script begins at its first entry."""
        with self.lock:
            self.settings.change(told)
            self.script = Script(self.settings)

    @property
    def flavour(self) -> Flavour:
        """The manner of `/v1/videos`."""
        return FLAVOURS[self.settings.flavour]

    def models(self, flavour: Flavour) -> list[str]:
        """The models that are served."""
        return self.settings.models or [flavour.model]

    def pause(self) -> None:
        """Wait as a slow network does."""
        low, high = self.settings.latency_ms
        if high:
            self.stopping.wait(random.uniform(low, high) / 1000)

    def staged(self, stage: str, scene: Scene, usual: Callable[[], Answer]) -> Answer:
        """The usual answer, or what the script makes of it."""
        prompt = scene.job.prompt if scene.job else str(scene.ask.fields.get("prompt", ""))
        fault = self.script.next(stage, prompt)
        if fault is None:
            return usual()
        self.truth.fault(fault.name)
        return fault.act(scene, usual)

    def key_trouble(self, ask: Ask, flavour: Flavour) -> Answer | None:
        """Why this key does not open it."""
        keys = self.settings.keys
        state = keys.get(ask.key, "dead") if keys else "ok"
        own = "no key" if not ask.key else "wrong key" if state == "dead" else ""
        if own and (found := flavour.own(own, None)):
            return found
        if state == "unpaid" and ask.method == "POST":
            return flavour.error(429, "You exceeded your current quota", "insufficient_quota")
        return (
            flavour.error(401, "Incorrect API key provided", "invalid_api_key") if state == "dead" else None
        )

    def crowded(self, flavour: Flavour) -> Answer | None:
        """Why no more work is taken now; to be asked under the jobs' lock."""
        settings, jobs = self.settings, self.jobs
        since = time.monotonic() - MINUTE_S
        recent = sum(job.started > since for job in jobs.ordered)
        full = settings.at_once and jobs.live() >= settings.at_once
        if not full and not (settings.per_minute and recent >= settings.per_minute):
            return None
        self.truth.fault("turned away")
        wait = f"{settings.retry_after_s:g}"
        return flavour.error(429, "Too many requests", "rate_limit_exceeded").with_headers(Retry_After=wait)

    def clip(self, shape: Shape) -> bytes:
        """The bytes of a clip."""
        return self.clips.make(shape) if self.settings.clip_real else STUB

    def shape(self, job: Job) -> Shape:
        """What the clip of a job is like: as asked, and a frame or two off."""
        settings = self.settings
        width, _, height = (settings.clip_size or job.size or "1280x720").partition("x")
        frames = round((settings.clip_seconds or job.seconds) * settings.clip_fps) + settings.clip_frames_off
        colour = job.number % settings.clip_colours
        return Shape(
            int(width), int(height), max(1, frames), settings.clip_fps, settings.clip_sound, colour=colour
        )
