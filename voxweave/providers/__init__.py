"""Where words and pictures come from, each behind the same door."""
