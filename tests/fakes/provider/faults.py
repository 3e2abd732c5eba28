"""All scenarios by name."""

from tests.fakes.provider.fault import Fault
from tests.fakes.provider.faults_clips import CONTENT, URL
from tests.fakes.provider.faults_looks import JOB, LIST, POLL
from tests.fakes.provider.faults_orders import CREATE, PICTURE
from tests.fakes.provider.faults_speech import SPEECH
from tests.fakes.provider.faults_talk import CHAT, MODERATION

FAULTS: dict[str, Fault] = {
    **CREATE, **PICTURE, **POLL, **LIST, **JOB, **CONTENT, **URL, **CHAT, **MODERATION, **SPEECH,
}  # fmt: skip
