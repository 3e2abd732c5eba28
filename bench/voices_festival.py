"""Festival's diphone voice, asked for the moment each word begins."""

import re
import shutil
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np
from voices import Speak, Spoken

_ASK = (
    '(voice_kal_diphone)(set! u (utt.synth (Utterance Text "{text}")))(utt.save.wave u "{file}" (quote riff))'
    "(mapcar (lambda (w) (if (item.daughter1 w) (format t "
    '"%s %f\\n" (item.name w) (item.feat (item.daughter1 w) "word_start")))) (utt.relation.items u (quote Token)))'
)


def festival() -> Speak:
    """Words of English; sentences it cuts into other tokens than we do come without times."""
    program = shutil.which("festival")
    if program is None:
        raise OSError("festival is not installed")
    return lambda words: _speak(program, words)


def _speak(festival: str, words: list[str]) -> Spoken:
    text = re.sub(r'[“”"\\]', "", " ".join(words)).replace("é", "e").replace("—", "-")
    with tempfile.TemporaryDirectory() as folder:
        program, file = Path(folder) / "ask.scm", Path(folder) / "said.wav"
        program.write_text(_ASK.format(text=text, file=file), encoding="ascii", errors="ignore")
        told = subprocess.run(
            [festival, "--batch", program], check=True, capture_output=True, text=True
        ).stdout
        with wave.open(str(file)) as said:
            sound = np.frombuffer(said.readframes(said.getnframes()), np.int16)
            rate_hz = said.getframerate()
    moments = [float(line.split()[1]) for line in told.splitlines() if len(line.split()) == 2]
    starts = [(moment, moment) for moment in moments]
    return Spoken(sound, rate_hz, [*starts] if len(starts) == len(words) else [None] * len(words))
