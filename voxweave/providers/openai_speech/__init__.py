"""Words from any service that takes uploads as OpenAI's transcription does."""
