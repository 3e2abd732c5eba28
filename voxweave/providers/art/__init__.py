"""Our own art: moving pictures drawn here, that follow the voice."""
