"""Languages go by one name, whoever says it."""

import pytest

from voxweave.core.languages import container_language, tag_of


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("english", "en"), ("English", "en"), ("en", "en"), ("pt_BR", "pt-br"), ("haitian creole", ""),
        ("myanmar", "my"), ("", ""), ("<unk>", ""), ("zh-Hant", "zh-hant"),
    ],
)  # fmt: skip
def test_services_names_become_tags(name: str, tag: str) -> None:
    """English names and tags alike; what is neither is not known."""
    assert tag == tag_of(name)


def test_containers_want_three_letters() -> None:
    """Of the primary language; und where it is not known."""
    assert ["eng", "por", "haw", "und"] == [container_language(tag) for tag in ("en-GB", "pt", "haw", "")]
