"""English scripts placed on the voice by forced alignment."""
