"""What this machine has for a model: memory that is free, cores, a graphics card."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from voxweave.media.cores import cores

_MEMORY = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")
_PLENTY = 1 << 50


@dataclass(frozen=True)
class Machine:
    """Bytes of memory a program may still take, processor cores for us, and whether CUDA answers."""

    free_bytes: int
    cores: int
    cuda: bool


def this_machine(device: str = "auto") -> Machine:
    """The machine we run on; a container's own limits count."""
    return Machine(min(_free(), _group_free()), cores(), device != "cpu" and _cuda())


def _free() -> int:
    """What the kernel could give without swapping; plenty where it does not tell."""
    try:
        lines = _MEMORY.read_text().splitlines()
    except OSError:
        return _PLENTY
    told = [line.split() for line in lines if line.startswith("MemAvailable:")]
    return int(told[0][1]) << 10 if told else _PLENTY


def _group_free() -> int:
    """What a container may still take; plenty where there is no limit."""
    try:
        most = (_GROUP / "memory.max").read_text().strip()
        used = int((_GROUP / "memory.current").read_text())
        return max(0, int(most) - used) if most.isdigit() else _PLENTY
    except (OSError, ValueError):
        return _PLENTY


def _cuda() -> bool:
    """Whether the engine sees a graphics card it can use; asking loads no driver's libraries but its own."""
    if find_spec("ctranslate2") is None:
        return False
    import ctranslate2

    try:
        return int(ctranslate2.get_cuda_device_count()) > 0
    except RuntimeError:  # a driver that is there and does not answer
        return False
