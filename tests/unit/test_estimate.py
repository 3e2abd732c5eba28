"""What pictures will cost and when they will be done."""

from fractions import Fraction

import pytest

from voxweave.core.estimate import Choices, clip_lengths, estimate, finish_s, takes
from voxweave.core.film import Canvas
from voxweave.core.orders import Limits, Offer, Price
from voxweave.core.prompts import Prompt
from voxweave.core.storyboard import Scene
from voxweave.core.time import Span
from voxweave.core.timeline import Shot, Timeline

FREELY = Limits(at_once=None, per_hour=None, per_day=None)
PRICE = Price(per_second=0.1, dated="2026-11-01")
OFFER = Offer(model="fine", lengths_s=(4, 8, 12), price=PRICE, limits=FREELY)
RATE = Fraction(30)


def film(*seconds: float, words: tuple[int, ...] = ()) -> Timeline:
    """Scenes of these lengths, and so many words each."""
    shots, first = [], 0
    for number, length in enumerate(seconds, start=1):
        frames = round(length * 30)
        text = " ".join(["word"] * (words[number - 1] if words else 5))
        span = Span(start=first * 1000 // 30, end=(first + frames) * 1000 // 30)
        shots.append(Shot(scene=Scene(number=number, span=span, text=text), first=first, frames=frames))
        first += frames
    return Timeline(canvas=Canvas(width=1280, height=720, rate=RATE), frames=first, shots=tuple(shots))


def prompts(*texts: str) -> tuple[Prompt, ...]:
    """One for each scene."""
    return tuple(Prompt(scene=number, text=text, seed=1) for number, text in enumerate(texts, start=1))


@pytest.mark.parametrize(
    ("offer", "expected"),
    [
        (OFFER, (4, 8, 8, 12, 12)),
        (OFFER.model_copy(update={"lengths_s": (12, 4)}), (4, 12, 12, 12, 12)),
        (OFFER.model_copy(update={"lengths_s": (), "longest_s": 10}), (4, 5, 8, 9, 10)),
        (OFFER.model_copy(update={"makes": "still"}), (0, 0, 0, 0, 0)),
    ],
)
def test_the_shortest_length_that_fills_a_scene_is_ordered(offer: Offer, expected: tuple[int, ...]) -> None:
    """Only lengths offered are ordered; a scene longer than all gets the longest, a still has none."""
    assert clip_lengths(film(4, 4.5, 8, 8.1, 30).shots, offer, RATE) == expected


def test_a_scene_of_one_frame_more_is_longer() -> None:
    """Lengths are compared exactly, at the film's own rate."""
    shot = Shot(scene=Scene(number=1, span=Span(start=0, end=4004)), first=0, frames=120)

    assert clip_lengths([shot], OFFER, Fraction(30)) == (4,)
    assert clip_lengths([shot], OFFER, Fraction(30000, 1001)) == (8,)


def test_the_total_is_what_all_orders_cost() -> None:
    """Bought seconds are paid, not the scenes' own; the price keeps its date."""
    found = estimate(film(3, 7, 11), prompts("a", "b", "c"), offer=OFFER)

    assert (found.orders, found.seconds, found.total_usd) == (3, 24, 2.4)
    assert found.lengths == {4: 1, 8: 1, 12: 1}
    assert found.price is not None
    assert found.price.dated == "2026-11-01"


def test_a_price_by_the_clip() -> None:
    """A price may be for the clip, whatever its length, and for a still."""
    by_clip = OFFER.model_copy(update={"price": Price(per_clip=0.2, dated="2026-11-01")})

    assert estimate(film(3, 7), prompts("a", "b"), offer=by_clip).total_usd == 0.4
    assert (
        estimate(film(3, 7), prompts("a", "b"), offer=by_clip.model_copy(update={"makes": "still"})).total_usd
        == 0.4
    )


def test_an_unknown_price_is_said() -> None:
    """Without a price there is no total; a free offer's is nothing."""
    unknown = OFFER.model_copy(update={"price": None})

    found = estimate(film(4), prompts("a"), offer=unknown)
    assert found.total_usd is None
    assert "the price of fine is not known" in found.notes
    assert estimate(film(4), prompts("a"), offer=unknown.model_copy(update={"free": True})).total_usd == 0.0
    assert estimate(film(4), prompts("a"), offer=unknown, choices=Choices(clips=0)).total_usd == 0.0


def test_equal_prompts_are_bought_once_at_the_longest_length() -> None:
    """Scenes that share a prompt share a clip long enough for each."""
    found = takes(film(4, 12, 8), prompts("a", "b", "a"), offer=OFFER, choices=Choices())

    assert [(take.how, take.source, take.seconds) for take in found] == [
        ("bought", 1, 8),
        ("bought", 2, 12),
        ("shared", 1, 0),
    ]


def test_clips_are_spread_over_the_film() -> None:
    """So many are bought, each for the weightiest scene of its stretch, and shown throughout it."""
    timeline = film(4, 4, 4, 4, 4, 4, words=(1, 9, 1, 9, 1, 1))

    found = takes(timeline, prompts(*"abcdef"), offer=OFFER, choices=Choices(clips=2))

    assert [(take.scene, take.source) for take in found] == [(1, 2), (2, 2), (3, 2), (4, 4), (5, 4), (6, 4)]
    assert [take.how for take in found].count("bought") == 2
    assert [take.seconds for take in found if take.how == "bought"] == [4, 4]


def test_no_more_clips_than_scenes() -> None:
    """Asking for more clips than there are scenes buys one for each; asking for none buys none."""
    assert estimate(film(4, 4), prompts("a", "b"), offer=OFFER, choices=Choices(clips=9)).orders == 2
    none = estimate(film(4, 4), prompts("a", "b"), offer=OFFER, choices=Choices(clips=0))
    assert (none.orders, none.rest, none.total_usd, none.takes_s) == (0, 2, 0.0, 0.0)


@pytest.mark.parametrize(
    ("share", "bought"), [(0.0, []), (0.01, [4]), (0.3, [2, 4, 6]), (0.5, [1, 2, 3, 4, 6])]
)
def test_a_mix_buys_the_weightiest_scenes(share: float, bought: list[int]) -> None:
    """That share of the scenes is bought, by words and length; the rest is left to the next in the chain."""
    timeline = film(4, 4, 4, 9, 4, 9, 4, 4, 4, 4, words=(5, 20, 5, 20, 1, 9, 1, 1, 1, 1))

    found = takes(timeline, prompts(*"abcdefghij"), offer=OFFER, choices=Choices(mix=share))

    assert [take.scene for take in found if take.how == "bought"] == bought
    assert [take.how for take in found].count("rest") == 10 - len(bought)


@pytest.mark.parametrize(
    ("orders", "limits", "expected"),
    [
        (0, Limits(), 0),
        (3, Limits(per_hour=None), 90),
        (4, Limits(per_hour=None), 180),
        (10, Limits(at_once=None), 90),
        (11, Limits(at_once=None), 3601 + 90),
        (75, Limits(), 7 * 3601 + 90 + 90),
        (101, Limits(at_once=None, per_hour=None), 86_401 + 90),
        (5, Limits(at_once=None, per_minute=2, per_hour=None), 2 * 61 + 90),
        (9, FREELY, 90),
    ],
)
def test_the_limits_decide_when_all_is_done(orders: int, limits: Limits, expected: float) -> None:
    """Orders start as the limits let them, at once and by the minute, hour and day."""
    assert finish_s(orders, limits, 90) == expected


def test_a_long_wait_comes_with_a_way_out() -> None:
    """Where the limits stretch the film over hours, fewer clips are suggested that need only one."""
    timed = OFFER.model_copy(update={"limits": Limits()})

    found = estimate(film(*[8] * 75), prompts(*map(str, range(75))), offer=timed)

    assert found.takes_s == 7 * 3601 + 180
    assert any("--clips 10" in note for note in found.notes)


def test_scenes_longer_than_a_clip_are_said() -> None:
    """Where a clip must be slowed or looped, the estimate says for how many scenes."""
    one = estimate(film(4, 20), prompts("a", "b"), offer=OFFER)
    two = estimate(film(4, 20, 30), prompts("a", "b", "c"), offer=OFFER)

    assert one.notes == ("1 scene is longer than a clip (12 s): slowed or looped",)
    assert two.notes == ("2 scenes are longer than a clip (12 s): slowed or looped",)
