"""What a fault is, and how the simple ones are made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.provider.wire import Answer, Deliver, as_json

if TYPE_CHECKING:
    from tests.fakes.provider.service import Scene

Usual = Callable[[], Answer]
Act = Callable[["Scene", Usual], Answer]
FOR_EVER = 0


@dataclass(frozen=True)
class Fault:
    """A scenario: at which stage it comes, what it does to the answer, and how often unless the script says."""

    name: str
    stage: str
    act: Act
    times: int = 1


Faults = dict[str, tuple[Act, int]]


def named(stage: str, faults: dict[str, Act], times: dict[str, int]) -> dict[str, Fault]:
    """The faults of a stage by their names."""
    return {name: Fault(name, stage, act, times.get(name, 1)) for name, act in faults.items()}


def refuse(status: int, message: str, code: str = "", **headers: str) -> Act:
    """Turn it down in the server's own words; nothing was done."""

    def act(scene: "Scene", _usual: Usual) -> Answer:
        return scene.flavour.error(status, message, code).with_headers(**headers)

    return act


def instead(answer: Answer) -> Act:
    """Say this; nothing was done."""
    return lambda _scene, _usual: answer


def after(answer: Answer) -> Act:
    """Do what was asked for, and say this."""

    def act(_scene: "Scene", usual: Usual) -> Answer:
        usual()
        return answer

    return act


def send(deliver: Deliver) -> Act:
    """Do what was asked for, and send the answer in this way."""
    return lambda _scene, usual: usual().but(deliver=deliver)


def silent(deliver: Deliver) -> Act:
    """Do nothing, and send nothing in this way."""
    return lambda _scene, _usual: Answer(500, deliver=deliver)


def changed(change: Callable[[dict[str, Any]], Any]) -> Act:
    """Change the object that would have been said, or say what `change` gives."""

    def act(_scene: "Scene", usual: Usual) -> Answer:
        answer = usual()
        if answer.status >= 400:
            return answer
        found = answer.json
        given = change(found)
        return as_json(found if given is None else given, answer.status)

    return act


def redirect(target: Callable[["Scene"], str]) -> Act:
    """Send the client elsewhere."""
    return lambda scene, _usual: Answer(302, b"", {"Location": target(scene)})
