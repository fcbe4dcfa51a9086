"""How far a long command is: a bar with rate and time left, or plain lines where nobody watches a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from nabla.cli.text import plain

SECONDS_BETWEEN_LINES = 5.0


class Step(Protocol):
    """Call it once for each thing that is done, with its name."""

    def __call__(self, what: str) -> None:
        """Count one more."""


@contextmanager
def progress(console: Console, title: str, total: int) -> Iterator[Step]:
    """A `Step` to call ``total`` times while the block runs."""
    if console.is_terminal:
        with _bar(console) as bar:
            task = bar.add_task(title, total=total, rate="")
            started = time.monotonic()

            def advance(what: str) -> None:
                bar.advance(task)
                bar.update(
                    task, rate=_rate(bar.tasks[task].completed, started), description=f"{title} {_markup_free(what)}"
                )

            yield advance
    else:
        yield _Lines(console, title, total)


class _Lines:
    """One line every few seconds, the last one always."""

    def __init__(self, console: Console, title: str, total: int) -> None:
        self.console, self.title, self.total = console, title, total
        self.done = 0
        self.started = self.shown = time.monotonic()

    def __call__(self, what: str) -> None:
        self.done += 1
        now = time.monotonic()
        if self.done < self.total and now - self.shown < SECONDS_BETWEEN_LINES:
            return
        self.shown = now
        left = (now - self.started) / self.done * (self.total - self.done)
        count = f"{self.title} {self.done}/{self.total}"
        line = f"{count} · {_rate(self.done, self.started)} · {left:.0f} s left · {plain(what)}"
        self.console.print(line, markup=False, highlight=False)


def _bar(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, transient=True)


def _rate(done: float, started: float) -> str:
    return f"{done / max(time.monotonic() - started, 1e-6):.1f}/s"


def _markup_free(text: str) -> str:
    return plain(text, 40).replace("[", "\\[")
