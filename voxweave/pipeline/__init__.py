"""The stages from narration to film, each a plain function from values to a value."""
