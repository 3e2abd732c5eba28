"""A cue as ASS events: its text in the look's manner, the spoken word lit on the frames it is said on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pysubs2

from voxweave.core.ass import bgr, number, styled
from voxweave.core.caption_manner import COMING, LIT, SAID, Manner, manners
from voxweave.core.caption_shapes import panel, word_bar, word_box
from voxweave.core.looks import CaptionLook, Look
from voxweave.core.scene_time import SceneTime
from voxweave.core.speech import Cue
from voxweave.core.word_groups import grouped
from voxweave.core.word_layout import Layout, Placed
from voxweave.core.word_times import TimedWord, shown_frames, timed_words

_FADE_MS = 140
_POP_MS = (80, 170)
"""How long a word takes to swell, and until it has settled."""
_SWELL, _SMALL = 1.08, 0.7
_LONGEST_SWEEP_MS = 1200
_NONE_LIT = -1


def caption_events(cue: Cue, look: CaptionLook, scene: SceneTime) -> Iterator[pysubs2.SSAEvent]:
    """All that a scene shows of a cue, in the order it is painted."""
    for part in grouped(cue, scene.canvas, look):
        first, last = shown_frames(part, scene.canvas)
        words = timed_words(part, scene.canvas) if scene.sees(first, last) else ()
        if words:
            yield from _Painting(first, last, Layout(words, look, scene.canvas), scene).events()


@dataclass(frozen=True)
class _Painting:
    """A cue, from frame `first` of the film up to `last`, being painted."""

    first: int
    last: int
    layout: Layout
    scene: SceneTime

    @property
    def look(self) -> Look:
        return self.layout.look.look

    def events(self) -> Iterator[pysubs2.SSAEvent]:
        if self._drawn_behind:
            yield from self._behind()
        for manner in manners(self.layout):
            yield from (self._words if self._one_by_one else self._lines)(manner)

    @property
    def _one_by_one(self) -> bool:
        """Whether words move by themselves, and can."""
        return self.layout.plain and (self.look.spoken.scale != 1 or self.look.appear == "pop")

    @property
    def _drawn_behind(self) -> bool:
        """Whether something stands behind single lines or words, which must then be where it is."""
        return self.look.box is not None or self._marked

    @property
    def _marked(self) -> bool:
        return self.layout.plain and self.look.spoken.mark in ("box", "underline")

    @property
    def _swept(self) -> bool:
        return self.layout.plain and self.look.spoken.mark == "sweep"

    def _behind(self) -> Iterator[pysubs2.SSAEvent]:
        look, layout = self.look, self.layout
        if look.box:
            paint = panel(layout, look.box)
            yield self.scene.event(self.first, self.last, f"{{{self._fade(self.first)}{paint}")
        for placed in layout.placed if self._marked else ():
            word = placed.word
            if self.scene.sees(word.first, word.last):
                yield from self._mark(placed)

    def _mark(self, placed: Placed) -> Iterator[pysubs2.SSAEvent]:
        """The line under a word; or a box over its neighbours' edges, with the bare word on it."""
        first, last, spoken = placed.word.first, placed.word.last, self.look.spoken
        if spoken.mark == "underline":
            paint = word_bar(placed, self.layout, spoken.mark_colour)
            yield self.scene.event(first, last, f"{{{paint}")
            return
        paint = word_box(placed, self.layout, spoken.mark_colour)
        yield self.scene.event(first, last, f"{{{paint}", layer=1)
        if not self._one_by_one:
            bare = f"{self._spot(placed)}\\bord0\\shad0{self._size}\\1c{bgr(spoken.colour)}"
            shown = styled(self.layout.shown(placed.word), self.layout.look.plan, self.layout.em_px)
            yield self.scene.event(first, last, f"{{{bare}}}{shown}", layer=2)

    def _lines(self, manner: Manner) -> Iterator[pysubs2.SSAEvent]:
        """The text as a whole, anew whenever another word is lit."""
        for first, last, lit in self._states():
            if self.scene.sees(first, last):
                for place, lines in self._blocks():
                    body = self._body(lines, lit, manner)
                    head = f"{{{place}{manner.head}{self._size}{self._fade(first)}}}"
                    yield self.scene.event(first, last, head + body)

    def _states(self) -> Iterator[tuple[int, int, int]]:
        """From when to when which word is lit."""
        words = self.layout.words
        if not self._lights:
            yield self.first, self.last, _NONE_LIT
            return
        if words[0].first > self.first:
            yield self.first, words[0].first, _NONE_LIT
        for index, word in enumerate(words):
            if word.last > word.first:
                yield word.first, word.last, index

    @property
    def _lights(self) -> bool:
        """Whether the letters change with the words."""
        spoken = self.look.spoken
        told_by_mark = self._marked and (spoken.mark == "box" or spoken.colour == self.look.colour)
        still = spoken.mark == "none" or self._swept or told_by_mark
        return self.look.come == "spoken" or not still

    def _blocks(self) -> Iterator[tuple[str, list[list[TimedWord]]]]:
        """Where text stands: all of it as one, or each line by itself where it must be in a place we know."""
        layout = self.layout
        if layout.even and not self._drawn_behind:
            yield self._place, layout.lines
            return
        for index, line in enumerate(layout.lines):
            below = layout.look.plan.heights_em(layout.texts[index])[1] * layout.em_px
            foot = layout.baseline(index) + below
            yield f"\\pos({number(layout.centre)},{number(foot)})", [line]

    @property
    def _place(self) -> str:
        box = self.layout.look.box
        places = {
            "bottom": ("", box.y + box.height),
            "middle": ("\\an5", box.y + box.height / 2),
            "top": ("\\an8", box.y),
        }
        anchor, y = places[self.layout.look.position]
        return f"{anchor}\\pos({number(self.layout.centre)},{number(y)})"

    @property
    def _size(self) -> str:
        layout = self.layout
        if layout.share == 1:
            return ""
        spacing = f"\\fsp{number(self.look.spacing / 100 * layout.em_px)}" if self.look.spacing else ""
        return f"\\fs{number(layout.look.plan.line_em * layout.em_px)}{spacing}"

    def _fade(self, first: int) -> str:
        """The cue's own fade, told to an event that begins at `first`."""
        if self.look.appear != "fade":
            return ""
        since, until = (self.scene.since(first, frame) for frame in (self.first, self.last))
        fade = min(_FADE_MS, max(1, (until - since) // 3))
        return f"\\fade(255,0,255,{since},{since + fade},{until - fade},{until})"

    def _body(self, lines: Sequence[Sequence[TimedWord]], lit: int, manner: Manner) -> str:
        """The lines of one event."""
        if manner.swept:
            sweeps = self._sweeps([word for line in lines for word in line])
            return "\\N".join(self._tagged(line, sweeps) for line in lines)
        return "\\N".join(self._line(line, lit, manner) for line in lines)

    def _line(self, line: Sequence[TimedWord], lit: int, manner: Manner) -> str:
        """A line's words, each with the change to its own manner where it has another than the one before."""
        if lit == _NONE_LIT and not self._lights:
            return self._tagged(line, {})
        tags = [manner.word(self._state(word, lit)) for word in line]
        changed = {
            word: tag for word, tag, before in zip(line, tags, ["", *tags], strict=False) if tag != before
        }
        return self._tagged(line, changed)

    def _tagged(self, line: Sequence[TimedWord], tags: Mapping[TimedWord, str]) -> str:
        """A line with tags before some of its words."""
        plan, em = self.layout.look.plan, self.layout.em_px
        if not tags:
            return styled("".join(_spaced(word, at, self.layout) for at, word in enumerate(line)), plan, em)
        parts = []
        for at, word in enumerate(line):
            space, change = " " if word.spaced and at else "", tags.get(word)
            parts.append(
                f"{space}{f'{{{change}}}' if change else ''}{styled(self.layout.shown(word), plan, em)}"
            )
        return "".join(parts)

    def _state(self, word: TimedWord, lit: int) -> int:
        at = self.layout.words.index(word)
        return COMING if lit == _NONE_LIT else (at > lit) - (at < lit)

    def _sweeps(self, words: Sequence[TimedWord]) -> dict[TimedWord, str]:
        """The colour runs through each word while it is said; the pause before it is waited for."""
        found, before = {}, 0
        for word in words:
            since, until = (self.scene.since(self.first, frame) for frame in (word.first, word.last))
            ends = min(until, since + _LONGEST_SWEEP_MS)
            waited = f"\\k{number((since - before) / 10)}" if since != before else ""
            found[word] = f"{waited}\\kf{number((ends - since) / 10)}"
            before = ends
        return found

    def _words(self, manner: Manner) -> Iterator[pysubs2.SSAEvent]:
        """Each word by itself, in its place before, while and after it is said."""
        for placed in self.layout.placed:
            for first, last, state in self._moments(placed.word):
                if self.scene.sees(first, last):
                    tags = f"{manner.head}{self._size}{self._fade(first)}{manner.word(state)}"
                    tags = f"{self._spot(placed)}{tags}{self._pop(first) if state == LIT else ''}"
                    shown = styled(self.layout.shown(placed.word), self.layout.look.plan, self.layout.em_px)
                    yield self.scene.event(first, last, f"{{{tags}}}{shown}", layer=int(state == LIT))

    def _moments(self, word: TimedWord) -> Iterator[tuple[int, int, int]]:
        if self.look.come == "together":
            yield self.first, word.first, COMING
        yield word.first, word.last, LIT
        yield word.last, self.last, SAID

    def _spot(self, placed: Placed) -> str:
        """The middle of a word, around which it grows."""
        above, below = self.layout.look.plan.heights_em(self.layout.shown(placed.word))
        middle = placed.baseline + (below - above) / 2 * self.layout.em_px
        return f"\\an5\\pos({number(placed.middle)},{number(middle)})"

    def _pop(self, first: int) -> str:
        """A word swells, and settles at its size."""
        settled = self.look.spoken.scale
        small = _SMALL if self.look.come == "spoken" else 1.0
        since = self.scene.since(first, first)
        swells, settles = (since + after for after in _POP_MS)
        return (
            f"{_scaled(small)}\\t({since},{_until(swells)},{_scaled(settled * _SWELL)})"
            f"\\t({swells},{_until(settles)},{_scaled(settled)})"
        )


def _until(ms: int) -> int:
    """The end of a change; at 0 libass would take the end of the event, and just before it is the same."""
    return ms or -1


def _scaled(share: float) -> str:
    return f"\\fscx{number(100 * share)}\\fscy{number(100 * share)}"


def _spaced(word: TimedWord, place: int, layout: Layout) -> str:
    return (" " if word.spaced and place else "") + layout.shown(word)
