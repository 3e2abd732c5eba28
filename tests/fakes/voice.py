"""Sound that behaves like a voice, made of numbers: sentences of syllables with pauses between them."""

import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000
_SYLLABLES_HZ = 4.3
_EDGE_S = 0.03


def voice(seconds: float, *, pauses: Sequence[tuple[float, float]] = (), seed: int = 1) -> NDArray[np.int16]:
    """Mono samples: a gliding pitch with formants, opened and closed four times a second, still in the pauses."""
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    pitch = 125 + 20 * np.sin(2 * np.pi * 0.4 * at) + 6 * np.sin(2 * np.pi * 1.7 * at)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
    tone = sum(np.sin(n * phase) * _formant(n * 125) for n in range(1, 25))
    mouth = 0.15 + 0.85 * np.sin(np.pi * _SYLLABLES_HZ * at) ** 2
    sound = tone * mouth * _open(at, pauses)
    hiss = np.random.default_rng(seed).normal(0, 0.0004, len(at))
    scaled = 0.35 * sound / np.abs(sound).max() + hiss
    return (32767 * np.clip(scaled, -1, 1)).astype(np.int16)


def write_wav(path: Path, sound: NDArray[np.int16], rate_hz: int = RATE_HZ) -> Path:
    """The samples as a plain WAV; two dimensions are samples by channels."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if sound.ndim == 1 else sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(np.ascontiguousarray(sound).tobytes())
    return path


def _formant(hertz: float) -> float:
    return float(sum(np.exp(-(((hertz - peak) / width) ** 2)) for peak, width in ((600, 250), (1400, 400))))


def _open(at: NDArray[np.float64], pauses: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """One where the voice speaks, nought in its pauses, with soft edges."""
    gate = np.ones_like(at)
    for start, end in pauses:
        depth = np.minimum(at - start, end - at)
        gate = np.minimum(gate, 1 - np.clip(depth / _EDGE_S, 0, 1))
    return gate
