"""What each setting accepts, and how its errors read."""

import re
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest
from pydantic import ValidationError

from voxweave.errors import UsageError
from voxweave.resources import resource
from voxweave.settings import ACCEPTED, Loaded, Settings, load, presets, user_file


def load_from(tmp_path: Path, *, job: str = "", user: str = "", **flags: object) -> Loaded:
    """Settings from two files and some flags, without any environment."""
    files = [tmp_path / "job" / "voxweave.toml", tmp_path / "voxweave.toml"]
    for file, text in zip(files, (job, user), strict=True):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return load(flags, environ={}, job_file=files[0], user_file=files[1])


def refusal(**flags: object) -> str:
    """What is said about flags that cannot be."""
    with pytest.raises(UsageError) as caught:
        load(flags, environ={}, job_file=None, user_file=None)
    return f"{caught.value}; {caught.value.hint}"


@pytest.mark.parametrize(
    ("resolution", "aspect", "size"),
    [
        ("480p", "16:9", (854, 480)),
        ("720p", "9:16", (720, 1280)),
        ("1080p", "16:9", (1920, 1080)),
        ("1080p", "9:16", (1080, 1920)),
        ("1080p", "1:1", (1080, 1080)),
        ("1080p", "4:5", (1080, 1350)),
        ("1080p", "4:3", (1440, 1080)),
        ("1440p", "16:9", (2560, 1440)),
        ("4K", "16:9", (3840, 2160)),
        ("1000x562", "16:9", (1000, 562)),
    ],
)
def test_resolution_is_the_short_side(resolution: str, aspect: str, size: tuple[int, int]) -> None:
    """A named resolution states the short side, WIDTHxHEIGHT both, and sides are even."""
    canvas = Settings.model_validate({"resolution": resolution, "aspect": aspect}).canvas

    assert (canvas.width, canvas.height) == size


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("24", Fraction(24)),
        (60, Fraction(60)),
        ("23.976", Fraction(24000, 1001)),
        (29.97, Fraction(30000, 1001)),
        ("60000/1001", Fraction(60000, 1001)),
    ],
)
def test_the_decimals_mean_the_exact_rates(text: object, rate: Fraction) -> None:
    """NTSC rates are exact however they are written."""
    assert Settings.model_validate({"fps": text}).canvas.rate == rate


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("fps", "17"), ("fps", "1/0"), ("fps", "1e999999999"), ("fps", "0"), ("fps", True),
        ("resolution", "1001x500"), ("resolution", "62x64"), ("resolution", "9000x500"), ("resolution", "8k"),
        ("aspect", "21:9"), ("format", "mkv"), ("codec", "prores"), ("seed", "-1"), ("seed", "1.5"), ("seed", True),
        ("loudness", "-31"), ("loudness", "nan"), ("loudness", "loud"), ("captions", "burn,none"), ("captions", ""),
        ("captions", "burned"), ("captions", 7), ("language", "english please"), ("scene_min_s", "nan"),
        ("scene_max_s", "600"), ("workers", "65"), ("thumbnail", "maybe"), ("ffmpeg", ""), ("media_order", "random"),
    ],
)  # fmt: skip
def test_a_refusal_names_key_origin_and_what_is_accepted(key: str, value: object) -> None:
    """What cannot be is refused with the key, where it was set, and what can be."""
    said = refusal(**{key: value})

    assert said.startswith(f"{key} (flag --{key.replace('_', '-')}): ")
    assert said.endswith(f"accepted: {ACCEPTED[key]}")


def test_the_environment_and_files_are_named_as_origins(tmp_path: Path) -> None:
    """Each value remembers the variable, the file and key, the preset or the default it came from."""
    job = tmp_path / "voxweave.toml"
    job.write_text("seed = 7\npreset = 'shorts'\n")

    loaded = load({"fps": "25"}, environ={"VOXWEAVE_STYLE": "ink"}, job_file=job, user_file=None)

    assert {key: loaded.origins[key] for key in ("fps", "style", "seed", "aspect", "title")} == {
        "fps": "flag --fps",
        "style": "VOXWEAVE_STYLE",
        "seed": f"{job}:seed",
        "aspect": f"preset shorts ({job}:preset)",
        "title": "default",
    }


def test_scenes_cannot_be_shortest_above_longest() -> None:
    """Two settings that contradict each other are refused, and both are named."""
    assert "'30' is not accepted where scene_max_s is 20" in refusal(scene_min_s="30")


def test_captions_are_a_list_on_the_flag_and_an_array_in_toml(tmp_path: Path) -> None:
    """`burn,soft` and `["burn", "soft"]` are the same."""
    assert load_from(tmp_path, captions="burn, Soft").settings.captions == ("burn", "soft")
    assert load_from(tmp_path, job='captions = ["burn", "soft"]').settings.captions == ("burn", "soft")


def test_loudness_is_a_number_or_off() -> None:
    """`off` leaves the sound alone; a number is a target."""
    assert Settings(loudness="off").loudness_lufs is None
    assert Settings.model_validate({"loudness": -14}).loudness_lufs == -14.0


@pytest.mark.parametrize(
    ("settings", "suffix", "container", "codec"),
    [
        (Settings(), "", "mp4", "h264"),
        (Settings(), ".MOV", "mov", "h264"),
        (Settings(), ".webm", "webm", "vp9"),
        (Settings(codec="av1"), "", "webm", "av1"),
        (Settings(format="mov"), "", "mov", "h264"),
    ],
)
def test_the_suffix_decides_where_no_format_is_set(
    settings: Settings, suffix: str, container: str, codec: str
) -> None:
    """A film is what its name says, and its codec one that its container holds."""
    assert settings.container(suffix) == container
    assert settings.video_codec(container) == codec


@pytest.mark.parametrize(
    ("settings", "suffix"),
    [(Settings(format="mp4"), ".webm"), (Settings(codec="vp9"), ".mp4"), (Settings(), ".mkv")],
)
def test_a_name_that_lies_is_refused(settings: Settings, suffix: str) -> None:
    """A suffix that is not the container's, or a codec that cannot go into it, is a usage error."""
    with pytest.raises(UsageError):
        settings.container(suffix)


def test_an_unknown_key_is_refused_with_the_nearest(tmp_path: Path) -> None:
    """A misspelt key in a file is an error that tells the key meant."""
    with pytest.raises(UsageError, match="no setting is called 'sytle'") as caught:
        load_from(tmp_path, user='sytle = "ink"')

    assert caught.value.hint == "did you mean style?"


def test_an_unknown_variable_is_noted_with_the_nearest() -> None:
    """A misspelt VOXWEAVE_ variable is told of, but stops nothing."""
    loaded = load({}, environ={"VOXWEAVE_STLYE": "ink"}, job_file=None, user_file=None)

    assert loaded.notes == ("VOXWEAVE_STLYE sets nothing; did you mean VOXWEAVE_STYLE?",)


def test_an_empty_variable_is_not_set() -> None:
    """`VOXWEAVE_FPS=` is as good as no variable."""
    assert load({}, environ={"VOXWEAVE_FPS": ""}, job_file=None, user_file=None).origins["fps"] == "default"


def test_bad_toml_names_file_and_line(tmp_path: Path) -> None:
    """A file that is not TOML is an error with its name and the line."""
    with pytest.raises(UsageError, match=r"voxweave\.toml is not TOML: .*line 2"):
        load_from(tmp_path, user="fps = 30\nstyle = ink\n")


def test_a_stranger_s_folder_chooses_no_program(tmp_path: Path) -> None:
    """The file beside a narration cannot name the FFmpeg to run; the user's own can."""
    with pytest.raises(UsageError, match="ffmpeg cannot be set beside a narration"):
        load_from(tmp_path, job='ffmpeg = "./ffmpeg"')

    assert load_from(tmp_path, user='ffmpeg = "system"').settings.ffmpeg == "system"


def test_paths_in_a_file_are_meant_from_its_folder(tmp_path: Path) -> None:
    """`media = "pictures"` in a file is the folder beside that file; names stay names."""
    settings = load_from(tmp_path, job='media = "pictures"\ncover = "none"\nstyle = "ink"').settings

    assert (settings.media, settings.cover, settings.style) == (
        str(tmp_path / "job" / "pictures"),
        "none",
        "ink",
    )


def test_an_exact_size_and_another_shape_contradict_each_other() -> None:
    """`--resolution 1000x500 --aspect 1:1` is refused; a farther aspect gives way."""
    assert "1:1 is not the shape of resolution 1000x500" in refusal(resolution="1000x500", aspect="1:1")

    flags = {"resolution": "1000x500", "preset": "shorts"}
    assert load(flags, environ={}, job_file=None, user_file=None).settings.canvas.height == 500


def test_a_preset_of_the_user_s_own(tmp_path: Path) -> None:
    """[presets.NAME] in the user's file is a preset like ours; an unknown key in it is an error."""
    assert load_from(tmp_path, user="[presets.weekly]\nfps = 25", preset="weekly").settings.fps == 25
    with pytest.raises(UsageError, match=r"presets\.weekly: no setting is called 'fsp'"):
        load_from(tmp_path, user="[presets.weekly]\nfsp = 25")


def test_an_unknown_preset_is_refused_with_those_there_are() -> None:
    """A misspelt preset names its origin and the presets there are."""
    assert "preset (flag --preset): there is no preset 'shots'; there are youtube" in refusal(preset="shots")


def test_every_preset_we_ship_makes_settings() -> None:
    """Each of our presets has a note and holds nothing but settings that are accepted."""
    found = presets()

    assert set(found) >= {
        "youtube",
        "youtube_4k",
        "shorts",
        "reels",
        "tiktok",
        "square",
        "podcast",
        "linkedin",
    }
    for name, preset in found.items():
        settings = load({"preset": name}, environ={}, job_file=None, user_file=None).settings
        assert preset.note
        assert settings.loudness_lufs == (-16 if name == "podcast" else -14)


def test_the_example_shows_every_setting_at_its_default() -> None:
    """The commented example, uncommented, is every setting at its default with what it accepts."""
    text = resource("voxweave.example.toml").read_text("utf-8")
    shown = tomllib.loads(
        "\n".join(re.findall(r"^# (\w+ = .*)$", text.partition("# [presets.")[0], re.MULTILINE))
    )

    assert set(shown) == set(Settings.model_fields)
    assert Settings.model_validate(shown) == Settings()
    prose = " ".join(text.replace("\n# ", " ").split())
    assert [key for key, words in ACCEPTED.items() if f"Accepted: {words}." not in prose] == []


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    """VOXWEAVE_CONFIG names a file that exists; without it the usual place may be empty."""
    with pytest.raises(UsageError, match=r"the settings file .*none\.toml is not there"):
        user_file({"VOXWEAVE_CONFIG": str(tmp_path / "none.toml")})

    assert user_file({}).name == "voxweave.toml"


def test_foreign_text_is_made_harmless() -> None:
    """A title is one line without control characters, whatever was given."""
    assert Settings(title="one\ntwo\x1b[2J").title == "one two [2J"


def test_a_preview_is_small_and_orders_as_the_film_does() -> None:
    """What is ordered for a preview is what the film itself wants."""
    small = Settings(preview=True, aspect="9:16")

    assert (small.canvas.width, small.canvas.height) == (540, 960)
    assert (small.full_canvas.width, small.full_canvas.height) == (1080, 1920)


@pytest.mark.parametrize(
    ("said", "kept"), [("250MB", "250000000"), ("250000000", "250000000"), ("1.5 gb", "1500000000")]
)
def test_a_size_is_said_as_people_say_it(said: str, kept: str) -> None:
    """A MB is a million bytes; a plain number counts bytes."""
    assert Settings(max_size=said).max_size == kept


def test_a_size_of_another_kind_is_refused() -> None:
    """MiB are not MB, and nothing is guessed."""
    with pytest.raises(ValidationError):
        Settings(max_size="250MiB")


@pytest.mark.parametrize(
    ("ledger", "fits"),
    [
        ("postgresql://me@db.example:5432/films", True),
        ("postgres://one:5432,two:5433/films?target_session_attrs=read-write", True),
        ("postgresql:///films?host=/run/postgresql", True),
        ("mysql://me@db.example/films", False),
        ("postgresql://", False),
        ("postgresql://me@db.example/two words", False),
    ],
)
def test_a_shared_ledger_is_an_address_of_postgresql(ledger: str, *, fits: bool) -> None:
    """In any form libpq takes, several servers and a socket's folder too."""
    if fits:
        assert Settings(ledger=ledger).ledger == ledger
    else:
        with pytest.raises(ValidationError):
            Settings(ledger=ledger)


@pytest.mark.parametrize("key", ["ledger", "purse", "lane"])
def test_a_folder_of_a_stranger_names_no_ledger_no_purse_and_no_lane(tmp_path: Path, key: str) -> None:
    """It would decide who is told of orders, and whose money is spent."""
    file = tmp_path / "voxweave.toml"
    file.write_text(f'{key} = "x"\n')
    with pytest.raises(UsageError, match="cannot be set beside a narration"):
        load({}, environ={}, job_file=file, user_file=None)
