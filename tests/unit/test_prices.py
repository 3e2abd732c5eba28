"""What a clip costs by its length and size, as data has it."""

from fractions import Fraction

import pytest

from tests.fakes.clerk import OFFER, Clerk
from voxweave.core.film import Canvas
from voxweave.core.orders import Price, Wanted
from voxweave.pipeline.chain import size_for
from voxweave.pipeline.sources import Source
from voxweave.providers.models import known_models

BY_SIZE = Price(per_second_at={720: 0.10, 1080: 0.15, 2160: 0.20}, per_clip=0.5, dated="2026-11-20")


@pytest.mark.parametrize(
    ("short_side", "usd"), [(360, 1.5), (720, 1.5), (721, 2.0), (1080, 2.0), (2160, 2.5), (4320, 2.5)]
)
def test_larger_pictures_cost_more(short_side: int, usd: float) -> None:
    """The next size up that has a price counts; beyond the largest there is none."""
    assert usd == BY_SIZE.at(short_side).of(10)


def test_a_price_without_sizes_holds_for_all() -> None:
    """As nearly all of them are."""
    flat = Price(per_second=0.1, dated="2026-11-20")
    assert flat == flat.at(2160)


@pytest.mark.parametrize(("size", "usd"), [((1280, 720), 1.0), ((1080, 1920), 1.5), ((3840, 2160), 2.0)])
def test_the_example_s_price_grows_with_the_film(size: tuple[int, int], usd: float) -> None:
    """$0.10 a second, half as much again at 1080p, twice as much at 4k; ten seconds by default at most."""
    offer = known_models("openai")["example"].offer()
    width, height = size_for(Canvas(width=size[0], height=size[1], rate=Fraction(30)), offer)
    assert size == (width, height)
    source = Source("openai", Clerk(offer=offer))
    wish = Wanted(
        provider="openai",
        model="example",
        prompt="x",
        seconds=max(offer.lengths_s),
        width=width,
        height=height,
    )
    assert usd == source.price(wish)


def test_one_s_own_price_takes_the_place_of_all_sizes() -> None:
    """`per_second` in the user's file is what is paid, whatever the size."""
    mine = known_models("openai", {"example": {"per_second": 0.05}})["example"].price
    assert mine is not None
    assert 0.5 == mine.at(2160).of(10)
    theirs = known_models("openai", {"example": {"per_second_at": {"720": 1.0}}})["example"].price
    assert theirs is not None
    assert 10.0 == theirs.at(1080).of(10)


def test_an_offer_without_a_price_stays_without() -> None:
    """Unknown is not free."""
    assert Source("x", Clerk(offer=OFFER.model_copy(update={"price": None}))).price(
        Wanted(provider="x", model="m", prompt="x", seconds=4, width=320, height=180)
    ) is None  # fmt: skip
