"""eSpeak NG's own word events, through its library."""

import ctypes
from functools import cache
from typing import Any

import numpy as np
from voices import Sound, Speak, Spoken

_RETRIEVAL, _UTF8, _WORD, _SPEED = 1, 1, 1, 140


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int), ("unique", ctypes.c_uint), ("position", ctypes.c_int), ("length", ctypes.c_int),
        ("audio_ms", ctypes.c_int), ("sample", ctypes.c_int), ("user", ctypes.c_void_p), ("id", ctypes.c_char * 8),
    )  # fmt: skip


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


def espeak(voice: str) -> Speak:
    """A voice that tells where in its text it is."""
    library, rate_hz = _library()
    if library.espeak_SetVoiceByName(voice.encode()):
        raise OSError(f"eSpeak has no voice {voice}")
    library.espeak_SetParameter(1, _SPEED, 0)
    return lambda words: _speak(library, voice, words, rate_hz=rate_hz)


@cache
def _library() -> tuple[Any, int]:
    """The library and its rate; a second start in one process hangs."""
    library = ctypes.CDLL("libespeak-ng.so.1")
    return library, library.espeak_Initialize(_RETRIEVAL, 500, None, 0)


def _speak(library: Any, voice: str, words: list[str], *, rate_hz: int) -> Spoken:
    sounds: list[Sound] = []
    starts: dict[int, tuple[float, float]] = {}

    def heard(sound: Any, count: int, events: Any) -> int:
        place = 0
        while events[place].type:
            if events[place].type == _WORD:
                moment = events[place].sample / rate_hz
                starts.setdefault(events[place].position - 1, (moment, moment))
            place += 1
        if sound and count > 0:
            sounds.append(np.ctypeslib.as_array(sound, (count,)).copy())
        return 0

    keep = _Callback(heard)
    library.espeak_SetSynthCallback(keep)
    library.espeak_SetVoiceByName(voice.encode())
    text = " ".join(words)
    raw = text.encode()
    library.espeak_Synth(raw, len(raw) + 1, 0, 1, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    places = [len(" ".join(words[:index])) + (index > 0) for index in range(len(words))]
    return Spoken(np.concatenate(sounds), rate_hz, [starts.get(place) for place in places])
