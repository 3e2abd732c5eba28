"""Faults of fetching a clip, and of the address it is fetched from (faults.md, rows 97 to 112)."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.fakes.provider.clips import Shape, bomb, png
from tests.fakes.provider.fault import FOR_EVER, Act, Usual, instead, named, redirect, refuse, send, silent
from tests.fakes.provider.sending import (
    chunk_cut,
    cut,
    drip,
    endless,
    hang,
    promised,
    ranged,
    reset,
    stall,
    without_length,
)
from tests.fakes.provider.wire import Answer, Deliver, as_html, as_json

if TYPE_CHECKING:
    from tests.fakes.provider.service import Scene

METADATA = "http://169.254.169.254/latest/meta-data/"
PICTURE = png(64, 36)


def _as_clip(body: bytes) -> Act:
    """These bytes under a clip's name."""
    return instead(Answer(200, body, {"Content-Type": "video/mp4"}))


def _playlist(scene: "Scene", _usual: Usual) -> Answer:
    """A list of parts under a clip's name, which lie where nobody should look."""
    lines = (
        "#EXTM3U",
        "#EXT-X-TARGETDURATION:9",
        "#EXTINF:9,",
        f"{scene.service.canary}/part.ts",
        "#EXT-X-ENDLIST",
    )
    return Answer(200, "\n".join(lines).encode(), {"Content-Type": "video/mp4"})


def _like(change: Callable[[Shape], Shape]) -> Act:
    """The clip with another shape than was asked for."""

    def act(scene: "Scene", usual: Usual) -> Answer:
        service, job = scene.service, scene.job
        if job is None or usual().status >= 300:
            return usual()
        return ranged(scene.ask, service.clip(change(service.shape(job))))

    return act


def _when_whole(deliver: Deliver) -> Act:
    """Broken, where a whole clip was asked for; a range is served as usual."""

    def act(_scene: "Scene", usual: Usual) -> Answer:
        answer = usual()
        return answer.but(deliver=deliver) if answer.status == 200 else answer

    return act


def _then(on_range: Callable[["Scene", Answer], Answer]) -> Act:
    """Cut short at first; what comes on a range is chosen."""

    def act(scene: "Scene", usual: Usual) -> Answer:
        answer = usual()
        if "range" not in scene.ask.headers:
            return answer.but(deliver=cut()) if answer.status == 200 else answer
        return on_range(scene, answer)

    return act


def _other_clip(scene: "Scene", _answer: Answer) -> Answer:
    """A range of something else, whatever If-Range said."""
    service, job = scene.service, scene.job
    assert job is not None
    shape = service.shape(job)
    body = service.clip(replace(shape, colour=shape.colour + 1))
    headers = {name: text for name, text in scene.ask.headers.items() if name != "if-range"}
    return ranged(replace(scene.ask, headers=headers), body + b"\0")


def _whole_again(scene: "Scene", _answer: Answer) -> Answer:
    ask = replace(
        scene.ask, headers={name: text for name, text in scene.ask.headers.items() if name != "range"}
    )
    assert scene.job is not None
    return ranged(ask, scene.service.clip(scene.service.shape(scene.job)))


def _playable(_scene: "Scene", usual: Usual) -> Answer:
    """Index first, six tenths of the bytes, and a length that agrees."""
    answer = usual()
    return answer.but(body=answer.body[: len(answer.body) * 6 // 10])


def _bomb(_scene: "Scene", _usual: Usual) -> Answer:
    return Answer(200, bomb(), {"Content-Type": "video/mp4", "Content-Encoding": "gzip"})


def _no_port(origin: str) -> str:
    return origin.rpartition(":")[2]


def _canary_as(host: str) -> Act:
    """The canary, spelled in another way."""
    return redirect(lambda scene: f"http://{host}:{_no_port(scene.service.canary)}/clip.mp4")


def _moved(scene: "Scene", usual: Usual) -> Answer:
    """To another address of the same origin, once."""
    assert scene.job is not None
    if scene.ask.query.get("signature") == "moved":
        return usual()
    target = f"{scene.service.origin}/files/{scene.job.id}.mp4?signature=moved"
    return Answer(302, b"", {"Location": target})


def _at_cdn(scene: "Scene") -> str:
    assert scene.job is not None
    return f"{scene.service.canary}/cdn/{scene.job.id}.mp4"


EXPIRED = refuse(403, "The signature has expired", "AccessDenied")
CONTENT = named(
    "content",
    {
        "content_truncated": _when_whole(cut()),
        "content_chunk_cut": _when_whole(chunk_cut),
        "content_reset": silent(reset),
        "content_truncated_nolen": send(without_length()),
        "content_truncated_wronglen": lambda _scene, usual: (answer := usual()).but(
            body=answer.body[: len(answer.body) // 2]
        ),
        "content_length_too_long": lambda _scene, usual: (answer := usual()).but(
            deliver=cut(1.0, len(answer.body) + 100)
        ),
        "content_truncated_playable": _playable,
        "content_html": instead(as_html(200, "Sign in")),
        "content_html_as_mp4": _as_clip(as_html(200, "Sign in").body),
        "content_json_error": instead(as_json({"error": {"message": "The video is not ready"}})),
        "content_empty": _as_clip(b""),
        "content_204": instead(Answer(204)),
        "content_png": _as_clip(PICTURE),
        "content_playlist": _playlist,
        "content_audio_only": _like(lambda shape: replace(shape, picture=False, sound=True)),
        "content_silent": _like(lambda shape: replace(shape, sound=False)),
        "content_other_fps": _like(
            lambda shape: replace(shape, fps=16, frames=shape.frames * 16 // shape.fps)
        ),
        "content_other_size": _like(lambda shape: replace(shape, width=320, height=320)),
        "content_short": _like(lambda shape: replace(shape, frames=max(1, shape.frames // 2))),
        "content_hang": silent(hang),
        "content_stall": send(stall),
        "content_slowloris": send(drip),
        "content_endless": send(endless),
        "content_huge_len": send(promised(10**12)),
        "content_gzip_bomb": _bomb,
        "content_403_expired_once": EXPIRED,
        "content_403_expired": EXPIRED,
        "content_404_early": refuse(404, "Generation is still in progress"),
        "content_429": refuse(429, "Too many requests", Retry_After="1"),
        "content_500": refuse(500, "Internal server error"),
        "content_500_burst": refuse(500, "Internal server error"),
        "content_401": refuse(401, "Incorrect API key provided", "invalid_api_key"),
        "content_404": refuse(404, "No such file"),
        "content_410": refuse(410, "The video has expired", "expired"),
        "content_range_changes": _then(_other_clip),
        "content_range_ignored": _then(_whole_again),
        "content_redirect_ok": _moved,
        "content_redirect_cdn": redirect(_at_cdn),
        "content_redirect_loop": redirect(lambda scene: scene.service.origin + scene.ask.path),
        "content_redirect_internal": redirect(lambda scene: f"{scene.service.canary}/clip.mp4"),
        "content_redirect_localhost": _canary_as("localhost"),
        "content_redirect_zero": _canary_as("0.0.0.0"),  # noqa: S104 nobody listens there; clients are sent there
        "content_redirect_decimal": _canary_as("2130706433"),
        "content_redirect_mapped": _canary_as("[::ffff:127.0.0.1]"),
        "content_redirect_metadata": redirect(lambda _scene: METADATA),
        "content_redirect_file": redirect(lambda _scene: "file:///etc/hostname"),
    },
    {
        "content_500_burst": 3,
        "content_404_early": 2,
        "content_range_changes": 2,
        "content_range_ignored": 2,
        "content_redirect_loop": FOR_EVER,
        "content_403_expired": FOR_EVER,
        "content_404": FOR_EVER,
        "content_410": FOR_EVER,
    },
)


def _address(where: Callable[[str, str], Any]) -> Act:
    """A job whose clip is said to be there; `...` leaves the address out."""

    def act(scene: "Scene", _usual: Usual) -> Answer:
        assert scene.job is not None
        scene.job.address = where
        return Answer()

    return act


def _elsewhere(scene: "Scene", _usual: Usual) -> Answer:
    assert scene.job is not None
    leads_to = scene.service.settings.leads_to
    scene.job.address = lambda _own, _canary: leads_to
    return Answer()


def _to_cdn(scene: "Scene", _usual: Usual) -> Answer:
    job = scene.job
    assert job is not None
    job.address = lambda _own, canary: f"{canary}/cdn/{job.id}.mp4"
    return Answer()


URL = named(
    "job",
    {
        "url_internal": _address(lambda _own, canary: f"{canary}/clip.mp4"),
        "url_metadata": _address(lambda _own, _canary: METADATA),
        "url_userinfo": _address(
            lambda _own, canary: canary.replace("://", "://somebody:secret@") + "/clip.mp4"
        ),
        "url_file": _address(lambda _own, _canary: "file:///etc/hostname"),
        "url_data": _address(lambda _own, _canary: "data:video/mp4;base64,AAAA"),
        "url_ftp": _address(lambda _own, canary: "ftp" + canary.removeprefix("http") + "/clip.mp4"),
        "url_crlf": _address(lambda own, _canary: own + "/files/x.mp4\r\nX-Planted: 1\r\n"),
        "url_relative": _address(lambda _own, _canary: "clips/clip.mp4"),
        "url_null": _address(lambda _own, _canary: None),
        "url_missing": _address(lambda _own, _canary: ...),
        "url_cdn_port": _to_cdn,
        "url_elsewhere": _elsewhere,
    },
    {},
)
