"""What `voxweave doctor` looks at, and how to mend what it finds."""

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Literal

from voxweave import __version__
from voxweave.cli.findings import Finding
from voxweave.cli.options import own_file, settings_for
from voxweave.cli.trial import trial
from voxweave.core.text import printable
from voxweave.errors import VoxWeaveError
from voxweave.media.ffmpeg import Ffmpeg, find_ffmpeg
from voxweave.media.sandbox import Wanted, look
from voxweave.places import temporary_folder
from voxweave.settings import NAME, Settings

_ENCODERS = {
    "libx264": "MP4 and MOV",
    "aac": "the sound of MP4 and MOV",
    "libvpx-vp9": "WebM as VP9",
    "libsvtav1": "WebM as AV1",
    "libopus": "the sound of WebM",
}
_NEEDED = ("libx264", "aac")
_ROOM_BYTES, _TIGHT_BYTES = 2 << 30, 200 << 20
_LIBRARIES = ("av", "numpy", "opencv-python-headless", "pydantic", "pysubs2")
_BUNDLED = 'take the bundled one: --ffmpeg bundled, or ffmpeg = "bundled"'


def examine(own: str | None, ffmpeg: str | None) -> list[Finding]:
    """Everything a film needs, looked at in turn; one failure hides no other."""
    finding, settings = _settings(own)
    findings = [_versions(), finding]
    which = ffmpeg or settings.ffmpeg
    try:
        program = find_ffmpeg(which, "off")  # what a sandbox lacks is a finding of its own
        findings += _program(program)
        findings.append(_sandbox(program, settings.sandbox))
    except VoxWeaveError as error:
        findings.append(_bad("ffmpeg", error))
    places: Sequence[Callable[[], Iterator[Finding]]] = (_fonts, _disk, _alignment)
    findings += [finding for look in places for finding in look()]
    return findings + list(_recognition(own, which))


def told(findings: Sequence[Finding]) -> Iterator[str]:
    """The findings as lines for people."""
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        yield f"{finding.state:4}  {finding.name:{width}}  {printable(finding.found, most=400)}"
        if finding.mend:
            yield f"{'':4}  {'':{width}}  mend: {printable(finding.mend, most=400)}"
    bad, warned = (sum(finding.state == state for finding in findings) for state in ("bad", "warn"))
    yield "all is well" if not bad + warned else f"{bad} to mend, {warned} to know of"


def _bad(name: str, error: VoxWeaveError) -> Finding:
    return Finding(
        name=name, state="bad", found=str(error), mend=_BUNDLED if "doctor" in error.hint else error.hint
    )


def _versions() -> Finding:
    libraries = ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES)
    found = f"{__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}; {libraries}"
    missing = [name for name in _LIBRARIES if _version(name) == "missing"]
    mend = f"pip install {' '.join(missing)}" if missing else ""
    return Finding(name="voxweave", state="bad" if missing else "ok", found=found, mend=mend)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"


def _settings(own: str | None) -> tuple[Finding, Settings]:
    """The settings that hold here; the defaults where they cannot be read."""
    try:
        loaded, file = settings_for(Path(), {}, own), own_file(own)
    except VoxWeaveError as error:
        return _bad("settings", error), Settings()
    places = [str(place) for place in (Path(NAME).absolute(), file) if place.exists()]
    found = (
        f"valid; read from {' and '.join(places)}" if places else f"valid; no files (yours would be {file})"
    )
    state: Literal["ok", "warn"] = "warn" if loaded.notes else "ok"
    notes = "; ".join(loaded.notes)
    return Finding(name="settings", state=state, found=found, mend=notes), loaded.settings


def _program(ffmpeg: Ffmpeg) -> Iterator[Finding]:
    version = ".".join(map(str, ffmpeg.version)) if ffmpeg.version[0] < 99 else ffmpeg.title
    whose = "bundled" if ffmpeg.bundled else "the system's"
    old = ffmpeg.flawed
    yield Finding(
        name="ffmpeg",
        state="warn" if old else "ok",
        found=f"{version} ({whose}, {ffmpeg.program})"
        + (", with known flaws in reading foreign files" if old else ""),
        mend=_BUNDLED if old else "",
    )
    yield _libass(ffmpeg)
    yield _encoders(ffmpeg)
    yield _trial(ffmpeg)


def _libass(ffmpeg: Ffmpeg) -> Finding:
    if ffmpeg.lists("filters", "ass"):
        return Finding(name="libass", state="ok", found="captions can be burned in")
    found = "this FFmpeg has no libass: captions become tracks or files beside the film"
    return Finding(name="libass", state="bad", found=found, mend=_BUNDLED)


def _encoders(ffmpeg: Ffmpeg) -> Finding:
    missing = [name for name in _ENCODERS if not ffmpeg.lists("encoders", name)]
    if not missing:
        return Finding(name="encoders", state="ok", found=", ".join(_ENCODERS))
    found = "missing: " + ", ".join(f"{name} ({_ENCODERS[name]})" for name in missing)
    needed = any(name in _NEEDED for name in missing)
    return Finding(name="encoders", state="bad" if needed else "warn", found=found, mend=_BUNDLED)


def _trial(ffmpeg: Ffmpeg) -> Finding:
    try:
        found = trial(ffmpeg)
    except VoxWeaveError as error:
        mend = _BUNDLED if not ffmpeg.bundled else 'install FFmpeg and set ffmpeg = "system"'
        return Finding(name="trial", state="bad", found=str(error), mend=mend)
    return Finding(name="trial", state="ok", found=found)


def _fonts() -> Iterator[Finding]:
    from voxweave.cli.fontcheck import look

    yield from look()


def _recognition(own: str | None, ffmpeg: str) -> Iterator[Finding]:
    from voxweave.cli.hearingcheck import look

    yield from look(own, ffmpeg)


def _disk() -> Iterator[Finding]:
    for name, folder in (("disk here", Path.cwd()), ("disk for temp", temporary_folder())):
        free = shutil.disk_usage(folder).free
        found = f"{free / (1 << 30):.1f} GB free in {folder}"
        if not os.access(folder, os.W_OK):
            yield Finding(
                name=name, state="warn", found=f"{folder} cannot be written to", mend="use -o and --work"
            )
        elif free < _TIGHT_BYTES:
            yield Finding(name=name, state="bad", found=found, mend="free some space")
        elif free < _ROOM_BYTES:
            yield Finding(
                name=name, state="warn", found=found, mend="an hour of film takes about 2 GB while it is made"
            )
        else:
            yield Finding(name=name, state="ok", found=found)


def _sandbox(ffmpeg: Ffmpeg, wanted: Wanted) -> Finding:
    if wanted == "off":
        return Finding(
            name="sandbox",
            state="warn",
            found="switched off by the setting sandbox = off: foreign files are read under limits only",
            mend='set sandbox = "auto", if you take narrations from strangers',
        )
    seen = look(ffmpeg.program)
    if seen.cage is None:
        return _uncaged(seen.missing, wanted)
    found = f"foreign files are read in bubblewrap ({seen.cage.program}), without network or other files"
    if seen.cage.binds:
        return Finding(name="sandbox", state="ok", found=found)
    return Finding(
        name="sandbox",
        state="warn",
        found=f"{found}, but what is read there could be written to: this bubblewrap lacks --ro-bind-fd",
        mend="install bubblewrap 0.10 or newer, or Debian's 0.8.0-2+deb12u1",
    )


def _uncaged(missing: str, wanted: Wanted) -> Finding:
    if wanted == "on":
        mend = 'install the package bubblewrap, or set sandbox = "auto"'
        return Finding(
            name="sandbox", state="bad", found=f"{missing}: with sandbox = on nothing is read", mend=mend
        )
    linux = sys.platform == "linux"
    return Finding(
        name="sandbox",
        state="warn" if linux else "ok",
        found=f"{missing}: foreign files are read under limits only",
        mend="install the package bubblewrap, or allow user namespaces, if you take narrations from strangers"
        if linux
        else "",
    )


def _alignment() -> Iterator[Finding]:
    there = importlib.util.find_spec("pocketsphinx") is not None
    yield Finding(
        name="alignment",
        state="ok" if there else "warn",
        found="pocketsphinx places English scripts on the voice"
        if there
        else "no pocketsphinx: scripts are spread",
        mend="" if there else "pip install pocketsphinx",
    )
