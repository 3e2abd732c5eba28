"""A machine whose disk, sockets and children fail on demand, at the very call that is named."""

from tests.fakes.machine.birth import Fault, Trap
from tests.fakes.machine.run import Born, Nursery

__all__ = ["Born", "Fault", "Nursery", "Trap"]
