"""What the pictures of a film will cost and how long they will take, before anything is ordered."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from pydantic import Field

from voxweave.core.orders import Limits, Offer, Price
from voxweave.core.prompts import Prompt
from voxweave.core.text import counted
from voxweave.core.timeline import Shot, Timeline
from voxweave.core.value import Value

CLIP_S = 90.0
"""How long a service takes for a clip when nothing better is known."""

_MARGIN_S = 1.0  # the limits' windows are kept with as much
_LONG_S = 3_600.0
_WINDOWS = (("per_minute", 60.0), ("per_hour", 3_600.0), ("per_day", 86_400.0))


class Choices(Value):
    """How many of the scenes are bought: `clips` of them, spread and looped, or the share `mix`; all without either."""

    clips: int | None = Field(default=None, ge=0)
    mix: float | None = Field(default=None, ge=0, le=1)


class Take(Value):
    """Where a shot's picture comes from.

    `bought` is ordered; `shared` shows what scene `source` ordered; `rest` goes to the next in the chain.
    """

    scene: int
    how: Literal["bought", "shared", "rest"]
    source: int
    seconds: int = 0


class Estimate(Value):
    """What a provider's part of a film comes to; a total of None is not known, and asks for consent.

    `seconds` counts bought seconds, which may be more than the scenes last.
    """

    model: str
    orders: int
    shared: int
    rest: int
    seconds: int
    lengths: dict[int, int]  # how many orders of each length
    price: Price | None
    total_usd: float | None
    takes_s: float
    lane: str = ""
    notes: tuple[str, ...] = ()


def clip_lengths(shots: Sequence[Shot], offer: Offer, rate: Fraction) -> tuple[int, ...]:
    """The seconds to order for each shot: the shortest length offered that fills it, else the longest.

    What the longest does not fill is slowed or looped. A still has no length: 0.
    """
    if offer.makes == "still":
        return (0,) * len(shots)
    return tuple(_length(Fraction(shot.frames) / rate, offer) for shot in shots)


def takes(
    timeline: Timeline, prompts: Sequence[Prompt], *, offer: Offer, choices: Choices
) -> tuple[Take, ...]:
    """For every shot whether it is bought, shared or left to the rest; equal prompts are bought once."""
    shots = timeline.shots
    sources = _sources(shots, choices)
    lengths = dict(zip(_numbers(shots), clip_lengths(shots, offer, timeline.canvas.rate), strict=True))
    texts = {prompt.scene: (prompt.text, prompt.beside) for prompt in prompts}
    first = _first_alike(sources, texts)
    needed: dict[int, int] = {}
    for scene, source in sources.items():
        # With --clips a clip loops over its whole stretch: its length is that of its own scene.
        shown = scene if choices.clips is None else source
        needed[first[source]] = max(needed.get(first[source], 0), lengths[shown])
    return tuple(_take(scene, sources, first=first, needed=needed) for scene in _numbers(shots))


def estimate(
    timeline: Timeline,
    prompts: Sequence[Prompt],
    *,
    offer: Offer,
    choices: Choices = Choices(),  # noqa: B008  frozen
) -> Estimate:
    """Orders, seconds, money and time for one provider's part."""
    clip_s = clip_time_s(offer)
    found = takes(timeline, prompts, offer=offer, choices=choices)
    bought = [take.seconds for take in found if take.how == "bought"]
    return Estimate(
        model=offer.model,
        orders=len(bought),
        shared=sum(take.how == "shared" for take in found),
        rest=sum(take.how == "rest" for take in found),
        seconds=sum(bought),
        lengths={length: bought.count(length) for length in sorted(set(bought))},
        price=offer.price,
        total_usd=_total(bought, offer),
        takes_s=finish_s(len(bought), offer.limits, clip_s),
        lane=offer.lane,
        notes=_notes(timeline, found, offer=offer, clip_s=clip_s),
    )


def clip_time_s(offer: Offer | None) -> float:
    """How long a clip takes in the usual way, or may take at the longest in the lane that is taken."""
    lane = offer.lane_called(offer.lane) if offer else None
    return lane.wait_s if lane else CLIP_S


def finish_s(orders: int, limits: Limits, clip_s: float) -> float:
    """Seconds until the last of so many orders is done, if each takes `clip_s` and starts when limits let it."""
    starts = _starts(orders, limits, clip_s)
    return round(starts[-1] + clip_s, 1) if starts else 0.0


def _starts(orders: int, limits: Limits, clip_s: float) -> list[float]:
    starts: list[float] = []
    windows = [(getattr(limits, name), length + _MARGIN_S) for name, length in _WINDOWS]
    for index in range(orders):
        start = starts[-1] if starts else 0.0
        if limits.at_once and index >= limits.at_once:
            start = max(start, starts[index - limits.at_once] + clip_s)
        for count, length in windows:
            if count and index >= count:
                start = max(start, starts[index - count] + length)
        starts.append(start)
    return starts


def _numbers(shots: Sequence[Shot]) -> list[int]:
    return [shot.scene.number for shot in shots]


def _length(seconds: Fraction, offer: Offer) -> int:
    if not offer.lengths_s:
        return min(max(1, math.ceil(seconds)), offer.longest_s)
    fitting = [length for length in offer.lengths_s if length >= seconds]
    return min(fitting) if fitting else max(offer.lengths_s)


def _sources(shots: Sequence[Shot], choices: Choices) -> dict[int, int]:
    """For each scene that shows something bought, the scene it was bought for."""
    if choices.clips is not None:
        return _spread(shots, choices.clips)
    if choices.mix is not None:
        return {number: number for number in _weightiest(shots, choices.mix)}
    return {number: number for number in _numbers(shots)}


def _spread(shots: Sequence[Shot], clips: int) -> dict[int, int]:
    """So many stretches of scenes, each showing the clip of its weightiest scene."""
    count = min(clips, len(shots))
    weights = _weights(shots)
    sources: dict[int, int] = {}
    for part in range(count):
        stretch = _numbers(shots[part * len(shots) // count : (part + 1) * len(shots) // count])
        chosen = max(stretch, key=lambda number: (weights[number], -number))
        sources |= dict.fromkeys(stretch, chosen)
    return sources


def _weightiest(shots: Sequence[Shot], share: float) -> list[int]:
    """That share of the scenes, the weightiest; at least one of any share above none."""
    count = max(1, math.floor(share * len(shots) + 0.5)) if share > 0 and shots else 0
    weights = _weights(shots)
    return sorted(sorted(weights, key=lambda number: (-weights[number], number))[:count])


def _weights(shots: Sequence[Shot]) -> dict[int, float]:
    """How much a scene matters: its words and its length, each against the film's mean."""
    words = {shot.scene.number: len(shot.scene.text.split()) for shot in shots}
    mean_words = max(1.0, sum(words.values()) / max(1, len(shots)))
    mean_frames = max(1.0, sum(shot.frames for shot in shots) / max(1, len(shots)))
    return {
        shot.scene.number: words[shot.scene.number] / mean_words + shot.frames / mean_frames for shot in shots
    }


def _first_alike(sources: dict[int, int], texts: dict[int, tuple[str, str]]) -> dict[int, int]:
    """For each scene bought, the first bought one with the same prompt; a scene without one stays its own."""
    first: dict[tuple[str, str], int] = {}
    bought = sorted(set(sources.values()))
    return {
        number: first.setdefault(texts[number], number) if number in texts else number for number in bought
    }


def _take(scene: int, sources: dict[int, int], *, first: dict[int, int], needed: dict[int, int]) -> Take:
    if scene not in sources:
        return Take(scene=scene, how="rest", source=scene)
    source = first[sources[scene]]
    if source == scene:
        return Take(scene=scene, how="bought", source=scene, seconds=needed[scene])
    return Take(scene=scene, how="shared", source=source)


def _total(bought: Sequence[int], offer: Offer) -> float | None:
    if offer.free or not bought:
        return 0.0
    if offer.price is None:
        return None
    return round(sum(offer.price.of(seconds) for seconds in bought), 6)


def _notes(timeline: Timeline, found: Sequence[Take], *, offer: Offer, clip_s: float) -> tuple[str, ...]:
    notes: list[str] = []
    if offer.price is None and not offer.free and any(take.how == "bought" for take in found):
        notes.append(f"the price of {offer.model} is not known")
    longest = max(offer.lengths_s, default=offer.longest_s)
    shown = {take.scene for take in found if take.how != "rest"}
    seconds = [Fraction(s.frames) / timeline.canvas.rate for s in timeline.shots if s.scene.number in shown]
    over = sum(length > longest for length in seconds) if offer.makes == "clip" else 0
    if over:
        notes.append(
            f"{counted(over, 'scene')} {'is' if over == 1 else 'are'} longer than a clip ({longest} s): slowed or looped"
        )
    ordered = sum(take.how == "bought" for take in found)
    soon = sum(start + clip_s <= _LONG_S for start in _starts(ordered, offer.limits, clip_s))
    if 0 < soon < ordered:
        notes.append(f"{soon} of {ordered} orders are done within the hour; --clips {soon} needs no more")
    return tuple(notes)
