"""What words and pictures come to, as one sum."""

from voxweave.core.quotes import Quote


def test_two_parts_are_one_sum() -> None:
    """Orders and dollars add up; what the film cost so far is the same money in both."""
    words = Quote(shares=(), scenes=0, orders=3, already=1, new_usd=0.0061, known_usd=0.0061, spent_usd=0.2)
    pictures = Quote(shares=(), scenes=4, orders=4, new_usd=0.8, known_usd=0.8, spent_usd=0.2, notes=("a",))
    both = words.also(pictures)
    assert (4, 7, 1, 0.8061, 0.2) == (both.scenes, both.orders, both.already, both.new_usd, both.spent_usd)


def test_an_unknown_price_stays_unknown() -> None:
    """Beside what is known."""
    words = Quote(shares=(), scenes=0, orders=1, new_usd=None)
    pictures = Quote(shares=(), scenes=1, orders=1, new_usd=0.2, known_usd=0.2)
    both = words.also(pictures)
    assert (None, "$0.20 and an unknown sum") == (both.new_usd, both.sum())


def test_less_than_a_cent_is_not_nothing() -> None:
    """A minute of speech costs half a cent."""
    assert "$0.0061" == Quote(shares=(), scenes=0, orders=1, new_usd=0.0061).sum()
    assert "$0.00" == Quote(shares=(), scenes=0).sum()
