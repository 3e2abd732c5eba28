"""Text that recognizers make up: sentences their training heard over silence, and loops."""

import re
from collections.abc import Sequence

from voxweave.core.speech import Word

_PHRASES = frozenset({
    "you", "bye", "bye bye", "thank you", "thank you very much", "thank you so much", "thanks for watching",
    "thank you for watching", "thanks for watching and see you in the next video", "please subscribe",
    "subscribe to my channel", "please subscribe to my channel", "like and subscribe", "see you next time",
    "see you in the next video", "ill see you in the next video", "the end", "to be continued",
    "untertitelung des zdf 2020", "untertitel im auftrag des zdf 2017", "vielen dank", "vielen dank fürs zuschauen",
    "bis zum nächsten mal", "merci davoir regardé cette vidéo", "sous titrage société radio canada",
    "sous titrage st 501", "abonnez vous", "gracias por ver el video", "gracias por ver", "suscríbete al canal",
    "muchas gracias", "grazie per aver guardato il video", "grazie a tutti", "obrigado por assistir",
    "inscreva se no canal", "bedankt voor het kijken", "tack för att ni tittade", "takk for at du så på",
    "dziękuję za oglądanie", "dziękuję za uwagę", "продолжение следует", "спасибо за просмотр",
    "подписывайтесь на канал", "редактор субтитров асемкин корректор аегорова", "дякую за перегляд",
    "izlediğiniz için teşekkür ederim", "abone olmayı unutmayın", "ご視聴ありがとうございました",
    "チャンネル登録お願いします", "最後までご視聴いただきありがとうございます", "請不吝點贊訂閱轉發打賞支持明鏡與點點欄目",
    "请不吝点赞订阅转发打赏支持明镜与点点栏目", "谢谢观看", "謝謝觀看", "感谢观看", "시청해주셔서 감사합니다",
    "구독과 좋아요 부탁드립니다", "اشتركوا في القناة", "ترجمة نانسي قنقر", "תודה רבה", "vidéo sous titrée par",
})  # fmt: skip
"""Plain text of what Whisper's models write over silence and music, in the languages where it was reported."""
_CREDITS = (
    "amaraorg", "amara org", "subtitles by", "subtitled by", "captioned by", "transcribed by",
    "untertitel von", "untertitel der amara", "soustitres réalisés", "sous titres réalisés", "subtítulos realizados",
    "subtítulos por", "sottotitoli creati", "legendas pela", "субтитры сделал", "субтитры создавал",
    "субтитры подготовил", "napisy stworzone", "altyazı", "字幕由", "字幕by", "字幕志愿者", "字幕製作",
)  # fmt: skip
"""How lines begin, or what stands in them, that credit whoever wrote subtitles."""
_LONGEST_GRAM = 12
_TURNS = 4
_NOT_WORD = re.compile(r"[^\w\s]|_")


def plain(text: str) -> str:
    """Lower case, words alone, one space between."""
    return " ".join(_NOT_WORD.sub(" " if "-" in text else "", text.lower().replace("-", " ")).split())


def is_ghost(text: str) -> bool:
    """Whether it is one of the phrases recognizers are known to make up."""
    bare = plain(text)
    solid = bare.replace(" ", "")
    return (
        bare in _PHRASES
        or solid in {phrase.replace(" ", "") for phrase in _PHRASES if not phrase.isascii()}
        or any(bare.startswith(mark) or ("amara" in mark and mark in bare) for mark in _CREDITS)
    )


def unlooped(words: Sequence[Word]) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """The words with each loop said once, and what the loops said more; all are a loop where none is found."""
    kept: list[Word] = []
    cut: list[Word] = []
    texts = [plain(word.text) for word in words]
    at = 0
    while at < len(words):
        size, turns = _loop_at(texts, at)
        kept += words[at : at + size]
        cut += words[at + size : at + size * turns]
        at += size * turns
    return (tuple(kept), tuple(cut)) if cut else ((), tuple(words))


def _loop_at(texts: Sequence[str], at: int) -> tuple[int, int]:
    """How many words go round from here, and how often; one word once where nothing does."""
    for size in range(1, _LONGEST_GRAM + 1):
        turn, turns = texts[at : at + size], 1
        while texts[at + turns * size : at + (turns + 1) * size] == turn:
            turns += 1
        if turns >= _TURNS:
            return size, turns
    return 1, 1
