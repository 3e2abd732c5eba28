"""What answers mean, which key is used next, and what is known of models."""

import json
from datetime import date
from typing import Any

import pytest
from pydantic import SecretStr

from voxweave.errors import (
    AnswerUnclear,
    KeyRefused,
    ProviderBusy,
    ProviderFailed,
    RefusedError,
    UsageError,
)
from voxweave.providers.answers import (
    ZAI_CODES,
    Answer,
    NotThere,
    OutOfCredit,
    complaint,
    judged,
    usable_id,
)
from voxweave.providers.keys import Keys
from voxweave.providers.models import known_models
from voxweave.providers.options import WireOptions, is_local


def answer(status: int, told: Any = None, **headers: str) -> Answer:
    """An answer with a JSON body, or with these bytes."""
    body = told if isinstance(told, bytes) else b"" if told is None else json.dumps(told).encode()
    return Answer(status, headers, body)


def error(code: Any, message: str = "no") -> dict[str, Any]:
    """An error as OpenAI words it."""
    return {"error": {"message": message, "type": "t", "param": None, "code": code}}


CREATED = [
    (answer(400, error("moderation_blocked")), RefusedError),
    (answer(400, error("content_policy_violation")), RefusedError),
    (answer(400, error(None)), RefusedError),
    (answer(404), RefusedError),
    (answer(410), RefusedError),
    (answer(302, None, location="http://elsewhere/"), RefusedError),
    (answer(401), KeyRefused),
    (
        answer(400, {"error": {"message": "No connected db.", "type": "no_db_connection", "code": "400"}}),
        KeyRefused,
    ),
    (answer(403, error("unverified")), KeyRefused),
    (answer(403, error("content_filter")), RefusedError),
    (answer(402), OutOfCredit),
    (answer(429, error("insufficient_quota")), OutOfCredit),
    (answer(429), ProviderBusy),
    (answer(503, error("overloaded")), ProviderBusy),
    (answer(503, None, **{"retry-after": "3"}), ProviderBusy),
    (answer(503, b"<html>bad gateway</html>"), AnswerUnclear),
    (answer(500, error("rate_limit_exceeded")), AnswerUnclear),
    (answer(500), AnswerUnclear),
    (answer(502), AnswerUnclear),
    (answer(408), AnswerUnclear),
    (answer(409), AnswerUnclear),
    (answer(200, b"<html>"), AnswerUnclear),
]


@pytest.mark.parametrize(("given", "kind"), CREATED)
def test_after_a_create_call_only_a_plain_refusal_clears_the_doubt(
    given: Answer, kind: type[Exception]
) -> None:
    """What surely was not accepted may be sent again; everything else may have been."""
    assert kind is type(judged(given, create=True))


@pytest.mark.parametrize(
    ("given", "kind"),
    [(answer(500), ProviderFailed), (answer(409), ProviderFailed), (answer(404), NotThere), (answer(429), ProviderBusy),
     (answer(401), KeyRefused), (answer(400), NotThere)],
)  # fmt: skip
def test_a_question_may_be_asked_again(given: Answer, kind: type[Exception]) -> None:
    """Nothing was at stake, so trouble is only trouble."""
    assert kind is type(judged(given, create=False))


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(429, "1113", OutOfCredit), (429, "1302", ProviderBusy), (429, "1305", ProviderBusy), (429, "1310", OutOfCredit),
     (400, "1301", RefusedError), (400, "1211", RefusedError), (401, "1003", KeyRefused), (500, "1230", AnswerUnclear),
     (403, "1220", KeyRefused), (400, "1261", RefusedError)],
)  # fmt: skip
def test_codes_of_digits_are_known(status: int, code: str, kind: type[Exception]) -> None:
    """At Z.ai a 429 may mean wait, and it may mean pay."""
    assert kind is type(
        judged(answer(status, {"error": {"code": code, "message": "x"}}), create=True, codes=ZAI_CODES)
    )


@pytest.mark.parametrize(
    ("told", "text"),
    [(error("c", "m"), "m"), ({"error": "text"}, "text"), ({"detail": "text"}, "text"), ({"message": "text"}, "text"),
     ({"detail": [{"loc": ["a"], "msg": "wrong"}]}, "wrong"), ({"error": None}, ""), ({}, ""), ([1], ""),
     ({"error": {"code": 500}}, "")],
)  # fmt: skip
def test_errors_are_read_in_all_their_forms(told: Any, text: str) -> None:
    """Each server words them otherwise."""
    assert text == complaint(told).message


def test_a_stranger_s_words_are_short_plain_and_without_keys() -> None:
    """What a provider says stands on one line, whatever it holds."""
    Keys([SecretStr("key-0123456789abcdef")])
    said = complaint(error("c", "\x1b[31mred\n key-0123456789abcdef " + "long " * 10_000)).message
    assert said.startswith("[31mred [key] long")
    assert len(said) <= 200


@pytest.mark.parametrize("body", [b"{", b"[1]", b"null", b"[" * 100_000, b"\xff\xfe", b""])
def test_what_is_no_object_tells_nothing(body: bytes) -> None:
    """Half an object, a list or a thousand brackets are an answer without words."""
    assert {} == answer(200, body).told()


@pytest.mark.parametrize("found", ["../../x", "a/b", "a b", "", "x" * 401, None, 7, "a\n"])
def test_an_id_is_checked_before_it_is_used(found: Any) -> None:
    """An id that could be a path, or a line of its own, is none."""
    assert "" == usable_id({"id": found})


def secrets(*keys: str) -> Keys:
    """Keys of these texts."""
    return Keys([SecretStr(key) for key in keys])


def test_the_next_key_takes_over_and_stays() -> None:
    """A dead key is passed over, and the one that opened goes first from then on."""
    asked: list[str] = []

    def call(key: str) -> str:
        asked.append(key)
        if key == "dead":
            raise KeyRefused("no")
        return key

    keys = secrets("dead", "good")
    assert ["good", "good"] == [keys.use(call), keys.use(call)]
    assert ["dead", "good", "good"] == asked


def test_a_rate_limit_is_no_reason_for_another_key() -> None:
    """Limits are an organisation's; going round them is not ours to do."""
    asked: list[str] = []

    def call(key: str) -> str:
        asked.append(key)
        raise ProviderBusy("wait")

    with pytest.raises(ProviderBusy):
        secrets("one", "two").use(call)
    assert ["one"] == asked


def test_all_keys_without_credit_is_a_refusal() -> None:
    """Money, not the key, is what is missing: another exit status, another way out."""

    def call(key: str) -> str:
        raise OutOfCredit(f"no credit for {len(key)}")

    with pytest.raises(RefusedError):
        secrets("one", "two").use(call)


def test_an_order_of_another_key_s_account_is_found() -> None:
    """404 with one key may be 200 with the next."""

    def call(key: str) -> str:
        if key == "one":
            raise NotThere("who?", status=404)
        return key

    assert "two" == secrets("one", "two").use(call)
    with pytest.raises(NotThere):
        secrets("one", "one ").use(call)


def test_no_key_is_asked_for_by_name() -> None:
    """Without a key the line says that one is needed."""

    def call(key: str) -> str:
        raise KeyRefused(f"401{key}")

    with pytest.raises(KeyRefused, match="a key is needed"):
        secrets().use(call)


@pytest.mark.parametrize("key", ["two words", "ключ-0123456789", "a\x00b"])
def test_an_odd_key_is_a_usage_error_that_does_not_show_it(key: str) -> None:
    """What no header can carry is said without being said."""
    with pytest.raises(UsageError) as caught:
        secrets(key)
    assert key not in str(caught.value)


def test_several_keys_may_come_as_one_text() -> None:
    """Commas and lines part them; none of them shows."""
    options = WireOptions.model_validate({"key": "sk-one,\nsk-two\n"})
    assert ["sk-one", "sk-two"] == [key.get_secret_value() for key in options.key]
    assert "sk-one" not in repr(options)


@pytest.mark.parametrize(
    ("base", "local"),
    [("http://localhost:8000/v1", True), ("http://10.0.0.5/v1", True), ("http://gpu:8091/v1", True),
     ("https://api.openai.com/v1", False), ("http://8.8.8.8/v1", False), ("http://nas.local/v1", True)],
)  # fmt: skip
def test_an_own_network_is_known_by_its_spelling(base: str, local: bool) -> None:
    """No name is looked up to tell."""
    assert local is is_local(base)


@pytest.mark.parametrize("provider", ["openai", "zai", "openai-images"])
def test_what_ships_is_dated_and_whole(provider: str) -> None:
    """Each price has a day and a source, each end date is a day."""
    for model in known_models(provider).values():
        assert date.fromisoformat(model.dated)
        assert model.price is None or model.source
        assert all(date.fromisoformat(day) for day in (model.retires, model.gone) if day)
        assert all(part.isdigit() for size in model.sizes for part in size.split("x"))
        assert model.offer().model == model.name


def test_a_user_s_own_price_wins() -> None:
    """What one really pays is set in one's own settings, and all else stays."""
    model = known_models("zai", {"cogvideox-3": {"per_clip": 0.1}, "own": {"per_second": 0.5}})["cogvideox-3"]
    assert (0.1, (5, 10)) == (model.price and model.price.of(5), model.lengths_s)
    with pytest.raises(UsageError, match="cogvideox-3: per_clip"):
        known_models("zai", {"cogvideox-3": {"per_clip": "cheap"}})
