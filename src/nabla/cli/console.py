"""Where results go."""

from __future__ import annotations

from rich.console import Console

WIDTH_OF_A_LOG = 140


def console() -> Console:
    """The terminal. What isn't one (a log, a file) has no width of its own: tables get enough."""
    screen = Console(highlight=False)
    return screen if screen.is_terminal else Console(highlight=False, width=WIDTH_OF_A_LOG)
