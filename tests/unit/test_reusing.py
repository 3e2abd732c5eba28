"""Orders that need not be made again, and clips that begin from a still: whatever happens, paid once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.clerk import OFFER, Brush, Clerk
from tests.unit.test_ordering import PACE, RICH
from tests.unit.test_supply import STORY, link
from voxweave.core.orders import Limits, Price, Told, Wanted
from voxweave.core.value import MediaFile
from voxweave.errors import ProviderBusy, RefusedError
from voxweave.jobs.budget import Budget
from voxweave.jobs.limits import Meter
from voxweave.jobs.orders import Ledger
from voxweave.jobs.store import Kept, Store
from voxweave.media.files import fingerprint
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.guides import by_scene
from voxweave.pipeline.means import Means, News
from voxweave.pipeline.ordering import Asked, Outcome, order_scenes
from voxweave.pipeline.reuse import KIND, Shelf
from voxweave.pipeline.sources import Source
from voxweave.pipeline.wishes import Wishes, quote_of

CLIPS = OFFER.model_copy(update={"takes_picture": True})
STILLS = OFFER.model_copy(
    update={
        "makes": "still",
        "lists_orders": False,
        "price": Price(per_clip=0.1, dated="2026-11-20"),
        "limits": Limits(at_once=None, per_hour=None, per_day=None),
    }
)


def wish(words: str, provider: str = "clerk", seconds: int = 4) -> Wanted:
    """One wish, at one provider."""
    return Wanted(provider=provider, model="m", prompt=words, seconds=seconds, width=320, height=180)


def led(words: str) -> Asked:
    """A scene whose clip begins from a still; another still takes the clip's place where it fails."""
    still = wish(words, "brush", 0)
    return Asked(scene=1, choices=(wish(words), still), still=still, takers=("clerk",))


class User:
    """Someone with a store, who makes films."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder / "store")
        self.clerk, self.brush = Clerk(offer=CLIPS), Brush(offer=STILLS)
        self.sources = [
            Source("clerk", self.clerk, maker="clerk 1"),
            Source("brush", self.brush, maker="brush 1"),
        ]
        self.said: list[str] = []
        self.news: list[News] = []

    def film(self, name: str, *asked: Asked, budget: Budget = RICH) -> tuple[Outcome, ...]:
        """One run of a film."""
        job = self.folder / name
        shelf = Shelf((Store(job / "reused"), self.store), film=f"{name}.mp3", tell=self.said.append)
        with (
            Ledger(job / "orders.sqlite3", quiet_s=0.05, create_s=0) as ledger,
            Meter(job / "m.sqlite3") as meter,
        ):
            means = Means(
                ledger, meter, budget, StopSignal(), job / "clips", replace(PACE), self.news.append, shelf
            )
            return order_scenes(asked, means, [replace(source) for source in self.sources])

    def spent(self, name: str) -> float:
        """What a film cost so far."""
        with Ledger(self.folder / name / "orders.sqlite3") as ledger:
            return ledger.totals().spent_usd

    def quote(self, name: str, *asked: Asked) -> tuple[int, int, float | None]:
        """Orders, orders reused, and dollars, before a run."""
        links = [link("clerk", CLIPS), link("brush", STILLS)]
        for one, source in zip(links, self.sources, strict=True):
            one.source.maker = source.maker
        job = self.folder / name
        with Ledger(job / "orders.sqlite3") as ledger:
            shelf = Shelf((Store(job / "reused"), self.store))
            found = quote_of(Wishes(asked, {}, ()), links, ledger, shelf)
        return found.orders, found.reused, found.new_usd


@pytest.fixture
def user(tmp_path: Path) -> User:
    """Nothing was ordered yet."""
    return User(tmp_path)


def plain(words: str) -> Asked:
    """A scene with one choice."""
    return Asked(scene=1, choices=(wish(words),))


def file_of(outcome: Outcome) -> MediaFile:
    """What came."""
    assert outcome.file is not None, outcome.fell
    return outcome.file


def test_the_same_wish_is_bought_once_by_all_films(user: User) -> None:
    """In another film it costs nothing, and neither quote nor ledger has it; other words are another order."""
    assert (1, 0, 1.0) == user.quote("one", plain("boat"))
    (first,) = user.film("one", plain("boat"))
    assert (0, 1, 0.0) == user.quote("two", plain("boat"))
    (second,) = user.film("two", plain("boat"), budget=Budget(max_usd=0))
    assert file_of(first).sha256 == file_of(second).sha256
    assert (1, 1.0, 0.0) == (user.clerk.asked, user.spent("one"), user.spent("two"))
    assert "one.mp3" == user.news[-1].text
    user.film("two", plain("another boat"))
    assert 2 == user.clerk.asked


def test_one_slow_wish_holds_up_no_other(user: User) -> None:
    """A clip that is hashed, or fetched from far away, is waited for by nobody who wants another one."""
    meeting = threading.Barrier(2, timeout=10)

    class Far(Store):
        """A store that answers once two ask it at the same time."""

        def get(self, kind: str, key: str) -> Kept | None:
            meeting.wait()
            return super().get(kind, key)

    user.film("one", plain("a"), plain("b"))
    shelf = Shelf((Store(user.folder / "two"), Far(user.folder / "store")), film="two.mp3")
    with ThreadPoolExecutor() as crew:
        found = list(crew.map(lambda words: shelf.find(user.sources[0], wish(words)), ("a", "b")))
    assert all(found)


def test_another_maker_is_another_wish(user: User) -> None:
    """The same words to another server, or to one whose options differ; one that nobody can tell reuses nothing."""
    user.film("one", plain("boat"))
    for maker in ("clerk 2", ""):
        user.sources[0] = Source("clerk", user.clerk, maker=maker)
        user.film(f"film {maker}", plain("boat"))
    assert 3 == user.clerk.asked


def test_what_a_film_reused_stays_with_it(user: User) -> None:
    """The user's store may be cleared; the film has it in its own folder."""
    user.film("one", plain("boat"))
    user.film("two", plain("boat"))
    user.store.clean()
    (again,) = user.film("two", plain("boat"))
    assert user.folder / "two" in file_of(again).path.parents
    assert 1 == user.clerk.asked


def test_a_film_s_own_lost_file_comes_back_from_the_store(user: User) -> None:
    """What was fetched and then deleted is neither lost nor asked for again."""
    (first,) = user.film("one", plain("boat"))
    file_of(first).path.unlink()
    (again,) = user.film("one", plain("boat"))
    assert file_of(first).sha256 == file_of(again).sha256
    assert (1, 1.0) == (user.clerk.asked, user.spent("one"))


def test_what_was_paid_here_is_gone_on_with(user: User) -> None:
    """An order under way in this film is collected, whatever the store has of later choices."""
    user.film("one", Asked(scene=1, choices=(wish("boat", "brush", 0),)))
    asked = Asked(scene=1, choices=(wish("boat"), wish("boat", "brush", 0)))
    (outcome,) = user.film("two", asked)
    assert outcome.wanted == asked.choices[0]
    assert (1, 1) == (user.clerk.asked, user.brush.asked)


def test_what_one_refuses_may_be_here_already(user: User) -> None:
    """After the first choice said no, the second is reused, not bought."""
    user.film("one", Asked(scene=1, choices=(wish("boat", "brush", 0),)))
    user.clerk.before.append(RefusedError("no"))
    asked = Asked(scene=1, choices=(wish("boat"), wish("boat", "brush", 0)))
    (outcome,) = user.film("two", asked, budget=Budget(max_usd=1.0))
    assert ("brush", 1) == (outcome.wanted and outcome.wanted.provider, user.brush.asked)
    assert (0, 1, 0.0) == user.quote("two", asked)


def test_a_damaged_one_is_bought_again_and_said(user: User) -> None:
    """Once, and within the budget."""
    user.film("one", plain("boat"))
    kept = next(user.store.entries())
    kept.file.path.unlink()
    kept.file.path.write_bytes(b"harm")
    user.film("two", plain("boat"))
    assert 2 == user.clerk.asked
    assert ["a clip kept for reuse was damaged: it is thrown away, and ordered again"] == user.said
    assert user.store.get(KIND, kept.key) is not None


def test_a_clip_begins_from_its_still(user: User) -> None:
    """The still is ordered before it, both are in quote and ledger, and a second run orders nothing."""
    assert (2, 0, 1.1) == user.quote("one", led("boat"))
    (outcome,) = user.film("one", led("boat"))
    assert outcome.wanted is not None
    picture = outcome.wanted.picture
    assert picture is not None
    assert "boat" == picture.path.read_text()
    assert (None, 1.1) == (outcome.unled, user.spent("one"))
    assert (0, 0, 0.0) == user.quote("one", led("boat"))
    assert user.film("one", led("boat")) == (outcome,)
    assert (0, 2, 0.0) == user.quote("two", led("boat"))
    user.film("two", led("boat"), budget=Budget(max_usd=0))
    assert (1, 1) == (user.clerk.asked, user.brush.asked)


@pytest.mark.parametrize("error", [RefusedError("no"), ProviderBusy("full", wait_s=0.01)])
def test_without_its_still_a_clip_is_ordered_once(user: User, error: Exception) -> None:
    """The reason is kept; later the still could be had, and yet the clip is not paid for again."""
    user.brush.before.extend([error] * 4)
    (outcome,) = user.film("one", led("boat"))
    assert outcome.wanted is not None
    assert (None, "clerk") == (outcome.wanted.picture, outcome.wanted.provider)
    assert outcome.unled is not None
    asked = user.brush.asked
    (again,) = user.film("one", led("boat"))
    assert again.unled is not None
    assert (outcome.file, "earlier") == (again.file, again.unled.why)
    assert (1, asked) == (user.clerk.asked, user.brush.asked)
    assert 0 == user.quote("one", led("boat"))[0]


def test_stills_wanted_later_make_new_clips(user: User) -> None:
    """A film that was made without them is ordered anew with them: that is another wish."""
    user.film("one", plain("boat"))
    (outcome,) = user.film("one", led("boat"))
    assert outcome.wanted is not None
    assert outcome.wanted.picture is not None
    assert (2, 1) == (user.clerk.asked, user.brush.asked)


def test_a_still_bought_to_begin_from_takes_no_clip_s_place(user: User) -> None:
    """Killed between the two, the next run orders the clip; only where that fails the still is shown, at no more cost."""
    user.film("one", Asked(scene=1, choices=(wish("boat", "brush", 0),)))
    (outcome,) = user.film("one", led("boat"))
    assert ("clerk", 1) == (outcome.wanted and outcome.wanted.provider, user.brush.asked)

    user.clerk.tells.append(Told(state="failed", reason="it broke"))
    (outcome,) = user.film("two", led("boot"))
    assert ("brush", 2) == (outcome.wanted and outcome.wanted.provider, user.brush.asked)
    assert ["failed"] == [fell.why for fell in outcome.fell]


def test_no_still_is_bought_for_nothing(user: User) -> None:
    """Where the clip would not fit beside it, or nobody is asked any more who takes it."""
    (outcome,) = user.film("one", led("boat"), budget=Budget(max_usd=1.05))
    assert outcome.unled is not None
    assert ("budget", 0, 1.0) == (outcome.unled.why, user.brush.asked, user.spent("one"))


def test_equal_wishes_share_one_still(user: User) -> None:
    """Two scenes with the same words: one still, one clip."""
    user.film("one", led("boat"), led("boat").model_copy(update={"scene": 2}))
    assert (1, 1) == (user.clerk.asked, user.brush.asked)


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["1.jpg", "look-03.png"], {1: "1.jpg", 3: "look-03.png"}),
        (["a.jpg", "b.jpg"], {1: "a.jpg", 2: "b.jpg"}),
        (["3.jpg", "b.jpg"], {1: "3.jpg", 2: "b.jpg"}),
        (["a1.jpg", "b1.jpg"], {1: "a1.jpg", 2: "b1.jpg"}),
        ([f"{n}.jpg" for n in range(1, 8)], {n: f"{n}.jpg" for n in range(1, 8)}),
        ([chr(96 + n) for n in range(1, 8)], {n: chr(96 + n) for n in range(1, 5)}),
    ],
)
def test_a_folder_s_pictures_find_their_scenes(files: list[str], found: dict[int, str]) -> None:
    """By number where each name ends with one of its own; else in the order of the names."""
    assert found == {
        number: str(file) for number, file in by_scene([Path(name) for name in files], STORY.scenes).items()
    }


def test_a_reference_counts_by_its_content(tmp_path: Path) -> None:
    """The same picture elsewhere is the same wish; an edited one is another."""
    for name, text in (("a", "x"), ("b", "x"), ("c", "y")):
        (tmp_path / name).write_text(text)
    shelf = Shelf((Store(tmp_path / "own"), Store(tmp_path / "store")))
    source = Source("clerk", Clerk(), maker="m")
    wishes = [wish("boat").model_copy(update={"picture": fingerprint(tmp_path / name)}) for name in "abc"]
    shelf.keep(source, wishes[0], fingerprint(tmp_path / "c"), 1.0)
    assert [True, True, False] == [shelf.find(source, wanted) is not None for wanted in wishes]
