"""Files: a stranger's is opened with care, ours get their names only when whole."""

import errno
import hashlib
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave.errors import InputError, StorageError
from voxweave.media.files import (
    check_writable,
    content_of,
    fingerprint,
    holds,
    opened,
    opened_as,
    part_of,
    remove_leftovers,
    same_file,
    write_atomically,
)


def _refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught, opened(path, "the narration"):
        pass
    return str(caught.value)


def test_an_ordinary_file_is_opened(tmp_path: Path) -> None:
    """The descriptor reads the file's bytes, and is closed with the block."""
    path = tmp_path / "talk.mp3"
    path.write_bytes(b"voice")
    with opened(path, "the narration") as fd:
        assert b"voice" == os.read(fd, 10)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "is missing"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.touch(), "is empty"),
        (os.mkfifo, "is a named pipe"),
        (lambda path: path.symlink_to("/dev/zero"), "is a device"),
        (lambda path: path.symlink_to("nowhere"), "is a link to nothing"),
        (lambda path: path.symlink_to(path), "is a link that leads back to itself"),
    ],
)
def test_what_is_no_file_is_refused_at_once(make, reason: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """A pipe, device, folder, bad link or empty file ends in one line that says which."""
    path = tmp_path / "talk.mp3"
    make(path)
    assert f"talk.mp3 {reason}" == _refusal(path)


def test_a_pipe_is_read_to_its_end_where_one_may_come(tmp_path: Path) -> None:
    """Its writer is waited for, and what is too long is refused; a device is, pipes or not."""
    pipe = tmp_path / "prompts"
    os.mkfifo(pipe)
    for most in (6, 5):
        writer = threading.Thread(target=pipe.write_bytes, args=(b"a lake",))
        writer.start()
        if most == 6:
            assert b"a lake" == content_of(pipe, "a list", most, pipes=True)
        else:
            with pytest.raises(InputError, match="too long for a list"):
                content_of(pipe, "a list", most, pipes=True)
        writer.join(20)
    with pytest.raises(InputError, match="is a device"):
        content_of(Path("/dev/zero"), "a list", 6, pipes=True)


def test_names_that_cannot_be_are_refused(tmp_path: Path) -> None:
    """A NUL in a name, a name too long and a path through a file are errors in our words."""
    (tmp_path / "file").write_text("x")
    assert "is no file name" in _refusal(tmp_path / "a\0b")
    assert "has a name too long" in _refusal(tmp_path / ("n" * 300))
    assert "is missing" in _refusal(tmp_path / "file" / "below")


def test_a_name_that_is_not_utf8_is_opened_and_shown(tmp_path: Path) -> None:
    """Bytes of a name that are not UTF-8 neither stop us nor reach the terminal raw."""
    path = tmp_path / os.fsdecode(b"caf\xe9\x1b.mp3")
    assert "caf\\xe9 .mp3 is missing" == _refusal(path)
    path.write_bytes(b"x")
    with opened(path, "the narration") as fd:
        assert b"x" == os.read(fd, 1)


def test_a_fingerprint_names_the_real_file(tmp_path: Path) -> None:
    """Links are followed, and the hash is of all the bytes."""
    path = tmp_path / "talk.mp3"
    path.write_bytes(b"voice" * 100_000)
    link = tmp_path / "link.mp3"
    link.symlink_to("talk.mp3")
    media = fingerprint(link)
    assert path.resolve() == media.path
    assert hashlib.sha256(b"voice" * 100_000).hexdigest() == media.sha256


def test_a_file_holds_a_content_or_does_not(tmp_path: Path) -> None:
    """Whatever keeps it from being read, it is not the file we mean."""
    file, empty = tmp_path / "talk.mp3", tmp_path / "empty"
    file.write_bytes(b"voice")
    empty.touch()
    sha256 = hashlib.sha256(b"voice").hexdigest()
    assert holds(file, sha256)
    others = ((file, "0" * 64), (file, ""), (tmp_path, sha256), (tmp_path / "gone", sha256), (empty, ""))
    assert not any(holds(path, content) for path, content in others)


@pytest.mark.parametrize(("call", "fault"), [("os.open", errno.ESTALE), ("hashlib.file_digest", errno.EIO)])
def test_a_failing_disk_does_not_say_that_a_file_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, fault: int
) -> None:
    """What was paid for is not lost because a disk could not show it at one moment; who may not read it has none."""

    def fails(*_: object) -> None:
        raise OSError(fault, "at this moment")

    file = tmp_path / "paid.png"
    file.write_bytes(b"a still")
    with monkeypatch.context() as disk, pytest.raises(OSError, match="at this moment") as caught:
        disk.setattr(call, fails)
        holds(file, "0" * 64)
    assert caught.value.errno == fault


def test_a_file_is_read_whole_or_refused(tmp_path: Path) -> None:
    """A longer one is refused rather than cut short, and a device is never read."""
    file = tmp_path / "talk.txt"
    file.write_bytes(b"x" * (1 << 20))
    assert b"x" * (1 << 20) == content_of(file, "the script", 1 << 20)
    with pytest.raises(InputError, match=r"talk\.txt is over 0 MB, too long for the script"):
        content_of(file, "the script", (1 << 20) - 1)
    with pytest.raises(InputError, match="zero is a device"):
        content_of(Path("/dev/zero"), "a list", 1)


def test_one_file_under_two_names_is_one_file(tmp_path: Path) -> None:
    """Hard and soft links lead to the same file; a copy and a missing file do not."""
    path, hard, soft, copy = (tmp_path / name for name in ("a", "hard", "soft", "copy"))
    path.write_text("x")
    hard.hardlink_to(path)
    soft.symlink_to(path)
    copy.write_text("x")
    assert same_file(path, hard)
    assert same_file(soft, hard)
    assert not same_file(path, copy)
    assert not same_file(path, tmp_path / "missing")


def test_a_part_takes_its_name_when_the_block_ends(tmp_path: Path) -> None:
    """The part lies hidden in the same folder with the same suffix, and its mode follows the umask."""
    final = tmp_path / "talk.mp4"
    with part_of(final) as part:
        assert (tmp_path, ".mp4") == (part.parent, part.suffix)
        assert part.name.startswith(".talk.")
        part.write_bytes(b"film")
        assert not final.exists()
    mask = os.umask(0)
    os.umask(mask)
    assert 0o666 & ~mask == stat.S_IMODE(final.stat().st_mode)
    assert [final] == list(tmp_path.iterdir())


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_what_was_there(failure: type[BaseException], tmp_path: Path) -> None:
    """Whatever ends the block, the old file stays and the part is gone."""
    final = tmp_path / "talk.mp4"
    final.write_text("old")
    with pytest.raises(failure), part_of(final) as part:
        part.write_text("half")
        raise failure
    assert "old" == final.read_text()
    assert [final] == list(tmp_path.iterdir())


def test_a_full_disk_is_a_storage_error(tmp_path: Path) -> None:
    """The disk's own failures are told in our words; other errors stay what they are."""
    with (
        pytest.raises(StorageError, match=r"the disk is full while writing talk\.mp4"),
        part_of(tmp_path / "talk.mp4"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(ConnectionError), part_of(tmp_path / "talk.mp4"):
        raise ConnectionError
    assert not list(tmp_path.iterdir())


def test_a_link_is_replaced_not_written_through(tmp_path: Path) -> None:
    """What a link at the final name leads to keeps its content."""
    target = tmp_path / "precious"
    target.write_text("old")
    final = tmp_path / "talk.mp4"
    final.symlink_to(target)
    write_atomically(final, "new")
    assert ("old", "new") == (target.read_text(), final.read_text())
    assert not final.is_symlink()


def test_a_folder_or_device_is_never_replaced(tmp_path: Path) -> None:
    """A name taken by something that is no file is refused before anything is written."""
    (tmp_path / "film.mp4").mkdir()
    (tmp_path / "null.mp4").symlink_to("/dev/null")
    for name in ("film.mp4", "null.mp4"):
        with pytest.raises(StorageError), part_of(tmp_path / name):
            pytest.fail("the block must not run")


def test_a_place_that_takes_no_file_is_named(tmp_path: Path) -> None:
    """A missing folder, a file in its place and a full disk are storage errors that name it."""
    (tmp_path / "file").write_text("x")
    for place, reason in ((tmp_path / "none", "does not exist"), (tmp_path / "file", "is not a folder")):
        with pytest.raises(StorageError, match=reason):
            check_writable(place)
        with pytest.raises(StorageError, match=reason):
            write_atomically(place / "x.json", "{}")
    check_writable(tmp_path)
    with pytest.raises(StorageError, match="MB are needed"):
        check_writable(tmp_path, need_bytes=1 << 60)
    assert ["file"] == os.listdir(tmp_path)


def test_leftovers_of_the_dead_are_removed_and_of_the_living_kept(tmp_path: Path) -> None:
    """A part whose lock is free belongs to nobody; one in use, and files of others, stay."""
    (tmp_path / ".talk.vw0123456789ab.part.mp4").write_text("dead")
    (tmp_path / ".other.part").write_text("not ours")
    with part_of(tmp_path / "talk.mp4") as part:
        remove_leftovers(tmp_path)
        assert {part.name, ".other.part"} == set(os.listdir(tmp_path))
    remove_leftovers(tmp_path / "missing")


NAMES = st.binary(min_size=1, max_size=255).filter(lambda name: not set(name) & set(b"/\0"))


@given(NAMES.filter(lambda name: name not in (b".", b"..")))
def test_any_name_can_be_written(tmp_path_factory: pytest.TempPathFactory, name: bytes) -> None:
    """Every name the system takes gets a part that the system takes, too."""
    folder = tmp_path_factory.mktemp("names")
    write_atomically(folder / os.fsdecode(name), "x")
    assert [name] == os.listdir(os.fsencode(folder))


def test_a_file_is_read_as_what_it_was_fingerprinted_as(tmp_path: Path) -> None:
    """Other bytes under its name, before or while it is read, are refused; the same bytes written again are not."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"a clip")
    media = fingerprint(path)
    path.write_bytes(b"a clip")
    with opened_as(media, "the clip") as fd:
        assert b"a clip" == os.read(fd, 10)
    with pytest.raises(InputError, match=r"clip\.mp4 changed while"), opened_as(media, "the clip"):
        path.write_bytes(b"a clop")
    with pytest.raises(InputError, match=r"clip\.mp4 changed while"), opened_as(media, "the clip"):
        pytest.fail("it is opened")


def test_a_file_that_stays_is_summed_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of scenes may show one clip of gigabytes: it is not read to its end again for each of them."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"a clip")
    media = fingerprint(path)
    with monkeypatch.context() as disk:
        disk.setattr("hashlib.file_digest", lambda *_: pytest.fail("it is read again"))
        with opened_as(media, "the clip") as fd:
            assert b"a clip" == os.read(fd, 10)
