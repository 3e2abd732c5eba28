"""What can be set about working with other machines."""

import re

from pydantic import Field, field_validator

from voxweave.core.addresses import secrets_in, store_place
from voxweave.core.redaction import learn
from voxweave.settings.words import WORD_ACCEPTED, WordSettings

SHARING_ACCEPTED = {
    **WORD_ACCEPTED,
    "artifacts": "a folder, or s3://BUCKET/PREFIX?endpoint=URL&region=NAME",
    "ledger": "postgresql://USER@HOST:PORT/DATABASE",
    "purse": "a name of letters, digits, dots and dashes",
}
"""In an error's and the help's words."""

_DATABASE = re.compile(r"postgres(ql)?:/{2}\S")
_PURSE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")

ADDRESSES = ("artifacts", "ledger")
"""Settings whose values may hold a password; shown through core.addresses.hidden."""


class SharingSettings(WordSettings):
    """What can be set about what several machines share."""

    artifacts: str = Field(
        default="",
        description="Where several machines share scenes, clips and results of steps; without it nowhere",
    )

    ledger: str = Field(
        default="",
        description="The database where several machines write down orders, limits and purses; without it files of"
        " your own",
        repr=False,
    )
    purse: str = Field(
        default="", description="Films that name the same purse share max_cost; without it each has its own"
    )

    @field_validator("ledger")
    @classmethod
    def _database(cls, value: str) -> str:
        if value:
            learn(*secrets_in(value))
            if not _DATABASE.match(value) or any(letter.isspace() for letter in value):
                raise ValueError("no address of a database")
        return value

    @field_validator("purse")
    @classmethod
    def _name(cls, value: str) -> str:
        if value and not _PURSE.fullmatch(value):
            raise ValueError("no plain name")
        return value

    @field_validator("artifacts")
    @classmethod
    def _store(cls, value: str) -> str:
        if value:
            learn(*secrets_in(value))
            store_place(value)
        return value
