"""What `voxweave doctor` says of recognition: who could hear words here, with which model; nothing is loaded."""

from collections.abc import Iterator
from pathlib import Path

from voxweave.cli.findings import Finding, seen
from voxweave.cli.options import settings_for
from voxweave.core.hearing import Prospect
from voxweave.errors import VoxWeaveError
from voxweave.media.stopping import StopSignal


def look(own: str | None, ffmpeg: str) -> Iterator[Finding]:
    """What hears here, and services that could."""
    from voxweave.pipeline.choosing import survey
    from voxweave.pipeline.studio import open_studio

    try:
        settings = settings_for(Path(), {"ffmpeg": ffmpeg}, own).settings
    except VoxWeaveError:  # the doctor has said so already
        return
    try:
        found = survey(open_studio(settings, stop=StopSignal(), tell=lambda _: None))
    except VoxWeaveError as error:
        yield seen("recognition", str(error), error.hint or "mend the settings")
        return
    local = {name: told for name, told in found.items() if not told.remote}
    fit = any(told.ready and not told.poor for told in local.values())
    mend = next((told.hint for told in local.values() if told.hint and not told.poor), "")
    line = "; ".join(_line(*one) for one in local.items()) or "nobody"
    yield seen("recognition", line, "" if fit else mend)
    services = [f"{name} ({told.reason or told.model})" for name, told in found.items() if told.remote]
    if services:
        yield seen("by services", f"asked only where --recognizer names them: {'; '.join(services)}")


def _line(name: str, told: Prospect) -> str:
    if told.ready:
        return f"{name} {told.model}, {'whose text is poor' if told.poor else 'ready'}"
    size = f" ({told.download_bytes / 1e6:.0f} MB)" if told.download_bytes > 1 else ""
    return f"{name}: {told.reason}{size}"
