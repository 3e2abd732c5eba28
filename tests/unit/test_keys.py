"""Where keys come from, and who sees them."""

from pathlib import Path

import pytest

from voxweave.core.redaction import redacted
from voxweave.errors import UsageError
from voxweave.settings.keys import Key, is_key_variable, keys_for, variables

ONE, TWO, THREE = "sk-test-aaaaaaaaaa1111", "sk-test-bbbbbbbbbb2222", "sk-test-cccccccccc3333"


def secrets(keys: tuple[Key, ...]) -> list[str]:
    """The keys as they go on the wire."""
    return [key.secret.get_secret_value() for key in keys]


def found(provider: str, file: Path, **environ: str) -> tuple[Key, ...]:
    """The keys of a provider without a keyring."""
    return keys_for(provider, environ=environ, file=file, ring=lambda _: None)


@pytest.fixture
def absent(tmp_path: Path) -> Path:
    """A file of keys that is not there."""
    return tmp_path / "keys.toml"


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("openai", "OPENAI_API_KEY"),
        ("openai", "VOXWEAVE_OPENAI_KEY"),
        ("openai-images", "OPENAI_API_KEY"),
        ("openai-images", "VOXWEAVE_OPENAI_IMAGES_KEY"),
        ("zai", "ZAI_API_KEY"),
        ("zai", "VOXWEAVE_ZAI_KEY"),
        ("my.cloud", "VOXWEAVE_MY_CLOUD_KEY"),
        ("my.cloud", "MY_CLOUD_API_KEY"),
    ],
)
def test_a_key_stands_in_the_vendors_variable_or_in_ours(provider: str, name: str, absent: Path) -> None:
    """Each provider's key is found under its vendor's name and under its own."""
    (key,) = found(provider, absent, **{name: ONE})

    assert (key.secret.get_secret_value(), key.origin) == (ONE, name)


def test_a_provider_sees_its_own_keys_only(absent: Path) -> None:
    """A key opens the provider it is for, and no other."""
    assert found("zai", absent, OPENAI_API_KEY=ONE) == ()
    assert found("art", absent, OPENAI_API_KEY=ONE, ZAI_API_KEY=TWO) == ()


def test_ours_goes_before_the_vendors(absent: Path) -> None:
    """A variable meant for VoxWeave beats the vendor's, which other programs read too."""
    assert secrets(found("openai", absent, OPENAI_API_KEY=ONE, VOXWEAVE_OPENAI_KEY=TWO)) == [TWO]


@pytest.mark.parametrize("text", [f"{ONE},{TWO}", f"{ONE}\n{TWO}\n", f" {ONE} ,\r\n, {TWO},{ONE}"])
def test_several_keys_stand_in_a_row(text: str, absent: Path) -> None:
    """Keys are parted by commas or lines, and each is tried once, in their order."""
    assert secrets(found("openai", absent, OPENAI_API_KEY=text)) == [ONE, TWO]


def test_a_primary_and_a_secondary_key_are_both_read(absent: Path) -> None:
    """The vendor's variables for a second key stand behind the first."""
    keys = found("openai", absent, OPENAI_API_KEY_SECONDARY=TWO, OPENAI_API_KEY_PRIMARY=ONE)

    assert [key.origin for key in keys] == ["OPENAI_API_KEY_PRIMARY", "OPENAI_API_KEY_SECONDARY"]


def test_a_variable_may_name_a_file(tmp_path: Path, absent: Path) -> None:
    """Containers mount their secrets as files that all may read: those are taken."""
    secret = tmp_path / "secret"
    secret.write_text(ONE + "\n")
    secret.chmod(0o444)

    (key,) = found("zai", absent, ZAI_API_KEY_FILE=str(secret))

    assert (key.secret.get_secret_value(), key.origin) == (ONE, "ZAI_API_KEY_FILE")


@pytest.mark.parametrize("content", [None, ""])
def test_a_file_named_and_not_there_is_an_error(content: str | None, tmp_path: Path, absent: Path) -> None:
    """Whoever names a file means it: a missing or empty one is told, with the variable's name."""
    secret = tmp_path / "secret"
    if content is not None:
        secret.write_text(content)

    with pytest.raises(UsageError, match="ZAI_API_KEY_FILE"):
        found("zai", absent, ZAI_API_KEY_FILE=str(secret))


def test_the_keyring_comes_after_the_environment(absent: Path) -> None:
    """The keyring is asked by the provider's name, only when no variable holds a key."""
    asked: list[str] = []

    def ring(name: str) -> str | None:
        asked.append(name)
        return THREE if name == "openai" else None

    assert secrets(keys_for("openai-images", environ={}, file=absent, ring=ring)) == [THREE]
    assert asked == ["openai-images", "openai"]
    asked.clear()
    assert secrets(keys_for("openai", environ={"OPENAI_API_KEY": ONE}, file=absent, ring=ring)) == [ONE]
    assert asked == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_others_can_read_is_refused(mode: int, absent: Path) -> None:
    """A file of keys that is open to group or others is not used, and the way to close it is told."""
    absent.write_text(f'openai = "{ONE}"')
    absent.chmod(mode)

    with pytest.raises(UsageError, match="may be read by others") as caught:
        found("openai", absent)

    assert "chmod 600" in caught.value.hint


@pytest.mark.parametrize(
    "text", [f"openai = {ONE}", f'openai = "{ONE}', f'openai = {{ a = "{ONE}" }}', "openai = 7"]
)
def test_a_broken_file_is_told_without_its_keys(text: str, absent: Path) -> None:
    """Whatever is wrong with the file, its lines are in no message and no cause."""
    absent.write_text(text)
    absent.chmod(0o600)

    with pytest.raises(UsageError) as caught:
        found("openai", absent)

    assert ONE not in f"{caught.value} {caught.value.hint} {caught.value.__cause__!r}"
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_folder_in_place_of_the_file_is_refused(absent: Path) -> None:
    """Only an ordinary file holds keys."""
    absent.mkdir()

    with pytest.raises(UsageError, match="not an ordinary file"):
        found("openai", absent)


@pytest.mark.parametrize("text", ["“sk-test-aaaaaaaaaa”", '"sk-test-aaaaaaaaaa"', "sk-test-\x00aaaaaaaa"])
def test_what_cannot_be_a_key_is_refused(text: str, absent: Path) -> None:
    """Quotation marks and odd characters come from copying; the variable is named, the text is not."""
    with pytest.raises(UsageError, match="OPENAI_API_KEY") as caught:
        found("openai", absent, OPENAI_API_KEY=text)

    assert "aaaa" not in str(caught.value)


def test_a_key_is_never_printed(absent: Path) -> None:
    """A key's value shows neither printed nor in JSON, and once read is taken out of any text."""
    (key,) = found("openai", absent, OPENAI_API_KEY="opaque.0123456789.secret")

    assert "0123456789" not in f"{key!r} {key} {key.to_json()}"
    assert key.shown == "…cret"
    assert redacted("told opaque.0123456789.secret by mistake") == "told [key] by mistake"


def test_key_variables_are_no_settings() -> None:
    """Variables of keys are told apart from settings, so that nobody is warned of them."""
    assert all(is_key_variable(name) for name in variables("openai") if name.startswith("VOXWEAVE_"))
    assert is_key_variable("VOXWEAVE_ZAI_KEY_FILE")
    assert not is_key_variable("VOXWEAVE_STYLE")
