"""`python -m voxweave` is the command."""

from voxweave.cli import main

main()
