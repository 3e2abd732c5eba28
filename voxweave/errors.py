"""Every expected failure: what went wrong, where, and what to do next.

VoxWeaveError
├── UsageError        2    an option or setting that cannot be
├── InputError        3    the narration, subtitles, script or pictures given
├── DependencyError   4    a program or package that is missing or too old
├── ProviderError     5    a provider did not do what we asked
│   ├── ProviderBusy          5    asked too often; nothing was accepted, ask again later
│   ├── ProviderUnreachable   5    no connection was made; nothing was sent
│   ├── ProviderFailed        5    it answered a question with trouble of its own
│   ├── AnswerUnclear         5    a create call may have been accepted and may not
│   └── KeyRefused            5    this key does not open it, or is out of credit
├── RefusedError      6    policy, quota, credit or budget said no
├── MediaError        7    FFmpeg failed on material it should have managed
├── OutOfTime         7    a program took longer than it may, on a machine with too much to do
├── StorageError      8    a disk, folder or lock
│   ├── StorageBusy   8    somebody else has it, or it is away for now
│   └── OutputExists  8    the film is there already
└── Stopped         130    the user or the system asked us to end
"""

from enum import IntEnum


class Exit(IntEnum):
    """The exit statuses the command documents."""

    DONE = 0
    BUG = 1
    USAGE = 2
    INPUT = 3
    DEPENDENCY = 4
    PROVIDER = 5
    REFUSED = 6
    MEDIA = 7
    STORAGE = 8
    PARTIAL = 9
    STOPPED = 130
    TERMINATED = 143


class VoxWeaveError(Exception):
    """An expected failure. `hint` says what to do next, `retryable` whether later the same may well succeed."""

    exit_code = Exit.BUG
    retryable = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(VoxWeaveError):
    """An option or a setting cannot be what it is."""

    exit_code = Exit.USAGE


class InputError(VoxWeaveError):
    """A file we were given cannot be used."""

    exit_code = Exit.INPUT


class DependencyError(VoxWeaveError):
    """Something VoxWeave needs is missing, too old or without a needed part."""

    exit_code = Exit.DEPENDENCY


class ProviderError(VoxWeaveError):
    """A provider did not do what we asked."""

    exit_code = Exit.PROVIDER
    retryable = True


class ProviderBusy(ProviderError):
    """Asked too often. Nothing was accepted; worth asking again after `wait_s`."""

    def __init__(self, message: str, *, wait_s: float | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.wait_s = wait_s


class ProviderUnreachable(ProviderError):
    """No connection was made, so nothing was sent."""


class ProviderFailed(ProviderError):
    """A question (never a create call) met trouble at the provider; worth asking again."""


class AnswerUnclear(ProviderError):
    """A create call left, and no answer says whether it was accepted. Never sent again by itself."""

    retryable = False


class KeyRefused(ProviderError):
    """The key is wrong, or its account is unpaid; another key may do."""

    retryable = False


class RefusedError(VoxWeaveError):
    """Policy, quota, credit or budget said no."""

    exit_code = Exit.REFUSED


class MediaError(VoxWeaveError):
    """FFmpeg failed, or what it made is not what was asked for."""

    exit_code = Exit.MEDIA


class OutOfTime(VoxWeaveError):
    """A program was ended by our own limit of time; that says nothing of what it worked on."""

    exit_code = Exit.MEDIA
    retryable = True


class StorageError(VoxWeaveError):
    """A disk, a folder or a lock is in the way."""

    exit_code = Exit.STORAGE


class StorageBusy(StorageError):
    """Another run has it, or what many machines share is away; nothing is wrong with it."""

    retryable = True


class OutputExists(StorageError):
    """The film is there already and nobody said to replace it."""


class Stopped(VoxWeaveError):
    """The user or the system asked us to end."""

    exit_code = Exit.STOPPED
    retryable = True

    def __init__(self, message: str = "stopped", *, exit_code: Exit = Exit.STOPPED) -> None:
        super().__init__(message)
        self.exit_code = exit_code
