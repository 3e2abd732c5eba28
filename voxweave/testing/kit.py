"""What all checks of the contract kit share: a toolkit, rules that speak, and errors that must be ours."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from voxweave.core.orders import Offer, Wanted
from voxweave.errors import VoxWeaveError
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.stopping import StopSignal
from voxweave.providers.ask import Patience, ask
from voxweave.providers.base import Provider, Toolkit

Make = Callable[[Toolkit], object]
"""Makes the provider anew, as another run of the program would."""

Result = TypeVar("Result")
Role = TypeVar("Role")

_HASTE = Patience(retries=5, first_s=0.02, longest_s=5.0)
_PROMPTS = ("A paper boat on a still lake at dawn", "A lighthouse above dark water, its beam turning")


def toolkit() -> Toolkit:
    """What the host hands a provider: the bundled FFmpeg, a stop signal nobody sets, and no listener."""
    return Toolkit(ffmpeg=find_ffmpeg(), stop=StopSignal(), advance=lambda _: None)


def rule(kept: object, words: str) -> None:
    """AssertionError with the rule's words unless it is kept."""
    if not kept:
        raise AssertionError(words)


def of_kind(value: object, kind: type[Role], words: str) -> Role:
    """The value, if it is of a kind; AssertionError with the rule's words if not."""
    if not isinstance(value, kind):
        raise AssertionError(words)  # noqa: TRY004  a rule of the contract, like all others
    return value


def made_as(make: Make, role: type[Role]) -> Role:
    """The provider in a role; what every provider owes the host is checked on the way."""
    provider = make(toolkit())
    ours = of_kind(provider, Provider, "a provider is a subclass of voxweave.providers.base.Provider")
    kind = type(ours)
    rule(issubclass(kind.Options, BaseModel), "Options is a pydantic model")
    identity = getattr(provider, "identity", "")
    rule(isinstance(identity, str) and identity.strip(), "identity is a text that is not empty")
    rule(identity == getattr(make(toolkit()), "identity", ""), "identity is the same in every run")
    missing = sorted(name for name in _methods(role) if not callable(getattr(provider, name, None)))
    rule(not missing, f"a {role.__name__.lower()} needs {', '.join(missing)}")
    return of_kind(provider, role, f"it is no {role.__name__.lower()}")


def _methods(role: type[object]) -> tuple[str, ...]:
    return tuple(name for name in vars(role) if not name.startswith("_"))


def answered(question: Callable[[], Result], what: str) -> Result:
    """The answer, asked as patiently as the host does; errors must be VoxWeave's own."""
    try:
        return ask(question, StopSignal(), patience=_HASTE)
    except AssertionError:
        raise
    except VoxWeaveError as error:
        raise AssertionError(f"{what} failed: {type(error).__name__}: {error}") from error
    except Exception as error:
        raise AssertionError(f"{what} may raise VoxWeave's errors only, not {type(error).__name__}: {error}") from error  # fmt: skip


def failing(question: Callable[[], object]) -> VoxWeaveError | None:
    """The error of ours a question ends with; AssertionError for one that is not ours, None for none."""
    try:
        question()
    except VoxWeaveError as error:
        return error
    except Exception as error:
        raise AssertionError(f"only VoxWeave's errors may come out, not {type(error).__name__}: {error}") from error  # fmt: skip
    return None


def checked_offers(offers: object) -> tuple[Offer, ...]:
    """What it offers, if that can be ordered and reckoned with."""
    if not isinstance(offers, tuple) or not offers or not all(isinstance(one, Offer) for one in offers):
        raise AssertionError("offers() gives a tuple of Offers, at least one")
    models = [offer.model for offer in offers]
    rule(len(set(models)) == len(models), "each offer has a model of its own")
    for offer in offers:
        _reckoned(offer)
    return offers


def _reckoned(offer: Offer) -> None:
    name = offer.model or "the offer"
    rule(all(length > 0 for length in offer.lengths_s), f"{name}: lengths are whole seconds above 0")
    rule(offer.longest_s >= max(offer.lengths_s, default=1), f"{name}: longest_s is at least every length")
    rule(offer.longest_prompt > 0, f"{name}: longest_prompt is above 0")
    rule(all(map(_is_size, offer.sizes)), f"{name}: sizes read like 1280x720")
    if offer.price is not None:
        paid = (offer.price.per_clip, offer.price.per_second)
        rule(all(math.isfinite(usd) and usd >= 0 for usd in paid), f"{name}: prices are dollars, 0 or more")
        rule(offer.free or offer.price.dated or not any(paid), f"{name}: a price says the day it is from")


def _is_size(size: str) -> bool:
    width, _, height = size.partition("x")
    return width.isdigit() and height.isdigit()


def wishes(offer: Offer) -> tuple[Wanted, Wanted]:
    """Two wishes for an offer that differ in their words only."""
    width, height = map(int, (offer.sizes or ("1280x720",))[0].split("x"))
    first, second = (
        Wanted(
            provider="kit",
            model=offer.model,
            prompt=prompt[: offer.longest_prompt],
            seconds=0 if offer.makes == "still" else min(offer.lengths_s or (min(4, offer.longest_s),)),
            width=width,
            height=height,
        )
        for prompt in _PROMPTS
    )
    return first, second


def brought(file: object, into: Path, before: Sequence[Path] = ()) -> Path:
    """A file that was made where it was told to, and nothing beside it."""
    path = of_kind(file, Path, "a path is given back")
    rule(path.is_file() and not path.is_symlink(), f"{path.name} is an ordinary file")
    rule(path.resolve().parent == into.resolve(), "it lies in the folder it was told to write to")
    beside = sorted(other.name for other in into.iterdir() if other != path and other not in before)
    rule(not beside, f"nothing else is left there: {', '.join(beside)}")
    return path
