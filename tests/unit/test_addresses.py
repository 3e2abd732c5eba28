"""Addresses as they may be shown."""

import pytest

from voxweave.core.addresses import hidden, without_secrets


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://me:word@db/x", "postgresql://me:…@db/x"),
        ("postgresql://me@db/x?password=word", "postgresql://me@db/x?password=…"),
        ("s3://id:word@b/p?endpoint=http://h:1", "s3://id:…@b/p?endpoint=http://h:1"),
        ("s3://b?endpoint=http://u:wo/rd@h:1&region=x", "s3://b?endpoint=http://u:…@h:1&region=x"),
        ("s3://b?endpoint=http%3A%2F%2Fu%3Aword%40h", "s3://b?endpoint=http://u:…@h"),
        ("s3://b?endpoint=http%3A%2F%2Fh", "s3://b?endpoint=http%3A%2F%2Fh"),
    ],
)
def test_no_password_is_shown(address: str, shown: str) -> None:
    """Not that of an address within the address either; what opens nothing stays as it is."""
    assert shown == hidden(address)
    assert "…" not in without_secrets(address)
    assert "word" not in without_secrets(address).replace("password=", "")
