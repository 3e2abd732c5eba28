"""A job that a gateway shows inside an error, brought to light."""

import json
from dataclasses import replace

from voxweave.providers.answers import Answer, raw_message
from voxweave.providers.gateways import behind
from voxweave.providers.openai_videos.job import is_job


def unwrapped(answer: Answer) -> Answer:
    """The answer, or the one of the service behind a gateway where that one told of a job."""
    if answer.status < 400:
        return answer
    found = behind(raw_message(answer.told()))
    return replace(answer, body=json.dumps(found).encode()) if is_job(found) else answer
