"""Clips from any server of the `/v1/videos` protocol."""
