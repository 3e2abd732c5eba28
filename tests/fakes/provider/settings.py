"""What a running fake can be told, at its start and while it runs."""

from dataclasses import dataclass, field, fields
from typing import Any

ERRORS = {
    "create_503": 0.08,
    "create_drop_after_job": 0.02,
    "fails": 0.03,
    "poll_fault": 0.05,
    "content_cut": 0.05,
}
"""Shares of requests, or of jobs, that go wrong in the "errors" form."""


@dataclass
class Settings:
    """All switches; `/__script__` takes any of them as JSON."""

    flavour: str = "openai"
    script: list[str] = field(default_factory=list)
    errors: dict[str, float] = field(default_factory=dict)
    seed: int = 1
    job_seconds: float = 0.2
    latency_ms: list[float] = field(default_factory=lambda: [0.0, 0.0])
    """Waits before a request is acted on, and again before it is answered, between these two."""
    keys: dict[str, str] = field(default_factory=dict)
    """Known keys and their state: ok, unpaid or dead; none given means that any key or none will do."""
    models: list[str] = field(default_factory=list)
    at_once: int = 0
    per_minute: int = 0
    hang_s: float = 30.0
    slow_s: float = 8.0
    retry_after_s: float = 1.0
    poll_after_ms: int = 0
    expires_s: int = 3600
    list_lag_s: float = 0.0
    """Jobs younger than this are not listed yet."""
    clip_real: bool = True
    """Off, every clip is a stub that only begins like one."""
    clip_sound: bool = True
    clip_size: str = ""
    clip_seconds: float = 0.0
    clip_fps: int = 24
    clip_frames_off: int = 1
    clip_colours: int = 1
    flagged: dict[str, str] = field(default_factory=lambda: {"bloodbath": "violence"})
    """Words that the moderation route flags, with their categories."""
    speech: str = ""
    """What is said in an upload; without it a sentence or two, over and over."""
    leads_to: str = ""
    """The address that `url_elsewhere` gives for a clip."""
    chat: str = ""
    """What the chat route says instead of an answer that fits the schema."""

    def change(self, told: dict[str, Any]) -> None:
        """Set what is named; `errors: true` means the usual shares."""
        known = {entry.name for entry in fields(self)}
        for name, value in told.items():
            if name not in known:
                raise KeyError(name)
            setattr(self, name, ERRORS if name == "errors" and value is True else value)
