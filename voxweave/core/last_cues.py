"""A film's last cues: none goes on after it, and what would come after it is shown before."""

import math
from collections.abc import Sequence

from voxweave.core.cue_rules import CueRules
from voxweave.core.cue_words import refit, until
from voxweave.core.letters import columns
from voxweave.core.speech import Cue
from voxweave.core.time import Span, ms_of


def ended(cues: Sequence[Cue], rules: CueRules, frames: int) -> tuple[Cue, ...]:
    """The cues of a film of so many frames, with all their words.

    Where words crowd at its end, those of cues that no frame would show stand in the last one that is shown.
    That may then break rules, which `check` finds.
    """
    end = math.floor(frames * 1000 / rules.rate)
    seen = [cue for cue in cues if rules.frames(cue.span.start) < frames and cue.span.start < end]
    late = [cue for cue in cues if rules.frames(cue.span.start) >= frames or cue.span.start >= end]
    if late:
        start = _free_from(late, rules, frames)
        together = bool(seen) and start < seen[-1].span.end + rules.gap_ms
        crowd = [seen.pop(), *late] if together else late
        seen.append(_joined(crowd, Span(start=crowd[0].span.start if together else start, end=end), rules))
    return tuple(until(cue, end) for cue in seen)


def _free_from(late: Sequence[Cue], rules: CueRules, frames: int) -> int:
    """When a cue of their own would have to come, so that it can be read before the film ends."""
    text = " ".join(cue.text for cue in late)
    words = len(text.split())
    needed = max(rules.reading_ms(columns(text), words), rules.least_ms(words))
    return ms_of(max(0, frames - rules.frames_needed(needed)), rules.rate)


def _joined(cues: Sequence[Cue], span: Span, rules: CueRules) -> Cue:
    words = tuple(word for cue in cues for word in cue.words)
    whole = Cue(span=span, lines=tuple(line for cue in cues for line in cue.lines), words=words)
    one_line = whole.model_copy(update={"lines": (whole.text,)})
    return until(refit(one_line, rules.chars_per_line, rules.language), span.end)
