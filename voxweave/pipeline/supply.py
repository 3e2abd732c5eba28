"""What the pictures of a film would cost, without ordering any."""

from voxweave.core.quotes import Quote
from voxweave.pipeline.make import Request, quoted
from voxweave.pipeline.studio import Studio


def estimate_for(request: Request, studio: Studio) -> Quote:
    """The film planned as it would be made, and what its orders come to; nothing is bought."""
    return quoted(request, studio)
