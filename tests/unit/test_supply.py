"""What is wanted of whom, what it comes to, who agreed, and how it is told when it falls short."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import pytest

from tests.fakes.clerk import Brush, Clerk
from voxweave.core.estimate import Choices
from voxweave.core.film import Canvas
from voxweave.core.orders import Limits, Offer, Price
from voxweave.core.prompts import Prompt
from voxweave.core.quotes import Quote
from voxweave.core.storyboard import Scene, Storyboard, from_toml, to_toml, with_prompts
from voxweave.core.time import Span
from voxweave.core.timeline import Timeline, assemble
from voxweave.core.value import MediaFile
from voxweave.errors import RefusedError, UsageError
from voxweave.jobs.budget import Budget
from voxweave.jobs.fingerprints import fingerprint_of
from voxweave.jobs.orders import Ledger
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.chain import Link, open_chain, size_for
from voxweave.pipeline.consent import agreed
from voxweave.pipeline.ordering import Asked
from voxweave.pipeline.sources import Fell, Source
from voxweave.pipeline.studio import Studio, open_studio
from voxweave.pipeline.supplies import Bought, shortfalls
from voxweave.pipeline.wishes import quote_of, wishes_for
from voxweave.settings import Settings, load

CANVAS = Canvas(width=320, height=180, rate=Fraction(30))
STORY = Storyboard(
    duration_ms=16_000,
    scenes=tuple(
        Scene(number=n, span=Span(start=4000 * (n - 1), end=4000 * n), text="word " * n, prompt=f"shot {n}")
        for n in range(1, 5)
    ),
)
PROMPTS = [Prompt(scene=scene.number, text=scene.prompt, seed=7) for scene in STORY.scenes]
CLIPS = Offer(
    model="m", lengths_s=(5, 10), price=Price(per_clip=1.0, dated="2026-11-20"), limits=Limits(per_hour=None)
)
STILLS = CLIPS.model_copy(
    update={"makes": "still", "lengths_s": (), "price": Price(per_clip=0.1, dated="2026-11-20")}
)


def link(name: str, offer: Offer) -> Link:
    """A provider in memory."""
    supplier = Brush(offer=offer) if offer.makes == "still" else Clerk(offer=offer)
    return Link(name, Source(name, supplier), offer, create_s=0)


@pytest.fixture
def timeline() -> Timeline:
    """Four scenes of four seconds."""
    return assemble(STORY, CANVAS, 16 * 48_000)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty one."""
    with Ledger(tmp_path / "orders.sqlite3") as book:
        yield book


def wished(asked: tuple[Asked, ...]) -> dict[int, list[tuple[str, int]]]:
    """Provider and seconds of each choice, by scene."""
    return {one.scene: [(wanted.provider, wanted.seconds) for wanted in one.choices] for one in asked}


def test_every_scene_is_asked_of_the_whole_chain(timeline: Timeline, ledger: Ledger) -> None:
    """The first choice first, each in lengths it offers; the sum is the first one's."""
    links = [link("clips", CLIPS), link("stills", STILLS)]
    found = wishes_for(timeline, PROMPTS, links, choices=Choices())
    assert wished(found.asked) == {n: [("clips", 5), ("stills", 0)] for n in range(1, 5)}
    quote = quote_of(found, links, ledger)
    assert (4, 4.0) == (quote.orders, quote.new_usd)
    assert "this run: 4 orders, $4.00, about 3 min" in quote.lines()


def test_what_a_mix_leaves_goes_to_the_next(timeline: Timeline, ledger: Ledger) -> None:
    """Half of the scenes as clips, the weightiest; the others as stills, and both are in the sum."""
    links = [link("clips", CLIPS), link("stills", STILLS)]
    found = wishes_for(timeline, PROMPTS, links, choices=Choices(mix=0.5))
    assert {n: choices[0][0] for n, choices in wished(found.asked).items()} == {
        1: "stills", 2: "stills", 3: "clips", 4: "clips",
    }  # fmt: skip
    assert quote_of(found, links, ledger).new_usd == pytest.approx(2.2)


def test_clips_spread_over_the_film_are_shown_by_all_scenes(timeline: Timeline) -> None:
    """Two clips for four scenes: two orders, and each scene knows whose it shows."""
    found = wishes_for(timeline, PROMPTS, [link("clips", CLIPS)], choices=Choices(clips=2))
    assert sorted(wished(found.asked)) == [2, 4]
    assert found.shows == {1: 2, 2: 2, 3: 4, 4: 4}


def test_what_was_ordered_before_is_not_in_the_sum(timeline: Timeline, ledger: Ledger) -> None:
    """Under way or here is paid for; what was refused is told apart, and neither is counted."""
    links = [link("clips", CLIPS)]
    found = wishes_for(timeline, PROMPTS, links, choices=Choices())
    for one, state in zip(found.asked, ("accepted", "refused"), strict=False):
        order = ledger.claim(one.choices[0], 1.0, budget=Budget(max_usd=9)).order
        ledger.move(order.key, cast(Any, state))
    quote = quote_of(found, links, ledger)
    assert (2, 1, 1, 2.0) == (quote.orders, quote.already, quote.ended, quote.new_usd)
    assert 1.0 == quote.spent_usd
    assert "1 of these was ordered before, and is not paid again" in quote.lines()
    assert (
        "1 of these was refused, failed, lost or left in doubt before, and is not ordered again"
        in quote.lines()
    )


@dataclass(frozen=True)
class Asker:
    """Someone at a terminal."""

    yes: bool

    def __call__(self, quote: Quote) -> bool:
        return self.yes


def studio(consent: Callable[[Quote], bool] | None = None, **settings: object) -> Studio:
    """A studio with these settings."""
    chosen = Settings.model_validate(settings)
    return open_studio(chosen, stop=StopSignal(), tell=lambda event: None, consent=consent)


SUM = Quote(shares=(), scenes=3, orders=3, new_usd=0.6, known_usd=0.6, spent_usd=0.4)
NO_PRICE = SUM.model_copy(update={"new_usd": None})


@pytest.mark.parametrize(
    ("quote", "consent", "settings", "budget"),
    [
        (SUM, None, {"max_cost": 0.5}, Budget(max_usd=0.5)),
        (SUM, None, {"yes": True}, Budget(max_usd=1.0)),
        (SUM, Asker(True), {}, Budget(max_usd=1.0)),
        (NO_PRICE, Asker(True), {}, Budget(max_usd=1.0, unpriced=True)),
        (NO_PRICE, None, {"yes": True, "max_cost": 3}, Budget(max_usd=3, unpriced=True)),
        (NO_PRICE, Asker(True), {"max_cost": 3}, Budget(max_usd=3, unpriced=True)),
        (SUM.model_copy(update={"new_usd": 0.0, "known_usd": 0.0}), None, {}, Budget(max_usd=0.4)),
        (SUM, None, {"max_cost": 5, "purse": "b"}, Budget(max_usd=5, purse="b", shared=True)),
        (SUM, None, {"yes": True, "purse": "b"}, Budget(max_usd=1.0, purse="b")),
    ],
)
def test_the_budget_is_what_someone_agreed_to(
    quote: Quote, consent: Asker | None, settings: dict[str, object], budget: Budget
) -> None:
    """A bound binds, a yes covers the estimate and no more, what costs nothing asks nobody."""
    assert agreed(quote, studio(consent, **settings)) == budget


@pytest.mark.parametrize(
    ("quote", "consent", "hint"),
    [
        (SUM, None, "--max-cost 1.00"),
        (NO_PRICE, None, "--yes"),
        (SUM, Asker(False), "--provider art"),
    ],
)
def test_without_a_yes_nothing_is_ordered(quote: Quote, consent: Asker | None, hint: str) -> None:
    """The refusal names the sum and what to type."""
    with pytest.raises(RefusedError, match=r"\$0\.60") as caught:
        agreed(quote, studio(consent))
    assert hint in caught.value.hint


def test_a_reason_is_told_once_for_all_its_scenes() -> None:
    """One line a reason, with what the scenes show instead; orders in doubt keep a line of their own."""
    media = MediaFile(path=Path("a.png"), sha256="0")
    down = Fell(provider="a", why="unreachable", text="nobody answers")
    fell = {
        1: (down,),
        2: (down,),
        3: (Fell(provider="b", why="unknown", text="adopt k1", key="k1"),),
        4: (Fell(provider="b", why="unknown", text="adopt k2", key="k2"),),
    }
    bought = {2: Bought(media, "b", "m", 0.1)}
    assert shortfalls(fell, bought) == [
        "scene 1 not from a: nobody answers; shown instead: art",
        "scene 2 not from a: nobody answers; shown instead: b",
        "scene 3 not from b: adopt k1; shown instead: art",
        "scene 4 not from b: adopt k2; shown instead: art",
    ]


@pytest.mark.parametrize(
    ("canvas", "sizes", "makes", "size"),
    [
        ((1920, 1080), ("1280x720", "720x1280", "1920x1080"), "clip", (1920, 1080)),
        ((1080, 1920), ("1280x720", "720x1280"), "clip", (720, 1280)),
        ((320, 180), (), "clip", (1280, 720)),
        ((1080, 1080), (), "clip", (720, 720)),
        ((1920, 1080), (), "still", (1920, 1088)),
    ],
)
def test_the_size_ordered_is_the_nearest(
    canvas: tuple[int, int], sizes: tuple[str, ...], makes: str, size: tuple[int, int]
) -> None:
    """The offered size nearest in shape, then in area; a usual one where any is taken."""
    offer = CLIPS.model_copy(update={"sizes": sizes, "makes": makes})
    assert size == size_for(Canvas(width=canvas[0], height=canvas[1], rate=Fraction(30)), offer)


def test_prompts_stand_in_the_storyboard_s_file() -> None:
    """Written and read back the same; a film that orders nothing has none."""
    read = from_toml(to_toml(STORY, "talk.mp3"), STORY.duration_ms, name="x")
    assert [scene.prompt for scene in read.scenes] == [scene.prompt for scene in STORY.scenes]
    assert "prompt" not in to_toml(with_prompts(STORY, dict.fromkeys(range(1, 5), "")), "talk.mp3")


def test_a_provider_s_table_is_the_user_s_own_and_holds_no_key(tmp_path: Path) -> None:
    """It is read from the user's file alone; a key in it is refused without being shown."""
    user, job = tmp_path / "user.toml", tmp_path / "job.toml"
    user.write_text('[providers.openai]\nbase_url = "http://127.0.0.1:8000/v1"\n')
    loaded = load({}, environ={}, job_file=None, user_file=user)
    assert loaded.settings.table("openai") == {"base_url": "http://127.0.0.1:8000/v1"}
    job.write_text("[providers.openai]\nmodel = 'x'\n")
    with pytest.raises(UsageError, match="cannot be set beside a narration"):
        load({}, environ={}, job_file=job, user_file=None)
    user.write_text('[providers.openai]\nkey = "sk-secret-0123456789"\n')
    with pytest.raises(UsageError, match="a key does not belong") as caught:
        load({}, environ={}, job_file=None, user_file=user)
    assert "sk-secret" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("kept", [b'[{"model": "m", "added": 1}]', b"[", b"\xff", b"[]"])
def test_offers_of_another_release_are_no_offers(tmp_path: Path, kept: bytes) -> None:
    """A provider that is away, and whose last offers cannot be read, is down with the provider's own reason."""
    settings = Settings(provider=("openai",), base_url="http://127.0.0.1:9/v1", retry_s=0.01)
    studio = open_studio(settings, stop=StopSignal(), tell=lambda _: None)
    (away,) = open_chain(studio, tmp_path)
    file = tmp_path / f"offers-{fingerprint_of('openai', away.source.account, '')[:16]}.json"
    offer = Offer(model="m").model_dump_json()
    file.write_text(f"[{offer}]")
    assert open_chain(studio, tmp_path)[0].down is None
    file.write_bytes(kept)
    (link,) = open_chain(studio, tmp_path)
    assert link.down == away.down


def test_a_chain_names_what_is_installed() -> None:
    """An unknown provider, or a folder nobody named, is a usage error before any work."""
    with pytest.raises(UsageError, match="there is no provider 'sora'"):
        studio(provider="sora,art")
    with pytest.raises(UsageError, match="no folder is named"):
        studio(provider="folder,art")
    assert studio(provider="zai,art,openai").suppliers == ("zai",)
