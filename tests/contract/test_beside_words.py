"""What goes beside the words of an order, on the wire: a picture of the clip's size, and the scene's voice."""

import io
import wave
from pathlib import Path

import pytest

from tests.conftest import Ffmpeg
from tests.contract.ordering_one import made, wanted
from tests.fakes.provider.running import FakeProvider
from tests.fakes.voice import voice, write_wav
from voxweave.core.time import Span
from voxweave.core.value import MediaFile
from voxweave.errors import UsageError
from voxweave.media.files import fingerprint
from voxweave.media.pieces import cut_piece
from voxweave.providers.openai_videos.provider import OpenaiVideos
from voxweave.providers.zai import Zai

SPEAKS = "Wan-AI/Wan2.2-S2V-14B"


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory, ffmpeg: Ffmpeg) -> MediaFile:
    """A square picture."""
    file = tmp_path_factory.mktemp("picture") / "square.png"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=400x400", "-frames:v", "1", file)
    return fingerprint(file)


@pytest.fixture
def piece(tmp_path: Path) -> MediaFile:
    """A second and a half of a voice."""
    write_wav(tmp_path / "talk.wav", voice(3.0, pauses=[]))
    return fingerprint(cut_piece(tmp_path / "talk.wav", Span(start=500, end=2000), tmp_path / "pieces"))


def test_a_model_that_speaks_is_known_by_its_name(picture: MediaFile, piece: MediaFile) -> None:
    """Read from the server's own list: it offers to take both, and gets both in the fields the server has."""
    with FakeProvider("vllm_omni", models=[SPEAKS]) as fake:
        supplier = made(OpenaiVideos, fake)
        offer = supplier.offers()[0]
        supplier.order(wanted(supplier, picture=picture, sound=piece, width=832, height=480))
        (order,) = fake.truth()["orders"]
    assert (SPEAKS, True, True, True) == (
        offer.model, offer.takes_sound, offer.takes_picture, offer.needs_picture,
    )  # fmt: skip
    assert [832, 480] == order["files"]["input_reference"]["size"]
    assert order["fields"]["audio_reference"].startswith('{"audio_url": "data:audio/wav;base64,')


@pytest.mark.parametrize("flavour", ["sglang", "litellm", "openai"])
def test_no_other_server_hears_the_voice(flavour: str, piece: MediaFile) -> None:
    """Where the server has no field for it, none is offered, and none is sent."""
    with FakeProvider(flavour, models=["m"]) as fake:
        supplier = made(OpenaiVideos, fake, sound=True, models={"m": {"takes_sound": True}})
        assert not supplier.offers()[0].takes_sound
        supplier.order(wanted(supplier, sound=piece))
        (order,) = fake.truth()["orders"]
    assert not [name for name in order["fields"] if "audio" in name]


def test_a_model_that_needs_a_picture_is_not_asked_without_one(piece: MediaFile) -> None:
    """Said before any request leaves."""
    with FakeProvider("vllm_omni", models=[SPEAKS]) as fake:
        supplier = made(OpenaiVideos, fake)
        with pytest.raises(UsageError, match="needs a picture"):
            supplier.order(wanted(supplier, sound=piece))
        assert 0 == fake.truth()["orders_created"]


def test_z_ai_gets_the_picture_in_its_json(picture: MediaFile) -> None:
    """As a data URL of a JPEG; nothing of a voice."""
    with FakeProvider("zai") as fake:
        supplier = made(Zai, fake)
        assert (True, False) == (supplier.offers()[0].takes_picture, supplier.offers()[0].takes_sound)
        supplier.order(wanted(supplier, picture=picture))
        (order,) = fake.truth()["orders"]
    assert order["fields"]["image_url"].startswith("data:image/jpeg;base64,")


def test_a_piece_is_the_scene_s_own_sound(tmp_path: Path) -> None:
    """Sample by sample, the same bytes each time, and no longer than the narration."""
    sound = voice(2.0, pauses=[])
    write_wav(tmp_path / "talk.wav", sound)
    first = cut_piece(tmp_path / "talk.wav", Span(start=250, end=1250), tmp_path / "a")
    again = cut_piece(tmp_path / "talk.wav", Span(start=250, end=1250), tmp_path / "b")
    assert first.read_bytes() == again.read_bytes()
    with wave.open(str(tmp_path / "talk.wav"), "rb") as whole, wave.open(str(first), "rb") as cut:
        rate = whole.getframerate()
        whole.setpos(rate // 4)
        assert whole.readframes(rate) == cut.readframes(2 * rate)
        assert (rate, whole.getsampwidth()) == (cut.getframerate(), cut.getsampwidth())
    last = cut_piece(tmp_path / "talk.wav", Span(start=1500, end=9000), tmp_path / "a")
    with wave.open(io.BytesIO(last.read_bytes()), "rb") as cut:
        assert 0.5 == pytest.approx(cut.getnframes() / cut.getframerate(), abs=0.01)
