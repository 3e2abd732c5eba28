"""Who recognises the words: chosen in a stated order, and the choice told with its reason."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxweave.core.hearing import Prospect
from voxweave.core.orders import Limits, Offer
from voxweave.core.text import printable
from voxweave.errors import DependencyError, UsageError, VoxWeaveError
from voxweave.pipeline.chain import wire_options
from voxweave.pipeline.sources import guarded
from voxweave.pipeline.studio import Studio
from voxweave.providers.base import Recognizer, Toolkit
from voxweave.providers.registry import make_provider, names, provider_class

INSTALL = "pip install 'voxweave-film[asr]'"
AUTO, NONE = "auto", "none"
_HEARS = "hear"
_LIMITS = ("at_once", "per_minute", "per_hour", "per_day")
_ENVIRONMENT = {"hub": "HF_ENDPOINT", "hub_cache": "HF_HUB_CACHE"}
"""Where the hub's own programs are told of a mirror, and of where models lie."""
_HUB_HOME = "HF_HOME"


class NoRecognizer(DependencyError):
    """Nobody here can recognise words."""


@dataclass(frozen=True)
class Choice:
    """Who recognises, what it said of itself, and the line that tells the user."""

    name: str
    recognizer: Recognizer
    prospect: Prospect
    line: str

    @property
    def recognizer_identity(self) -> str:
        """Who makes the words: part of what they are remembered by."""
        return str(getattr(self.recognizer, "identity", self.name))

    @property
    def paid(self) -> bool:
        """Whether each window costs money, or might."""
        offer = self.prospect.offer
        return self.prospect.remote and not (offer is not None and offer.costs_nothing)

    @property
    def offer(self) -> Offer:
        """What a window costs and how often one may be sent; a price nobody told is not known.

        Windows are sent one by one, so what is in doubt takes no place.
        """
        untold = Offer(model=self.prospect.model, limits=Limits(per_hour=None, per_day=None))
        offer = self.prospect.offer or untold
        return offer.model_copy(update={"limits": offer.limits.model_copy(update={"at_once": None})})

    @property
    def longest_ms(self) -> int:
        """The longest window it takes; 0 for any."""
        return self.prospect.offer.longest_s * 1000 if self.prospect.offer else 0


def choices_for(studio: Studio, language: str, duration_ms: int, *, kit: Toolkit, poor: bool) -> list[Choice]:
    """Who could recognise, the best first; NoRecognizer with the way out where nobody can.

    A name is taken at its word. Else: what is ready here; what may be downloaded; and, if `poor` text
    is better than none, whoever hears badly. A service is never chosen, only named.
    """
    wanted = studio.settings.recognizer
    if wanted != AUTO:
        return [_named(studio, wanted, language, duration_ms, kit=kit)]
    found = list(_found(studio, language, duration_ms, kit))
    _check_model(found)
    why_not = _why_not(found)
    ranked = [
        (
            _rank(prospect, offline=studio.offline),
            Choice(name, maker, prospect, _line(name, prospect, why_not)),
        )
        for name, maker, prospect in found
        if maker is not None
    ]
    fit = [one for one in ranked if one[0] < (_NEVER if poor else _POOR)]
    if not fit:
        raise _nobody(found)
    return [choice for _, choice in sorted(fit, key=lambda one: one[0])]


def survey(studio: Studio) -> dict[str, Prospect]:
    """What every recognizer that is installed says of itself; nothing is loaded, nobody asked."""
    kit = Toolkit(studio.ffmpeg, studio.stop, lambda _: None)
    return {name: prospect for name, _, prospect in _found(studio, studio.settings.language, 0, kit)}


_READY, _FETCHED, _POOR, _NEVER = range(4)
Found = tuple[str, Recognizer | None, Prospect]


def _named(studio: Studio, name: str, language: str, duration_ms: int, *, kit: Toolkit) -> Choice:
    """The one named, or why it cannot be."""
    if name not in names() or not _hears(name):
        able = ", ".join(one for one in names() if _hears(one)) or "none"
        raise UsageError(f"there is no recognizer {printable(name)!r}", hint=f"installed: {able}")
    recognizer = _made(studio, name, kit)
    prospect = guarded(name, recognizer.prospect)(language, duration_ms)
    _check_model([(name, recognizer, prospect)])
    if not prospect.ready and (not prospect.download_bytes or studio.offline):
        hint = prospect.hint or ("leave out --offline" if studio.offline else INSTALL)
        raise NoRecognizer(
            f"{printable(name)} cannot recognise words here: {printable(_reason(prospect, studio))}",
            hint=hint,
        )
    return Choice(name, recognizer, prospect, _line(name, prospect, "named with --recognizer"))


def _check_model(found: Sequence[Found]) -> None:
    """UsageError for a model's name that nobody knows; whoever hears badly has no models to name."""
    if any(prospect.ready and not (prospect.poor or prospect.remote) for _, _, prospect in found):
        return
    for name, _, prospect in found:
        if prospect.mistaken:
            raise UsageError(f"{printable(name)}: {printable(prospect.reason)}", hint=prospect.hint)


def _found(studio: Studio, language: str, duration_ms: int, kit: Toolkit) -> Iterator[Found]:
    """Every recognizer that is installed, with what it says of itself; what is broken could not work."""
    for name in names():
        if not _hears(name):
            continue
        try:
            recognizer = _made(studio, name, kit)
            yield name, recognizer, guarded(name, recognizer.prospect)(language, duration_ms)
        except VoxWeaveError as error:
            yield name, None, Prospect(ready=False, reason=str(error), hint=error.hint)


def _hears(name: str) -> bool:
    try:
        return hasattr(provider_class(name), _HEARS)
    except DependencyError:  # a stranger's module that cannot be imported
        return False


def _made(studio: Studio, name: str, kit: Toolkit) -> Recognizer:
    return make_provider(name, Recognizer, options=_options(studio, name), tools=kit)


def _options(studio: Studio, name: str) -> Mapping[str, Any]:
    """What the user's file says of it, with what is set about words where it takes that."""
    settings, fields = studio.settings, provider_class(name).Options.model_fields
    told = {key: value for key, value in wire_options(studio, name).items() if key not in _LIMITS}
    own: dict[str, Any] = {
        "model": settings.speech_model,
        "offline": studio.offline,
        "task": settings.task,
        "speakers": settings.speakers,
    }
    around = {key: os.environ.get(variable, "") for key, variable in _ENVIRONMENT.items()}
    if not around["hub_cache"] and os.environ.get(_HUB_HOME):
        around["hub_cache"] = str(Path(os.environ[_HUB_HOME]) / "hub")
    usual = {key: value for key, value in around.items() if value and key in fields and key not in told}
    return {**usual, **told, **{key: value for key, value in own.items() if value and key in fields}}


def _rank(prospect: Prospect, *, offline: bool) -> int:
    if prospect.remote:
        return _NEVER
    if prospect.ready:
        return _POOR if prospect.poor else _READY
    return _FETCHED if prospect.download_bytes and not offline else _NEVER


def _nobody(found: list[Found]) -> NoRecognizer:
    """Why nobody can, and the first way out that was told."""
    local = [prospect for _, _, prospect in found if not prospect.remote and not prospect.poor]
    reason = next((prospect.reason for prospect in local if prospect.reason), "no recognizer is installed")
    hint = next((prospect.hint for prospect in local if prospect.hint), INSTALL)
    return NoRecognizer(f"nobody here can recognise the words: {printable(reason)}", hint=hint)


def _why_not(found: list[Found]) -> str:
    """Why nobody better is there, for whoever stands in."""
    for name, _, prospect in found:
        if not prospect.ready and not prospect.remote and prospect.reason:
            way = f"; {prospect.hint}" if prospect.hint else ""
            return f"{name}: {prospect.reason}{way}"
    return f"no other recognizer is installed; {INSTALL}"


def _line(name: str, prospect: Prospect, reason: str) -> str:
    """The choice and its reason, in one line."""
    who = f"{name} {prospect.model}".strip()
    if prospect.poor and "named" not in reason:
        return printable(f"words recognised by {who}, whose text is poor: {reason}", most=400)
    told = "; ".join(filter(None, (reason if "named" in reason else "", prospect.reason)))
    fetched = f", downloaded first ({_size(prospect.download_bytes)})" if not prospect.ready else ""
    return printable(f"words recognised by {who}{fetched}{f': {told}' if told else ''}", most=400)


def _reason(prospect: Prospect, studio: Studio) -> str:
    if prospect.download_bytes and studio.offline:
        return "its model is not here, and nothing may be downloaded (offline)"
    return prospect.reason or "it is not ready"


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6))} MB"
