"""A job remembers results, and redoes only what changed."""

import multiprocessing
from pathlib import Path

import pytest

from voxweave.core.value import MediaFile, Value
from voxweave.errors import StorageError
from voxweave.jobs.job import Job, held, job_folder, open_job, output_held, remove_job
from voxweave.media.files import fingerprint


class Number(Value):
    """What the stage makes."""

    number: int


class Kept(Value):
    """A result with a file."""

    media: MediaFile


class Counting:
    """Counts how often its stages work."""

    def __init__(self, folder: Path) -> None:
        self.worked, self.folder = 0, folder


def double(tools: Counting, number: int, *, plus: int = 0) -> Number:
    """A stage."""
    tools.worked += 1
    return Number(number=2 * number + plus)


def write(tools: Counting, text: str) -> Kept:
    """A stage that leaves a file."""
    tools.worked += 1
    file = tools.folder / "kept"
    file.write_text(text)
    return Kept(media=fingerprint(file))


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A job in a folder of its own."""
    return Job(tmp_path, "program 1")


@pytest.fixture
def tools(tmp_path: Path) -> Counting:
    """What stages are handed."""
    return Counting(tmp_path)


def test_a_result_is_made_once(job: Job, tools: Counting) -> None:
    """The same values again: the same result, and no work."""
    assert job.step(double, tools, 4) == job.step(double, tools, 4) == Number(number=8)
    assert tools.worked == 1


def test_other_values_are_other_results(job: Job, tools: Counting) -> None:
    """Every value a stage is called with counts, by place or by name."""
    made = [job.step(double, tools, 4), job.step(double, tools, 5), job.step(double, tools, 4, plus=1)]

    assert [one.number for one in made] == [8, 10, 9]
    assert tools.worked == 3


def test_another_program_makes_it_anew(job: Job, tools: Counting) -> None:
    """A result belongs to the program that made it."""
    job.step(double, tools, 4)
    Job(job.folder, "program 2").step(double, tools, 4)

    assert tools.worked == 2


@pytest.mark.parametrize("harm", ["", "{", '{"number": "no"}', '{"number": 8, "more": 1}'])
def test_a_damaged_result_is_not_believed(job: Job, tools: Counting, harm: str) -> None:
    """What cannot be read as the stage's value is made again, and mended."""
    job.step(double, tools, 4)
    (file,) = (job.folder / "steps").iterdir()
    file.write_text(harm)

    assert job.step(double, tools, 4) == Number(number=8)
    assert tools.worked == 2
    assert job.step(double, tools, 4) == Number(number=8)
    assert tools.worked == 2


@pytest.mark.parametrize("harm", ["changed", "removed"])
def test_a_result_whose_file_is_not_as_it_was_is_made_again(job: Job, tools: Counting, harm: str) -> None:
    """A result is good only with the very file it names."""
    kept = job.step(write, tools, "words")
    kept.media.path.unlink()
    if harm == "changed":
        kept.media.path.write_text("other")

    assert job.step(write, tools, "words") == kept
    assert kept.media.path.read_text() == "words"


@pytest.mark.parametrize("words", [b'{"number": 8, "added": 1}', b'{"number": ', b"\xff\xfe", b"[]"])
def test_words_of_another_release_are_written_again(job: Job, words: bytes) -> None:
    """What was kept with a field more, cut short or not as text is nothing kept, and no bug."""
    job.keep_written("prompts-1.json", Number(number=8))
    assert job.written("prompts-1.json", Number) == Number(number=8)
    (job.folder / "prompts-1.json").write_bytes(words)
    assert job.written("prompts-1.json", Number) is None


def test_results_are_json_a_person_can_read(job: Job, tools: Counting) -> None:
    """One file a result, named for its stage."""
    job.step(double, tools, 4)
    (file,) = (job.folder / "steps").iterdir()

    assert file.name.startswith("double-")
    assert file.read_text() == '{\n "number": 8\n}'


def test_every_narration_has_a_folder_of_its_own(tmp_path: Path) -> None:
    """Two files of one name in two folders do not share their work, even in one work folder."""
    one, other = tmp_path / "a" / "talk.mp3", tmp_path / "b" / "talk.mp3"

    assert job_folder(one, None).parent == tmp_path / "a" / ".voxweave"
    assert job_folder(one, tmp_path / "work").parent == tmp_path / "work"
    assert job_folder(one, tmp_path / "work") != job_folder(other, tmp_path / "work")
    assert job_folder(one, None).name.startswith("talk-")


@pytest.mark.parametrize(
    "name", ["...mp3", "\n.mp3", "../x.mp3", "a" * 250 + ".mp3", "日本.mp3", "-.mp3", "con\x07trol.mp3"]
)
def test_odd_names_make_plain_folders(tmp_path: Path, name: str) -> None:
    """A folder's name is short, has no space or control, and hides nothing."""
    folder = job_folder(tmp_path / name, None)

    assert folder.parent.name == ".voxweave"
    assert len(folder.name) <= 49
    assert folder.name.isprintable()
    assert folder.name[0] not in ".-"
    assert "/" not in folder.name


def _hold(
    file: Path, ready: "multiprocessing.synchronize.Event", done: "multiprocessing.synchronize.Event"
) -> None:
    with held(file, "the job"):
        ready.set()
        done.wait(20)


def test_a_lock_names_its_holder_and_dies_with_it(tmp_path: Path) -> None:
    """Another process is refused at once and told who holds it; a holder that is killed holds nothing."""
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    holder = context.Process(target=_hold, args=(tmp_path / "lock", ready, done))
    holder.start()
    assert ready.wait(20)

    with (
        pytest.raises(
            StorageError, match=rf"the job is being worked on by another run \(process {holder.pid}\)"
        ),
        held(tmp_path / "lock", "the job"),
    ):
        pass
    holder.kill()
    holder.join()
    with held(tmp_path / "lock", "the job"):
        pass


def test_an_output_is_held_under_all_its_names(tmp_path: Path) -> None:
    """The same film by way of a linked folder is the same film."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    with (
        output_held(tmp_path / "real" / "talk.mp4"),
        pytest.raises(StorageError, match=r"talk\.mp4 is being worked on"),
        output_held(tmp_path / "link" / "talk.mp4"),
    ):
        pass
    with output_held(tmp_path / "link" / "talk.mp4"), output_held(tmp_path / "real" / "other.mp4"):
        pass


def test_a_job_can_be_opened_again_and_removed(tmp_path: Path) -> None:
    """After a run its folder can be held again; removing takes all of it."""
    source = tmp_path / "talk.mp3"
    for _ in range(2):
        with open_job(source, None, identity="x") as job:
            assert job.folder.is_dir()

    assert remove_job(source, None) == job.folder
    assert not job.folder.exists()
    assert remove_job(source, None) == job.folder


def test_a_job_at_work_is_not_removed(tmp_path: Path) -> None:
    """The work of a run that is going on is not taken from under it."""
    with open_job(tmp_path / "talk.mp3", None, identity="x") as job:
        with pytest.raises(StorageError, match="being worked on"):
            remove_job(tmp_path / "talk.mp3", None)
        assert job.folder.is_dir()


def test_a_work_folder_that_cannot_be(tmp_path: Path) -> None:
    """A file in the way is told with the option that names another place."""
    (tmp_path / "work").write_text("a file")

    with (
        pytest.raises(StorageError, match="cannot be made") as caught,
        open_job(tmp_path / "talk.mp3", tmp_path / "work", identity="x"),
    ):
        pass
    assert "--work" in caught.value.hint
