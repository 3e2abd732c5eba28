"""Words heard on this machine: Whisper's models, run by faster-whisper in a program of its own."""
