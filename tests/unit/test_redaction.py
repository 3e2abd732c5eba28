"""What is taken out of text before anybody sees it."""

import time

import pytest

from tests.pace import within
from voxweave.core.redaction import learn, masked, redacted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET https://u:pw@cdn.example/a.mp4?sig=1&e=2#top", "GET https://cdn.example/a.mp4?[cut]"),
        ("Authorization: Bearer abcdef12345", "Authorization: [key]"),
        ("authorization: Basic dXNlcjpwYXNz", "authorization: [key]"),
        ("sent with Bearer abcdef12345 once", "sent with Bearer [key] once"),
        ("{'api_key': 'abcdef12345', 'n': 1}", "{'api_key': '[key]', 'n': 1}"),
        ("X-Api-Key: abcdef12345", "X-Api-Key: [key]"),
        ("x-goog-api-key=abcdef12345", "x-goog-api-key=[key]"),
        ("OPENAI_API_KEY=abcdef12345 set", "OPENAI_API_KEY=[key] set"),
        ("Incorrect API key provided: sk-proj-0123456789abc", "Incorrect API key provided: [key]"),
        ("key sk-ab******************wxyz refused", "key [key] refused"),
        ("/content?id=7&signature=abcdef12345", "/content?id=7&signature=[key]"),
        ("X-Amz-Signature=abcdef12345&b=c", "X-Amz-Signature=[key]&b=c"),
        ("0123456789abcdef0123456789abcdef.AbCdEfGh12345678", "[key]"),
        ("password: hunter22", "password: [key]"),
        ("as x-eyJhbGciOiJI.eyJzdWIiOiIx.c2ln, once", "as [key], once"),
    ],
)
def test_secrets_and_queries_are_taken_out(text: str, shown: str) -> None:
    """What is named or shaped like a secret, and the query and user of any address, are not shown."""
    assert redacted(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "the policy: moderation refused scene 4",
        "max_tokens: 1234567",
        "invalid signature: something odd",
        "a skilled task-force at 12:30, ask-me-anything",
        "see https://docs.example.org/a/b for more",
        "",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    """A line about secrets that holds none is shown whole."""
    assert redacted(text) == text


def test_a_known_secret_is_found_anywhere() -> None:
    """A loaded secret is taken out whatever stands around it, and in the form addresses write it."""
    learn("plain+words/of#mine")

    assert redacted("xplain+words/of#miney") == "x[key]y"
    assert redacted("at plain%2Bwords%2Fof%23mine,") == "at [key],"


def test_a_longer_secret_goes_first() -> None:
    """A secret that begins like another leaves no tail behind."""
    learn("common-start", "common-start-and-end")

    assert redacted("common-start-and-end") == "[key]"


def test_what_stands_for_no_key_is_no_secret() -> None:
    """Words such as `none` are given where a server wants no key; they stay words."""
    learn("none", "EMPTY")

    assert redacted("none of it is EMPTY") == "none of it is EMPTY"


def test_a_picture_in_an_answer_is_counted() -> None:
    """A long run of base64 is told by its length."""
    assert redacted('{"b64_json": "' + "QUJD" * 200 + '"}') == '{"b64_json": "[800 characters]"}'


@pytest.mark.parametrize(
    "text",
    [
        "a" * 500_000, "sk-" * 150_000, "a-b:/ " * 80_000, "a_" * 250_000, "http://" * 70_000, "eyJ-" * 120_000,
        "h://a:1/" * 50_000 + "@", "eyJaaaaaaaaa." * 40_000,
    ],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    """A hostile answer costs no more time than its length warrants."""
    with within(2, clock=time.process_time):
        redacted(text)


@pytest.mark.parametrize(
    ("key", "shown"),
    [("sk-proj-abcdefgh1234", "sk-…1234"), ("abcdefghijklmnop9876", "…9876"), ("short-key", "…"), ("", "…")],
)
def test_a_masked_key_tells_two_apart(key: str, shown: str) -> None:
    """A key is shown by its mark and its last four characters, a short one not at all."""
    assert masked(key) == shown
