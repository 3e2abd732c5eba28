"""Which model to hear with: the one named, else the largest here that fits, else what should be fetched."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from voxweave.core.hearing import Prospect
from voxweave.core.text import printable
from voxweave.places import expanded
from voxweave.providers.whisper.catalog import Model, catalog, known
from voxweave.providers.whisper.machine import Machine
from voxweave.providers.whisper.options import WhisperOptions
from voxweave.providers.whisper.store import Kept, english_only, kept, lacking, size_of

INSTALL = "pip install 'voxweave-film[asr]'"

_REPO = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
_PATIENCE = 3  # what is here already may take so much longer than what would be fetched: it is the better ear
_ROOM = 2  # times its size, as memory that must be free: weights are unpacked beside what was read


@dataclass(frozen=True)
class Choice:
    """What to hear with, and what to say of it: a model here, or one to be fetched, or neither."""

    prospect: Prospect
    here: Kept | None = None
    wanted: Model | None = None
    repo: str = ""
    """A repository we know nothing of; its files are learnt when it is fetched."""


def choose(options: WhisperOptions, machine: Machine, language: str) -> Choice:
    """In this order: what is named; the largest here that fits; what may be downloaded; why nothing can be."""
    if options.model:
        return _named(options, language)
    here = kept(options.folder, options.hub_cache)
    fitting = _fitting((one.model for one in here.values() if one.model), options, machine, language)
    best = _best_here(here, fitting, machine)
    if best is not None:
        return Choice(_ready(best, "the best model here that fits this machine"), here=best)
    if here and not fitting and _suited(here, options, language):
        return _refused(
            f"{machine.free_bytes >> 20} MB of memory are free, too little for the models here",
            "free some memory, or name a smaller one with --speech-model",
        )
    return _download(_first(options, machine, language), options)


def _named(options: WhisperOptions, language: str) -> Choice:
    name = options.model
    folder = expanded(name)
    model = known(name)
    if model is None and (folder.is_dir() or not _REPO.fullmatch(name)):
        return _given(folder, name, language)
    if model is not None and not model.suits(language, options.task):
        return _refused(*_unsuited(model, language))
    here = kept(options.folder, options.hub_cache).get(model.name if model else name)
    if here is not None:
        return Choice(_ready(here, "the model named"), here=here)
    return _download(model, options, repo="" if model else name)


def mistaken(name: str) -> Prospect | None:
    """What to say where a model's name is nothing we know, nor a folder; None where it may be one."""
    if known(name) or expanded(name).is_dir() or _REPO.fullmatch(name):
        return None
    near = get_close_matches(name[:60].lower(), list(catalog()), n=3)
    return Prospect(
        ready=False,
        mistaken=True,
        reason=f"no speech model is called {printable(name, most=200)!r}, and no folder",
        hint=(f"did you mean {' or '.join(near)}? " if near else "")
        + f"It is a folder, a repository of the hub, or one of {', '.join(catalog())}",
    )


def _given(folder: Path, name: str, language: str) -> Choice:
    """A folder of the user's own, as it is."""
    shown = printable(name)
    wrong = mistaken(name)
    if wrong is not None:
        return Choice(wrong)
    missing = lacking(folder)
    if missing:
        return _refused(
            f"{shown} is no speech model: it has no {missing}",
            "it takes a folder of Whisper as converted for CTranslate2",
        )
    if language not in ("", "en") and english_only(folder):
        return _refused(f"{shown} hears English only, and the narration is {language}", "name another model")
    here = Kept(folder.resolve())
    return Choice(_ready(here, "the folder named"), here=here)


def _fitting(
    models: Iterable[Model], options: WhisperOptions, machine: Machine, language: str
) -> tuple[Model, ...]:
    """Those that hear the language and find memory, from the smallest to the largest."""
    order = {name: place for place, name in enumerate(catalog())}
    fit = [
        model
        for model in models
        if model.suits(language, options.task) and _ROOM * model.bytes <= machine.free_bytes
    ]
    return tuple(sorted(fit, key=lambda model: (order.get(model.name, -1), model.bytes)))


def _best_here(here: Mapping[str, Kept], fitting: tuple[Model, ...], machine: Machine) -> Kept | None:
    """The largest that is some three times as fast as speech; where none is, the smallest there is."""
    pace = [model for model in fitting if machine.cuda or model.cores <= _PATIENCE * machine.cores]
    best = pace[-1] if pace else next(iter(fitting), None)
    return here[best.name] if best else None


def _suited(here: Mapping[str, Kept], options: WhisperOptions, language: str) -> bool:
    return any(one.model and one.model.suits(language, options.task) for one in here.values())


def _first(options: WhisperOptions, machine: Machine, language: str) -> Model | None:
    """What this machine should have, of those that may be fetched unasked."""
    places = ("cpu", "cuda") if machine.cuda else ("cpu",)
    offered = [model for model in catalog().values() if model.first in places]
    fit = _fitting(offered, options, machine, language)
    pace = [model for model in fit if machine.cuda or model.cores <= machine.cores]
    return pace[-1] if pace else None


def _download(model: Model | None, options: WhisperOptions, *, repo: str = "") -> Choice:
    if model is None and not repo:
        return _refused(
            "no speech model for this language fits this machine by itself",
            "free some memory, or name a model with --speech-model",
        )
    name = model.name if model else repo
    if options.offline:
        return _refused(
            f"the speech model {name} is not here, and nothing may be downloaded",
            "run once without offline, or name a folder with --speech-model",
        )
    size = model.bytes if model else 0
    why = f"the speech model {name} is not here yet" if size else f"only the hub knows how large {name} is"
    prospect = Prospect(
        ready=False,
        model=name,
        reason=why,
        hint="it is fetched once and kept; --speech-model names another, or a folder",
        download_bytes=size or 1,  # of a repository we do not know the size is told by the hub alone
    )
    return Choice(prospect, wanted=model, repo=repo)


def _ready(here: Kept, why: str) -> Prospect:
    return Prospect(ready=True, model=here.name, reason=f"{why} ({size_of(here) / 1e6:.0f} MB)")


def _refused(reason: str, hint: str) -> Choice:
    return Choice(Prospect(ready=False, reason=reason, hint=hint))


def _unsuited(model: Model, language: str) -> tuple[str, str]:
    if model.english:
        told = f"hears English only, and the narration is {language}" if language else "hears English only"
        hint = f"take {model.name.removesuffix('.en')}, which hears every language"
        return f"the speech model {model.name} {told}", hint if language else f"{hint}, or give --language en"
    if model.suits(language, "transcribe"):
        return f"the speech model {model.name} does not translate", "take small or medium, which do"
    return f"the speech model {model.name} does not know {language}", "take large-v3"
