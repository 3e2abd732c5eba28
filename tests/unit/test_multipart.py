"""Forms with a file are read as they were written."""

from tests.fakes.provider.wire import Ask
from voxweave.providers.multipart import Upload, form


def test_fields_and_file_come_through() -> None:
    """Any bytes, line ends and marks among them; a field may come twice."""
    body = b"\r\n--not-the-mark\r\n\x00\xff\r\n"
    content, kind = form(
        [("model", "whisper-1"), ("g[]", "word"), ("g[]", "segment")],
        Upload("file", "a.flac", "audio/flac", body),
    )
    ask = Ask("POST", "/", {}, {"content-type": kind}, content)

    assert ("whisper-1", "segment") == (ask.fields["model"], ask.fields["g[]"])
    assert 2 == content.count(b'name="g[]"')
    file = ask.uploads["file"]
    assert ("a.flac", "audio/flac", body) == (file.name, file.kind, file.body)
