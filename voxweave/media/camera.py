"""A slow camera over a still: each frame a pure function of its number, smooth below a pixel."""
