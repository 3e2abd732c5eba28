"""Models of one's own from a hub, trusted on first use, and the switch that forbids to fetch any."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.toy_model import REPO, TOY, WEIGHTS, lay, wire_to
from tests.fakes.hub import FakeHub
from tests.weights import skip_without_engine
from voxweave.errors import DependencyError, ProviderError
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.stopping import StopSignal
from voxweave.providers.base import Recognizer, Toolkit
from voxweave.providers.registry import make_provider
from voxweave.providers.whisper.hub import described
from voxweave.providers.whisper.store import NOTE


@pytest.fixture
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHub]:
    """A hub with the toy model."""
    with FakeHub(lay(tmp_path_factory.mktemp("hub"))) as running:
        yield running


def test_a_repository_of_ones_own_is_trusted_on_first_use(hub: FakeHub, tmp_path: Path) -> None:
    """Its hashes are the hub's word, noted beside the model; what changes later is refused."""
    skip_without_engine()
    kit = Toolkit(find_ffmpeg(), StopSignal(), lambda share: None)
    options = {"model": REPO, "folder": tmp_path, "hub_cache": tmp_path / "none", "hub": hub.origin}
    mine = make_provider("whisper", Recognizer, options=options, tools=kit)
    assert not mine.prospect("en", 1000).ready

    mine.prepare()

    again = make_provider("whisper", Recognizer, options={**options, "offline": True}, tools=kit)
    assert again.prospect("en", 1000).ready
    (place,) = tmp_path.glob("tests--whisper-toy-*/")
    noted = json.loads((place / NOTE).read_text())
    assert noted["first_use"]
    assert noted["files"]["model.bin"]["sha256"] == TOY.files["model.bin"].sha256
    assert TOY.files["model.bin"].sha256[:16] in again.identity  # type: ignore[attr-defined]
    (place / "model.bin").write_bytes(bytes(len(WEIGHTS)))
    with pytest.raises(DependencyError, match=r"model\.bin .* has changed"):
        again.prepare()


def test_offline_nothing_is_fetched(hub: FakeHub, tmp_path: Path) -> None:
    """The switch holds in the provider itself, and the line says what to do."""
    skip_without_engine()
    kit = Toolkit(find_ffmpeg(), StopSignal(), lambda share: None)
    options = {"folder": tmp_path, "hub_cache": tmp_path / "none", "hub": hub.origin, "offline": True}

    with pytest.raises(DependencyError, match="nothing may be downloaded"):
        make_provider("whisper", Recognizer, options=options, tools=kit).prepare()
    assert [] == hub.asked


def test_a_repository_without_a_model_is_refused(hub: FakeHub) -> None:
    """What holds no weights is no model, and what is not there is said to be so."""
    with pytest.raises(ProviderError, match="holds no Whisper model"):
        described("tests/poem", wire_to(hub.origin))
    with pytest.raises(ProviderError, match="does not give"):
        described("tests/nothing", wire_to(hub.origin))
