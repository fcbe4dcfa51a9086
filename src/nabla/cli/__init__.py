"""The command line. Imports the other rooms only inside a command, so that ``nabla --help`` is quick."""

import nabla.startup  # noqa: F401  before everything else that a command imports
from nabla.cli.app import main

__all__ = ["main"]
