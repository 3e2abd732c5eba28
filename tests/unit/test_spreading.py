"""Scenes that others encode: the same bytes, whoever makes them."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import pytest

from tests.conftest import Ffmpeg
from tests.fakes.drawings import drawing
from voxweave.core.encoders import software
from voxweave.core.film import Canvas
from voxweave.core.pictures import Clip, Incoming, Picture, Still
from voxweave.core.travelling import files_in, placeless
from voxweave.core.value import Value
from voxweave.errors import InputError, MediaError, VoxWeaveError
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.files import fingerprint, part_of
from voxweave.media.fonts import fonts_identity, lay_fonts, plan_fonts
from voxweave.media.seals import seal
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.pouring import Kitchen
from voxweave.pipeline.scenes import Encoded, SceneCut, SceneOrder, encode_scenes, offer_scene, order_of
from voxweave.pipeline.spreading import SceneMaker

SMALL = Canvas(width=192, height=108, rate=Fraction(30))
ASS = """[Script Info]
ScriptType: v4.00+
PlayResX: 192
PlayResY: 108
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Alignment
Style: Cue,VoxWeave Sans,20,&H00FFFFFF,-1,2
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.00,0:00:02.00,Cue,,0,0,0,,Spoken words
"""


@dataclass
class Neighbour:
    """Another machine's worker, in this process: it sees an order's JSON and files by their content, no path of ours."""

    maker: SceneMaker
    blobs: Path
    asked: list[str] = field(default_factory=list)
    broken: bool = False

    def offer(self, orders: Mapping[str, Value]) -> None:
        self.asked += orders
        for order in orders.values():
            for media in files_in(order):
                shutil.copyfile(media.path, self.blobs / media.sha256)

    def made(
        self, orders: Mapping[str, Value], place: Callable[[str], Path], stop: StopSignal
    ) -> Iterator[tuple[str, bool]]:
        self.offer(orders)
        for key, order in reversed(list(orders.items())):
            try:
                if self.broken:
                    raise MediaError("no")
                made = self.maker.make(key, placeless(order).to_json())
                with part_of(place(key)) as part:
                    shutil.copyfile(made, part)
                    seal(part, place(key))
            except VoxWeaveError:
                yield key, False
                continue
            yield key, True


@pytest.fixture(scope="module")
def cuts(tmp_path_factory: pytest.TempPathFactory, ffmpeg: Ffmpeg) -> list[SceneCut]:
    """Drawn art, a still, a looped clip and a plain one, under captions and transitions of every pairing."""
    folder = tmp_path_factory.mktemp("own media")
    still, clip = folder / "bild ü.png", folder / "clip'.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=384x216:r=30:d=1", "-frames:v", "1", still)
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=0.6", "-pix_fmt", "yuv420p", clip)
    plan = plan_fonts("Spoken words")
    shown = Clip(
        media=fingerprint(clip), stream=0, width=320, height=180, frames=15, duration_ms=600, fit="loop"
    )
    pictures: list[Picture] = [
        drawing(folder, "cyberpunk", 0, first=0, frames=20),
        drawing(folder, "ink", 1, first=20, frames=20),
        Still(media=fingerprint(still), move="pan-left"),
        shown,
        shown.model_copy(update={"fit": "trim"}),
        Still(media=fingerprint(still)),
    ]
    texts = [ASS, "", ASS, ASS, "", ""]
    fonts = fonts_identity([plan])
    encoder = software("h264", "draft")
    return [
        SceneCut(
            canvas=SMALL,
            picture=picture,
            first=20 * n,
            frames=15 if n == 4 else 20,
            ass=texts[n],
            fonts=fonts if texts[n] else "",
            encoder=encoder,
            incoming=Incoming(
                kind="crossfade", frames=6, picture=pictures[n - 1], first=20 * (n - 1), length=20
            )
            if n
            else None,
        )
        for n, picture in enumerate(pictures)
    ]


def kitchen(folder: Path) -> Kitchen:
    """A job's own kitchen, as the render stage furnishes it."""
    for part in ("scenes", "pictures", "fonts"):
        (folder / part).mkdir(parents=True)
    plan = plan_fonts("Spoken words")
    maker = SceneMaker(find_ffmpeg(), StopSignal(), folder, lambda _, __: None)
    plain = maker._kitchen(())  # for its artist
    env = lay_fonts([plan], folder)
    return replace(plain, folder=folder, font_env=env, workers=2, fonts=plan.files)


@pytest.fixture
def neighbour(tmp_path: Path) -> Neighbour:
    """A worker elsewhere, with nothing in its folder."""
    blobs = tmp_path / "blobs"
    blobs.mkdir()
    place = tmp_path / "another machine"
    place.mkdir()

    def fetch(sha256: str, into: Path) -> None:
        shutil.copyfile(blobs / sha256, into)

    return Neighbour(SceneMaker(find_ffmpeg(), StopSignal(), place, fetch), blobs)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, cuts: list[SceneCut]) -> list[Encoded]:
    """The scenes as this machine makes them."""
    return encode_scenes(cuts, kitchen(tmp_path_factory.mktemp("job") / "talk"), lambda _: None)


def same(one: list[Encoded], other: list[Encoded]) -> bool:
    """Whether the scenes have the same names and bytes."""
    names = [scene.file.name for scene in one] == [scene.file.name for scene in other]
    return names and all(a.file.read_bytes() == b.file.read_bytes() for a, b in zip(one, other, strict=True))


def test_a_scene_is_the_same_wherever_it_is_made(
    cuts: list[SceneCut], here: list[Encoded], neighbour: Neighbour, tmp_path: Path
) -> None:
    """Drawn art, stills and clips under captions and transitions come out byte by byte as they do at home."""
    told: list[float] = []
    there = encode_scenes(cuts, replace(kitchen(tmp_path / "job"), spread=neighbour), told.append)

    assert same(here, there)
    assert len(neighbour.asked) == len(cuts)
    assert not any(scene.reused for scene in there)
    assert told[-1] == pytest.approx(1.0)


def test_what_lies_here_is_not_handed_out(cuts: list[SceneCut], neighbour: Neighbour, tmp_path: Path) -> None:
    """Only the scenes that an earlier run did not make are asked of others."""
    home = kitchen(tmp_path / "job")
    encode_scenes(cuts[:2], home, lambda _: None)

    scenes = encode_scenes(cuts[:3], replace(home, spread=neighbour), lambda _: None)

    assert [scene.reused for scene in scenes] == [True, True, False]
    assert neighbour.asked == [scenes[2].file.stem]


def test_a_worker_keeps_the_fonts_of_its_kitchens(
    cuts: list[SceneCut], here: list[Encoded], neighbour: Neighbour, tmp_path: Path
) -> None:
    """What is cleared away of old films is brought and made again; captions are drawn with the same fonts as before."""
    place = neighbour.maker.folder
    encode_scenes(cuts[:1], replace(kitchen(tmp_path / "job"), spread=neighbour), lambda _: None)

    neighbour.maker.forget_old(time.time() + 1)

    left = [file for file in place.rglob("*") if file.is_file()]
    assert left and all("fonts" in str(file.relative_to(place)) for file in left)
    again = encode_scenes(cuts[:1], replace(kitchen(tmp_path / "later"), spread=neighbour), lambda _: None)
    assert same(here[:1], again)


def test_a_scene_nobody_else_can_make_is_made_here(
    cuts: list[SceneCut], here: list[Encoded], neighbour: Neighbour, tmp_path: Path
) -> None:
    """A failure elsewhere costs no film: the scene is encoded here, and its own error would be told here."""
    neighbour.broken = True

    assert same(
        here, encode_scenes(cuts, replace(kitchen(tmp_path / "job"), spread=neighbour), lambda _: None)
    )


def test_scenes_are_handed_out_ahead_and_named_once(
    cuts: list[SceneCut], neighbour: Neighbour, tmp_path: Path
) -> None:
    """A scene offered early says where it will lie; one that lies there is not offered."""
    home = kitchen(tmp_path / "job")
    ahead = replace(home, spread=neighbour)

    file = offer_scene(cuts[0], ahead)
    (scene,) = encode_scenes([cuts[0]], ahead, lambda _: None)

    assert file == scene.file
    assert offer_scene(cuts[0], ahead) is None


def test_an_order_says_the_same_from_every_machine(cuts: list[SceneCut], tmp_path: Path) -> None:
    """An order's JSON names files by content alone, and reads back as the same value."""
    order = placeless(order_of(cuts[2], kitchen(tmp_path / "job")))

    assert SceneOrder.model_validate_json(order.to_json()) == order
    assert all(str(media.path).startswith(media.sha256) for media in files_in(order))


def test_a_worker_that_would_draw_otherwise_refuses(
    cuts: list[SceneCut], neighbour: Neighbour, tmp_path: Path
) -> None:
    """What comes out under another name than was asked for is no answer."""
    order = order_of(cuts[1], kitchen(tmp_path / "job"))
    neighbour.offer({"f" * 32: order})

    with pytest.raises(MediaError):
        neighbour.maker.make("f" * 32, placeless(order).to_json())


@pytest.mark.parametrize(("place", "early"), [(3, True), (4, False), (5, False)])
def test_other_bytes_are_not_kept_as_a_scene(
    cuts: list[SceneCut], tmp_path: Path, ffmpeg: Ffmpeg, place: int, early: bool
) -> None:
    """A clip that changes before it is looped, or while it is encoded or gives way, leaves no scene and no loop."""
    clip, home = tmp_path / "clip.mp4", kitchen(tmp_path / "job")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=0.6", "-pix_fmt", "yuv420p", clip)
    media = fingerprint(clip)

    def taken(picture: Picture) -> Picture:
        return picture.model_copy(update={"media": media}) if isinstance(picture, Clip) else picture

    incoming = cuts[place].incoming
    assert incoming is not None
    before = incoming.model_copy(update={"picture": taken(incoming.picture)})
    cut = cuts[place].model_copy(update={"picture": taken(cuts[place].picture), "incoming": before})

    def change(_: float) -> None:
        with clip.open("ab") as written:
            written.write(b"more")

    if early:
        change(0)
    with pytest.raises(InputError, match=r"clip\.mp4 changed while the film was being made"):
        encode_scenes([cut], home, change)

    left = [*home.folder.glob("scenes/**/*"), *home.folder.glob("pictures/**/*")]
    assert not [file for file in left if file.is_file() and not (place == 4 and file.name.startswith("loop"))]
