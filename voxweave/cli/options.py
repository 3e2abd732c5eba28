"""Every setting as a flag, and the settings that hold for one narration."""

import os
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import click

from voxweave.settings import ACCEPTED, CONFIG, NAME, Loaded, Settings, load, user_file

_Command = TypeVar("_Command", bound=Callable[..., object])

_METAVARS = {
    "resolution": "SIZE", "aspect": "W:H", "fps": "RATE", "loudness": "LUFS", "captions": "WAYS",
    "media": "FOLDER", "work": "FOLDER", "cover": "FILE", "language": "TAG", "seed": "N", "workers": "N",
    "scene_min_s": "S", "scene_max_s": "S", "font": "FONT", "title": "TEXT", "artist": "TEXT",
    "style": "NAME", "preset": "NAME", "ffmpeg": "WHICH",
    "reference": "WHAT", "cache": "FOLDER", "cache_gb": "GB", "artifacts": "STORE", "ledger": "URL", "purse": "NAME", "provider": "NAMES", "model": "NAME", "base_url": "URL", "max_cost": "DOLLARS", "clips": "N", "mix": "SHARE",
    "prompt": "TEXT", "order_deadline_s": "S", "poll_s": "S", "quiet_s": "S", "retry_s": "S",
    "quality": "NAME", "encoder": "NAME", "max_size": "BYTES", "max_bitrate": "BITS", "transition": "NAME",
    "transition_s": "S", "recognizer": "NAME", "speech_model": "NAME", "caption_look": "NAME", "caption_color": "COLOUR",
    "caption_highlight": "COLOUR", "caption_size": "SHARE", "caption_profile": "NAME", "caption_position": "WHERE",
    "caption_files": "KINDS",
}  # fmt: skip


def settings_options(command: _Command) -> _Command:
    """Give a command one flag for each setting; what is not given arrives as None."""
    return some_settings(*Settings.model_fields)(command)


def some_settings(*keys: str) -> Callable[[_Command], _Command]:
    """Give a command the flags of these settings alone."""

    def give(command: _Command) -> _Command:
        for key in reversed(keys):
            command = _option(key)(command)
        return command

    return give


def _option(key: str) -> Callable[[_Command], _Command]:
    field = Settings.model_fields[key]
    flag = "--" + key.replace("_", "-")
    default = shown(field.default)
    if field.annotation is bool:
        text = f"{field.description}. Default: {'on' if field.default else 'off'}."
        return click.option(f"{flag}/--no-{flag[2:]}", key, default=None, help=text)
    text = f"{field.description}. Accepted: {ACCEPTED[key]}."
    if default or "without it" not in str(field.description):
        text += f" Default: {default or 'none'}."
    return click.option(flag, key, metavar=_METAVARS.get(key, "WORD"), help=text)


def shown(value: object) -> str:
    """A setting's value as one would type it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, Fraction | float):
        return f"{float(value):.3f}".rstrip("0").rstrip(".")
    return str(value)


def said(flags: Mapping[str, object]) -> dict[str, object]:
    """The flags that stand on the command line."""
    return {key: value for key, value in flags.items() if value is not None}


def own_file(config: str | None) -> Path:
    """The user's file: the one `--config` names, VOXWEAVE_CONFIG's, or the usual one."""
    return user_file(os.environ if config is None else {CONFIG: config})


def settings_for(folder: Path, flags: Mapping[str, object], config: str | None) -> Loaded:
    """The settings that hold for a narration in a folder."""
    return load(flags, environ=os.environ, job_file=folder / NAME, user_file=own_file(config))
