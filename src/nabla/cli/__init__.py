"""The command line. Imports the other rooms only inside a command, so that ``nabla --help`` is quick."""

from nabla.cli.app import main

__all__ = ["main"]
