"""What a single clip is to be: its size and length as a provider offers them."""

import re
from pathlib import Path

from voxweave.core.orders import Offer, Wanted
from voxweave.core.text import printable
from voxweave.core.value import MediaFile, Value
from voxweave.errors import UsageError
from voxweave.media.files import fingerprint
from voxweave.pipeline.chain import Link
from voxweave.pipeline.guides import local_file
from voxweave.pipeline.studio import Studio

_USUAL_S = 4
_SIZE = re.compile(r"(\d{2,4})x(\d{2,4})")


class ClipRequest(Value):
    """One clip asked for; what is None or empty is chosen by us."""

    prompt: str
    picture: str = ""
    size: str = ""
    seconds: int | None = None
    folder: Path = Path()


def picture_of(request: ClipRequest) -> MediaFile | None:
    """The picture to begin from; an address is no file."""
    if not request.picture:
        return None
    return fingerprint(local_file(request.picture), "the picture")


def wish_for(request: ClipRequest, link: Link, studio: Studio, picture: MediaFile | None) -> Wanted | None:
    """The wish for one provider; None where it cannot be asked now."""
    offer = link.offer
    if offer is None:
        return None
    if picture and not offer.takes_picture:
        raise UsageError(f"{link.name} {offer.model} takes no picture to begin from", hint="leave out -r")
    if offer.needs_picture and not picture:
        raise UsageError(f"{link.name} {offer.model} needs a picture to begin from", hint="name one with -r")
    width, height = _size(request.size, offer) if request.size else link.sized(studio.settings.canvas)
    return Wanted(
        provider=link.name,
        model=offer.model,
        prompt=_words(request.prompt, offer),
        seconds=0 if offer.makes == "still" else _length(request.seconds, offer),
        width=width,
        height=height,
        seed=studio.settings.seed or None,
        picture=picture,
    )


def _words(prompt: str, offer: Offer) -> str:
    """The prompt on one line; bytes that are no text do not travel."""
    words = " ".join(prompt.encode("utf-8", "replace").decode().split())
    if len(words) > offer.longest_prompt:
        raise UsageError(
            f"the prompt has {len(words)} characters, and {offer.model} takes {offer.longest_prompt}",
            hint="say it in fewer words",
        )
    return words


def _size(text: str, offer: Offer) -> tuple[int, int]:
    found = _SIZE.fullmatch(text.lower())
    if found is None:
        raise UsageError(f"{printable(text)} is no size", hint="as in 1280x720")
    if offer.sizes and text.lower() not in offer.sizes:
        raise UsageError(
            f"{offer.model} makes no {printable(text)}", hint=f"it makes {', '.join(offer.sizes)}"
        )
    return int(found[1]), int(found[2])


def _length(seconds: int | None, offer: Offer) -> int:
    """What was asked for, if it is offered; else the shortest."""
    if seconds is None:
        return min(offer.lengths_s or (min(_USUAL_S, offer.longest_s),))
    if offer.lengths_s and seconds not in offer.lengths_s:
        known = ", ".join(map(str, offer.lengths_s))
        raise UsageError(f"{offer.model} makes no clips of {seconds} s", hint=f"it makes {known} s")
    if not offer.lengths_s and not 1 <= seconds <= offer.longest_s:
        raise UsageError(
            f"{offer.model} makes no clips of {seconds} s", hint=f"it makes 1 to {offer.longest_s} s"
        )
    return seconds
