"""Whatever is set where, the nearest place wins."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from voxweave.errors import UsageError
from voxweave.settings import ACCEPTED, Settings, load

VALUES = {
    "aspect": st.sampled_from(["16:9", "9:16", "1:1", "4:5", "4:3"]),
    "loudness": st.sampled_from(["off", "-20", "-18", "-16", "-14"]),
    "seed": st.integers(0, 2**32 - 1).map(str),
    "style": st.sampled_from(["cyberpunk", "ink", "paper"]),
    "title": st.text("abcdef", min_size=1, max_size=9),
}
PLACES = ("flag", "environment", "job", "user")
PRESET = {"aspect": "9:16", "loudness": "-13"}

place = st.fixed_dictionaries({}, optional=VALUES)
places = st.fixed_dictionaries(dict.fromkeys(PLACES, place))


def settings_of(layers: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The keys of VALUES as they come out of four places."""
    with tempfile.TemporaryDirectory() as name:
        job, user = Path(name, "job.toml"), Path(name, "user.toml")
        job.write_text(toml(layers["job"]))
        user.write_text(toml(layers["user"]) + "[presets.mine]\n" + toml(PRESET))
        environ = {f"VOXWEAVE_{key.upper()}": value for key, value in layers["environment"].items()}
        loaded = load(layers["flag"], environ=environ, job_file=job, user_file=user)
    return {key: str(getattr(loaded.settings, key)) for key in VALUES}


def toml(values: Mapping[str, str]) -> str:
    """The values as a file."""
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


def nearest(layers: list[Mapping[str, str]]) -> dict[str, str]:
    """What should hold: for each key the first layer that names it."""
    found = {key: str(getattr(Settings(), key)) for key in VALUES}
    for layer in reversed(layers):
        found |= {key: value for key, value in layer.items() if key in VALUES}
    return found


@given(places)
def test_the_nearest_place_wins(layers: dict[str, dict[str, str]]) -> None:
    """A flag beats the environment, which beats the job's file, which beats the user's, key by key."""
    assert settings_of(layers) == nearest([layers[name] for name in PLACES])


@given(places, st.sampled_from(PLACES))
def test_a_preset_stands_just_below_what_names_it(layers: dict[str, dict[str, str]], namer: str) -> None:
    """A preset beats every place farther than the one that names it, and no nearer one."""
    order: list[Mapping[str, str]] = []
    for name in PLACES:
        order += [layers[name], PRESET] if name == namer else [layers[name]]

    named = {**layers, namer: {**layers[namer], "preset": "mine"}}

    assert settings_of(named) == nearest(order)


@given(st.sampled_from(sorted(ACCEPTED)), st.text(max_size=40))
def test_any_word_is_taken_or_refused_by_name(key: str, value: str) -> None:
    """A flag's value makes settings, or one usage error that begins with the setting's name."""
    try:
        load({key: value}, environ={}, job_file=None, user_file=None)
    except UsageError as error:
        assert str(error).startswith(f"{key} (flag --{key.replace('_', '-')})")


@given(st.binary(max_size=200))
def test_any_bytes_are_settings_or_one_error(raw: bytes) -> None:
    """A file of any bytes is read or refused with its name, never anything else."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "voxweave.toml")
        file.write_bytes(raw)
        try:
            load({}, environ={}, job_file=file, user_file=None)
        except UsageError as error:
            assert str(file) in str(error)
