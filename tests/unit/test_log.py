"""The log of a job."""

import io
import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from voxweave.core.logline import facts
from voxweave.core.redaction import learn
from voxweave.jobs.log import NAME, JobLog, job_log, set_up

SECRET = "opaque.9876543210.log"  # noqa: S105  a made-up one
ASKING = logging.getLogger("voxweave.providers.zai")


def read_log(folder: Path) -> list[dict[str, object]]:
    """The lines of a job's log, the oldest first."""
    turned = sorted(folder.glob(NAME + ".*"), key=lambda file: int(file.suffix[1:]), reverse=True)
    return [json.loads(line) for file in (*turned, folder / NAME) for line in file.read_text().splitlines()]


@pytest.fixture(autouse=True)
def known() -> None:
    """The secret has been loaded."""
    learn(SECRET)


@pytest.fixture
def stderr() -> Iterator[io.StringIO]:
    """What goes to standard error, with every detail; undone afterwards."""
    root, ours, stream = logging.getLogger(), logging.getLogger("voxweave"), io.StringIO()
    before, level = list(root.handlers), ours.level
    set_up(2, stream=stream)
    yield stream
    root.handlers[:] = before
    ours.setLevel(level)


def test_a_line_says_who_what_and_how(tmp_path: Path) -> None:
    """Facts stand by their names beside time, level, place, job and event."""
    with job_log(tmp_path, "talk-1234"):
        ASKING.info(
            "accepted", extra=facts(order="k1", provider="zai", remote_id="v9", attempt=1, cost_usd=0.2)
        )

    (row,) = read_log(tmp_path)
    assert row.pop("at")
    assert row == {
        "level": "info",
        "from": "providers.zai",
        "job": "talk-1234",
        "event": "accepted",
        "order": "k1",
        "provider": "zai",
        "remote_id": "v9",
        "attempt": 1,
        "cost_usd": 0.2,
    }


def test_no_secret_reaches_the_log(tmp_path: Path) -> None:
    """Words, facts, an error's text and its causes are redacted alike."""
    with job_log(tmp_path, "talk"):
        try:
            raise ValueError(f"body: {SECRET} https://cdn.example/a.mp4?sig={SECRET}")
        except ValueError:
            ASKING.exception(
                "got %s", SECRET, extra=facts(error=f"E {SECRET}", status="https://x.example/?t=1")
            )

    text = (tmp_path / NAME).read_text()
    assert SECRET not in text
    assert "sig=" not in text
    assert "t=1" not in text
    assert "ValueError" in text


def test_a_prompt_is_shortened(tmp_path: Path) -> None:
    """A prompt shows its beginning and a mark that tells two apart; the log never has it whole."""
    prompt = "A wide view of a lake at dawn, with reeds, a heron and a boat of glass."
    with job_log(tmp_path, "talk"):
        ASKING.info("sent", extra=facts(prompt=prompt))
        ASKING.info("sent", extra=facts(prompt=prompt + " Fog."))

    short, other = (str(row["prompt"]) for row in read_log(tmp_path))
    assert short.startswith("A wide view of a lake at dawn, with reed… (")
    assert short != other


def test_a_full_log_is_turned_and_the_oldest_goes(tmp_path: Path) -> None:
    """Files stay within their size, and no more than asked for are kept; the newest lines are there."""
    handler = JobLog(tmp_path, "talk", most_bytes=400, keep=2)
    for number in range(40):
        handler.handle(logging.LogRecord("voxweave.x", logging.INFO, "", 0, f"event {number}", (), None))

    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == [NAME, NAME + ".1", NAME + ".2"]
    assert all(file.stat().st_size <= 400 for file in files)
    events = [row["event"] for row in read_log(tmp_path)]
    assert events == [f"event {number}" for number in range(40 - len(events), 40)]


def test_the_log_is_its_owners(tmp_path: Path) -> None:
    """Narrations may be private, so the log is."""
    with job_log(tmp_path, "talk"):
        ASKING.info("sent")

    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


def test_a_log_that_cannot_be_written_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said once, and the work goes on."""
    (tmp_path / NAME).mkdir()
    with job_log(tmp_path, "talk"):
        ASKING.info("one")
        ASKING.info("two")

    assert capsys.readouterr().err.count("cannot be written") == 1


def test_a_strange_fact_is_a_mistake_of_ours() -> None:
    """The names of facts are a closed list; what is empty is left out."""
    with pytest.raises(TypeError, match="colour"):
        facts(colour="red")
    assert list(facts(order="k", provider="", status=None).values()) == [{"order": "k"}]


def test_details_on_standard_error_are_redacted_too(stderr: io.StringIO) -> None:
    """The same filter stands before what people see, for other libraries' loggers as well."""
    ASKING.debug("asked %s", SECRET, extra=facts(order="k1", prompt="p" * 60))
    logging.getLogger("somewhere").warning("GET https://x.example/a?key=%s", SECRET)

    text = stderr.getvalue()
    assert SECRET not in text
    assert "asked [key] order=k1 prompt=pppp" in text
    assert "GET https://x.example/a?[cut]" in text


def test_libraries_that_log_addresses_are_quiet(stderr: io.StringIO) -> None:
    """What httpx and its kin say at INFO is not heard, even with every detail."""
    logging.getLogger("httpx").info("HTTP Request: GET https://x.example/a")
    logging.getLogger("httpcore.http11").debug("send_request_headers")

    assert stderr.getvalue() == ""


def test_setting_up_twice_says_things_once(stderr: io.StringIO) -> None:
    """A second call takes the place of the first."""
    again = io.StringIO()
    set_up(1, stream=again)
    ASKING.info("told")
    ASKING.debug("a detail")

    assert again.getvalue().count("told") == 1
    assert "a detail" not in again.getvalue()
    assert "told" not in stderr.getvalue()


def test_lines_are_json(tmp_path: Path) -> None:
    """Any text makes one line of JSON: line breaks, half characters, odd arguments."""
    with job_log(tmp_path, "talk"):
        ASKING.info("one\ntwo \ud800")
        ASKING.info("%d", "no number")

    lines = (tmp_path / NAME).read_bytes().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["one\ntwo ?", "%d"]
