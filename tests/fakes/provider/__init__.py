"""A provider of clips, stills and words on loopback, with every manner of the real ones and every fault."""

from tests.fakes.provider.running import FakeProvider

__all__ = ["FakeProvider"]
