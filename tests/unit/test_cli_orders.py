"""The commands about orders, money and providers, on ledgers and settings written here."""

import json
import re
import shlex
from datetime import date
from pathlib import Path

import click
import pytest

from tests.fakes.postgres import Postgres
from tests.unit.alone import alone  # noqa: F401  for all tests here
from voxweave.cli import run
from voxweave.cli import voxweave as command
from voxweave.cli.display import Display
from voxweave.cli.history import Made, index, remember, remembered
from voxweave.cli.money import asking, table
from voxweave.cli.providers import aged, ending
from voxweave.core.orders import Limits, Order, Wanted
from voxweave.core.redaction import redacted
from voxweave.jobs.budget import Budget
from voxweave.jobs.job import job_folder
from voxweave.jobs.limits import Account, Meter
from voxweave.jobs.opening import film_ledger, open_ledger, open_meter
from voxweave.jobs.orders import FILE, Ledger
from voxweave.jobs.usage import Spending
from voxweave.providers.models import Model, known_models
from voxweave.providers.registry import provider_class
from voxweave.settings import load

WISH = Wanted(provider="zai", model="cogvideox-3", prompt="a boat", seconds=5, width=1280, height=720)
Said = pytest.CaptureFixture[str]


def doubtful(folder: Path, *, state: str = "unknown") -> tuple[Path, str]:
    """A film with one order in doubt; its ledger and the order's key."""
    file = folder / FILE
    with Ledger(file) as ledger, Meter() as meter:
        key = ledger.look(WISH).order.key
        account = Account("zai")
        post = meter.take(account, Limits(at_once=None), film=str(file), key=key, price_usd=0.2).post
        ledger.claim(WISH, 0.2, budget=Budget(max_usd=1), post=post)
        ledger.doubt(key, "no answer")
        if state != "sending":
            ledger.move(key, "unknown")
        if state == "fetched":
            ledger.accept(key, f"job-{folder.name}")
            ledger.move(key, "fetched")
    return file, key


def test_orders_of_all_films_are_listed_with_the_way_out(tmp_path: Path, capsys: Said) -> None:
    """Without a narration every film known here is listed; an order in doubt names both ways."""
    file, key = doubtful(tmp_path / "talk-1234")

    assert run(["orders", "list"]) == 0
    said = capsys.readouterr().out
    assert "talk-1234: 1 order\n" in said
    assert f"voxweave orders adopt {key} ID" in said
    assert run(["orders", "list", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["key"], row["state"], row["ledger"]) == (key, "unknown", str(file))


def test_what_was_bought_again_is_in_doubt_no_more(tmp_path: Path, capsys: Said) -> None:
    """The list names the order in whose favour it was given up, and no way out of what is over."""
    file, key = doubtful(tmp_path / "talk-1234")
    assert run(["orders", "rebuy", key]) == 0
    newer = f"{key[:-1]}2"
    capsys.readouterr()

    assert run(["orders", "list"]) == 0
    said = capsys.readouterr().out
    assert (True, True) == (f"{key}  replaced" in said, f"again as {newer}" in said)
    assert "voxweave orders" not in said
    assert run(["orders", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(key, "unknown", newer), (newer, "planned", "")] == [
        (row["key"], row["state"], row["replaced_by"]) for row in rows
    ]
    assert run(["orders", "show", key]) == 0
    assert f"bought    again as {newer}" in capsys.readouterr().out
    with Ledger(file) as ledger:
        assert 0.2 == ledger.totals().unknown_usd


def test_a_person_adopts_an_order(tmp_path: Path, capsys: Said) -> None:
    """The order goes on under the id given, here and in the machine's limits."""
    file, key = doubtful(tmp_path / "talk-1234")

    assert run(["orders", "adopt", key, "job-77"]) == 0
    with Ledger(file) as ledger, Meter() as meter:
        assert ("accepted", "job-77") == (ledger.order(key).state, ledger.order(key).remote_id)
        assert ["job-77"] == [post.remote_id for post in meter.posts()]
    assert run(["orders", "adopt", key, "job-78"]) == 2
    assert "there is nothing to adopt" in capsys.readouterr().err


def test_a_shared_ledger_is_listed_and_decided_on(
    tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    """Where the setting names a database, its orders are listed, adopted, bought again and summed, from any machine."""
    postgres.clear()
    monkeypatch.setenv("VOXWEAVE_LEDGER", postgres.url)
    with film_ledger("talk-7", postgres.url) as ledger, open_meter(postgres.url) as meter:
        for wish in (WISH, WISH.model_copy(update={"prompt": "a hill"})):
            key = ledger.look(wish).order.key
            post = meter.take(Account("zai"), Limits(), film="talk-7", key=key, price_usd=0.2).post
            ledger.claim(wish, 0.2, budget=Budget(max_usd=1), post=post)
            ledger.move(key, "unknown")
    first, second = (order.key for order in ledger_orders("talk-7", postgres.url))

    assert run(["orders", "list"]) == 0
    assert "talk-7: 2 orders\n" in capsys.readouterr().out
    assert run(["orders", "adopt", first, "job-77"]) == 0
    assert run(["orders", "rebuy", second, "talk-7"]) == 0
    assert [order.state for order in ledger_orders("talk-7", postgres.url)] == [
        "accepted",
        "unknown",
        "planned",
    ]
    capsys.readouterr()
    assert run(["usage", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["film"], row["orders"], row["open_usd"]) == ("talk-7", 2, 0.4)
    assert run(["orders", "show", "no-such-key"]) == 2


def test_clean_spares_what_a_shared_ledger_knows(
    tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    """An order in doubt is known by its ledger alone, wherever that is."""
    postgres.clear()
    narration = tmp_path / "talk.wav"
    folder = job_folder(narration, None)
    with open_ledger(folder, postgres.url) as ledger:
        ledger.claim(WISH, 0.2, budget=Budget(max_usd=1))
    assert run(["clean", str(narration)]) == 2
    assert "ledger that many machines share" in capsys.readouterr().err
    monkeypatch.setenv("VOXWEAVE_LEDGER", postgres.url)
    assert run(["clean", str(narration)]) == 2
    assert "1 order under way or in doubt" in capsys.readouterr().err
    assert run(["clean", "--with-orders", str(narration)]) == 0
    assert not folder.exists()


def test_a_password_of_the_ledger_is_shown_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    """Neither as a setting, nor where it is refused or does not answer, nor in the index of films."""
    url = "postgresql://me:hunter22@127.0.0.1:1/base"
    monkeypatch.setenv("VOXWEAVE_LEDGER", url)
    assert run(["config", "show"]) == 0
    assert run(["config", "show", "--json"]) == 0
    assert run(["config", "get", "ledger"]) == 0
    monkeypatch.setenv("VOXWEAVE_LEDGER", "postgres:/me:hunter22@here")
    assert run(["usage"]) == 2
    said = capsys.readouterr()
    assert "hunter22" not in said.out + said.err
    assert "me:…@127.0.0.1:1/base" in said.out
    with click.Context(command) as context:
        context.meta["voxweave.line"] = ("make", "--ledger", url, f"--ledger={url}", "a.mp3")
        remember(Made(at=0.0, kind="film", path="a.mp4", source="a.mp3"))
    plain = "postgresql://me@127.0.0.1:1/base"
    assert remembered()[-1].command == ("make", "--ledger", plain, f"--ledger={plain}", "a.mp3")
    assert redacted(f"cannot reach {url}") == "cannot reach postgresql://127.0.0.1:1/base"


def ledger_orders(film: str, kept: str) -> tuple[Order, ...]:
    """What a film ordered."""
    with film_ledger(film, kept) as ledger:
        return ledger.orders()


def test_an_id_of_another_film_is_not_adopted(tmp_path: Path, capsys: Said) -> None:
    """One clip at the provider is never shown as two films' order."""
    _, key = doubtful(tmp_path / "one")
    doubtful(tmp_path / "two")

    assert run(["orders", "adopt", key, "job-77", "one"]) == 0
    assert run(["orders", "adopt", key, "job-77", "two"]) == 2
    assert "belongs to an order of another film" in capsys.readouterr().err


def test_a_person_pays_again(tmp_path: Path, capsys: Said) -> None:
    """A second attempt is planned, and what it will cost is said."""
    file, key = doubtful(tmp_path / "talk-1234")

    assert run(["orders", "rebuy", key]) == 0
    assert "about $0.20" in capsys.readouterr().err
    with Ledger(file) as ledger:
        assert ["unknown", "planned"] == [order.state for order in ledger.orders()]


def test_equal_keys_of_two_films_must_be_told_apart(tmp_path: Path, capsys: Said) -> None:
    """Equal wishes have equal keys: the one in doubt is meant, and of two the film must be named."""
    _, key = doubtful(tmp_path / "one", state="fetched")
    doubtful(tmp_path / "two")

    assert run(["orders", "show", key]) == 0
    assert "unknown" in capsys.readouterr().out
    doubtful(tmp_path / "three")
    assert run(["orders", "show", key]) == 2
    assert "several films have an order" in capsys.readouterr().err
    assert run(["orders", "show", key, "one", "--json"]) == 0
    assert "fetched" == json.loads(capsys.readouterr().out)["state"]


def test_work_with_orders_in_doubt_is_not_thrown_away(tmp_path: Path, capsys: Said) -> None:
    """The ledger alone knows what is paid for: `clean` says so, and forgets it only when told to."""
    folder = job_folder(tmp_path / "talk.mp3", None)
    doubtful(folder)

    assert run(["clean", "talk.mp3"]) == 2
    assert "1 order under way or in doubt" in capsys.readouterr().err
    assert run(["clean", "talk.mp3", "--with-orders"]) == 0
    assert not folder.exists()


@pytest.mark.parametrize(
    "words",
    [["show", "nobody-1"], ["adopt", "nobody-1", "x"], ["rebuy", "nobody-1"], ["list", "nothing.mp3"]],
)
def test_what_was_never_ordered_is_said_so(words: list[str], tmp_path: Path, capsys: Said) -> None:
    """A key or a narration without orders is a mistake of usage, and nothing is written for it."""
    assert run(["orders", *words]) == 2
    assert "order" in capsys.readouterr().err
    assert [] == list(tmp_path.iterdir())


def test_usage_sets_the_estimate_beside_the_actual(tmp_path: Path, capsys: Said) -> None:
    """By day, provider and film, with what is open; nothing ordered is said."""
    assert run(["usage"]) == 0
    assert "nothing was ordered yet" in capsys.readouterr().err
    doubtful(tmp_path / "talk-1234")

    assert run(["usage", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert ("zai", "talk-1234", 0.2, 0.0, 0.2) == tuple(
        row[name] for name in ("provider", "film", "estimated_usd", "actual_usd", "open_usd")
    )


def test_usage_adds_up() -> None:
    """A total for each of several providers, and one for all; unknown prices are told."""
    rows = [
        Spending(day="2026-11-19", provider=name, film="talk", orders=2, estimated_usd=0.4, actual_usd=paid,
                 open_usd=0.0, unpriced=1)
        for name, paid in (("zai", 0.4), ("openai", 0.2))
    ]  # fmt: skip

    lines = table(rows)
    assert lines[-2].split() == ["all", "4", "$0.80", "$0.60", "$0.00"]
    assert "all zai" in lines[3]
    assert "2 of these orders" in lines[-1]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"retires": "2026-12-01"}, "m ends on 2026-12-01"),
        ({"retires": "2026-11-01"}, "m ended on 2026-11-01"),
        ({"retires": "2027-06-01"}, ""),
        ({"retires": "in spring"}, "m ends: in spring"),
        ({"gone": "2026-09-24", "hosts": ("a.example",)}, "m is gone from a.example since 2026-09-24"),
        ({}, ""),
    ],
)
def test_a_model_near_its_end_is_named(told: dict[str, object], words: str) -> None:
    """Sixty days before its end a model warns; one that has gone says since when."""
    assert words == ending(Model.model_validate({"name": "m", **told}), date(2026, 11, 20))


@pytest.mark.parametrize(
    ("dated", "said"),
    [("2026-05-23", ""), ("2026-05-22", "2026-05-22 are older than 180 days"), ("spring", "")],
)
def test_old_prices_are_named(dated: str, said: str) -> None:
    """Half a year after somebody looked at them; what has no price or no day is not old."""
    dear = Model(name="dear", per_clip=0.2, dated=dated)
    models = {
        "dear": dear,
        "new": Model(name="new", per_clip=1, dated="2026-11-01"),
        "bare": Model(dated="2001-01-01"),
    }
    line = aged(models, date(2026, 11, 19))
    assert (bool(said), said in line) == (bool(line), True)


def test_a_user_s_old_price_is_flagged_in_the_list(tmp_path: Path, capsys: Said) -> None:
    """`providers list` says it in one line beneath the provider."""
    own = tmp_path / "own.toml"
    own.write_text('[providers.zai.models.theirs]\nper_clip = 0.3\ndated = "2020-01-01"\n')
    assert run(["--config", str(own), "providers", "list"]) == 0
    said = capsys.readouterr().out
    assert 1 == said.count("its prices of 2020-01-01 are older than 180 days")


def test_providers_are_listed_with_masked_keys(monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    """Whether a key is there and from where is told, the key is not."""
    monkeypatch.setenv("ZAI_API_KEY", "sk-a-secret-of-mine-1234")

    assert run(["providers", "list", "--json"]) == 0
    said = capsys.readouterr().out
    found = {one["name"]: one for one in json.loads(said)}
    assert ["sk-…1234 (ZAI_API_KEY)"] == found["zai"]["keys"]
    assert "secret" not in said
    assert found["art"]["in_use"]
    assert found["zai"]["dated"] == "2026-11-20"
    assert run(["providers", "show", "zai"]) == 0
    said = capsys.readouterr().out
    assert "cogvideox-3: $0.20 each" in said
    assert "secret" not in said


@pytest.mark.parametrize(
    "proxy",
    ["me:Geheimwort@proxy:3128", "http://me:Geheim/wort@proxy:3128", 'http://me:Geheim"wort@proxy:3128'],
)
def test_a_provider_is_shown_without_its_proxy_s_password(tmp_path: Path, capsys: Said, proxy: str) -> None:
    """Even where the address is not one."""
    own = tmp_path / "own.toml"
    own.write_text(f"[providers.zai]\nproxy = '{proxy}'\ndownloads_from = ['{proxy}']\n")
    assert run(["--config", str(own), "providers", "show", "zai"]) == 0
    said = capsys.readouterr().out
    assert 2 == said.count("…@proxy:3128")
    assert "eheim" not in said
    assert "wort" not in said


def test_a_provider_nobody_installed_is_named(capsys: Said) -> None:
    """As everywhere, with what there is."""
    assert run(["providers", "show", "nobody"]) == 2
    assert "installed: art, folder" in capsys.readouterr().err


def test_what_was_made_is_remembered(tmp_path: Path, capsys: Said) -> None:
    """Films and clips in the order they were made; a line cut off by a power cut is left out."""
    remember(Made(at=1.0, kind="clip", path="/x/a.mp4", source="a boat", shows=("zai",), cost_usd=0.2))
    with index().open("a") as stream:
        stream.write('{"at": 2.0, "kind": "cl')
    remember(Made(at=3.0, kind="film", path="/x/b.mp4", source="/x/b.mp3"))

    assert run(["history"]) == 0
    assert ["/x/a.mp4", "/x/b.mp4"] == [made.path for made in remembered()]
    said = capsys.readouterr().out
    assert "a boat  zai  $0.20, not there any more" in said
    assert 0o600 == index().stat().st_mode & 0o777


def test_nobody_is_asked_where_nobody_is() -> None:
    """Tests have no terminal: there is no question, and the pipeline refuses."""
    assert asking(Display()) is None


def test_the_page_on_providers_keeps_its_word() -> None:
    """Each command it shows has the names and options the program knows; each table is one of settings."""
    page = (Path(__file__).parents[2] / "docs" / "providers.md").read_text("utf-8")
    blocks = re.findall(r"```(\w+)\n(.*?)```", page, re.DOTALL)
    lines = [line for kind, body in blocks if kind == "sh" for line in body.splitlines()]
    ours = [line.partition("voxweave ")[2] for line in lines if "voxweave " in line]

    assert len(ours) > 12
    for line in ours:
        words = shlex.split(line, comments=True)
        name, found, rest = command.resolve_command(click.Context(command), words)
        while isinstance(found, click.Group):
            name, found, rest = found.resolve_command(click.Context(found), rest)
        assert found is not None
        assert found.make_context(name, rest).params
    for _, body in ((kind, body) for kind, body in blocks if kind == "toml"):
        Path("voxweave.toml").write_text(body)
        loaded = load({}, environ={}, job_file=None, user_file=Path("voxweave.toml"))
        model = provider_class("openai").Options.model_validate(
            {
                key: value
                for key, value in loaded.settings.table("openai").items()
                if key not in ("size", "at_once")
            }
        )
        assert known_models("openai", getattr(model, "models", {}))
