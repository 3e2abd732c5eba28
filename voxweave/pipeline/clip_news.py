"""What becomes of a single clip's orders, as events of a film."""

from voxweave.core.events import Event, clip_percent
from voxweave.pipeline.means import News
from voxweave.pipeline.order_news import log_news
from voxweave.pipeline.studio import Studio

_SAID = {"accepted": 20.0, "done": 90.0, "fetched": 98.0}
_LEAST_STEP = 0.005
"""Of a download that much at once is told, not each of its thousands of pieces."""
_WORTH_A_LINE = ("waiting", "fell", "parked", "lost", "failed", "refused")


class ClipNews:
    """Orders' news as events of a film; the share never falls."""

    def __init__(self, studio: Studio) -> None:
        self._studio, self._done = studio, 0.05

    def __call__(self, news: News) -> None:
        """One thing worth telling."""
        log_news(news)
        known = _SAID.get(news.what)
        if known is None and news.what == "running" and news.percent is not None:
            known = clip_percent(news.percent)
        self._rise((known or 0.0) / 100)
        if news.what in _WORTH_A_LINE:
            self._studio.tell(clip_event("notice", self._done, f"{news.provider}: {news.text or news.what}"))

    def heard(self, share: float) -> None:
        """So much of the clip is here: what lies between done and fetched."""
        there = (_SAID["done"] + share * (_SAID["fetched"] - _SAID["done"])) / 100
        if there >= self._done + _LEAST_STEP:
            self._rise(there)

    def _rise(self, done: float) -> None:
        self._done = max(self._done, done)
        self._studio.tell(clip_event("progress", self._done))


def clip_event(kind: str, done: float, text: str = "") -> Event:
    """Something told of the one clip there is."""
    told = {"kind": kind, "film": "clip", "stage": "illustrate", "group": "rendering", "done": done}
    return Event.model_validate({**told, "text": text})
