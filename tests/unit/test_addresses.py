"""Addresses as they may be shown."""

import pytest

from voxweave.core.addresses import hidden, without_secrets
from voxweave.core.redaction import redacted
from voxweave.errors import UsageError
from voxweave.providers.http import base_address
from voxweave.providers.proxies import via


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://me:word@db/x", "postgresql://me:…@db/x"),
        ("postgresql://me@db/x?password=word", "postgresql://me@db/x?password=…"),
        ("s3://id:word@b/p?endpoint=http://h:1", "s3://id:…@b/p?endpoint=http://h:1"),
        ("s3://b?endpoint=http://u:wo/rd@h:1&region=x", "s3://b?endpoint=http://u:…@h:1&region=x"),
        ("postgresql://me:wo?rd@db/x", "postgresql://me:…@db/x"),
        ("postgresql://h:5432/x?user=a@b", "postgresql://h:5432/x?user=a@b"),
        ("s3://b?endpoint=http%3A%2F%2Fu%3Aword%40h", "s3://b?endpoint=http://u:…@h"),
        ("s3://b?endpoint=http%3A%2F%2Fh", "s3://b?endpoint=http%3A%2F%2Fh"),
    ],
)
def test_no_password_is_shown(address: str, shown: str) -> None:
    """Not that of an address within the address either; what opens nothing stays as it is."""
    assert shown == hidden(address)
    assert "…" not in without_secrets(address)
    assert "word" not in without_secrets(address).replace("password=", "")


@pytest.mark.parametrize("scheme", ["", "http://", "socks5://"])
@pytest.mark.parametrize("mark", ["", "/", '"', "?", "#", " ", "@", "7/?"])
def test_no_password_of_a_proxy_is_told(scheme: str, mark: str) -> None:
    """However odd the password, or wrong the form, the line that refuses it shows nothing of it."""
    address = f"{scheme}me:{mark}Geheim{mark}Wort@proxy.example.com:3128/x"
    for read in (via, base_address):
        with pytest.raises(UsageError, match=r"…@proxy\.example\.com:3128/x") as caught:
            read(address)
        assert not [word for word in ("Geheim", "Wort") if word in f"{caught.value} {caught.value.hint}"]


@pytest.mark.parametrize("mark", ["", "/", '"', "?", "#", "'", "<"])
def test_no_password_within_a_text_is_told(mark: str) -> None:
    """An address in a log or an error may be no better."""
    said = redacted(f"no way by http://me:Geheim{mark}Wort@proxy:3128 today")
    assert said == "no way by http://proxy:3128 today"
