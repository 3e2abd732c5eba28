"""From a list to the films of a batch: names, lines, and what is refused before any work."""

from pathlib import Path

import pytest

from tests.unit.alone import alone  # noqa: F401  for all tests here
from voxweave.cli.reads import proof_of
from voxweave.cli.wanted import Common, batch_name, films_of
from voxweave.errors import UsageError
from voxweave.jobs.films import as_made, remember_film
from voxweave.jobs.proofs import digest_of, fell_short, intend, ours_to_replace, prove, proved_before
from voxweave.settings import ACCEPTED


def written(folder: Path, text: str) -> Path:
    """A list with narrations beside it."""
    folder.mkdir(exist_ok=True)
    for name in ("a.mp3", "b.mp3"):
        (folder / name).write_bytes(b"sound")
    file = folder / "talks.csv"
    file.write_text(text)
    return file


def test_paths_in_a_list_are_meant_from_its_folder(tmp_path: Path) -> None:
    """Narration, output and settings that are paths; flags hold for all, and the list wins."""
    file = written(
        tmp_path / "talks", "narration,output,style,media\na.mp3,films/one.webm,ink,pictures\nb.mp3,,,\n"
    )

    one, two = films_of(file, Common({"style": "ocean", "thumbnail": False}, output="out"))

    folder = tmp_path / "talks"
    assert one.arguments == (
        *("make", str(folder / "a.mp3"), "-o", str(folder / "films/one.webm")),
        *("--style", "ink", "--no-thumbnail", "--media", str(folder / "pictures")),
    )
    assert (one.films, two.films) == ((folder / "films/one.webm",), (tmp_path / "out/b.mp4",))
    assert two.arguments[-3:] == ("--style", "ocean", "--no-thumbnail")


def test_several_presets_are_several_films_of_one_run(tmp_path: Path) -> None:
    """As with make: one line, a film for each preset."""
    (wanted,) = films_of(written(tmp_path, 'narration,preset\na.mp3,"youtube,square"\n'), Common({}))

    assert [film.name for film in wanted.films] == ["a.youtube.mp4", "a.square.mp4"]
    assert wanted.arguments[-2:] == ("--preset", "youtube,square")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("narration,fps\na.mp3,25\nb.mp3,17\n", f"fps (talks.csv, line 3): '17' is not accepted|{ACCEPTED['fps']}"),
        ("narration,output\na.mp3,x.avi\n", "talks.csv, line 2: no film can be written as .avi|"),
        (
            "narration,output\na.mp3,x.mp4\nb.mp3,x.mp4\n",
            "talks.csv, line 3: it would be written to x.mp4, as talks.csv, line 2 would|output",
        ),
        (
            "narration,output\na.mp3,x.mp4\nb.mp3,x.webm\n",
            "talks.csv, line 3: it would be written to x.report.json, as talks.csv, line 2 would|output",
        ),
        (
            "narration,output,script\na.mp3,y.mp4,\nb.mp3,,y.mp4\n",
            "talks.csv, line 2: it would be written over y.mp4, which talks.csv, line 3 reads|output",
        ),
        ("narration\na.mp3\na.mp3\n", "talks.csv, line 3: it would be written to a.mp4, as|output"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_lines(tmp_path: Path, text: str, said: str) -> None:
    """Values, names and inputs are checked for all films before the first begins."""
    said, _, hint = said.partition("|")
    with pytest.raises(UsageError) as caught:
        films_of(written(tmp_path, text), Common({}))

    assert str(caught.value).startswith(said)
    assert hint in caught.value.hint


def test_a_batch_pays_from_one_purse(tmp_path: Path) -> None:
    """What all may cost is counted under one name; a film with a limit of its own beside it is refused."""
    (wanted,) = films_of(
        written(tmp_path, "narration\na.mp3\n"), Common({"max_cost": "5"}, purse="Season 1!")
    )

    assert wanted.arguments[-4:] == ("--max-cost", "5", "--purse", "season-1-a404ead4")
    with pytest.raises(UsageError, match="line 2: max_cost is there for one film"):
        films_of(written(tmp_path, "narration,max_cost\na.mp3,1\n"), Common({"max_cost": "5"}, purse="x"))


def test_addresses_with_passwords_stay_out_of_lines(tmp_path: Path) -> None:
    """What opens a store goes through the environment."""
    address = "postgresql://me:secret@host/films"
    (wanted,) = films_of(written(tmp_path, "narration\na.mp3\n"), Common({"ledger": address}))

    assert "secret" not in " ".join(wanted.arguments)
    assert wanted.secrets == {"VOXWEAVE_LEDGER": address}


def test_a_batch_has_the_same_name_whenever_it_is_run(tmp_path: Path) -> None:
    """By its real place, whatever way leads there; another place is another batch."""
    (tmp_path / "talks").mkdir()
    (tmp_path / "way").symlink_to("talks")

    assert batch_name(Path("talks")) == batch_name(tmp_path / "way")
    assert batch_name(Path("talks")) != batch_name(tmp_path)


def test_a_finished_film_is_known_by_its_line_and_what_it_reads(tmp_path: Path) -> None:
    """Only a run that ended well proves it, and any change of a file, a word or the film itself undoes that."""
    file = written(tmp_path, "narration,output\na.mp3,out/\n")
    (wanted,) = films_of(file, Common({}))
    (film,) = wanted.films
    report = film.with_suffix(".report.json")
    intend(wanted.job, proof_of(wanted))
    film.parent.mkdir()
    film.write_bytes(b"film")
    report.write_text("{}")
    remember_film(wanted.job, film, as_made(film, asked="x", key="y", report=f'{{"files": ["{report}"]}}'))

    assert not proved_before(wanted.job, proof_of(wanted))
    prove(wanted.job, proof_of(wanted).line)
    assert proved_before(wanted.job, proof_of(wanted))
    (other,) = films_of(file, Common({"style": "ink"}))
    assert not proved_before(other.job, proof_of(other))
    wanted.narration.write_bytes(b"SOUND")
    assert not proved_before(wanted.job, proof_of(wanted))
    intend(wanted.job, proof_of(wanted))
    prove(wanted.job, proof_of(wanted).line)
    report.unlink()
    assert not proved_before(wanted.job, proof_of(wanted))


def test_what_a_film_may_cost_is_no_reason_to_make_it_anew(tmp_path: Path) -> None:
    """Lines that ask for the same film go by one name."""
    file = written(tmp_path, "narration\na.mp3\n")
    flags = {"max_cost": "5", "yes": True, "workers": "3"}
    plain, dear, other = (films_of(file, Common(one))[0] for one in ({}, flags, {"seed": "3"}))

    assert digest_of(plain.arguments) == digest_of((*dear.arguments, "--overwrite", "--on-complete", "true"))
    assert digest_of(plain.arguments) != digest_of(other.arguments)


def test_only_a_film_of_our_own_that_fell_short_is_replaced(tmp_path: Path) -> None:
    """As long as nobody has touched it since."""
    (wanted,) = films_of(written(tmp_path, "narration,output\na.mp3,out/\n"), Common({}))
    (film,) = wanted.films
    line = proof_of(wanted).line
    film.parent.mkdir()
    film.write_bytes(b"film")
    intend(wanted.job, proof_of(wanted))

    assert not ours_to_replace(wanted.job, line)
    fell_short(wanted.job, line)
    assert ours_to_replace(wanted.job, line)
    intend(wanted.job, proof_of(wanted))  # a run that is killed changes nothing
    assert ours_to_replace(wanted.job, line)
    film.write_bytes(b"another's")
    assert not ours_to_replace(wanted.job, line)


def test_a_storyboards_pictures_count_as_read(tmp_path: Path) -> None:
    """A picture that a storyboard names is part of what a film is made from."""
    text = "narration,storyboard\na.mp3,story.toml\n"
    (tmp_path / "story.toml").write_text('[[scene]]\npicture = "p.png"\n')
    (tmp_path / "p.png").write_bytes(b"one")
    (wanted,) = films_of(written(tmp_path, text), Common({}))
    before = proof_of(wanted)
    (tmp_path / "p.png").write_bytes(b"two!")

    assert proof_of(wanted) != before


def test_batches_of_other_letters_pay_from_purses_of_their_own(tmp_path: Path) -> None:
    """A name whose letters a purse cannot have is told apart by a mark; a plain one is as it is."""
    file = written(tmp_path, "narration\na.mp3\n")
    names = ["весна", "осень", "Season", "season", "ж" * 60, "s" * 60]

    purses = [films_of(file, Common({"max_cost": "5"}, purse=name))[0].settings[0].purse for name in names]

    assert len(set(purses)) == len(names)
    assert purses[3] == "season"


@pytest.mark.parametrize("column", ["narration", "output", "script"])
def test_a_name_that_no_file_has_is_told_with_its_line(tmp_path: Path, column: str) -> None:
    """Too long for any file system; before anything is begun."""
    cells = {"narration": "a.mp3", column: "n" * 300}
    file = written(tmp_path, f"{','.join(cells)}\n{','.join(cells.values())}\n")

    with pytest.raises(UsageError, match=f"^talks.csv, line 2: {column}: n+… is too long"):
        films_of(file, Common({}))


@pytest.mark.parametrize("title", ["~nobody99/x y", "~a\0b", "t" * 5000])
def test_a_title_may_be_any_text(tmp_path: Path, title: str) -> None:
    """A text that is no path of anything is not taken for one."""
    (wanted,) = films_of(written(tmp_path, "narration\na.mp3\n"), Common({"title": title}))

    assert len(proof_of(wanted).reads) == 1


def test_a_title_gives_no_leave_to_overwrite(tmp_path: Path) -> None:
    """A setting that reads like a flag is a setting, and tells films apart."""
    file = written(tmp_path, "narration,title\na.mp3,--overwrite\n")
    (flag_like,) = films_of(file, Common({}))
    (plain,) = films_of(written(tmp_path, "narration\na.mp3\n"), Common({}))

    assert flag_like.arguments[-1] == "--title=--overwrite"
    assert digest_of(flag_like.arguments) != digest_of(plain.arguments)
